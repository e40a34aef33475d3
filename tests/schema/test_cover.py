"""The reader's rule against brute force: every row once, as far as the files reach."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.cover import Cover, Part, Take, cover


@st.composite
def _parts(draw: st.DrawFn) -> list[Part]:
    out = []
    for n in range(draw(st.integers(0, 9))):
        lo = draw(st.integers(0, 12))
        out.append(Part(lo, lo + draw(st.integers(0, 6)), draw(st.booleans()), f"{n}"))
    return out


def _brute_complete_to(parts: list[Part]) -> int:
    held = {row for part in parts for row in range(part.lo, part.hi)}
    return next(row for row in range(100) if row not in held)


@given(_parts())
def test_rows_come_once_and_as_far_as_the_files_reach(parts: list[Part]) -> None:
    found = cover(parts)
    rows = [row for take in found.takes for row in range(take.first_seq, take.part.hi)]
    assert rows == list(range(_brute_complete_to(parts)))
    assert found.complete_to == len(rows)
    assert all(take.part in parts and take.part.lo <= take.first_seq < take.part.hi for take in found.takes)
    assert found.known_to == max([p.hi for p in parts], default=0)
    assert found.has_gap == (found.known_to > found.complete_to)


@given(_parts())
def test_no_fewer_files_would_do(parts: list[Part]) -> None:
    found = cover(parts)
    if len(parts) > 6:
        parts = parts[:6]
        found = cover(parts)
    for n in range(len(found.takes)):
        for chosen in permutations(parts, n):
            assert _brute_complete_to(list(chosen)) < found.complete_to


@given(_parts(), st.randoms())
def test_the_order_of_the_files_does_not_matter(parts: list[Part], random: object) -> None:
    shuffled = list(parts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert cover(shuffled) == cover(parts)


def test_a_recovery_beside_its_owner_is_sliced() -> None:
    owner, recovery = Part(0, 4, True, "owner"), Part(2, 6, True, "recovery")
    assert cover([recovery, owner]) == Cover((Take(owner, 0), Take(recovery, 4)), 6, 6)
    assert [take.whole for take in cover([recovery, owner]).takes] == [True, False]


def test_sealed_is_preferred_where_both_reach_equally_far() -> None:
    assert cover([Part(0, 4, False, "z"), Part(0, 4, True, "a")]).takes[0].part.name == "a"


def test_an_empty_tail_tells_that_rows_exist() -> None:
    found = cover([Part(3, 3, False, "tail")])
    assert (found.takes, found.complete_to, found.known_to, found.has_gap) == ((), 0, 3, True)
    assert cover([]) == Cover((), 0, 0)
