"""Objects of a lake, read safely: whole, verified, remembered."""
