"""Numbers as people read them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.dashboard.format.numbers import NONE, count, decimals_for, exact, number, span
from tests.dashboard.components.node import Browser, answering

TABLE: list[tuple[str, int, str]] = [
    (value, digits, text)
    for value, digits, text in json.loads(Path(__file__).with_name("numbers.json").read_text(encoding="utf-8"))
]
"""A value as Python and the browser read it, digits, and what both write."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with answering() as found:
        yield found


def test_every_value_of_the_table_is_written_as_the_browser_writes_it() -> None:
    assert len(TABLE) >= 300
    assert [row for row in TABLE if number(float(row[0]), significant=row[1]) != row[2]] == []


@pytest.mark.parametrize("digits", [1, 3, 4, 6])
def test_the_browser_writes_any_number_alike(browser: Browser, digits: int) -> None:
    @given(st.lists(st.floats() | st.floats(1e-5, 1e8) | st.floats(-2e3, 2e3, width=16), max_size=40))
    def alike(values: list[float]) -> None:
        texts = [number(value, significant=digits) for value in values]
        assert browser.ask("numbers", [repr(value) for value in values], digits) == texts

    alike()


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([0.9123, 0.9456, 0.871], 4),
        ([1.0, 2.0, 3.0], 0),
        ([], 0),
        ([None, math.nan], 0),
        ([12.5, 14.25], 3),
        ([1234.5, 5678.25], 0),
        ([0.5, 0.5], 4),
        ([8.5e-5, 1e-4], 7),
        ([0.0123, 0.0456], 4),
        ([0.004, 0.009], 6),
        ([1e-6, 1.0], None),
        ([3e-7, 4e-7], None),
        ([1e9 + 0.5, 2.5e9], None),
    ],
)
def test_a_column_has_the_digits_that_its_spread_needs(values: list[float | None], places: int | None) -> None:
    assert decimals_for(values) == places


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (None, 2, NONE),
        (0.91234, 4, "0.9123"),
        (1234567.0, 0, "1,234,567"),
        (-0.00001, 2, "-1e-5"),
        (0.0, 3, "0.000"),
        (math.nan, 2, "NaN"),
        (-math.inf, 2, "-∞"),
        (0.001, None, "0.001"),
        (0.1, None, "0.1"),
        (3, None, "3"),
        (123456.789, None, "123,457"),
        (1.5e-9, None, "1.5e-9"),
        (2e10, None, "2e10"),
        (1e-3 + 1e-9, None, "0.001"),
    ],
)
def test_a_number_reads_well(value: float | None, places: int | None, text: str) -> None:
    assert number(value, places) == text


@given(st.floats(-1e300, 1e300))
def test_a_number_on_its_own_says_four_digits_of_the_value(value: float) -> None:
    text = number(value)
    assert float(text.replace(",", "")) == pytest.approx(value, rel=6e-4, abs=1e-300)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=2, max_size=6))
def test_decimals_never_hide_a_difference_of_a_hundredth_of_the_spread(values: list[float]) -> None:
    places = decimals_for(values)
    low, high = min(values), max(values)
    if places is not None and high - low > max(abs(low), abs(high)) / 50:
        assert number(low, places) != number(high, places)


def test_a_column_is_written_alike() -> None:
    values = [0.9805, 0.97, 1.0]
    places = decimals_for(values)
    assert [number(value, places) for value in values] == ["0.9805", "0.9700", "1.0000"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, NONE),
        (0.0123, "12 ms"),
        (0.9996, "1.0 s"),
        (12.34, "12.3 s"),
        (59.96, "1 min"),
        (250, "4 min 10 s"),
        (11_100, "3 h 5 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


def test_counts_and_exact_values() -> None:
    assert (count(1, "run"), count(1234, "run"), count(0, "entry", "entries")) == ("1 run", "1,234 runs", "0 entries")
    assert exact(0.1) == "0.1"
    assert [exact(v) for v in (1e-5, -2.5e-07, 1e22, 0.0001)] == ["1e-5", "-2.5e-7", "1e22", "0.0001"]
    assert exact(3) == "3"
