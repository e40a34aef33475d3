"""The store's time without asking it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.snapshots.store_clock import StoreClock

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_own_clock_is_believed_without_evidence() -> None:
    assert StoreClock().now(NOON) == NOON
    assert StoreClock().observe(NOON, [NOON - MINUTE], []).now(NOON) == NOON


def test_clock_that_is_slow_is_found_at_once() -> None:
    clock = StoreClock().observe(NOON, [NOON + 10 * MINUTE, NOON - MINUTE], [])
    assert clock.now(NOON + MINUTE) == NOON + 11 * MINUTE


def test_clock_that_is_fast_is_found_when_something_new_appears() -> None:
    store = NOON - timedelta(hours=3)
    clock = StoreClock().observe(NOON, [store - MINUTE], [])
    assert clock.now(NOON) == NOON
    clock = clock.observe(NOON + MINUTE, [store - MINUTE, store + MINUTE / 2], [store + MINUTE / 2])
    assert timedelta() <= clock.now(NOON + MINUTE) - (store + MINUTE) <= MINUTE


@given(
    ahead=st.integers(-10_000, 10_000),
    waits=st.lists(st.integers(0, 100), min_size=1, max_size=10),
    flushes=st.lists(st.booleans(), min_size=10, max_size=10),
)
def test_error_is_bounded_by_the_time_between_looks(ahead: int, waits: list[int], flushes: list[bool]) -> None:
    clock, store = StoreClock(), NOON
    seen = [NOON - MINUTE]
    known = False
    for wait, flush in zip(waits, flushes, strict=False):
        store += timedelta(seconds=wait)
        appeared = [store - timedelta(seconds=wait / 2)] if flush else []
        seen += appeared
        wall = store + timedelta(seconds=ahead)
        first = clock.listed_at is None
        clock = clock.observe(wall, seen, [] if first else appeared)
        now = clock.now(wall)
        assert now >= max(seen), "no object is from the future"
        if flush and not first:
            known = True
            assert abs((now - store).total_seconds()) <= max(wait, 0) + 1e-3 or ahead <= 0
        if known and ahead > 0:
            assert now <= wall
