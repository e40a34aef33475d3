"""What the page of comparisons shows."""

from __future__ import annotations

import math

import polars as pl

from lakeboard.dashboard.components.values import Field, Row
from lakeboard.dashboard.screens.compare import model as compare_model
from lakeboard.dashboard.screens.compare import snippets as compare_snippets
from lakeboard.dashboard.screens.compare.model import Shade
from lakeboard.dashboard.state.views import CompareView
from lakeboard.query.compare.differences import differences
from lakeboard.query.names.direction import Direction
from tests.query.runframes import runs_frame

RUNS = runs_frame(
    [
        {".lr": 0.1, ".depth": 2, "val/acc": 0.5, "loss": 0.9},
        {".lr": 0.01, ".depth": 2, "val/acc": 0.9, "loss": float("nan")},
        {".lr": 0.001, ".depth": 4, "val/acc": 0.7, "loss": 0.1},
        {".lr": 1.0},
    ]
)


def shown(view: CompareView) -> list[str]:
    return compare_model.compared(RUNS, view, goals={}).narrowed["run_id"].to_list()


def field_of(row: Row) -> Field:
    assert row.field
    return row.field


def test_best_first_by_what_they_are_judged_by() -> None:
    assert shown(CompareView()) == ["r1", "r2", "r0", "r3"]
    assert shown(CompareView(metric="loss.min")) == ["r2", "r0", "r1", "r3"]
    turned = compare_model.compared(RUNS, CompareView(), goals={"val/acc": "minimize"})
    assert (turned.metric, turned.frame["run_id"][0]) == ("val/acc.min", "r0")


def test_filters_brush_and_chosen_runs_join() -> None:
    view = CompareView(runs=("r0", "r1", "gone"), filter="lr < 1", brush="lr <= 0.01")
    found = compare_model.compared(RUNS, view, goals={})
    assert (found.frame["run_id"].to_list(), found.narrowed["run_id"].to_list()) == (["r1", "r0"], ["r1"])
    assert (found.absent, found.fault, found.brush_fault) == (1, None, "")
    assert compare_model.asked(view, found.frame) == "lr < 1 and lr <= 0.01"
    named = compare_snippets.where_of(view, found)
    assert named == 'run.run_id in ("r0", "r1", "gone") and (lr < 1 and lr <= 0.01)'


def test_faults_count_for_nothing_and_are_told() -> None:
    found = compare_model.compared(RUNS, CompareView(filter="lr <", brush="nope = 1"), goals={})
    assert found.fault is not None
    assert "nope" in found.brush_fault
    assert found.narrowed.height == 4
    assert compare_model.asked(CompareView(filter="lr <", brush="lr < 1"), RUNS) == "lr < 1"


def test_names_of_columns_in_words() -> None:
    schema = {**RUNS.schema, "duration": pl.Float64()}
    words = {
        n: compare_model.in_words(n, schema, goals={})
        for n in ("params.lr", "val/acc", "val/acc.max", "loss.max", "loss.min", "duration")
    }
    assert words == {
        "params.lr": "lr", "val/acc": "val/acc, last", "val/acc.max": "val/acc, best", "loss.max": "loss, highest",
        "loss.min": "loss, best", "duration": "Duration",
    }  # fmt: skip


def test_shades_put_the_better_end_at_one() -> None:
    less = Direction("minimize", "declared")
    spread = compare_model.shade_of(pl.Series([0.0, 1.0, 2.0, None, math.inf]), less)
    assert spread == Shade(0.0, 2.0, reverse=True)
    assert [spread.place(v) for v in (0.0, 1.0, 5.0)] == [1.0, 0.5, 0.0]
    assert math.isnan(spread.place(None))
    wide = compare_model.shade_of(pl.Series([0.01, 1.0, 100.0]), None)
    assert wide is not None
    assert (wide.log, wide.place(1.0)) == (True, 0.5)
    assert math.isnan(wide.place(0.0))
    assert compare_model.shade_of(pl.Series([None, math.nan], dtype=pl.Float64), None) is None


def test_the_baseline_is_the_first_column_and_others_say_how_far_they_are() -> None:
    found = compare_model.compared(RUNS, CompareView(base="r0"), goals={})
    runs = compare_model.columns_of(found, CompareView(base="r0"))
    ids = runs["run_id"].to_list()
    assert ids == ["r0", "r1", "r2", "r3"]
    assert [head.base for head in compare_model.heads_of(runs, project="p", colours={})] == [True, False, False, False]
    table = differences(runs)
    lines = {line.id: line for line in compare_model.lines_of(table, ids, compare_model.counts_of(table))}
    assert field_of(lines["params"]).note == "2 of 2 differ"
    assert lines["params.lr."].cells == [
        {"text": "0.1"},
        {"text": "0.01", "sub": "-0.09", "off": True},
        {"text": "0.001", "sub": "-0.099", "off": True},
        {"text": "1", "sub": "+0.9", "off": True, "title": "1.0"},
    ]
    assert lines["params.depth."].cells[1] == {"text": "2"}
    best = lines["metrics.val/acc.best"]
    assert (field_of(best).note, best.cells[1], best.cells[3]) == (
        "best ↑", {"text": "0.9000", "title": "0.9", "sub": "+0.4000", "tint": "better"}, None,
    )  # fmt: skip
    assert dict(lines["metrics.loss.last"].cells[2] or {})["tint"] == "better"  # type: ignore[arg-type]


def test_times_that_differ_never_read_alike() -> None:
    first = "2026-11-25T10:00:00+00:00"
    cells = compare_model.cells_of("run", "created_at", "time", None, [first, "2026-11-25T10:00:00.250000+00:00"])
    assert [dict(cell or {})["text"] for cell in cells] == [  # type: ignore[arg-type]
        "2026-11-25 10:00:00.000",
        "2026-11-25 10:00:00.250",
    ]
    plain = compare_model.cells_of(
        "run", "created_at", "time", None, [first, "2026-11-25T10:00:01.250000+00:00", first]
    )
    assert [dict(cell or {})["text"] for cell in plain] == [  # type: ignore[arg-type]
        "2026-11-25 10:00:00",
        "2026-11-25 10:00:01",
        "2026-11-25 10:00:00",
    ]


def test_what_a_run_lacks_and_the_baseline_has_is_marked() -> None:
    cells = compare_model.cells_of("run", "user", "text", None, ["ada", None, "ada"])
    assert cells == [{"text": "ada"}, {"text": "–", "off": True}, {"text": "ada"}]  # noqa: RUF001
    assert compare_model.cells_of("run", "user", "text", None, [None, None, "ada"])[:2] == [None, None]


def test_a_search_takes_all_its_words() -> None:
    table = differences(RUNS)
    assert compare_model.matching_lines(table, "ACC val")["name"].unique().to_list() == ["val/acc"]
    assert compare_model.matching_lines(table, "").height == table.height


def test_of_very_many_runs_a_part_is_drawn_evenly() -> None:
    runs = runs_frame([{".i": i} for i in range(100)])
    assert compare_model.spread(runs, runs, 200).height == 100
    assert compare_model.spread(runs, runs, 10)["params.i"].to_list() == list(range(0, 100, 10))
    few = compare_model.spread(runs, runs.filter(pl.col("params.i") == 57), 10)["params.i"].to_list()
    assert (len(few), 57 in few) == (10, True)
    half = compare_model.spread(runs, runs.filter(pl.col("params.i") < 60), 10)["params.i"].to_list()
    assert (len([i for i in half if i < 60]), len(half)) == (5, 10)
