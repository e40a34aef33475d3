"""Parallel axes and the brush: what is selected is a filter, exact to the digit."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.dashboard.components.parallel import as_data
from lakeboard.dashboard.components.parallel_axes import axis, brushed, picks_of
from lakeboard.dashboard.components.values import Parallel
from lakeboard.dashboard.format.packed import unpacked
from lakeboard.query.filters.language import compile_filter
from lakeboard.query.filters.widgets import Choices, Range
from tests.query.runframes import runs_frame

RUNS = runs_frame(
    [
        {".lr": 0.1, ".depth": 2, ".model": "b", ".warm": True, "val/acc": 0.5},
        {".lr": 0.001, ".depth": 4, ".model": "a", ".warm": False, "val/acc": float("inf")},
        {".depth": 8, "val/acc": 0.7},
    ]
)


def nan_as_none(values: tuple[float, ...]) -> list[float | None]:
    return [None if math.isnan(v) else v for v in values]


def test_numbers_on_a_fitting_scale_with_places_for_none() -> None:
    found = axis(RUNS, "params.lr", label="lr")
    assert (nan_as_none(found.values), found.log, found.ticks) == ([0.1, 0.001, None], True, (0.001, 0.1))
    assert (found.low, found.high) == (0.001, 0.1)
    assert nan_as_none(axis(RUNS, "val/acc", label="acc").values) == [0.5, None, 0.7]


def test_categories_from_the_top_down() -> None:
    found = axis(RUNS, "params.model", label="model", pick=Choices(("a", None)))
    assert (found.categories, nan_as_none(found.values)) == (("b", "a"), [0.0, 1.0, None])
    assert found.pick == {"values": ["a"], "missing": True}
    assert axis(RUNS, "params.warm", label="warm").categories == ("true", "false")


def test_an_axis_of_a_part_spans_all_runs() -> None:
    found = axis(RUNS.head(1), "params.depth", label="depth", whole=RUNS, pick=Range(3, None))
    assert (found.values, found.low, found.high, found.pick) == ((2.0,), 2.0, 8.0, {"low": 3, "high": 8.0})


@pytest.mark.parametrize(
    ("act", "text", "ids"),
    [
        ({"axis": "params.lr", "pick": {"low": 0.001, "high": 0.05}}, "lr >= 0.001 and lr <= 0.05", ["r1"]),
        ({"axis": "params.depth", "pick": {"low": 2, "high": 4}}, "depth >= 2 and depth <= 4", ["r0", "r1"]),
        ({"axis": "params.model", "pick": {"values": ["a"], "missing": True}}, 'model in ("a", null)', ["r1", "r2"]),
        ({"axis": "params.warm", "pick": {"values": ["true"]}}, "warm in (true)", ["r0"]),
        ({"axis": "params.lr", "pick": {"missing": True}}, "lr in (null)", ["r2"]),
        ({"axis": "val/acc", "pick": {"low": 0.6, "high": 0.7}}, "val/acc >= 0.6 and val/acc <= 0.7", ["r2"]),
        ({"axis": "params.lr", "pick": None}, "", ["r0", "r1", "r2"]),
        ({"axis": "nope", "pick": {"low": 1, "high": 2}}, "", ["r0", "r1", "r2"]),
        ({"pick": "odd"}, "", ["r0", "r1", "r2"]),
    ],
)  # fmt: skip
def test_a_brush_is_a_filter(act: dict[str, Any], text: str, ids: list[str]) -> None:
    assert brushed("", act, RUNS) == text
    assert RUNS.filter(compile_filter(text, RUNS.schema))["run_id"].to_list() == ids


def test_brushes_of_several_axes_join_and_one_may_go() -> None:
    both = brushed("depth >= 3", {"axis": "params.model", "pick": {"values": ["a"]}}, RUNS)
    assert both == 'depth >= 3 and model in ("a")'
    assert picks_of(both, RUNS) == {"params.depth": Range(3.0, None), "params.model": Choices(("a",))}
    assert brushed(both, {"axis": "params.depth", "pick": None}, RUNS) == 'model in ("a")'
    # What was written by hand and no axis shows stays; what makes no sense is left to its fault.
    assert (
        brushed('name contains "n" and depth >= 3', {"axis": "params.depth", "pick": None}, RUNS) == 'name contains "n"'
    )
    assert brushed("depth >", {"axis": "params.lr", "pick": {"low": 1, "high": 2}}, RUNS) == "depth >"
    assert picks_of("depth >", RUNS) == {}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=8, unique=True), st.data())
def test_what_was_brushed_is_what_is_selected(values: list[float], data: st.DataObject) -> None:
    runs = runs_frame([{".x": v} for v in values])
    low, high = sorted(data.draw(st.lists(st.sampled_from(values), min_size=2, max_size=2)))
    text = brushed("", {"axis": "params.x", "pick": {"low": low, "high": high}}, runs)
    found = runs.filter(compile_filter(text, runs.schema))["params.x"].to_list()
    assert found == [v for v in values if low <= v <= high]
    shown = axis(runs, "params.x", label="x", pick=picks_of(text, runs)["params.x"])
    assert shown.pick == {"low": low, "high": high}


def test_what_the_browser_is_given() -> None:
    lr = axis(RUNS, "params.lr", label="lr")
    ids, names, on = ("r0", "r1", "r2"), ("n0", "n1", "n2"), (True, False, True)
    data = as_data(Parallel((lr,), ids, names, (0.0, 1.0, float("nan")), on, None, "run?run="), height=100)
    assert data["on"] == "101"
    assert data["axes"][0]["missing"] is True
    assert unpacked({"dtype": "f8", "bdata": data["axes"][0]["values"]})[:2] == [0.1, 0.001]
    assert data["legend"] is None
