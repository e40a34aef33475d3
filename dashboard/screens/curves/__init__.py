"""Curves of many runs."""
