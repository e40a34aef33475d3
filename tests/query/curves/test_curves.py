from __future__ import annotations

import math
import time
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from lakeboard.query.curves.curves import Curve, make_curves
from lakeboard.query.curves.smoothing import smooth
from lakeboard.schema.errors import InvalidSetting
from tests.query.runframes import START, points_frame

NAN = math.nan


def one(points: pl.DataFrame, **settings: object) -> Curve:
    found = make_curves(points, **settings)  # type: ignore[arg-type]
    assert len(found) == 1
    return found[0]


def line(values: list[float], *, run: str = "r0", metric: str = "loss", steps: list[int] | None = None) -> pl.DataFrame:
    places = steps or list(range(len(values)))
    return points_frame(
        [(run, metric, None, step, value, i) for i, (step, value) in enumerate(zip(places, values, strict=True))]
    ).collect()


def test_a_curve_is_what_was_logged() -> None:
    found = one(line([3.0, 1.0, 2.0]))
    assert (found.project, found.run_id, found.metric, found.dataset, found.label) == ("p", "r0", "loss", None, "loss")
    assert (found.x.tolist(), found.y.tolist(), found.smooth.tolist()) == ([0, 1, 2], [3, 1, 2], [3, 1, 2])
    assert (found.n_points, found.n_missing, found.n_dropped, found.thinned) == (3, 0, 0, False)
    assert found.x_range == (0.0, 2.0)


def test_steps_in_any_order_and_repeats_are_kept() -> None:
    found = one(line([1.0, 2.0, 3.0, 4.0, 5.0], steps=[5, 1, 5, 0, 1]))
    assert list(zip(found.x.tolist(), found.y.tolist(), strict=True)) == [(0, 4), (1, 2), (1, 5), (5, 1), (5, 3)]
    shuffled = line([1.0, 2.0, 3.0, 4.0, 5.0], steps=[5, 1, 5, 0, 1]).sample(fraction=1, shuffle=True, seed=3)
    assert one(shuffled).y.tolist() == [4, 2, 5, 1, 3]


def test_a_curve_for_each_run_metric_and_dataset() -> None:
    points = points_frame(
        [
            ("r1", "b", None, 0, 1.0, 0), ("r0", "a", "x", 0, 2.0, 0), ("r0", "a", None, 0, 3.0, 0),
            ("r1", "b", None, 1, 4.0, 0), ("r0", "a", "y", 0, 5.0, 0),
        ]
    ).collect()  # fmt: skip
    assert [(each.run_id, each.label, each.y.tolist()) for each in make_curves(points)] == [
        ("r1", "b", [1, 4]), ("r0", "a [x]", [2]), ("r0", "a", [3]), ("r0", "a [y]", [5]),
    ]  # fmt: skip
    assert make_curves(points.head(0)) == []


def test_time_axes() -> None:
    points = line([1.0, 2.0, 3.0])
    began = START.timestamp() * 1000
    assert one(points, x="time").x.tolist() == [began, began + 3.6e6, began + 7.2e6]
    assert one(points, x="relative").x.tolist() == [0, 3600, 7200]
    starts = {"r0": START - timedelta(seconds=10), "r9": START}
    assert one(points, x="relative", starts=starts).x.tolist() == [10, 3610, 7210]
    assert one(points, x="relative", starts={"r9": START}).x.tolist() == [0, 3600, 7200]


def test_relative_time_counts_from_the_runs_first_point_of_any_metric() -> None:
    points = points_frame([("r0", "a", None, 0, 1.0, 0), ("r0", "b", None, 0, 1.0, 2)]).collect()
    assert {each.metric: each.x.tolist() for each in make_curves(points, x="relative")} == {"a": [0.0], "b": [7200.0]}


def test_another_metric_as_x() -> None:
    points = points_frame(
        [
            ("r0", "epoch", None, 0, 0.0, 0), ("r0", "epoch", None, 10, 1.0, 0), ("r0", "epoch", None, 20, 2.0, 0),
            ("r0", "loss", None, 5, 0.5, 0), ("r0", "loss", None, 10, 0.4, 0), ("r0", "loss", "d", 25, 0.3, 0),
            ("r1", "loss", None, 5, 0.9, 0), ("r1", "epoch", "d", 1, 7.0, 0), ("r1", "loss", "d", 5, 0.8, 0),
        ]
    ).collect()  # fmt: skip
    found = {(each.run_id, each.label): (each.x.tolist(), each.n_points, each.n_dropped) for each in
             make_curves(points, x="epoch")}  # fmt: skip
    assert found == {
        ("r0", "loss"): ([0, 1], 2, 0),
        ("r0", "loss [d]"): ([2], 1, 0),
        # This run has epochs on its dataset only.
        ("r1", "loss"): ([], 1, 1),
        ("r1", "loss [d]"): ([7], 1, 0),
    }
    assert [each.n_dropped for each in make_curves(points, x="absent")] == [3, 2, 1, 1, 1, 1]


def test_smoothing_sees_all_points_and_the_whole_chart() -> None:
    points = pl.concat([line([float(i % 7) for i in range(5_000)]), line([1.0, 2.0], run="r1", steps=[0, 9_999])])
    found = make_curves(points, smoothing="ema", amount=0.9, width=100)[0]
    x = np.arange(5_000.0)
    full = smooth(x, x % 7, method="ema", amount=0.9, span=9_999.0)
    np.testing.assert_array_equal(found.smooth, full[found.x.astype(int)])
    np.testing.assert_array_equal(found.y, (x % 7)[found.x.astype(int)])
    assert found.thinned
    assert (len(found.x), found.n_points) == (100, 5_000)


def test_a_zoom_shows_more_of_less_and_reaches_the_edge() -> None:
    points = line([math.sin(i) for i in range(10_000)])
    far, near = one(points, width=200, smoothing="ema"), one(points, width=200, smoothing="ema", x_range=(100.5, 150.5))
    assert near.x.tolist() == [float(i) for i in range(100, 152)]
    both = dict(zip(far.x.tolist(), far.smooth.tolist(), strict=True))
    for place, value in zip(near.x.tolist(), near.smooth.tolist(), strict=True):
        assert both.get(place, value) == value
    assert near.x_range == far.x_range == (0.0, 9_999.0)
    assert one(points, x_range=(20_000, 30_000)).x.tolist() == [9_999]


def test_logarithmic_axes_leave_out_what_has_no_logarithm_and_say_so() -> None:
    points = line([1.0, 0.0, -2.0, NAN, 10.0])
    found = one(points, log_y=True)
    assert (found.x.tolist(), found.n_dropped, found.n_missing) == ([0, 3, 4], 2, 1)
    found = one(points, log_x=True)
    assert (found.x.tolist(), found.n_dropped, found.x_range) == ([1, 2, 3, 4], 1, (1.0, 4.0))
    mixed = one(line([-9.0, 1.0, 1.0]), log_y=True, smoothing="ema", amount=1.0)
    assert mixed.y.tolist() == [1, 1]
    assert np.isnan(mixed.smooth).all()


def test_logarithmic_x_is_thinned_evenly_on_the_axis() -> None:
    points = line([math.sin(i) for i in range(100_000)])
    found = one(points, log_x=True, width=500)
    # Five decades of equal width: the first hundred points are two of them.
    assert 60 < (found.x <= 100).sum() <= 100


def test_what_is_not_finite() -> None:
    found = one(line([1.0, NAN, math.inf, 3.0]))
    np.testing.assert_array_equal(found.y, [1.0, NAN, math.inf, 3.0])
    assert found.n_missing == 2
    assert list(found.typical) == pytest.approx([1.04, 2.96])
    alone = one(line([NAN]))
    assert (len(alone.x), alone.n_missing) == (1, 1)
    assert math.isnan(alone.typical[0])


def test_wrong_settings_are_named() -> None:
    with pytest.raises(InvalidSetting, match="use 0 to 1"):
        make_curves(line([1.0]), smoothing="ema", amount=2.0)


@pytest.mark.parametrize("name", ["a b", "日本", "x [y]", "", "_x", "value", "step.max", "\n"])
def test_hostile_names(name: str) -> None:
    points = points_frame([("r0", name, name, 0, 1.0, 0), ("r0", "y", name, 0, 2.0, 0)]).collect()
    assert [each.metric for each in make_curves(points)] == [name, "y"]
    assert [(each.metric, each.x.tolist()) for each in make_curves(points, x=name)] == [("y", [1.0])]


@pytest.mark.slow
def test_fifty_runs_of_a_hundred_thousand_points() -> None:
    runs, n = 50, 100_000
    frame = pl.DataFrame(
        {
            "run_id": np.repeat([f"r{i}" for i in range(runs)], n),
            "step": np.tile(np.arange(n), runs),
            "value": np.random.default_rng(0).normal(size=runs * n),
            "timestamp": pl.Series(np.tile(np.arange(n), runs)).cast(pl.Datetime("ms", "UTC")),
            "seq": np.tile(np.arange(n), runs),
        }
    ).with_columns(project=pl.lit("p"), metric=pl.lit("loss"), dataset=pl.lit(None, dtype=pl.String))

    def took(work: object) -> float:
        assert callable(work)
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    yardstick = min(took(lambda: frame.sort("value")) for _ in range(2))
    spent = min(took(lambda: make_curves(frame, smoothing="ema")) for _ in range(3))
    assert spent < 3 * yardstick
