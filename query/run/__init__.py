"""One run: what is known of it but its points."""
