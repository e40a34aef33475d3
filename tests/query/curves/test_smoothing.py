from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.query.curves.smoothing import METHODS, Floats, Method, smooth
from lakeboard.schema.errors import InvalidSetting

NAN = math.nan


def one_by_one(x: Floats, y: Floats, amount: float, span: float) -> Floats:
    """The time-weighted average as its definition says, point by point."""
    weight = min(math.sqrt(amount), 0.999)
    out, total, count, before = [], 0.0, 0.0, x[0]
    for place, value in zip(x, y, strict=True):
        keep = weight ** ((place - before) / span * 1000)
        total, count, before = total * keep, count * keep, place
        if math.isfinite(value):
            total, count = total + value, count + 1
            out.append(total / count)
        else:
            out.append(value)
    return np.array(out)


def test_a_weighted_average_by_hand() -> None:
    # The span makes the weight fall to sqrt(0.25) = 1/2 per unit of x.
    x, y = np.array([0.0, 1.0, 3.0, 3.0]), np.array([8.0, 2.0, 4.0, 0.0])
    found = smooth(x, y, method="ema", amount=0.25, span=1000.0)
    second = (8 / 2 + 2) / (1 / 2 + 1)
    third = ((8 / 2 + 2) / 4 + 4) / ((1 / 2 + 1) / 4 + 1)
    fourth = ((8 / 2 + 2) / 4 + 4 + 0) / ((1 / 2 + 1) / 4 + 2)
    np.testing.assert_allclose(found, [8, second, third, fourth], rtol=1e-15)


@pytest.mark.parametrize("amount", [1e-9, 0.01, 0.3, 0.6, 0.9, 0.99, 0.999, 1.0])
@pytest.mark.parametrize("n", [2, 50, 3_000])
def test_the_blocks_give_what_one_by_one_gives(amount: float, n: int) -> None:
    dice = np.random.default_rng(n)
    x = np.sort(dice.integers(0, n, n)).astype(np.float64)
    x[-1] += 1
    y = dice.normal(size=n) * 10.0 ** dice.uniform(-3, 3, n)
    y[dice.random(n) < 0.1] = NAN
    span = float(x[-1] - x[0])
    found = smooth(x, y, method="ema", amount=amount)
    np.testing.assert_allclose(found, one_by_one(x, y, amount, span), rtol=1e-9, atol=1e-9)


def test_large_values_that_faded_leave_no_trace() -> None:
    x = np.arange(1_000.0)
    y = np.ones(1_000)
    y[0] = 1e12
    assert smooth(x, y, method="ema", amount=0.25)[-1] == 1.0


def test_runs_that_log_rarely_look_like_those_that_log_often() -> None:
    often = np.linspace(0, 100, 10_001)
    rarely = often[::50]
    ends = [smooth(x, np.sin(x / 20), method="ema", amount=0.9)[-1] for x in (often, rarely)]
    assert ends[0] == pytest.approx(ends[1], abs=0.01)


def test_a_running_mean_by_hand() -> None:
    # Amount 1 spans a fifth of x: half a window is one unit.
    x, y = np.arange(11.0), np.array([0, 3, 6, NAN, 9, 12, 0, 0, 0, 0, 5.0])
    found = smooth(x, y, method="running", amount=1.0)
    np.testing.assert_allclose(found, [1.5, 3, 4.5, NAN, 10.5, 7, 4, 0, 0, 5 / 3, 2.5])


def test_windows_are_of_x_not_of_points() -> None:
    x = np.array([0.0, 0.5, 0.6, 5.0, 9.4, 9.5, 10.0])
    y = np.array([1.0, 2.0, 6.0, 7.0, 1.0, 3.0, 5.0])
    np.testing.assert_allclose(smooth(x, y, method="running", amount=1.0), [3, 3, 3, 7, 3, 3, 3])


def test_a_gaussian_has_its_width_and_shape() -> None:
    x = np.arange(2_001.0)
    y = np.zeros(2_001)
    y[1_000] = 1.0
    found = smooth(x, y, method="gaussian", amount=0.5)
    assert found.sum() == pytest.approx(1.0)
    sigma = math.sqrt((found * (x - 1_000) ** 2).sum())
    assert sigma == pytest.approx(50, rel=0.02)
    true = np.exp(-((x - 1_000) ** 2) / (2 * 50**2)) / (50 * math.sqrt(2 * math.pi))
    assert np.abs(found - true).max() < 0.08 * true.max()


def test_even_and_uneven_steps_agree() -> None:
    x = np.arange(500.0)
    y = np.random.default_rng(1).normal(size=500)
    for method in ("running", "gaussian"):
        even = smooth(x, y, method=method, amount=0.4)
        # A repeat of the last point far away is no part of the windows here.
        uneven = smooth(np.append(x, 500.5), np.append(y, 0.0), method=method, amount=0.4, span=499.0)
        np.testing.assert_allclose(even[:400], uneven[:400], atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_nothing_to_smooth(method: Method) -> None:
    lists: list[tuple[list[float], list[float]]] = [([], []), ([3], [5]), ([3, 3], [5, 7]), ([1, 2], [NAN, NAN])]
    for places, values in lists:
        found = smooth(np.array(places, dtype=np.float64), np.array(values), method=method, amount=0.9)
        np.testing.assert_array_equal(found, values)
    x, y = np.arange(3.0), np.array([1.0, 5.0, 2.0])
    np.testing.assert_array_equal(smooth(x, y, method=method, amount=0.0), y)


def test_wrong_settings_are_named() -> None:
    x = np.arange(3.0)
    with pytest.raises(InvalidSetting, match="'loess'"):
        smooth(x, x, method="loess", amount=0.5)  # type: ignore[arg-type]
    for amount in (-0.1, 1.1, NAN):
        with pytest.raises(InvalidSetting, match="use 0 to 1"):
            smooth(x, x, method="ema", amount=amount)


_values = st.lists(
    st.one_of(st.floats(-1e6, 1e6), st.sampled_from([NAN, math.inf, -math.inf])), min_size=1, max_size=40
)


@given(_values, st.lists(st.integers(0, 5), min_size=40, max_size=40), st.sampled_from(METHODS), st.floats(0, 1))
@settings(deadline=None)
def test_smooth_stays_between_the_extremes(values: list[float], gaps: list[int], method: Method, amount: float) -> None:
    x, y = np.cumsum(gaps[: len(values)]).astype(np.float64), np.array(values)
    found = smooth(x, y, method=method, amount=amount)
    real = np.isfinite(y)
    np.testing.assert_array_equal(found[~real], y[~real])
    if real.any():
        slack = 1e-6 * (1 + np.abs(y[real]).max())
        assert found[real].min() >= y[real].min() - slack
        assert found[real].max() <= y[real].max() + slack


@given(st.lists(st.integers(0, 5), min_size=2, max_size=40), st.sampled_from(METHODS), st.floats(0, 1))
@settings(deadline=None)
def test_a_constant_stays_what_it_is(gaps: list[int], method: Method, amount: float) -> None:
    x = np.cumsum(gaps).astype(np.float64)
    np.testing.assert_allclose(smooth(x, np.full(len(x), 0.1), method=method, amount=amount), 0.1, rtol=1e-12)


@pytest.mark.slow
def test_smoothing_keeps_pace_with_looking_up() -> None:
    x = np.sort(np.random.default_rng(0).random(1_000_000))
    y = np.random.default_rng(1).normal(size=1_000_000)

    def took(work: object) -> float:
        assert callable(work)
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    yardstick = min(took(lambda: np.searchsorted(x, x)) for _ in range(3))
    for method in METHODS:
        spent = min(took(lambda: smooth(x, y, method=method, amount=0.9)) for _ in range(3))  # noqa: B023
        assert spent < 15 * yardstick, method
