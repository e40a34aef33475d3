"""What a page shows, as a value that its address carries."""
