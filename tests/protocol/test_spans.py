"""The models use the shipped reader's rule as their own: here it is held against the definition, on small inputs."""

from __future__ import annotations

from itertools import combinations_with_replacement, permutations

import pytest

from lakeboard.schema.cover import Part, cover
from tests.protocol.spans import covered, known_in, missing, overlapping, ranges, rows_in, span

ROWS = 3
ALL = [(lo, hi) for hi in range(ROWS + 1) for lo in range(hi + 1)]


def _subsets(spans: list[tuple[int, int]]) -> list[int]:
    return [sum(span(*s) for i, s in enumerate(spans) if chosen >> i & 1) for chosen in range(1 << len(spans))]


def _prefix(spans: int) -> int:
    """By definition: rows from 0 on, as far as each is in some file."""
    rows = {seq for lo, hi in ranges(spans) for seq in range(lo, hi)}
    return next(n for n in range(ROWS + 1) if n not in rows)


def test_the_shipped_rule_gives_each_row_of_the_longest_prefix_once() -> None:
    for spans in _subsets(ALL):
        for sealed in (0, spans, spans & 0x5555555555555555):
            answer = covered(spans & ~sealed, sealed)
            assert answer.complete_to == _prefix(spans)
            assert answer.given == (1 << answer.complete_to) - 1
            assert not answer.twice
            assert answer.known_to == known_in(spans)


def test_tails_and_sealed_files_of_one_range_count_once() -> None:
    for spans in _subsets(ALL):
        assert covered(spans, spans) == covered(spans, 0)


def test_the_order_of_the_files_does_not_matter() -> None:
    for chosen in combinations_with_replacement(ALL, 3):
        parts = [Part(lo, hi, bool(i & 1), f"{i}") for i, (lo, hi) in enumerate(chosen)]
        assert len({cover(p) for p in permutations(parts)}) == 1


def test_without_slices_rows_double() -> None:
    spans = span(0, 2) | span(1, 3)
    assert covered(spans, 0, unsliced=True).twice
    assert not covered(spans, 0).twice


@pytest.mark.parametrize("noted", [0, *(span(lo, hi) for lo, hi in ALL if lo < hi)])
def test_what_is_missing_completes_what_is_sealed(noted: int) -> None:
    for sealed in _subsets([s for s in ALL if s[0] < s[1]]):
        rows = max(known_in(sealed), known_in(noted))
        todo = missing(sealed, rows, noted)
        assert rows_in(sealed | todo) == (1 << rows) - 1
        assert todo & ~noted & sealed == 0
        assert not overlapping(todo)
        assert not rows_in(todo & ~noted) & rows_in(sealed)


def test_sets_of_ranges() -> None:
    assert ranges(span(0, 2) | span(1, 1)) == ((0, 2), (1, 1))
    assert rows_in(span(0, 1) | span(2, 3)) == 0b101
    assert known_in(span(2, 2)) == 2
    assert overlapping(span(0, 2) | span(1, 3))
    assert not overlapping(span(0, 1) | span(1, 3) | span(3, 3))
