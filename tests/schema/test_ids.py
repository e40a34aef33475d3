"""New names: valid, sorting by time, never behind a clock that was seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.ids import new_run_id, new_run_name, next_hlc
from lakeboard.schema.keys import EditKey, parse_key
from lakeboard.schema.names import check_run_id, check_text

_NOW = st.integers(0, 4_000_000_000_000)


@given(_NOW, st.binary(min_size=4, max_size=8))
def test_run_ids_are_valid_and_of_one_length(now: int, random: bytes) -> None:
    run_id = new_run_id(now, random)
    assert check_run_id(run_id) == run_id
    assert len(run_id) == 14


@given(_NOW, _NOW)
def test_run_ids_sort_by_time(a: int, b: int) -> None:
    assert (new_run_id(a, bytes(4))[:8] < new_run_id(b, bytes(4))[:8]) == (a // 1000 < b // 1000)


@given(st.binary(min_size=4, max_size=8))
def test_run_names_can_be_said(random: bytes) -> None:
    name = new_run_name(random)
    assert check_text(name, what="name") == name
    assert name.count("-") == 2


def test_exact_values() -> None:
    assert new_run_id(1_764_000_000_123, b"\x00\x00\x00\xff") == "r1mj908000007z"
    assert new_run_name(b"\x00\x00\x00\x00") == "amber-alder-0"
    assert next_hlc(1_764_000_000_000) == 1_764_000_000_000_000_000


@given(_NOW, st.integers(0, 2**62))
def test_a_clock_reading_is_after_all_that_was_seen(now: int, seen: int) -> None:
    hlc = next_hlc(now, seen)
    assert hlc > seen
    assert hlc >= now * 1_000_000
    assert parse_key(EditKey("p", hlc, "0" * 8).path) == EditKey("p", hlc, "0" * 8)
