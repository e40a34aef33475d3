"""Points of runs, each exactly once."""
