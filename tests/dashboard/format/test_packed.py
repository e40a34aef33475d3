"""Numbers on their way to the browser: what arrives is what was sent, within the error that is promised."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.dashboard.format.packed import packed, packed_places, packed_values, unpacked

WHOLE = st.lists(st.integers(-(2**52), 2**52), min_size=64, max_size=200)


def bytes_of(sent: dict[str, object]) -> int:
    return len(str(sent["bdata"]))


@given(st.lists(st.floats()))
def test_short_arrays_travel_exactly(values: list[float]) -> None:
    np.testing.assert_array_equal(unpacked(packed(values)), np.array(values))
    if len(values) < 64:
        np.testing.assert_array_equal(unpacked(packed_values(values)), np.array(values))


@given(WHOLE)
def test_whole_places_travel_exactly(places: list[int]) -> None:
    assert unpacked(packed_places([float(each) for each in sorted(places)])) == sorted(places)


def test_steps_take_little_more_than_a_byte_each() -> None:
    sent = packed_places(np.arange(0.0, 100_000, 100))
    assert (sent["pack"], sent["by"]) == ("gaps", 1.0)
    assert bytes_of(sent) < 1.4 * 1000
    assert unpacked(packed_places([0.25 * each for each in range(100)])) == [0.25 * each for each in range(100)]
    assert unpacked(packed_places([0.1] * 100)) == [0.1] * 100
    assert unpacked(packed_places([math.pi * each for each in range(100)])) == [math.pi * each for each in range(100)]


def test_milliseconds_travel_exactly() -> None:
    seconds = [each * 61.037 for each in range(100)]
    sent = packed_places(seconds)
    assert sent["by"] == 0.001
    np.testing.assert_allclose(unpacked(sent), seconds, atol=1e-9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=64, max_size=120))
def test_values_are_off_by_no_more_than_is_promised(values: list[float]) -> None:
    sent = packed_values(values)
    back = np.array(unpacked(sent))
    if sent.get("pack") == "levels":
        span = float(np.diff(np.percentile(values, (10, 90)))[0])
        assert np.abs(back - values).max() <= span / 2_000 + 1e-9
    else:
        np.testing.assert_allclose(back, values, rtol=1e-6, atol=1e-30)


def test_gaps_stay_gaps_and_outliers_do_not_coarsen_the_rest() -> None:
    wave = [math.sin(each) for each in range(100)]
    back = unpacked(packed_values([*wave, math.nan, math.inf]))
    assert np.isnan(back[100:]).all()
    spiked = packed_values([*wave, 1e9])
    assert spiked["dtype"] == "f4"
    np.testing.assert_allclose(unpacked(spiked)[:100], wave, rtol=1e-6)
    assert unpacked(packed_values([0.5] * 100)) == [0.5] * 100
    assert all(math.isnan(each) for each in unpacked(packed_values([math.nan] * 100)))


def test_on_a_logarithmic_axis_the_error_is_relative() -> None:
    falling = [10.0 ** (-each / 20) for each in range(200)]
    sent = packed_values(falling, log=True)
    assert sent["pack"] == "levels"
    np.testing.assert_allclose(unpacked(sent), falling, rtol=3e-4)
