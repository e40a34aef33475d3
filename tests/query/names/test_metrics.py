"""Metrics of the machine are columns as any others, and nothing that runs are compared by."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.query.boards.automatic import default_definition
from lakeboard.query.compare.axes import axes_of
from lakeboard.query.compare.differences import differences
from lakeboard.query.lake import Lake, open_lake
from lakeboard.query.names.metrics import metric_labels
from lakeboard.store.local import LocalStore
from tests.query.lakes import Point, Writer, note_lake

MACHINE = ("system/cpu", "system/gpu/0/util")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    store = LocalStore(str(tmp_path))
    note_lake(store)
    for n in range(2):
        points = [Point("val/acc", step, 0.5 + n / 10) for step in range(5)]
        points += [Point(name, second, 50.0 + n) for name in MACHINE for second in (15, 900)]
        Writer(store, "p", f"r{n}", config={"lr": n}).start().log(points).finish()
    return open_lake(str(tmp_path))


def test_they_are_columns_and_points(lake: Lake) -> None:
    runs = lake.runs("p")
    assert {*MACHINE, "system/cpu.mean"} <= set(runs.columns)
    assert lake.runs("p", where="system/cpu > 50.5")["run_id"].to_list() == ["r1"]
    assert lake.metrics("p", metrics="system/cpu").collect().height == 4


def test_steps_of_a_run_are_its_own(lake: Lake) -> None:
    assert lake.runs("p")["last_step"].to_list() == [4, 4]


def test_what_is_chosen_without_being_asked_leaves_them_out(lake: Lake) -> None:
    runs = lake.runs("p")
    assert metric_labels(runs.schema) == ["val/acc"]
    definition = default_definition(runs)
    assert definition is not None
    assert definition.title == "val/acc"
    compared = differences(runs)
    assert "val/acc" in compared["name"].to_list()
    assert compared.filter(compared["name"].str.contains("system")).is_empty()
    assert [each for each in axes_of(runs) if "system" in str(each)] == []


def test_records_are_of_what_runs_are_for(lake: Lake) -> None:
    assert set(lake.overview().records["metric"]) == {"val/acc"}
