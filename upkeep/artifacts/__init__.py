"""Artifacts in a lake: making versions, deciding about them, fetching them, and collecting files that nobody names."""
