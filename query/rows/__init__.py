"""Rows of runs in columns, so that 100,000 runs are quick."""
