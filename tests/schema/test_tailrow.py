"""The one rule that makes a run's row of a writer's tails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from lakeboard.schema.keys import TailKey
from lakeboard.schema.run.row import RunRow
from lakeboard.schema.run.summary import Summary
from lakeboard.schema.tailrow import TailFooter, TailRow, row_of_tails

W = "w2-0123abcd"
LOSS = Summary("loss", last=0.5, last_step=7, n=8).to_json()


def tail(k: int, fields: Mapping[str, Any] | None) -> TailFooter:
    return TailFooter(TailKey("p", "r1", W, k, 10 * k, 10 if k else 0), fields)


def told(*tails: TailFooter, start: RunRow | None = None) -> TailRow:
    return row_of_tails(tails, "r1", W, start=start)


def test_the_newest_tail_changes_what_the_start_said() -> None:
    found = told(
        tail(0, {"run_id": "r1", "writer": W, "name": "first", "host": "h", "env": {"a": "1"}}),
        tail(1, {"name": "never asked"}),
        tail(2, {"notes": "n", "name": None, "env": {"b": "2"}}),
    )
    assert (found.row.name, found.row.host, found.row.notes, found.row.attempt) == (None, "h", "n", 2)
    assert found.row.env == {"a": "1", "b": "2"}
    assert (found.has_start, found.missing_summary, found.error) == (True, None, None)
    assert found.newest is not None
    assert found.newest.key.k == 2


def test_a_tail_that_cannot_be_read_is_passed_over() -> None:
    found = told(tail(0, {"host": "h"}), tail(1, {"notes": "n"}), tail(2, None))
    assert (found.row.host, found.row.notes) == ("h", "n")


def test_nothing_readable_leaves_the_ids() -> None:
    for tails in ((), (tail(0, None), tail(3, None))):
        found = told(*tails)
        assert found == TailRow(RunRow("r1", W, attempt=2), None, has_start=False)


def test_an_earlier_row_stands_in_for_a_start_that_is_gone() -> None:
    earlier = RunRow("r1", W, host="h", name="n", attempt=2)
    found = told(tail(4, {"name": "new"}), start=earlier)
    assert (found.row.host, found.row.name, found.has_start) == ("h", "new", True)
    assert told(tail(0, {"host": "start"}), start=earlier).row.host == "start"


def test_the_summary_is_taken_from_the_tail_that_has_it() -> None:
    found = told(tail(0, {}), tail(3, {"summary": {"loss": LOSS}}), tail(5, {"summary_k": 3}))
    assert found.row.summary["loss"].last == 0.5
    assert found.missing_summary is None


@pytest.mark.parametrize("between", [(), (tail(3, None),), (tail(3, {"notes": "no summary"}),)])
def test_a_summary_that_cannot_be_had_is_told(between: tuple[TailFooter, ...]) -> None:
    found = told(tail(0, {"host": "h"}), *between, tail(5, {"summary_k": 3}))
    assert found.missing_summary == 3
    assert (found.row.host, found.row.summary) == ("h", {})


def test_a_newer_summary_counts_before_an_older_one_elsewhere() -> None:
    newer = {"loss": {**LOSS, "last": 0.25}}
    found = told(tail(0, {}), tail(3, {"summary": {"loss": LOSS}}), tail(5, {"summary": newer, "summary_k": 3}))
    assert found.row.summary["loss"].last == 0.25


@pytest.mark.parametrize("senseless", [{"params": 7}, {"summary": {"loss": "text"}}, {"files": [1]}])
def test_what_makes_no_sense_is_an_error_beside_the_bare_row(senseless: dict[str, Any]) -> None:
    found = told(tail(0, {"host": "h"}), tail(1, senseless))
    assert found.row == RunRow("r1", W, attempt=2)
    assert found.error is not None


def test_ids_come_from_the_name_of_the_object() -> None:
    found = told(tail(0, {"run_id": "other", "writer": "w9-00000000"}))
    assert (found.row.run_id, found.row.writer) == ("r1", W)
