"""Scripts to read first. They run as they stand, and `lakeboard demo` runs them too."""
