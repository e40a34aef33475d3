"""The reader's rule: which rows of which files make each row of a writer appear exactly once.

Files of one writer hold dense ranges of its rows and may overlap: a tail and the seal that followed it, a
recovery beside the owner, a retry that landed late. Because the name determines the rows, overlapping files
agree, and taking each row from the first file that covers it is exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One file's rows `lo <= seq < hi` of one writer. An empty part `[n, n)` still tells that n rows exist."""

    lo: int
    hi: int
    sealed: bool
    """From `metrics/` (true) or a live tail; sealed is preferred where both reach equally far."""
    name: str
    """The object's key."""


@dataclass(frozen=True, slots=True)
class Take:
    """Read `part` and keep its rows with `seq >= first_seq`."""

    part: Part
    first_seq: int

    @property
    def whole(self) -> bool:
        """Whether every row of the file is kept, so that no filter is needed."""
        return self.first_seq == self.part.lo


@dataclass(frozen=True, slots=True)
class Cover:
    """The answer for one writer."""

    takes: tuple[Take, ...]
    """In order of rows, disjoint after slicing."""
    complete_to: int
    """Rows `[0, complete_to)` are all there."""
    known_to: int
    """Rows `[0, known_to)` are known to exist."""

    @property
    def has_gap(self) -> bool:
        """Whether rows are known to exist that no file seen so far gives: list again."""
        return self.known_to > self.complete_to


def cover(parts: Iterable[Part]) -> Cover:
    """Cover one writer's rows from 0 upwards, greedily by the file that reaches furthest.

    Pure; O(n log n) in the number of files. Order of `parts` does not matter.

    Returns:
        Takes whose sliced rows are disjoint and whose union is exactly `[0, complete_to)`, the longest prefix
        that the parts give.
    """
    ordered = sorted(parts, key=lambda p: (p.lo, p.hi, p.sealed, p.name))
    takes: list[Take] = []
    position = 0
    best: Part | None = None
    known = 0
    for part in [*ordered, None]:
        while part is None or part.lo > position:
            if best is None or best.hi <= position:
                break
            takes.append(Take(best, position))
            position, best = best.hi, None
        if part is None:
            break
        known = max(known, part.hi)
        if part.lo <= position and (
            best is None or (part.hi, part.sealed, part.name) > (best.hi, best.sealed, best.name)
        ):
            best = part
    return Cover(tuple(takes), position, max(known, position))
