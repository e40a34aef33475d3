"""Each row from exactly one file, whatever overlaps and whatever is missing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.points.coverage import pieces_of
from lakeboard.schema.cover import Part, cover


@st.composite
def parts(draw: st.DrawFn) -> list[Part]:
    ranges = draw(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.booleans()), max_size=10))
    return [Part(min(a, b), max(a, b), sealed, f"f{i}") for i, (a, b, sealed) in enumerate(ranges)]


@given(parts(), st.integers(0, 30), st.integers(0, 30))
def test_pieces_and_holes_are_a_partition(found: list[Part], lo: int, hi: int) -> None:
    result = pieces_of(found, lo, hi)
    rows = [seq for p in result.pieces for seq in range(p.lo, p.hi)]
    holes = [seq for a, b in result.holes for seq in range(a, b)]
    held = {seq for p in found for seq in range(p.lo, p.hi)}
    assert sorted(rows + holes) == list(range(lo, hi))
    assert held.isdisjoint(holes)
    assert all(p.part.lo <= p.lo < p.hi <= p.part.hi for p in result.pieces)
    assert all(a < b for a, b in result.holes)
    assert [p.lo for p in result.pieces] == sorted(p.lo for p in result.pieces)


@given(parts())
def test_without_holes_it_is_the_readers_rule(found: list[Part]) -> None:
    rule = cover(found)
    result = pieces_of(found, 0, rule.complete_to)
    assert [(p.part, p.lo) for p in result.pieces] == [(t.part, t.first_seq) for t in rule.takes]
    assert result.holes == ()


def test_whole_files_are_known() -> None:
    (first, second) = pieces_of([Part(0, 5, True, "a"), Part(3, 9, True, "b")], 0, 9).pieces
    assert first.whole
    assert not second.whole
