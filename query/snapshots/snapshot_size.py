"""How many bytes of memory a snapshot takes."""

from __future__ import annotations

from typing import Final

from ..rows.packs import RowFile
from .snapshot import Snapshot

_LISTED: Final = 400
"""Bytes of one object in a listing: its key, and when it came."""
_EDIT: Final = 400
"""Of one edit, and its place in what edits come to."""
_ROW: Final = 4_000
"""Of one run's row in a frame of its own."""
_WRITER: Final = 20_000
"""Of one running writer: its row as values, and what its tails say."""


def snapshot_bytes(snapshot: Snapshot) -> int:
    """Bytes of what a snapshot holds, nearly; columns that frames were made of are counted where they are kept.

    A pack costs some tenths of a millisecond the first time, other objects next to nothing.
    """
    frames = snapshot.cache.frames
    packs = [pack for key in snapshot.ended.keys[0] if isinstance(pack := frames.get(key), RowFile)]
    blocks = [*snapshot.runs.settled.blocks, snapshot.runs.now]
    return (
        _LISTED * len(snapshot.cache.listed)
        + _EDIT * len(snapshot.edits)
        + _ROW * (len(frames) - len(packs))
        + _WRITER * len(snapshot.live)
        + sum(each.nbytes for each in packs)
        + sum(int(each.rows.estimated_size()) for each in blocks)
        + sum(int(each.own.estimated_size()) for _, each in snapshot.runs.settled.caches.values())
        + int(snapshot.ended.index.estimated_size())
    )
