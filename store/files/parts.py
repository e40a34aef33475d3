"""How large files are cut: parts small enough for memory and slow lines, and few enough for S3."""

from __future__ import annotations

from typing import Final

PART_BYTES: Final = 8 * 1024**2
"""A part of most files; also the largest file that goes as one PUT."""
MOST_PARTS: Final = 9_000
"""S3 takes 10,000 parts; beyond so many, parts are twice as large."""
PARTS_AT_ONCE: Final = 4
"""Parts of one file under way at a time; one more is being read."""


def part_size(size: int) -> int:
    """Bytes of each part but the last of a file of `size` bytes. Pure."""
    part = PART_BYTES
    while part * MOST_PARTS < size:
        part *= 2
    return part


def part_count(size: int) -> int:
    """How many parts that makes: at least one."""
    return max(1, -(-size // part_size(size)))
