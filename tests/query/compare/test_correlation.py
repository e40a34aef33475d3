"""Rank correlations, against scipy's and against values from textbooks."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lakeboard.query.compare.correlation import chi_square_beyond, rank_correlations
from lakeboard.schema.errors import InvalidSetting


def one(values: list[object], target: list[float], dtype: type[pl.DataType] | None = None) -> dict[str, object]:
    frame = pl.DataFrame({"params.x": pl.Series(values, dtype=dtype, strict=False), "m": target})
    return rank_correlations(frame, "m").row(0, named=True)


def test_a_known_rho_without_ties() -> None:
    # Wikipedia, "Spearman's rank correlation coefficient": IQ against hours of television.
    iq = [106.0, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    hours = [7.0, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    row = one([*iq], hours)
    assert row["value"] == pytest.approx(-29 / 165, abs=1e-12)
    assert (row["measure"], row["n"], row["groups"], row["clear"]) == ("spearman", 10, 10, False)


def test_an_interval_by_bonett_and_wright() -> None:
    values, target = list(range(30)), [float((i * 7) % 30 + i) for i in range(30)]
    row = one([*values], target)
    rho = stats.spearmanr(values, target)[0]
    reach = stats.norm.ppf(0.975) * math.sqrt((1 + rho**2 / 2) / 27)
    assert row["low"] == pytest.approx(math.tanh(math.atanh(rho) - reach), abs=1e-9)
    assert row["high"] == pytest.approx(math.tanh(math.atanh(rho) + reach), abs=1e-9)
    assert row["clear"] is True


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-4, 4)), min_size=3, max_size=40))
def test_ties_count_as_scipy_counts_them(pairs: list[tuple[int, int]]) -> None:
    x, y = [a for a, _ in pairs], [float(b) for _, b in pairs]
    row = one([*x], y)
    if len(set(x)) < 2 or len(set(y)) < 2:
        assert row["value"] is None
    else:
        assert row["value"] == pytest.approx(stats.spearmanr(x, y)[0], abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(-4, 4)), min_size=4, max_size=40))
def test_groups_count_as_scipy_counts_them(pairs: list[tuple[str, int]]) -> None:
    x, y = [a for a, _ in pairs], [float(b) for _, b in pairs]
    row, groups, n = one([*x], y), sorted(set(x)), len(x)
    if len(groups) < 2 or len(groups) == n or len(set(y)) < 2:
        assert row["value"] is None
        return
    h, p = stats.kruskal(*([b for a, b in zip(x, y, strict=True) if a == g] for g in groups))
    assert row["p"] == pytest.approx(p, abs=1e-9)
    assert row["value"] == pytest.approx(max(0.0, (h - len(groups) + 1) / (n - len(groups))), abs=1e-9)
    assert (row["measure"], row["groups"], row["n"]) == ("eta2", len(groups), n)


@pytest.mark.parametrize("dof", [1, 2, 3, 8, 31, 400])
@pytest.mark.parametrize("times", [0.0, 0.2, 1.0, 3.0])
def test_the_tail_of_chi_squared(dof: int, times: float) -> None:
    assert chi_square_beyond(dof * times, dof) == pytest.approx(stats.chi2.sf(dof * times, dof), abs=1e-12)


def test_runs_without_both_values_do_not_count() -> None:
    row = one([1.0, 2.0, None, math.nan, math.inf, 5.0, 6.0], [1.0, 2.0, 3.0, 4.0, 5.0, math.nan, 6.0], pl.Float64)
    assert (row["n"], row["value"], row["low"]) == (3, 1.0, None)
    assert one(["a", None, "b", "a"], [1.0, 2.0, 3.0, 4.0])["n"] == 3


def test_what_says_nothing_has_no_value() -> None:
    assert one([1, 2], [1.0, 2.0])["value"] is None
    assert one([3, 3, 3, 3], [1.0, 2.0, 3.0, 4.0])["value"] is None
    assert one([1, 2, 3, 4], [1.0, 1.0, 1.0, 1.0])["value"] is None
    # A path or a comment: each run its own.
    assert one(["a", "b", "c", "d"], [1.0, 2.0, 3.0, 4.0])["value"] is None


def test_true_and_false_are_two_ranks() -> None:
    row = one([True, False, True, False], [2.0, 1.0, 4.0, 3.0])
    assert row["value"] == pytest.approx(stats.spearmanr([1, 0, 1, 0], [2, 1, 4, 3])[0])


def test_few_runs_are_never_clear() -> None:
    assert one([*range(9)], [float(i) for i in range(9)])["clear"] is False
    assert one([*range(10)], [float(i) for i in range(10)])["clear"] is True


def test_the_strongest_first_of_both_kinds_and_unknown_last() -> None:
    rng = np.random.default_rng(1)
    lr, noise = rng.normal(size=60), rng.normal(size=60)
    model = np.where(lr > 0, "big", "small")
    frame = pl.DataFrame(
        {
            "params.noise": noise,
            "params.lr": lr,
            "params.model": model,
            "params.same": [1] * 60,
            "m": lr**3,
            "at": [[1]] * 60,
        }
    )
    found = rank_correlations(frame, "m")
    assert found["column"].to_list()[:2] == ["params.lr", "params.model"]
    assert found["column"].to_list()[-1] == "params.same"
    assert found["clear"].to_list() == [True, True, False, False]
    assert rank_correlations(frame, "m", ["params.lr", "at", "gone", "m"])["column"].to_list() == ["params.lr"]


def test_a_target_of_words_is_told() -> None:
    with pytest.raises(InvalidSetting, match=r"'params\.x' is no column of numbers"):
        rank_correlations(pl.DataFrame({"params.x": ["a"]}), "params.x")
