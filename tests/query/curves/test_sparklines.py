from __future__ import annotations

import math

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.query.curves.sparklines import sparkline
from tests.query.runframes import points_frame

Point = tuple[str, str, str | None, int, float, float]


def values(points: list[Point], n: int = 30) -> dict[tuple[str, str], list[float]]:
    found = sparkline(points_frame(points), n)
    return {(run, metric): each for run, metric, each in found.select("run_id", "metric", "values").rows()}


def test_short_runs_are_shown_whole() -> None:
    assert values([("r", "a", None, step, float(step), 0) for step in (3, 1, 2)]) == {("r", "a"): [1, 2, 3]}
    assert values([("r", "a", None, 7, 5.0, 0)]) == {("r", "a"): [5.0]}
    assert values([]) == {}


def test_long_runs_are_averaged_evenly() -> None:
    found = values([("r", "a", None, step, float(step), 0) for step in range(101)], n=3)
    assert found == {("r", "a"): [12.5, 50.0, 87.5]}


def test_what_is_not_finite_is_left_out() -> None:
    found = values([("r", "a", None, 0, math.nan, 0), ("r", "a", None, 1, math.inf, 0), ("r", "a", None, 2, 1.0, 0)])
    assert found == {("r", "a"): [1.0]}


def test_each_run_metric_and_dataset_has_its_own() -> None:
    points = points_frame(
        [
            ("r", "a", None, 0, 1.0, 0),
            ("r", "a", "d", 0, 2.0, 0),
            ("r", "b", None, 0, 3.0, 0),
            ("s", "a", None, 0, 4.0, 0),
        ]
    )
    found = sparkline(points.collect()).sort("values")
    assert found.select("run_id", "metric", "dataset").rows() == [
        ("r", "a", None), ("r", "a", "d"), ("r", "b", None), ("s", "a", None),
    ]  # fmt: skip
    assert found.schema["values"] == pl.List(pl.Float64)


@given(st.lists(st.tuples(st.integers(-5, 200), st.floats(-9, 9)), min_size=1, max_size=60), st.integers(2, 12))
@settings(deadline=None)
def test_never_longer_never_beyond(points: list[tuple[int, float]], n: int) -> None:
    (found,) = values([("r", "a", None, step, value, 0) for step, value in points], n).values()
    assert 1 <= len(found) <= n
    assert min(v for _, v in points) - 1e-9 <= min(found) <= max(found) <= max(v for _, v in points) + 1e-9
