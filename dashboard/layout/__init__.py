"""What surrounds every page: project list, titles, errors, edits, exports."""
