from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from lakeboard.query.curves.bands import Band, Spread, band, group_names, student_t
from lakeboard.schema.errors import InvalidSetting
from tests.query.runframes import points_frame, runs_frame


def points(runs: dict[str, dict[int, float]]) -> pl.DataFrame:
    return points_frame(
        [(run, "loss", None, step, value, step) for run, values in runs.items() for step, value in values.items()]
    ).collect()


THREE = points({"a": {0: 1.0, 1: 2.0, 2: 3.0}, "b": {0: 3.0, 1: 4.0, 2: 7.0}, "c": {0: 9.0, 1: 9.0}})
GROUPS = {"a": "g", "b": "g"}


def edges(found: Band) -> list[tuple[float, ...]]:
    rows = zip(found.x, found.mean, found.low, found.high, strict=True)
    return [tuple(round(float(value), 4) for value in row) for row in rows]


@pytest.mark.parametrize(
    ("spread", "half"),
    [
        ("std", [math.sqrt(2), math.sqrt(2), math.sqrt(8)]),
        ("stderr", [1.0, 1.0, 2.0]),
        ("ci95", [12.7062, 12.7062, 2 * 12.7062]),
        ("minmax", [1.0, 1.0, 2.0]),
    ],
)
def test_mean_and_spread_at_each_step(spread: Spread, half: list[float]) -> None:
    (found,) = band(THREE, GROUPS, spread=spread)
    assert (found.group, found.label, found.run_ids, found.n.tolist()) == ("g", "loss", ("a", "b"), [2, 2, 2])
    means = [2.0, 3.0, 5.0]
    assert edges(found) == [
        (float(i), mean, round(mean - width, 4), round(mean + width, 4))
        for i, (mean, width) in enumerate(zip(means, half, strict=True))
    ]


def test_groups_keep_their_order_and_others_are_left_out() -> None:
    found = band(THREE, {"c": "z", "b": "a"})
    assert [(each.group, each.mean.tolist()) for each in found] == [("z", [9, 9]), ("a", [3, 4, 7])]
    assert band(THREE, {}) == []
    assert band(THREE.head(0), GROUPS) == []


def test_one_run_has_no_spread() -> None:
    (found,) = band(THREE, {"a": "g"})
    assert np.isnan(found.low).all()
    (found,) = band(THREE, {"a": "g"}, spread="minmax")
    assert (found.low.tolist(), found.high.tolist()) == ([1, 2, 3], [1, 2, 3])


def test_runs_are_interpolated_between_their_points_only() -> None:
    both = points({"a": {0: 0.0, 4: 4.0}, "b": {1: 1.0, 2: 20.0}})
    (found,) = band(both, GROUPS, spread="minmax")
    assert found.x.tolist() == [0, 1, 2, 4]
    assert found.n.tolist() == [1, 2, 2, 1]
    assert found.mean.tolist() == [0, 1, 11, 4]


def test_what_is_not_finite_is_passed_over() -> None:
    both = points({"a": {0: 1.0, 1: math.nan, 2: 3.0}, "b": {0: math.inf, 1: 4.0, 2: 5.0}})
    (found,) = band(both, GROUPS, spread="minmax")
    assert (found.n.tolist(), found.mean.tolist()) == ([1, 2, 2], [1, 3, 4])


def test_long_runs_are_averaged_onto_a_grid() -> None:
    long = points({run: {step: step + shift for step in range(10_000)} for run, shift in (("a", 0.0), ("b", 2.0))})
    (found,) = band(long, GROUPS, width=11)
    assert found.x.tolist() == np.linspace(0, 9_999, 11).tolist()
    np.testing.assert_allclose(found.mean[1:-1], found.x[1:-1] + 1, atol=0.6)
    np.testing.assert_allclose(found.high - found.mean, math.sqrt(2), rtol=1e-9)
    (logarithmic,) = band(long, GROUPS, width=5, log_x=True)
    np.testing.assert_allclose(logarithmic.x, [1, 10, 100, 1_000, 9_999], rtol=0.01)


def test_repeats_of_a_step_count_as_their_mean() -> None:
    repeated = pl.concat([points({"a": {0: 1.0}}), points({"a": {0: 3.0}})])
    (found,) = band(repeated, GROUPS)
    assert found.mean.tolist() == [2.0]


def test_a_zoom_reaches_beyond_its_edges() -> None:
    long = points({run: {step: float(step) for step in range(1_000)} for run in "ab"})
    (found,) = band(long, GROUPS, x_range=(10.5, 12.5))
    assert found.x.tolist() == [10, 11, 12, 13]


def test_each_run_is_smoothed_before() -> None:
    (rough,), (smooth,) = band(THREE, GROUPS), band(THREE, GROUPS, smoothing="running", amount=1.0)
    assert rough.mean.tolist() == smooth.mean.tolist() == [2, 3, 5]
    (wide,) = band(THREE, GROUPS, smoothing="ema", amount=1.0)
    assert wide.mean[-1] < 5


def test_an_unknown_spread_is_named() -> None:
    with pytest.raises(InvalidSetting, match="'iqr'"):
        band(THREE, GROUPS, spread="iqr")  # type: ignore[arg-type]


def test_group_names() -> None:
    runs = runs_frame([{".lr": 0.1, "user": "ann"}, {".lr": None, "user": "bob"}])
    assert group_names(runs, ["params.lr", "user"]) == {"r0": "lr=0.1 · user=ann", "r1": "lr=none · user=bob"}
    assert group_names(runs, []) == {"r0": "all", "r1": "all"}


def test_a_config_is_all_params_but_the_seed_and_groups_come_in_order_of_their_values() -> None:
    rows = [{".lr": lr, ".seed": seed, ".same": 1} for lr in (10.0, 2.0) for seed in (0, 1)]
    found = group_names(runs_frame(rows), ["config"])
    assert list(found.items()) == [("r2", "lr=2.0"), ("r3", "lr=2.0"), ("r0", "lr=10.0"), ("r1", "lr=10.0")]
    assert group_names(runs_frame(rows[:2]), ["config"]) == {"r0": "all", "r1": "all"}


def test_students_t() -> None:
    # From the printed tables of the distribution.
    freedom = np.array([0.0, 1, 2, 4, 9, 15, 20, 30, 60, 120, 1e9])
    table = [math.nan, 12.706, 4.303, 2.776, 2.262, 2.131, 2.086, 2.042, 2.000, 1.980, 1.960]
    np.testing.assert_allclose(student_t(freedom), table, atol=6e-4)
