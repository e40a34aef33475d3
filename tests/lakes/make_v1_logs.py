"""Made `tests/lakes/v1_logs` once: consoles of format 1. Never run it again; the lake is what old writers left."""

from __future__ import annotations

from pathlib import Path

from lakeboard.schema.logs.keys import LogKey
from lakeboard.store.format import ensure_lake
from lakeboard.store.local import LocalStore

FIRST = "epoch 0: loss 0.71\nLernrate zu groß\ntoken [redacted]\n"
SECOND = "resumed\n"


def make(folder: Path) -> None:
    """Two attempts of a run: parts that begin inside a letter, a recovery beside them, and a hole."""
    store = LocalStore(str(folder))
    ensure_lake(store)
    data = FIRST.encode()
    inside = data.index("ß".encode()) + 1
    for lo, hi in ((0, 19), (19, inside), (inside, len(data)), (19, len(data))):
        store.put(LogKey("digits", "r1", "w001-aaaaaaaa", hi, hi - lo).path, data[lo:hi])
    store.put(LogKey("digits", "r1", "w002-bbbbbbbb", 8, 8).path, SECOND.encode())
    store.put(LogKey("digits", "r1", "w002-bbbbbbbb", 25, 5).path, b"last\n")
