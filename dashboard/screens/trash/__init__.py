"""Deleted runs."""
