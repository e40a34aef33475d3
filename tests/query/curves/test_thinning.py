from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.query.curves.thinning import thin, window

NAN = math.nan


def test_few_points_are_all_kept() -> None:
    x = np.array([1.0, 1.0, 2.0, 2.0])
    assert thin(x, np.array([NAN, 1.0, NAN, 2.0]), 4).tolist() == [0, 1, 2, 3]
    assert thin(np.empty(0), np.empty(0), 10).tolist() == []


def test_peaks_and_ends_stay() -> None:
    x = np.arange(100_000.0)
    y = np.zeros(100_000)
    y[54_321], y[777] = 9.0, -9.0
    kept = thin(x, y, 500)
    assert {0, 777, 54_321, 99_999} <= set(kept.tolist())
    assert len(kept) <= 503


def test_a_gap_of_a_pixel_stays_and_its_shores_too() -> None:
    x = np.arange(100_000.0)
    y = np.sin(x / 999)
    y[30_000:31_000] = NAN
    y[50_000] = NAN
    kept = thin(x, y, 500)
    assert {29_999, 30_000, 31_000} <= set(kept.tolist())
    # A single NaN among a hundred thousand points is far less than a pixel.
    assert int(np.isnan(y[kept]).sum()) == 1


def test_scattered_nans_do_not_tear_the_line() -> None:
    dice = np.random.default_rng(0)
    x, y = np.arange(50_000.0), dice.normal(size=50_000)
    y[dice.random(50_000) < 0.05] = NAN
    kept = thin(x, y, 500)
    assert np.isfinite(y[kept]).all()


def test_gaps_stay_where_little_is_drawn() -> None:
    x = np.arange(1_000.0)
    y = np.full(1_000, NAN)
    y[[10, 11, 500, 990]] = [1.0, 2.0, 3.0, 4.0]
    assert thin(x, y, 100).tolist() == [10, 11, 12, 500, 501, 990]
    assert thin(x, np.full(1_000, NAN), 100).tolist() == []


def test_all_at_one_place() -> None:
    x = np.full(5_000, 3.0)
    y = np.sin(np.arange(5_000.0))
    kept = thin(x, y, 100)
    assert {int(np.argmin(y)), int(np.argmax(y)), 0, 4_999} == set(kept.tolist())


def test_far_from_zero() -> None:
    x = 1.76e12 + np.arange(50_000.0)
    y = np.zeros(50_000)
    y[12_345] = 1
    kept = thin(x, y, 200)
    assert 12_345 in kept
    assert len(kept) > 100


def test_arrays_that_are_no_single_block_of_memory() -> None:
    both = np.random.default_rng(0).normal(size=(20_000, 2))
    both[:, 0].sort()
    assert 90 < len(thin(both[:, 0], both[:, 1], 100)) < 110


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(-10, 10) | st.sampled_from([NAN, math.inf])), max_size=200),
       st.integers(4, 40))  # fmt: skip
@settings(deadline=None)
def test_any_line(points: list[tuple[int, float]], width: int) -> None:
    x = np.array(sorted(float(place) for place, _ in points))
    y = np.array([value for _, value in points])
    kept = thin(x, y, width)
    assert (np.diff(kept) > 0).all()
    real = np.flatnonzero(np.isfinite(y))
    if len(real):
        shown = y[kept][np.isfinite(y[kept])]
        assert {shown.min(), shown.max()} == {y[real].min(), y[real].max()}
        assert real[0] in kept
        assert real[-1] in kept
    assert len(kept) <= len(x) if len(x) <= width else len(kept) <= 4 * width + 4


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(2, 3, [1, 2, 3, 4]), (0, 9, [1, 2, 3, 4]), (2.5, 2.6, [2, 3]), (9, 10, [4]), (-5, 0, [1]), (3, 3, [2, 3, 4])],
)
def test_a_window_reaches_one_beyond(low: float, high: float, expected: list[float]) -> None:
    x = np.array([1.0, 2.0, 3.0, 4.0])
    assert x[window(x, low, high)].tolist() == expected
