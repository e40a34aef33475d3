"""Metrics of which nothing says which way is better: none of their values is the best until somebody says so."""

from __future__ import annotations

from typing import Any

import pytest

from lakeboard.dashboard.run_tables.directions import undirected_metrics
from lakeboard.dashboard.screens.run import model as run_model
from lakeboard.dashboard.state.views import CompareView, RunPageView, directions_in
from lakeboard.query.lake import open_lake
from lakeboard.query.names.direction import find_direction
from lakeboard.query.run.tables import run_metrics
from lakeboard.store.local import LocalStore
from tests.dashboard.driver import Screen
from tests.dashboard.recipes import run_recipe
from tests.query.lakes import Point, Writer, note_lake

P = "physics"


@pytest.fixture
def flux(lake: str) -> str:
    """Three runs of a metric that could go either way."""
    store = LocalStore(lake)
    note_lake(store)
    for n in range(3):
        points = [Point("flux", step, float(step + n)) for step in range(4)] + [Point("loss", 0, 1.0 - n / 10)]
        Writer(store, P, f"r{n}", rand=f"{n:08x}", config={"lr": 0.1 * n}).start().log(points).finish()
    return lake


def fields(screen: Screen) -> list[dict[str, Any]]:
    return [row["field"] for row in screen.data("compare.table")["rows"]]


def test_what_an_address_says() -> None:
    view = RunPageView(more=("flux", "x [d]"), less=("y",))
    assert directions_in(view) == {"flux": "maximize", "x [d]": "maximize", "y": "minimize"}
    assert undirected_metrics(["flux", "loss", "x [d]"], {}) == ["flux", "x [d]"]
    assert undirected_metrics(["flux", "x [d]"], directions_in(view)) == []
    assert (find_direction("flux").is_known, find_direction("loss").is_known) == (False, True)


def test_lowest_and_highest_are_told_but_no_best(flux: str) -> None:
    found = open_lake(flux).run(P, "r1")
    name, best, at, last, _, low, high, *_ = next(r.cells for r in run_model.metric_rows(found.row) if r.id == "flux")
    assert isinstance(name, dict)
    assert ("sub" in name, best, at) == (False, None, None)
    assert [each["text"] for each in (last, low, high) if isinstance(each, dict)] == ["4.000", "1.000", "4.000"]
    row = next(r.cells for r in run_model.metric_rows(found.row, {"flux": "minimize"}) if r.id == "flux")
    assert (row[0], row[1]) == (
        {"text": "flux", "sub": "↓", "title": "flux: less is better, as declared"},
        {"text": "1.000", "title": "1.0", "tint": "strong"},
    )
    assert run_metrics(found).select("goal", "best", "min", "max").row(0) == (None, None, 1.0, 4.0)
    assert run_metrics(found, goals={"flux": "maximize"}).select("goal", "best", "best_step").row(0) == (
        "maximize", 4.0, 3,
    )  # fmt: skip


def test_a_run_asks_which_way_is_better_and_keeps_the_answer_in_its_link(screen: Screen, flux: str) -> None:
    screen.open("run", project=P, run="r1")
    assert "Nothing says which way is better for flux" in screen.text()
    cells = {row["id"]: row["cells"] for row in screen.data("run.metrics")["rows"]}
    assert (cells["flux"][1], cells["loss"][1]["text"]) == (None, "0.9000")
    screen.at.multiselect(key="run.goals.less").set_value(["flux"])
    screen.run()
    assert screen.params["less"] == "flux"
    cells = {row["id"]: row["cells"] for row in screen.data("run.metrics")["rows"]}
    assert cells["flux"][1]["text"] == "1.000"
    assert "Nothing says which way" not in screen.text()
    code = next(each.value for each in screen.at.code if "run_metrics" in each.value)
    assert run_recipe(code).equals(run_metrics(open_lake(flux).run(P, "r1"), goals={"flux": "minimize"}))
    assert "Nothing says" not in screen.open("run", project="digits", run="r0").text()


def test_a_comparison_claims_no_best(screen: Screen, flux: str) -> None:
    screen.open("compare", project=P, metric="flux.max")
    shown = screen.data("compare.parallel")
    assert shown["legend"]["note"] == "nothing says which way is better"
    assert shown["axes"][-1]["over"] == "highest"
    notes = {(each["name"], each["note"]) for each in fields(screen) if each["name"] == "flux"}
    assert notes == {("flux", "lowest"), ("flux", "highest"), ("flux", "last")}
    assert screen.data("compare.table")["corner"].endswith("highest run first")
    screen.open("compare", project=P, metric="flux.min", less="flux")
    assert screen.data("compare.parallel")["legend"]["note"] == "better is at the right"
    assert directions_in(CompareView(less=("flux",))) == {"flux": "minimize"}
    notes = {(each["name"], each["note"]) for each in fields(screen) if each["name"] == "flux"}
    assert notes == {("flux", "best ↓"), ("flux", "last")}
