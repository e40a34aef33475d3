"""Sets of ranges of rows as the bits of an int, and the shipped reader's rule on them."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from lakeboard.schema.cover import Part, cover


def span(lo: int, hi: int) -> int:
    """The set of one range `[lo, hi)`; other sets are unions of these. Up to 7 rows."""
    return 1 << (lo * 8 + hi)


@cache
def ranges(spans: int) -> tuple[tuple[int, int], ...]:
    """The ranges in a set, in order."""
    return tuple((i >> 3, i & 7) for i in range(spans.bit_length()) if spans >> i & 1)


@cache
def rows_in(spans: int) -> int:
    """The rows in a set of ranges, as the bits of an int."""
    rows = 0
    for lo, hi in ranges(spans):
        rows |= (1 << hi) - (1 << lo)
    return rows


@cache
def known_in(spans: int) -> int:
    """The rows that a set of ranges tells to exist."""
    return max((hi for _, hi in ranges(spans)), default=0)


@cache
def overlapping(spans: int) -> bool:
    """Whether any row is in two ranges of the set."""
    return sum(hi - lo for lo, hi in ranges(spans)) > rows_in(spans).bit_count()


class Covered(NamedTuple):
    """What reading some files gives."""

    given: int
    """Rows, as the bits of an int."""
    complete_to: int
    known_to: int
    twice: bool
    """Whether any row is given twice."""


@cache
def covered(tails: int, sealed: int, unsliced: bool = False) -> Covered:
    """What the shipped rule makes of these ranges; with `unsliced`, of whole files where it says to slice them."""
    parts = [Part(lo, hi, False, f"live {lo}-{hi}") for lo, hi in ranges(tails)]
    parts += [Part(lo, hi, True, f"metrics {lo}-{hi}") for lo, hi in ranges(sealed)]
    answer = cover(parts)
    given, twice = 0, False
    for take in answer.takes:
        rows = (1 << take.part.hi) - (1 << (take.part.lo if unsliced else take.first_seq))
        twice = twice or bool(given & rows)
        given |= rows
    return Covered(given, answer.complete_to, answer.known_to, twice)


@cache
def missing(sealed: int, rows: int, noted: int) -> int:
    """The ranges to seal until `[0, rows)` is sealed: the noted one as it was noted, then what is left between."""
    todo = noted if noted and rows_in(noted) & ~rows_in(sealed) else 0
    have = rows_in(sealed | todo)
    lo = 0
    while lo < rows:
        hi = lo
        while hi < rows and not have >> hi & 1:
            hi += 1
        if hi > lo:
            todo |= span(lo, hi)
        lo = hi + 1
    return todo
