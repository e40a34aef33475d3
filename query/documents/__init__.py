"""Versioned JSON objects of a lake: boards, saved views."""
