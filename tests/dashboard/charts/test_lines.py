"""The lines of a chart: smoothed, grouped, combined, and what is said about them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lakeboard.dashboard.charts.lines import MOST, RAW, Scene, by_label, lines_of
from lakeboard.dashboard.format.palette import INK, Mark, marks_of
from lakeboard.dashboard.state.chart_settings import Settings
from lakeboard.query.curves.curves import make_curves
from lakeboard.query.points.tracks import Track, tracks_of
from tests.query.runframes import points_frame


def scene(*run_ids: str, **more: object) -> Scene:
    return Scene(run_ids, {r: f"n-{r}" for r in run_ids}, marks_of(run_ids, {}), dict.fromkeys(run_ids), {}, **more)  # type: ignore[arg-type]


def tracks(values: dict[str, list[float]], *, metric: str = "loss", dataset: str | None = None) -> list[Track]:
    rows = [(run, metric, dataset, step, v, step) for run, each in values.items() for step, v in enumerate(each)]
    return tracks_of(points_frame(rows).collect())


THREE = {"r0": [1.0, 2.0, 3.0], "r1": [3.0, 4.0, 7.0], "r2": [9.0, 9.0]}


def test_a_line_for_each_run_in_its_colour_by_name() -> None:
    found = lines_of({"loss": tracks(THREE)}, ["loss"], Settings(), scene("r2", "r0", "r1", "r9"))
    assert [(line.run_id, line.name, line.role) for line in found.lines] == [
        ("r0", "n-r0", "run"), ("r1", "n-r1", "run"), ("r2", "n-r2", "run"),
    ]  # fmt: skip
    assert found.lines[0].mark == marks_of(["r0", "r1", "r2", "r9"], {})["r0"]
    assert (found.missing, found.notes, found.y_range) == (1, (), (None, None))
    assert list(found.lines[1].y) == [3, 4, 7]


def test_a_run_whose_points_could_not_be_read_is_not_said_to_have_none() -> None:
    at = scene("r0", "r1", "r8", "r9", unread=frozenset({"r1", "r9", "elsewhere"}))
    found = lines_of({"loss": tracks(THREE)}, ["loss"], Settings(), at)
    assert (found.missing, found.unread) == (1, 2)
    nothing = lines_of({}, ["loss"], Settings(), at)
    assert (nothing.missing, nothing.unread) == (2, 2)


def test_what_was_logged_stays_behind_what_is_smoothed_unless_there_are_many() -> None:
    few = lines_of({"loss": tracks(THREE)}, ["loss"], Settings(smooth=0.9), scene(*THREE))
    (expected, *_) = make_curves(tracks(THREE), smoothing="ema", amount=0.9)
    np.testing.assert_array_equal(few.lines[0].y, expected.smooth)
    np.testing.assert_array_equal(few.lines[0].raw_y, [1, 2, 3])
    runs = {f"r{n:02}": [1.0, 2.0, 3.0] for n in range(RAW + 1)}
    many = lines_of({"loss": tracks(runs)}, ["loss"], Settings(smooth=0.9), scene(*runs))
    assert all(len(line.raw_y) == 0 for line in many.lines)
    assert many.notes == ("raw hidden",)


def test_groups_are_a_mean_with_a_band_and_members_on_demand() -> None:
    groups = {"r0": "a", "r1": "a", "r2": "b"}
    found = lines_of({"loss": tracks(THREE)}, ["loss"], Settings(), scene(*THREE, groups=groups, spread="minmax"))
    a, b = found.lines
    assert (a.run_id, a.name, a.role, a.mark) == ("a", "a (n = 2)", "group", marks_of(THREE, {})["r0"])
    assert (list(a.y), list(a.low), list(a.high), list(a.n)) == ([2, 3, 5], [1, 2, 3], [3, 4, 7], [2, 2, 2])
    assert b.name == "b (n = 1)"
    members = lines_of({"loss": tracks(THREE)}, ["loss"], Settings(), scene(*THREE, groups=groups, members=True))
    assert [line.role for line in members.lines] == ["member"] * 3 + ["group"] * 2


def test_on_a_logarithmic_axis_a_band_ends_at_the_least_value_drawn() -> None:
    groups = dict.fromkeys(THREE, "a")
    values = {"r0": [0.1, 0.1], "r1": [10.0, 0.1]}
    found = lines_of({"loss": tracks(values)}, ["loss"], Settings(log_y=True), scene("r0", "r1", groups=groups))
    assert list(found.lines[0].low) == [0.1, 0.1]


def test_runs_of_a_group_on_different_datasets_are_told_apart() -> None:
    both = [*tracks({"r0": [1.0, 2.0]}, dataset="x"), *tracks({"r1": [3.0, 4.0]}, dataset="y")]
    view = replace(scene("r0", "r1", groups={"r0": "a", "r1": "a"}), own_dataset={"r0": "x", "r1": "y"})
    labelled = by_label(both, view.own_dataset)
    assert list(labelled) == ["loss"]
    found = lines_of(labelled, ["loss"], Settings(), view)
    assert [(line.name, line.mark.dash) for line in found.lines] == [
        ("a [x] (n = 1)", "solid"), ("a [y] (n = 1)", "dash"),
    ]  # fmt: skip


def test_several_metrics_have_a_dash_each_and_runs_their_colours() -> None:
    both = {"loss": tracks(THREE), "acc": tracks({"r0": [0.5, 0.6]}, metric="acc")}
    found = lines_of(both, ["loss", "acc"], Settings(), scene(*THREE))
    assert [(line.name, line.mark.dash) for line in found.lines] == [
        ("n-r0 · acc", "dash"), ("n-r0 · loss", "solid"), ("n-r1 · loss", "solid"), ("n-r2 · loss", "solid"),
    ]  # fmt: skip
    assert len({line.mark.slot for line in found.lines[:2]}) == 1


def test_a_baseline_is_drawn_in_ink_whether_chosen_or_not() -> None:
    found = lines_of({"loss": tracks(THREE)}, ["loss"], Settings(), scene("r0", base="r2"))
    assert [(line.run_id, line.role, line.name) for line in found.lines] == [
        ("r0", "run", "n-r0"), ("r2", "base", "r2 (baseline)"),
    ]  # fmt: skip
    assert found.lines[1].mark == Mark(INK, "dash")
    chosen = lines_of({"loss": tracks(THREE)}, ["loss"], Settings(), scene("r0", "r2", base="r2"))
    assert [line.role for line in chosen.lines] == ["run", "base"]


def test_axes_pass_over_outliers_and_say_so() -> None:
    values = {"r0": [*map(float, range(100)), 1e9, math.nan]}
    found = lines_of({"loss": tracks(values)}, ["loss"], Settings(outliers=True), scene("r0"))
    low, high = found.y_range
    assert low is not None
    assert high is not None
    assert -10 < low < 2
    assert 97 < high < 110
    assert found.notes == ("y: 2\N{EN DASH}98 % of values",)
    by_hand = lines_of({"loss": tracks(values)}, ["loss"], Settings(outliers=True, low=-1.0), scene("r0"))
    assert by_hand.y_range == (-1.0, high)


def test_another_metric_on_the_x_axis_is_no_line() -> None:
    both = {"loss": tracks(THREE), "epoch": tracks({"r0": [0.0, 5.0, 6.0]}, metric="epoch")}
    found = lines_of(both, ["loss"], Settings(x="epoch"), scene("r0"))
    assert [(line.run_id, list(line.x)) for line in found.lines] == [("r0", [0, 5, 6])]
    itself = lines_of(both, ["epoch"], Settings(x="epoch"), scene("r0"))
    assert list(itself.lines[0].x) == [0, 1, 2]


def test_more_runs_than_can_be_told_apart_are_cut_and_it_is_said() -> None:
    runs = {f"r{n:03}": [1.0] for n in range(MOST + 1)}
    found = lines_of({"loss": tracks(runs)}, ["loss"], Settings(), scene(*runs))
    assert len(found.lines) == MOST
    assert found.notes == (f"{MOST} of {MOST + 1} runs drawn, group them to see all",)


def test_a_chart_without_points_says_how_many_runs_lack_it() -> None:
    assert lines_of({}, ["loss"], Settings(), scene("r0", "r1")).missing == 2


def two(low: float, high: float) -> dict[str, list[float]]:
    """Two runs of one group, far apart where it begins, beside two that differ little."""
    return {"r0": [low, 1.0, 0.9], "r1": [high, 1.0, 0.9], "r2": [1.4, 1.2, 1.0], "r3": [1.4, 1.2, 1.01]}


def test_a_band_of_two_runs_flattens_no_lines() -> None:
    groups = {"r0": "a", "r1": "a", "r2": "b", "r3": "b"}
    runs = scene("r0", "r1", "r2", "r3", groups=groups, spread="ci95")
    wide = lines_of({"loss": tracks(two(0.5, 1.5))}, ["loss"], Settings(), runs)
    means = [value for line in wide.lines for value in line.y]
    reach = max(means) - min(means)
    low, high = wide.y_range
    assert low is not None
    assert high is not None
    # The 95 % interval of two values reaches 12.7 standard errors, here from -5 to 7; the axis follows the means.
    assert min(wide.lines[0].low) < -5
    assert min(means) - reach < low < min(means)
    assert max(means) < high < max(means) + reach
    assert wide.notes == ("n = 2: band clipped",)
    std = lines_of({"loss": tracks(two(0.99, 1.01))}, ["loss"], Settings(), replace(runs, spread="std"))
    assert (std.y_range, std.notes) == ((None, None), ())


def test_a_clipped_band_keeps_the_ends_that_people_chose_and_logarithms() -> None:
    groups = dict.fromkeys(("r0", "r1", "r2", "r3"), "a")
    runs = scene(*groups, groups=groups, spread="ci95")
    chosen = lines_of({"loss": tracks(two(0.5, 1.5))}, ["loss"], Settings(low=0.0), runs)
    assert chosen.y_range == (0.0, None)
    # An edge just above zero is decades away from the lines.
    values = {"r0": [10.787, 9.0], "r1": [9.213, 9.0]}
    logs = lines_of(
        {"loss": tracks(values)}, ["loss"], Settings(log_y=True), scene("r0", "r1", groups=groups, spread="ci95")
    )
    low, high = logs.y_range
    assert 0 < min(logs.lines[0].low) < 0.001
    assert low is not None
    assert high is not None
    assert 8 < low < 9 < 10 < high < 12


def test_one_value_a_run_needs_no_place_on_a_logarithmic_axis() -> None:
    once = lines_of({"loss": tracks({"r0": [2.0], "r1": [3.0]})}, ["loss"], Settings(log_x=True), scene("r0", "r1"))
    assert [(list(line.y), line.n_dropped) for line in once.lines] == [([2], 0), ([3], 0)]
    curve = lines_of(
        {"loss": tracks({"r0": [2.0], "r1": [3.0, 4.0]})}, ["loss"], Settings(log_x=True), scene("r0", "r1")
    )
    assert [(list(line.y), line.n_dropped) for line in curve.lines] == [([], 1), ([4], 1)]


def test_a_metric_that_never_changes_is_named_where_it_is_the_axis() -> None:
    def noted(axis: list[float]) -> tuple[str, ...]:
        both = {"loss": tracks({"r0": [1.0, 2.0]}), "lr": tracks({"r0": axis}, metric="lr")}
        return lines_of(both, ["loss"], Settings(x="lr"), scene("r0")).notes

    assert noted([1e-4, 1e-4]) == ("lr is always 0.0001",)
    assert noted([1e-4, 1e-3]) == ()
