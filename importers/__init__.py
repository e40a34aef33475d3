"""Runs of other trackers: each tool's files as runs and columns of points, and one way to put these into a lake."""
