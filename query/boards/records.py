"""The record line: best so far over time, who broke it, and what they changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import polars as pl

from ...schema.errors import InvalidSetting
from ...schema.text.labels import split_label
from ..names.direction import Goal, find_direction
from ..names.metrics import run_value
from .board import Board
from .scores import on_dataset, own_points

_MS: Final = pl.Datetime("ms", "UTC")
_CHANGE: Final = pl.Struct({"param": pl.String, "old": pl.String, "new": pl.String})
RECORD_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "at": _MS,
    "value": pl.Float64(),
    "former": pl.Float64(),
    "gain": pl.Float64(),
    "project": pl.String(),
    "run_id": pl.String(),
    "name": pl.String(),
    "user": pl.String(),
    "until": _MS,
    "changed": pl.List(_CHANGE),
}
"""Columns of `records`, in order."""


def records(
    runs: pl.DataFrame,
    label: str,
    *,
    goal: Goal | None = None,
    goals: Mapping[str, str] | None = None,
    points: pl.LazyFrame | None = None,
    until: datetime | None = None,
) -> pl.DataFrame:
    """Each time the best value so far was beaten, oldest first; equal values break nothing.

    A run that beats its own record goes on holding it: one row a holder in turn, with its best value then. From
    points (read once, for this metric) times are exact; without them a run's best counts at its end, or at its last
    sign of life while it runs. NaN and infinities are no records.

    Args:
        runs: one row per run with its params; deleted ones are left out.
        label: of the metric, `val/acc` or `val/acc [cifar10]`.
        goal: null for what `goals` declares, else a guess by name.
        goals: by metric or label.
        points: `Lake.metrics` of the same projects.
        until: nothing after it counts.

    Returns:
        Columns `RECORD_SCHEMA`: `at` when the holder took the record, `value` its best, `former` the record before
        (null for the first), `gain` by how much it is better (positive), the run, `until` when it was beaten (null:
        it stands), `changed` params against the former holder, old and new as text, null where one has none.
    """
    if "deleted" in runs.columns:
        runs = runs.filter(~pl.col("deleted").fill_null(value=False))
    metric, dataset = split_label(label)
    less = find_direction(metric, dataset, goals=goals, goal=goal).goal == "minimize"
    tries = _from_runs(runs, label, less=less) if points is None else _from_points(runs, points, label)
    if until is not None:
        tries = tries.filter(pl.col("at") <= pl.lit(until, dtype=_MS))
    return _told(_holders(tries, less=less), runs, less=less)


def board_records(board: Board, label: str | None = None) -> pl.DataFrame:
    """Each time the best value that counts on a board was beaten, oldest first; columns `RECORD_SCHEMA`.

    One try a run: what the board counts of it (the last, the best, or the one at the best step of another metric),
    when the run ended, or as far as it came by the board's time. Who does not compete breaks no record, baselines
    neither; values that are equal up to the board's precision break nothing. A pure function of the board.

    Args:
        board: as of any time; opening, closing and filters are its own.
        label: of the measure; null for the first.

    Raises:
        InvalidSetting: the board has no such measure.
    """
    scored = next((each for each in board.measures if label is None or each.label == label), None)
    if scored is None:
        labels = ", ".join(each.label for each in board.measures)
        raise InvalidSetting(f"the board does not measure {label!r}; it measures {labels}")
    tries = board.values.filter(~pl.col("baseline")).select("project", "run_id", "at", value=scored.label)
    less = scored.goal == "minimize"
    return _told(_holders(tries, less=less, precision=board.definition.precision), board.runs, less=less)


def _told(holders: pl.DataFrame, runs: pl.DataFrame, *, less: bool) -> pl.DataFrame:
    """The holders with their names, gains, and what they changed."""
    params = [column for column in runs.columns if column.startswith("params.")]
    keys = ["project", "run_id"]
    told = holders.join(runs.select(*keys, "name", "user", *params), on=keys, how="left", maintain_order="left")
    configs = told.select("run_id", *(pl.col(column).cast(pl.String) for column in params)).rows(named=True)
    changed = [_changes(configs[i - 1], configs[i]) if i else [] for i in range(len(configs))]
    return told.with_columns(
        changed=pl.Series(changed, dtype=pl.List(_CHANGE)),
        gain=(pl.col("former") - pl.col("value")) * (1 if less else -1),
    ).select(pl.col(name).cast(dtype) for name, dtype in RECORD_SCHEMA.items())


def _from_runs(runs: pl.DataFrame, label: str, *, less: bool) -> pl.DataFrame:
    best = run_value(label, "min" if less else "max", runs.schema)
    when = pl.coalesce("ended_at", "updated_at", "created_at")
    return runs.select("project", "run_id", at=when.cast(_MS), value=best)


def _from_points(runs: pl.DataFrame, points: pl.LazyFrame, label: str) -> pl.DataFrame:
    metric, dataset = split_label(label)
    wanted = own_points(runs, points.filter(pl.col("metric") == metric)).filter(on_dataset(dataset))
    return wanted.select("project", "run_id", pl.col("timestamp").cast(_MS).alias("at"), "value", "seq").collect()


def _holders(tries: pl.DataFrame, *, less: bool, precision: int | None = None) -> pl.DataFrame:
    """One row for each holder in turn."""
    sign = 1.0 if less else -1.0
    decides = pl.col("value") if precision is None else pl.col("value").round(precision)
    order = ["at", "run_id", *(["seq"] if "seq" in tries.columns else [])]
    breaking = (
        tries.filter(pl.col("value").is_finite() & pl.col("at").is_not_null())
        .sort(order)
        .with_columns(score=decides * sign)
        .with_columns(before=pl.col("score").cum_min().shift(1))
        .filter(pl.col("before").is_null() | (pl.col("score") < pl.col("before")))
    )
    turn = pl.struct("project", "run_id").rle_id().alias("turn")
    return (
        breaking.group_by(turn, maintain_order=True)
        .agg(pl.col("project", "run_id", "at").first(), pl.col("value").last())
        .with_columns(former=pl.col("value").shift(1), until=pl.col("at").shift(-1))
    )


def _changes(old: Mapping[str, str | None], new: Mapping[str, str | None]) -> list[dict[str, str | None]]:
    return [
        {"param": column.removeprefix("params."), "old": old[column], "new": value}
        for column, value in new.items()
        if column != "run_id" and old[column] != value
    ]
