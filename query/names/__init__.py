"""What columns, metrics and params are called, and which direction is better."""
