"""Which parts make each byte of a writer's console appear exactly once. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ...schema.cover import Part, cover
from ...schema.keys import attempt_of
from ...schema.logs.keys import LogKey, parse_log
from ...store.base import ObjectInfo

MOST_PART_BYTES: Final = 64_000_000
"""Writers make parts of 4 MB at most."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes `lo <= b < hi` of a console: a slice of one part, or (no key) bytes that no part has."""

    lo: int
    hi: int
    key: LogKey | None


@dataclass(frozen=True, slots=True)
class WriterConsole:
    """What one process of a run printed, as far as the lake has it."""

    writer: str
    attempt: int
    pieces: tuple[Piece, ...]
    """In order, without overlap."""
    at: datetime
    """When the store took the newest part."""

    @property
    def bytes(self) -> int:
        """Bytes from the first to the last."""
        return self.pieces[-1].hi if self.pieces else 0

    def between(self, lo: int, hi: int) -> list[Piece]:
        """The pieces of the range `lo <= b < hi`, cut to it."""
        return [Piece(max(p.lo, lo), min(p.hi, hi), p.key) for p in self.pieces if p.lo < hi and p.hi > lo]


def consoles_of(listed: Iterable[ObjectInfo]) -> tuple[WriterConsole, ...]:
    """The consoles of a run's writers from a listing of its folder, oldest attempt first.

    A part whose size is not what its name promises counts as missing, and so does one that no writer makes so large.
    """
    parts: dict[str, list[tuple[LogKey, datetime]]] = {}
    for info in listed:
        key = parse_log(info.key)
        if key is not None and info.size == key.length and 0 < key.length <= MOST_PART_BYTES:
            parts.setdefault(key.writer, []).append((key, info.modified))
    found = [
        WriterConsole(writer, attempt_of(writer), _pieces([key for key, _ in known]), max(at for _, at in known))
        for writer, known in parts.items()
    ]
    return tuple(sorted(found, key=lambda each: (each.attempt, each.at, each.writer)))


def _pieces(keys: list[LogKey]) -> tuple[Piece, ...]:
    by_name = {key.path: key for key in keys}
    parts = [Part(key.lo, key.hi, True, key.path) for key in keys]
    told = cover(parts)
    while told.has_gap:
        # What comes after a hole is shown all the same: this is text for people.
        after = min(part.lo for part in parts if part.lo > told.complete_to)
        parts.append(Part(told.complete_to, after, False, ""))
        told = cover(parts)
    out = []
    for number, take in enumerate(told.takes):
        following = told.takes[number + 1].first_seq if number + 1 < len(told.takes) else told.complete_to
        out.append(Piece(take.first_seq, following, by_name.get(take.part.name)))
    return tuple(out)
