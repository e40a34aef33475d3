"""Names of people as one segment of a path, percent-encoded."""

from __future__ import annotations

from urllib.parse import quote, unquote


def encode_segment(text: str) -> str:
    """Percent-encode `text` into one path segment; the inverse of `decode_segment`."""
    return quote(text, safe="")


def decode_segment(segment: str) -> str:
    """The text that `encode_segment` was given."""
    return unquote(segment, errors="strict")
