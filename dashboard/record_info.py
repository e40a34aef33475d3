"""From records to what their chart and table show. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import polars as pl

from ..query.board import Board
from .chrome import PROJECT, link
from .columns import milliseconds
from .digits import decimals_for, exact, number
from .figures import Holder, RecordInfo
from .palette import mark_of
from .table import Column, Row, run_cell

_NOBODY: Final = "unknown"
_UNSET: Final = "unset"
_MOST_CHANGES: Final = 4
_LONG_NUMBER: Final = re.compile(r"^-?\d+\.\d{6,}(e[-+]?\d+)?$")
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


def changes(changed: Sequence[Mapping[str, Any]] | None) -> str:
    """`lr 0.01 → 0.1, width 16 → 64`; the rest is counted."""
    parts = [f"{each['param']} {_change(each['old'], each['new'])}" for each in changed or ()]
    more = len(parts) - _MOST_CHANGES
    return ", ".join(parts[:_MOST_CHANGES]) + (f" and {more} more" if more > 0 else "")


def _change(old: object, new: object) -> str:
    """Old and new; numbers of many digits rounded, where they still differ then."""
    exactly = (_short(old), _short(new))
    brief = [_LONG_NUMBER.sub(lambda found: f"{float(found[0]):.6g}", each) for each in exactly]
    return " → ".join(brief if brief[0] != brief[1] else exactly)


def _short(value: object) -> str:
    text = _UNSET if value is None else str(value)
    return text if len(text) <= 24 else f"{text[:23]}…"
