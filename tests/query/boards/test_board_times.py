"""What counts when: as of a date, before a board closes, while runs go on or fail."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from lakeboard.query.boards.board import board, point_runs
from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.schema.errors import InvalidSetting
from tests.query.boards.test_board import ACC, notes, ranked
from tests.query.runframes import START, points_frame, runs_frame


def test_as_of_a_time_with_points() -> None:
    points = points_frame(
        [("r0", "acc", None, 1, 0.5, 0.1), ("r0", "acc", None, 2, 0.9, 5.0), ("r1", "acc", None, 1, 0.7, 1.5)]
    )
    end = START + timedelta(hours=6)
    runs = runs_frame([{"acc": (0.9, 0.5, 0.9), "ended_at": end, "updated_at": end}, {"acc": 0.7}, {"acc": 1.0}])
    definition = Definition((Measure("acc", goal="maximize", counts="best"),))
    assert point_runs(runs, definition, as_of=START + timedelta(hours=1.5))["run_id"].to_list() == ["r0", "r1"]
    assert point_runs(runs, definition, as_of=START + timedelta(hours=9)).height == 0
    assert point_runs(runs, definition).height == 0
    at = {
        hours: board(runs, definition, points=points, as_of=START + timedelta(hours=hours)) for hours in (0.5, 1.5, 9)
    }
    assert ranked(at[0.5], "value:acc") == [(1, "n0", 0.5)]
    assert ranked(at[1.5], "value:acc") == [(1, "n1", 0.7), (2, "n0", 0.5)]
    # What ended before is known from its summary: n2 has no points here.
    assert ranked(at[9], "value:acc") == [(1, "n2", 1.0), (2, "n0", 0.9), (3, "n1", 0.7)]
    assert at[1.5].frame.select("entry", "status", "live", "when").rows() == [
        ("n1", "running", True, START + timedelta(hours=1.5)), ("n0", "running", True, START + timedelta(hours=1.5)),
    ]  # fmt: skip


def test_as_of_a_time_without_points() -> None:
    runs = runs_frame([{"acc": 0.1}, {"acc": 0.2}, {"acc": 0.3}])
    made = board(runs, Definition(ACC), as_of=START + timedelta(hours=2))
    assert (ranked(made), notes(made)) == ([(1, "n1"), (2, "n0")], ["as of"])
    closed = Definition(ACC, opens_at=START + timedelta(minutes=30), closes_at=START + timedelta(hours=2))
    assert ranked(board(runs, closed)) == [(1, "n1")]
    with pytest.raises(InvalidSetting, match="time zone"):
        board(runs, Definition(ACC), as_of=START.replace(tzinfo=None))


def test_a_board_that_closes_in_the_future_counts_live_runs() -> None:
    runs = runs_frame([{"acc": 0.1, "status": "running", "ended_at": None}])
    made = board(runs, Definition(ACC, closes_at=START + timedelta(days=9)))
    assert (ranked(made, "live"), notes(made)) == ([(1, "n0", True)], ["live"])


def test_a_silent_run_is_not_called_running() -> None:
    runs = runs_frame([{"acc": 0.9, "status": "running"}, {"acc": 0.8, "status": "running"}, {"acc": 0.7}])
    silent = runs.with_columns(silent=pl.col("run_id") == runs["run_id"][0])
    assert [note.text for note in board(silent, Definition(ACC)).notes] == [
        "1 running and 1 without a heartbeat of 3 runs; what they reached so far counts"
    ]


def test_live_and_failed_runs_count_and_are_marked() -> None:
    runs = runs_frame([{"acc": 0.9, "status": "running"}, {"acc": 0.8, "status": "failed"}, {"acc": 0.7}])
    made = board(runs, Definition(ACC))
    assert ranked(made, "live", "n_failed", "status") == [
        (1, "n0", True, 0, "running"), (2, "n1", False, 1, "failed"), (3, "n2", False, 0, "finished"),
    ]  # fmt: skip
    assert [note.text for note in made.notes] == [
        "1 running of 3 runs; what they reached so far counts",
        "1 of 3 runs failed or killed; what they reached counts",
    ]
