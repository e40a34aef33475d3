"""Artifacts of a lake as frames, and one of their versions to read."""
