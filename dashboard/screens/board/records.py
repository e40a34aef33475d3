"""From records to what their chart and table show. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import polars as pl

from ....query.boards.board import Board
from ...charts.figures import Holder, RecordInfo
from ...components.values import Column, Row, run_cell
from ...format.numbers import decimals_for, exact, number
from ...format.palette import mark_of
from ...run_tables.cells import changes, milliseconds
from ...state.links import PROJECT, link

_NOBODY: Final = "unknown"
_MOST_TRIES: Final = 600
_QUIET_MS: Final = 10_000
_MOST_BASELINES: Final = 3
COLUMNS: Final = (
    Column("name", "Run", "run"),
    Column("user", "By"),
    Column("at", "When", "time"),
    Column("value", "Record", "number"),
    Column("gain", "Better by", "number"),
    Column("changed", "Changed against the former", "wrap"),
)


def record_info(
    records: pl.DataFrame,
    board: Board,
    label: str,
    *,
    project: str,
    now: datetime,
    colours: Mapping[str, int] | None = None,
) -> RecordInfo:
    """What the record line shows: its holders, what counts of every run when it ended, and the baselines.

    Args:
        records: of the board.
        board: which.
        label: of the measure.
        project: the one that is looked at.
        now: where the line ends, unless it ends long before.
        colours: of runs, as `run_colours.board_colours` gives them.
    """
    colours = colours or {}
    less = next(each.goal for each in board.measures if each.label == label) == "minimize"
    names = board.runs.select(pl.coalesce("name", "run_id").alias("name"))
    best = board.values.select("run_id", "at", "baseline", best=label).hstack(names).drop_nulls()
    guests = best.filter(pl.col("baseline") & pl.col("best").is_finite())
    baselines = tuple(guests.select("name", "best").sort("best", descending=not less).head(_MOST_BASELINES).iter_rows())
    best = best.filter(~pl.col("baseline")).select("run_id", "name", "at", "best")
    best = thinned(best.filter(pl.col("best").is_finite()), less=less)
    tries = tuple((run_id, name, milliseconds(at), value) for run_id, name, at, value in best.iter_rows())
    holders = tuple(
        Holder(
            run_id=row["run_id"],
            name=row["name"] or row["run_id"],
            user=row["user"] or _NOBODY,
            at=milliseconds(row["at"]),
            value=row["value"],
            slot=mark_of(row["run_id"], colours).slot,
        )
        for row in records.iter_rows(named=True)
    )
    times = [at for _, _, at, _ in tries]
    end = milliseconds(now)
    if times:
        # The line goes on to now, but a quiet week must not squeeze the busy hour before it.
        end = min(end, max(times) + max(_QUIET_MS, (max(times) - min(times)) // 8))
    return RecordInfo(label, less, holders, tries, end, f"{link('run', {PROJECT: project})}&run=", baselines)


def thinned(tries: pl.DataFrame, *, less: bool, most: int = _MOST_TRIES) -> pl.DataFrame:
    """At most so many of the runs, spread over time, the best of each stretch; columns `at` and `best` decide."""
    if tries.height <= most:
        return tries
    stretch = pl.int_range(pl.len()) * most // pl.len()
    return (
        tries.sort("at")
        .with_columns(stretch=stretch)
        .sort("best", descending=not less, maintain_order=True)
        .unique("stretch", keep="first", maintain_order=True)
        .sort("stretch")
        .drop("stretch")
    )


def record_rows(records: pl.DataFrame) -> list[Row]:
    """The record's holders, newest first, with what they changed."""
    places = decimals_for(records["value"].to_list())
    gains = decimals_for(records["gain"].drop_nulls().to_list())
    rows = []
    for i, row in enumerate(records.iter_rows(named=True)):
        name = row["name"] or row["run_id"]
        gain = row["gain"]
        cells = [
            run_cell(row["run_id"], name, link("run", {PROJECT: row["project"], "run": row["run_id"]})),
            row["user"],
            {"text": milliseconds(row["at"])},
            {"text": number(row["value"], places), "title": exact(row["value"])},
            None if gain is None else {"text": f"+{number(gain, gains)}", "title": exact(gain)},
            changes(row["changed"]) or ("the same config" if i else "first record"),
        ]
        rows.append(Row(f"{i}", cells, label=name))
    return rows[::-1]
