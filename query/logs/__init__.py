"""What runs printed."""
