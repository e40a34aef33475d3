"""Charts of comparisons."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from lakeboard.dashboard.components.values import Legend
from lakeboard.dashboard.format.numbers import NONE
from lakeboard.dashboard.format.packed import unpacked
from lakeboard.dashboard.screens.compare.figures import (
    Dot,
    ScatterInfo,
    Side,
    correlation_figure,
    correlation_rows,
    places_on,
    scatter_figure,
    side,
)
from lakeboard.dashboard.screens.compare.model import compared
from lakeboard.dashboard.screens.compare.scatter import objectives, scatter_info, sides
from lakeboard.dashboard.state.views import CompareView
from lakeboard.query.compare.correlation import rank_correlations
from tests.query.runframes import runs_frame

RUNS = runs_frame(
    [
        {".size": 10, ".model": "a", "val/acc": 0.5, "cost": 1.0},
        {".size": 20, ".model": "b", "val/acc": 0.9, "cost": 3.0},
        {".size": 30, ".model": "b", "val/acc": 0.8, "cost": 4.0},
        {".size": 40, "cost": 0.5},
    ]
)


def made(**fields: object) -> tuple[ScatterInfo, list[str]]:
    view = CompareView(part="scatter", **fields)  # type: ignore[arg-type]
    found = compared(RUNS, view, goals={})
    chosen = sides(view, found)
    assert chosen is not None
    shown, front = scatter_info(view, found, *chosen, goals={}, href="run?run=")
    return shown, front["run_id"].to_list()


def test_the_usual_scatter_is_a_param_against_the_metric_without_a_frontier() -> None:
    shown, front = made()
    assert (shown.x, shown.y) == (Side("size", "linear"), Side("val/acc, best", "linear", "maximize"))
    assert ([dot.run_id for dot in shown.dots], shown.missing, front) == (["r1", "r2", "r0"], 1, [])


def test_two_directions_make_a_frontier() -> None:
    shown, front = made(x="cost")
    assert front == ["r1", "r0"]
    assert [dot.run_id for dot in shown.dots if dot.front] == ["r1", "r0"]
    assert shown.x.better == "minimize"
    # Both the same way: only the largest of each.
    assert made(x="cost", xgoal="maximize")[1] == ["r1", "r2"]
    assert made(x="cost", ygoal="none")[1] == []
    assert made(xgoal="minimize")[1] == ["r1", "r0"]
    assert objectives(CompareView(), compared(RUNS, CompareView(), goals={}), "cost", "cost", goals={}) == {}


def test_colours_by_number_or_by_category() -> None:
    shown, _ = made(color="params.model")
    assert [dot.group for dot in shown.dots] == ["b", "b", "a"]
    traces = scatter_figure(shown)["traces"]
    assert [(trace["name"], trace["marker"]["slot"]) for trace in traces] == [("a", 0), ("b", 1)]
    by_number, _ = made(color="cost")
    assert [dot.shade for dot in by_number.dots] == [1 - 2.5 / 3.5, 0.0, 1 - 0.5 / 3.5]
    assert by_number.legend == Legend("cost, last", "4", "0.5", "better is at the right")
    assert made(color="none")[0].legend is None


def test_a_step_line_through_the_frontier_and_clicks_that_lead_to_runs() -> None:
    dots = (Dot("r1", "<b>", 1.0, 0.5, front=True), Dot("r2", "n", 2.0, 0.9, front=True), Dot("r3", "m", 3.0, 0.1))
    figure = scatter_figure(
        ScatterInfo(Side("cost", "linear", "minimize"), Side("acc", "log", "maximize"), dots, 2, 7, href="run?run=")
    )
    line = figure["traces"][-1]
    assert (unpacked(line["x"]), unpacked(line["y"]), line["line"]["shape"]) == ([1.0, 2.0], [0.5, 0.9], "hv")
    assert figure["traces"][0]["customdata"] == ["r1", "r2", "r3"]
    assert figure["traces"][0]["text"][0].startswith("<b>&lt;b&gt;</b><br>cost: 1")
    assert (figure["clicks"], figure["y"]["type"]) == ("run?run=", "log")
    assert figure["note"] == "3 runs, 2 runs without a place here, 7 more not drawn"


def test_log_axes_where_they_fit_or_are_asked_for() -> None:
    assert side("params.size", RUNS, "size", scale="", log=True, better="").kind == "log"
    assert side("params.size", RUNS, "size", scale="linear", log=True, better="").kind == "linear"
    assert side("params.model", RUNS, "model", scale="log", log=False, better="").kind == "category"
    assert places_on(pl.Series([1.0, 0.0, None, float("nan")]), "log") == [1.0, None, None, None]
    assert places_on(pl.Series([True, None]), "category") == ["true", None]


def test_correlations_as_a_chart_and_a_table() -> None:
    runs = runs_frame([{".lr": float(i), ".model": "ab"[i > 5], ".same": 1, "acc": float(i)} for i in range(12)])
    table = rank_correlations(runs, "acc")
    names = {"params.lr": "lr", "params.model": "<model>", "params.same": "same"}
    figure = correlation_figure(table, names, target="acc")
    numbers, texts = figure["traces"]
    assert (unpacked(numbers["x"]), numbers["y"], numbers["error_x"]["array"]) == ([1.0], ["lr"], [0.0])
    assert (texts["y"], texts["marker"]["symbol"]) == (["&lt;model&gt;"], "diamond")
    assert figure["y"]["categoryarray"] == ["&lt;model&gt;", "lr"]
    rows = correlation_rows(table, names)
    assert [(row.id, row.tint) for row in rows] == [("params.lr", ""), ("params.model", ""), ("params.same", "quiet")]
    assert rows[0].cells[1] == {"text": "+1.00", "sub": "rho", "title": "1.0"}
    assert rows[1].cells[2] == "p = 0.004"
    assert rows[2].cells[1] == {"text": NONE, "title": "The same in all runs"}


def test_a_scatter_plot_of_nothing_has_no_ticks() -> None:
    shown, _ = made(x="cost")
    assert "showticklabels" not in scatter_figure(shown)["x"]
    empty = scatter_figure(replace(shown, dots=()))
    assert (empty["x"]["showticklabels"], empty["y"]["showticklabels"]) == (False, False)
