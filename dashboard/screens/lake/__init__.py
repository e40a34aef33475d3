"""The lake itself: what it holds and its upkeep."""
