"""The rows of one writer out of whatever files hold them: the reader's rule, and what remains when a file is bad."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...schema.cover import Part, cover


@dataclass(frozen=True, slots=True)
class Piece:
    """Of the file `part`, keep the rows `lo <= seq < hi`."""

    part: Part
    lo: int
    hi: int

    @property
    def whole(self) -> bool:
        """Whether these are all of the file's rows."""
        return self.lo == self.part.lo and self.hi == self.part.hi


@dataclass(frozen=True, slots=True)
class Pieces:
    """The rows `[lo, hi)` of one writer."""

    pieces: tuple[Piece, ...]
    """Disjoint, in order; each row that any part holds is in exactly one."""
    holes: tuple[tuple[int, int], ...]
    """Row ranges that no part holds."""


def pieces_of(parts: Iterable[Part], lo: int, hi: int) -> Pieces:
    """Where to read each row `lo <= seq < hi` from, exactly once. Pure; O(n log n) without holes."""
    left = [p for p in parts if p.hi > lo and p.lo < hi and p.hi > p.lo]
    pieces: list[Piece] = []
    holes: list[tuple[int, int]] = []
    position = lo
    while position < hi:
        left = [p for p in left if p.hi > position]
        start = min((p.lo for p in left), default=hi)
        if start > position:
            start = min(start, hi)
            holes.append((position, start))
            position = start
            continue
        by_name = {p.name: p for p in left}
        # cover() counts from 0: shift so that what is already covered lies before it.
        shifted = [Part(max(p.lo - position, 0), p.hi - position, p.sealed, p.name) for p in left]
        for take in cover(shifted).takes:
            begin, end = position + take.first_seq, min(position + take.part.hi, hi)
            if begin < end:
                pieces.append(Piece(by_name[take.part.name], begin, end))
        position = pieces[-1].hi
    return Pieces(tuple(pieces), tuple(holes))
