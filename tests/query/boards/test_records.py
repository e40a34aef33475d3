from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.query.boards.board import Board, board
from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.query.boards.records import RECORD_SCHEMA, board_records, records
from lakeboard.schema.errors import InvalidSetting
from tests.query.runframes import START, points_frame, runs_frame

RUNS = runs_frame(
    [
        {"acc": (0.5, 0.1, 0.6), ".lr": 0.1, ".model": "a", "user": "ann"},
        {"acc": 0.4, ".lr": 0.1, ".model": "b"},
        {"acc": 0.6, ".lr": 0.1, ".model": "c"},
        {"acc": 0.9, ".lr": 0.2, ".model": None, "user": "bob"},
        {"acc": math.inf},
        {"acc": 0.95, "deleted": True},
        {"acc": math.nan},
        {},
    ]
)


def test_who_broke_the_record_and_what_they_changed() -> None:
    found = records(RUNS, "acc")
    assert found.schema == pl.Schema(RECORD_SCHEMA)
    assert found.rows(named=True) == [
        {"at": START + timedelta(hours=1), "value": 0.6, "former": None, "gain": None, "project": "p", "run_id": "r0",
         "name": "n0", "user": "ann", "until": START + timedelta(hours=4), "changed": []},
        {"at": START + timedelta(hours=4), "value": 0.9, "former": 0.6, "gain": 0.9 - 0.6, "project": "p",
         "run_id": "r3", "name": "n3", "user": "bob", "until": None,
         "changed": [{"param": "lr", "old": "0.1", "new": "0.2"}, {"param": "model", "old": "a", "new": None}]},
    ]  # fmt: skip


def test_the_least_loss_is_the_record() -> None:
    runs = runs_frame([{"loss": 2.0}, {"loss": 3.0}, {"loss": (4.0, 0.5, 9.0)}])
    assert records(runs, "loss").select("run_id", "value", "gain").rows() == [("r0", 2.0, None), ("r2", 0.5, 1.5)]
    assert records(runs, "loss", goal="maximize")["run_id"].to_list() == ["r0", "r1", "r2"]
    assert records(runs, "loss", goals={"loss": "maximize"}).height == 3


def test_points_give_exact_times_and_turns() -> None:
    points = points_frame(
        [
            ("r0", "acc", None, 1, 0.5, 0.1), ("r0", "acc", None, 2, 0.6, 0.2), ("r1", "acc", None, 1, 0.7, 0.3),
            ("r0", "acc", None, 3, 0.7, 0.4), ("r0", "acc", None, 4, 0.8, 0.5), ("r0", "acc", "d", 5, 0.99, 0.6),
            ("r0", "other", None, 5, 0.99, 0.6), ("r0", "acc", None, 6, math.nan, 0.7),
            ("r9", "acc", None, 1, 0.99, 0.8),
        ]
    )  # fmt: skip
    found = records(RUNS, "acc", points=points).select("run_id", "at", "value", "former")
    assert found.rows() == [
        ("r0", START + timedelta(hours=0.1), 0.6, None),
        ("r1", START + timedelta(hours=0.3), 0.7, 0.6),
        ("r0", START + timedelta(hours=0.5), 0.8, 0.7),
    ]
    early = records(RUNS, "acc", points=points, until=START + timedelta(hours=0.3))
    assert early["value"].to_list() == [0.6, 0.7]
    assert records(RUNS, "acc [d]", points=points)["value"].to_list() == [0.99]


def test_points_without_a_dataset_are_of_their_runs() -> None:
    runs = runs_frame([{"acc": 0.5, "dataset": "a"}, {"acc [a]": 0.7}, {"acc": 0.9}])
    points = points_frame(
        [("r0", "acc", "a", 0, 0.5, 0.5), ("r1", "acc", "a", 0, 0.7, 1.5), ("r2", "acc", None, 0, 0.9, 2.5)]
    )
    for source in (None, points):
        assert records(runs, "acc [a]", points=source)["value"].to_list() == [0.5, 0.7]
        assert records(runs, "acc", points=source)["value"].to_list() == [0.5, 0.9]


def test_no_records() -> None:
    bare = RUNS.select("project", "run_id", "name", "user", "created_at", "updated_at", "ended_at")
    for found in (records(RUNS, "absent"), records(RUNS.head(0), "acc"), records(bare, "acc")):
        assert (found.height, found.schema) == (0, pl.Schema(RECORD_SCHEMA))


_values = st.one_of(st.none(), st.sampled_from([math.nan, math.inf]), st.integers(-3, 3).map(float))


@given(st.lists(_values, max_size=12), st.sampled_from(["minimize", "maximize"]))
@settings(deadline=None)
def test_records_are_the_running_best(values: list[float | None], goal: str) -> None:
    runs = runs_frame([{"x": value} for value in values] or [{"x": None}])
    found = records(runs, "x", goal=goal)["value"].to_list()  # type: ignore[arg-type]
    expected: list[float] = []
    for value in values:
        if value is not None and math.isfinite(value):
            better = not expected or (value < expected[-1] if goal == "minimize" else value > expected[-1])
            expected += [value] if better else []
    assert found == expected


def _line(made: Board, label: str | None = None) -> list[tuple[str, float]]:
    return board_records(made, label).select("run_id", "value").rows()


def test_records_of_a_board_are_what_it_counts() -> None:
    acc = Measure("acc", goal="maximize", counts="best")
    runs = runs_frame(
        [{"acc": (0.5, 0.1, 0.6), ".lr": 1}, {"acc": 0.4}, {"acc": (0.7, 0.2, 0.9), ".lr": 2}, {"acc": 0.95}]
    )
    assert _line(board(runs, Definition((acc,)))) == [("r0", 0.6), ("r2", 0.9), ("r3", 0.95)]
    last = replace(acc, counts="last")
    assert _line(board(runs, Definition((last,)))) == [("r0", 0.5), ("r2", 0.7), ("r3", 0.95)]
    # Baselines break no record, nor who does not compete, nor what came before the opening or after the close.
    assert _line(board(runs, Definition((acc,), baselines=("n2",)))) == [("r0", 0.6), ("r3", 0.95)]
    assert _line(board(runs, Definition((acc,), where="name != n0"))) == [("r1", 0.4), ("r2", 0.9), ("r3", 0.95)]
    closed = Definition((acc,), opens_at=START + timedelta(minutes=30), closes_at=START + timedelta(hours=3))
    assert _line(board(runs, closed)) == [("r1", 0.4), ("r2", 0.9)]
    assert _line(board(runs, Definition((acc,)), as_of=START + timedelta(hours=1))) == [("r0", 0.6)]
    assert _line(board(runs, Definition((acc,), precision=0))) == [("r0", 0.6)]
    changed = board_records(board(runs, Definition((acc,))))["changed"].to_list()
    assert changed[1] == [{"param": "lr", "old": "1", "new": "2"}]
    with pytest.raises(InvalidSetting, match="it measures acc"):
        board_records(board(runs, Definition((acc,))), "loss")


def test_records_selected_on_validation() -> None:
    runs = runs_frame([{"val": 0.9, "test": 0.99}, {"val": 0.8, "test": 0.6}, {"val": 0.8, "test": 0.5}])
    points = points_frame(
        [
            ("r0", "val", None, 1, 0.9, 0.1), ("r0", "test", None, 1, 0.4, 0.1),
            ("r0", "val", None, 2, 0.1, 0.2), ("r0", "test", None, 2, 0.99, 0.2),
            ("r1", "val", None, 1, 0.8, 1.1), ("r1", "test", None, 1, 0.6, 1.1),
            ("r2", "val", None, 1, 0.8, 2.1), ("r2", "test", None, 1, 0.5, 2.1),
        ]
    )  # fmt: skip
    measure = Measure("test", goal="maximize", counts="at_best", select_on="val", select_goal="maximize")
    made = board(runs, Definition((measure,)), points=points)
    # The 0.99 that looking at the test set would have chosen is no record.
    assert board_records(made).select("run_id", "value", "at").rows() == [
        ("r0", 0.4, START + timedelta(hours=1)), ("r1", 0.6, START + timedelta(hours=2)),
    ]  # fmt: skip


def test_records_as_of_a_time_in_the_middle_of_a_run() -> None:
    end = START + timedelta(hours=5)
    runs = runs_frame([{"acc": 0.9, "ended_at": end, "updated_at": end}])
    points = points_frame([("r0", "acc", None, 1, 0.5, 0.1), ("r0", "acc", None, 2, 0.9, 4.0)])
    then = START + timedelta(hours=2)
    made = board(runs, Definition((Measure("acc", goal="maximize"),)), points=points, as_of=then)
    assert board_records(made).select("value", "at").rows() == [(0.5, then)]
