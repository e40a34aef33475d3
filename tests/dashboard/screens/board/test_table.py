"""From a board to what its table shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from lakeboard.dashboard.components.values import Column, Row
from lakeboard.dashboard.run_tables import cells
from lakeboard.dashboard.screens.board import records as record_info
from lakeboard.dashboard.screens.board import table as board_table
from lakeboard.dashboard.state.views import BoardView
from lakeboard.query.boards.board import board
from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.query.boards.records import board_records
from lakeboard.query.lake import open_lake
from lakeboard.store.local import LocalStore
from tests.dashboard import lake as lakes
from tests.query.lakes import Point, Writer


@pytest.fixture
def runs(lake: str) -> pl.DataFrame:
    """Besides the small lake's runs, one of a project where only the run names the dataset."""
    store = LocalStore(lake)
    for n, (model, dataset, value) in enumerate(
        [("a", "iris", 0.9), ("a", "wine", 0.5), ("b", "iris", 0.8), ("b", "wine", 0.7)]
    ):
        writer = Writer(
            store, "tab", f"t{n}", rand=f"{n:08x}", config={"model": model}, fields={"dataset": dataset, "user": "ada"}
        ).start()
        writer.log([Point("val/acc", 0, value)]).flush()
        writer.finish()
    return open_lake(lake).runs("tab")


def shown(frame: pl.DataFrame, view: BoardView) -> tuple[list[Column], list[Row]]:
    definition = board_table.definition_for(frame, view)
    assert definition is not None
    return board_table.table_of(board(frame, definition), project="tab", most=50)


def texts(columns: list[Column], rows: list[Row], name: str) -> list[Any]:
    at = [column.id for column in columns].index(name)
    return [cell.get("text") if isinstance(cell, dict) else cell for cell in (row.cells[at] for row in rows)]


def test_a_dataset_that_only_the_run_names_is_a_column_too(runs: pl.DataFrame) -> None:
    columns, rows = shown(runs, BoardView())
    assert [column.label for column in columns if column.id.startswith("value:")] == ["iris", "wine"]
    assert texts(columns, rows, "value:val/acc [iris]") == ["0.9000", "0.8000"]
    assert texts(columns, rows, "value:val/acc [wine]") == ["0.5000", "0.7000"]
    assert texts(columns, rows, "rank") == ["1", "1"]
    assert texts(columns, rows, "combined") == ["1.50", "1.50"]


def test_medals_stand_in_cells_and_in_the_ranks(runs: pl.DataFrame) -> None:
    columns, rows = shown(runs, BoardView())
    at = [column.id for column in columns].index("value:val/acc [iris]")
    cells = [row.cells[at] for row in rows]
    assert [cell["medal"] for cell in cells if isinstance(cell, dict)] == [1, 2]


def test_without_datasets_a_board_has_one_column(lake: str) -> None:
    frame = open_lake(lake).runs(lakes.PROJECT)
    columns, rows = shown(frame, BoardView(by="config"))
    assert [column.label for column in columns if column.id.startswith("value:")] == ["val/acc"]
    assert "combined" not in [column.id for column in columns]
    first = rows[0].cells[[column.id for column in columns].index("value:val/acc")]
    assert isinstance(first, dict)
    assert first["sub"].startswith("± ")


def test_what_a_view_does_not_say_the_runs_suggest(lake: str) -> None:
    frame = open_lake(lake).runs(lakes.PROJECT)
    usual = board_table.definition_for(frame, BoardView())
    other = board_table.definition_for(frame, BoardView(metric="train/loss", by="user", where="lr < 1"))
    assert usual is not None
    assert other is not None
    assert (usual.measures[0].metric, usual.entry) == ("val/acc", "config")
    assert (other.measures[0].metric, other.entry, other.where) == ("train/loss", "user", "lr < 1")
    assert board_table.definition_for(frame, BoardView(metric="bogus")) == usual


def test_a_project_without_metrics_has_no_board(lake: str) -> None:
    writer = Writer(LocalStore(lake), "bare", "b1", config={"x": 1}).start()
    writer.finish()
    assert board_table.definition_for(open_lake(lake).runs("bare"), BoardView()) is None


def test_the_record_tells_who_changed_what(lake: str) -> None:
    frame = open_lake(lake).runs(lakes.PROJECT)
    made = board(frame, Definition((Measure("val/acc", counts="best"),), baselines=("a-0",)))
    found = board_records(made)
    rows = record_info.record_rows(found)
    assert rows[-1].cells[5] == "first record"
    assert rows[-1].cells[4] is None
    info = record_info.record_info(found, made, "val/acc", project=lakes.PROJECT, now=datetime.now(UTC))
    assert [holder.run_id for holder in info.holders] == found["run_id"].to_list()
    assert len(info.tries) == frame.height - 1
    assert info.baselines == (("a-0", 0.64),)
    assert info.href == "run?project=digits&run="


def test_changes_are_told_in_a_line() -> None:
    changed = [{"param": name, "old": "1", "new": "2"} for name in "abcdef"]
    assert cells.changes(changed) == "a 1 → 2, b 1 → 2, c 1 → 2, d 1 → 2 and 2 more"
    long = [
        dict(zip(("param", "old", "new"), each, strict=True))
        for each in (("lr", "0.0558571824371846656", None), ("v", "1.0", "2.5e-7"))
    ]
    close = [{"param": "lr", "old": "0.1234567", "new": "0.1234568"}]
    assert cells.changes(long) == "lr 0.0558572 → unset, v 1.0 → 2.5e-7"
    assert cells.changes(close) == "lr 0.1234567 → 0.1234568"
    assert cells.changes([]) == ""


def test_of_very_many_runs_the_best_of_each_stretch_is_shown() -> None:
    tries = pl.DataFrame({"at": list(range(1000)), "best": [float(n % 10) for n in range(1000)]})
    few = record_info.thinned(tries, less=False, most=100)
    assert few.height == 100
    assert few["best"].unique().to_list() == [9.0]
    assert record_info.thinned(tries, less=True, most=100)["best"].unique().to_list() == [0.0]
    assert record_info.thinned(tries, less=True, most=1000).equals(tries)
