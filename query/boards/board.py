"""A leaderboard as a frame: runs gathered into entries, scored on each measure, combined and ranked.

How the numbers come about, and what a failed, running or missing run means for them: `docs/leaderboards.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...schema.errors import InvalidSetting
from ...schema.names import same_run_id
from ...schema.run.row import FAILED, UNSTATED
from ...schema.text.labels import split_label
from ..filters.language import compile_filter
from .bootstrap import LIKELY, RankRange
from .caveats import Note, many, premises, run_caveats
from .definition import Definition
from .entries import assign_entries
from .pooling import pool
from .ranking import Floats
from .scores import DirectedMeasure, last_news, needs_points, run_values, scored, summary_values
from .standings import Standing, spread

_MEDALS: Final = {1: "gold", 2: "silver", 3: "bronze"}
_NEVER: Final = 2**62
_MS: Final = pl.Datetime("ms", "UTC")


@dataclass(frozen=True, slots=True)
class Board:
    """A leaderboard at one time."""

    definition: Definition
    measures: tuple[DirectedMeasure, ...]
    """The definition's measures with their directions decided."""
    frame: pl.DataFrame
    """A row per entry, best first, baselines where they would stand, entries without a rank last.

    `rank` (1, 2, 2, 4; null for baselines and what is not ranked), `entry` (unique), `baseline`, `combined` (mean rank,
    mean normalised score 0 to 1, or mean value), `coverage` (measures with a finite value) of `cells`, `n` (runs),
    `live` (a run still runs), `n_failed`, `n_unstated` (ended by the next run, nobody said how), `rank_low`,
    `rank_high` (95 % of resamples; null where a cell has one run),
    `not_distinguishable` (from the first; null where unknown), `reason` (why it has no rank), `when` (the record
    holder's end), and of the record holder `run_id`, `project`, `name`, `user`, `status`; `run_ids` has all.

    Per measure, the label after a colon: `value:`, `rank:`, `medal:` (gold, silver, bronze), `n:`, `mean:`, `std:`
    (of a sample, null for n = 1), `run:` (the run id of the best one), `gain:` over the best baseline, positive when
    better.
    """
    notes: tuple[Note, ...]
    as_of: datetime | None
    runs: pl.DataFrame
    """The runs that compete, baselines included, as they were given."""
    values: pl.DataFrame
    """What counts of each of `runs`, in their order: `project`, `run_id`, `at` (when it ended, or last gave news by
    the board's time), `baseline`, and a column a measure, named by its label."""

    @property
    def n_runs(self) -> int:
        """Runs that compete, baselines included."""
        return self.runs.height


def board(
    runs: pl.DataFrame,
    definition: Definition,
    *,
    points: pl.LazyFrame | None = None,
    goals: Mapping[str, str] | None = None,
    as_of: datetime | None = None,
    trials: int = 1_000,
    seed: int = 0,
) -> Board:
    """Rank what competes; a pure function of its arguments.

    Of `points`, only those of `point_runs` are asked for. A run that ended after `as_of` was running then, and is
    shown so.

    Args:
        runs: one row per run, as `Lake.runs` gives them with all columns.
        definition: what competes on what.
        points: `Lake.metrics` of the same projects.
        goals: directions that `define_metric` declared, by metric or label.
        as_of: what the board showed then. With points exactly; without them only runs that went no further count.
        trials: resamples for rank ranges; 0 for none.
        seed: of the resampling.

    Raises:
        InvalidSetting: points are needed and missing, or a plain mean over measures of opposite directions.
        FilterError: the definition's filter does not fit the runs.
    """
    if as_of is not None and as_of.tzinfo is None:
        raise InvalidSetting(f"as_of is {as_of.isoformat()} without a time zone; add one, such as UTC")
    measures = tuple(scored(each, goals) for each in definition.measures)
    if definition.combine == "mean" and len({each.goal for each in measures}) > 1:
        raise InvalidSetting(
            "a plain mean over measures where less is better and others where more is; combine by mean_rank"
        )
    until = _until(definition, as_of)
    competing, lone = _competing(_as_they_were(runs, as_of), definition, until)
    notes = premises(measures)
    if points is not None:
        values = run_values(competing, measures, points, needs_points(competing, measures, until), until=until)
    else:
        competing, lone, note = _ended(competing, lone, until)
        notes += note
        values = summary_values(competing, measures)
    number, entries = assign_entries(competing, definition, lone)
    matrix = np.column_stack([values[each.label].to_numpy() for each in measures]).astype(np.float64, copy=False)
    signs = np.array([1.0 if each.goal == "minimize" else -1.0 for each in measures])
    when = competing.select(_when(until)).to_series()
    there = np.column_stack([values[each.label].is_not_null().to_numpy() for each in measures])
    pooled = pool(
        matrix * signs,
        there,
        number.to_numpy(),
        entries.height,
        when.dt.epoch("ms").fill_null(_NEVER).to_numpy(),
        definition.pooled,
    )
    baseline = _baselines(entries, number, definition, lone)
    standing = Standing(definition, signs, pooled, baseline)
    ranges = spread(standing, matrix * signs, number.to_numpy(), trials=trials, seed=seed)
    frame = _frame(standing, entries, competing, number, measures, ranges, when)
    counted = competing.select("project", "run_id").with_columns(
        at=when, baseline=pl.Series(baseline[number.to_numpy()], dtype=pl.Boolean)
    )
    notes += run_caveats(standing, competing, [each.label for each in measures])
    return Board(definition, measures, frame, tuple(notes), as_of, competing, counted.hstack(values))


def point_runs(
    runs: pl.DataFrame,
    definition: Definition,
    *,
    goals: Mapping[str, str] | None = None,
    as_of: datetime | None = None,
) -> pl.DataFrame:
    """The runs whose points `board` needs for the same arguments: `project`, `run_id`. Their summaries don't tell."""
    measures = tuple(scored(each, goals) for each in definition.measures)
    until = _until(definition, as_of)
    competing, _ = _competing(_as_they_were(runs, as_of), definition, until)
    return competing.filter(needs_points(competing, measures, until)).select("project", "run_id")


def measured(definition: Definition) -> list[str]:
    """The metrics whose points a board reads, where it reads any."""
    names = {each.metric for each in definition.measures}
    for each in definition.measures:
        if each.counts == "at_best" and each.select_on:
            names |= {each.select_on, split_label(each.select_on)[0]}
    return sorted(names)


def _until(definition: Definition, as_of: datetime | None) -> datetime | None:
    return min((each for each in (as_of, definition.closes_at) if each is not None), default=None)


def _as_they_were(runs: pl.DataFrame, as_of: datetime | None) -> pl.DataFrame:
    """A run that ended later was running then, whatever became of it."""
    if as_of is None:
        return runs
    later = pl.col("ended_at") > pl.lit(as_of, dtype=_MS)
    return runs.with_columns(
        status=pl.when(later).then(pl.lit("running")).otherwise("status"),
        updated_at=pl.when(later).then("ended_at").otherwise("updated_at"),
        ended_at=pl.when(later).then(None).otherwise("ended_at"),
    )


def _competing(runs: pl.DataFrame, definition: Definition, until: datetime | None) -> tuple[pl.DataFrame, pl.Series]:
    """Runs that take part, and which of them are baselines by run id or name."""
    if "deleted" in runs.columns:
        runs = runs.filter(~pl.col("deleted").fill_null(value=False))
    if definition.projects:
        runs = runs.filter(pl.col("project").is_in(list(definition.projects)))
    baselines = {*definition.baselines, *map(same_run_id, definition.baselines)}
    lone = pl.any_horizontal(pl.col("run_id", "name").is_in(sorted(baselines))).fill_null(value=False)
    takes_part = compile_filter(definition.where, runs.schema, now=until)
    if definition.opens_at is not None:
        takes_part &= pl.col("created_at") >= pl.lit(definition.opens_at, dtype=_MS)
    takes_part |= lone
    if until is not None:
        takes_part &= pl.col("created_at") <= pl.lit(until, dtype=_MS)
    runs = runs.filter(takes_part.fill_null(value=False))
    return runs, runs.select(lone).to_series()


def _when(until: datetime | None) -> pl.Expr:
    """When a run ended or last gave news, by the board's time."""
    return last_news() if until is None else pl.min_horizontal(last_news(), pl.lit(until, dtype=_MS))


def _ended(runs: pl.DataFrame, lone: pl.Series, until: datetime | None) -> tuple[pl.DataFrame, pl.Series, list[Note]]:
    """Without points, what a run showed at a time is known only if nothing came after."""
    if until is None:
        return runs, lone, []
    known = runs.select((last_news() <= pl.lit(until, dtype=_MS)).fill_null(value=False)).to_series()
    left_out = runs.height - int(known.sum())
    notes = [Note("as of", f"{many(left_out, 'run')} went on after that time; what they had by then needs points")]
    return runs.filter(known), lone.filter(known), notes if left_out else []


def _baselines(entries: pl.DataFrame, number: pl.Series, definition: Definition, lone: pl.Series) -> NDArray[np.bool_]:
    named = entries["entry"].is_in(list(definition.baselines)).to_numpy().copy()
    named[number.filter(lone).to_numpy()] = True
    return named


def _frame(
    standing: Standing,
    entries: pl.DataFrame,
    runs: pl.DataFrame,
    number: pl.Series,
    measures: tuple[DirectedMeasure, ...],
    ranges: RankRange | None,
    when: pl.Series,
) -> pl.DataFrame:
    pooled, n_entries = standing.pooled, entries.height
    if ranges is None:
        unknown = np.full(n_entries, np.nan)
        ranges = RankRange(unknown, unknown, unknown)
    beats = pl.Series(ranges.beats_first, nan_to_null=True)
    holder = runs.select("run_id", "project", "name", "user", "status", when=when)[pooled.holder]
    told = runs.select("run_id", "status", _entry=number).group_by("_entry").agg(
        n=pl.len().cast(pl.Int64),
        live=(pl.col("status") == "running").any(),
        n_failed=pl.col("status").is_in(FAILED).sum().cast(pl.Int64),
        n_unstated=(pl.col("status") == UNSTATED).sum().cast(pl.Int64),
        run_ids="run_id",
    ).sort("_entry")  # fmt: skip
    frame = pl.DataFrame(
        {
            "rank": _whole(standing.rank),
            "entry": entries["entry"],
            "baseline": standing.baseline,
            "combined": pl.Series(standing.shown, nan_to_null=True),
            "coverage": standing.coverage,
            "cells": np.full(n_entries, len(measures)),
            "n": told["n"],
            "live": told["live"],
            "n_failed": told["n_failed"],
            "n_unstated": told["n_unstated"],
            "rank_low": _whole(ranges.low),
            "rank_high": _whole(ranges.high),
            "not_distinguishable": beats > LIKELY,
            "reason": _reasons(standing, len(measures)),
        }
    )
    cells = [series for column, each in enumerate(measures) for series in _cells(standing, each, column, runs)]
    return frame.hstack(holder).hstack([told["run_ids"], *cells])[standing.order]


def _cells(standing: Standing, each: DirectedMeasure, column: int, runs: pl.DataFrame) -> list[pl.Series]:
    pooled, sign = standing.pooled, standing.signs[column]
    gone = pl.Series(pooled.n[:, column] == 0, dtype=pl.Boolean)
    rank = _whole(standing.cell_rank[:, column])
    guests = standing.cells[standing.baseline, column]
    # Adding zero turns the -0.0 of a negated zero back.
    shown: dict[str, pl.Series] = {
        "value": pl.Series(pooled.value[:, column] * sign + 0.0).set(gone, None),
        "rank": rank,
        "medal": rank.replace_strict(_MEDALS, default=None, return_dtype=pl.String),
        "n": pl.Series(pooled.n[:, column]),
        "mean": pl.Series(pooled.mean[:, column] * sign + 0.0).set(gone, None),
        "std": pl.Series(pooled.std[:, column], nan_to_null=True),
        "run": runs["run_id"].gather(pl.Series(pooled.best[:, column])).set(gone, None),
        "gain": pl.Series(np.fmin.reduce(guests, initial=np.nan) - standing.cells[:, column], nan_to_null=True),
    }
    return [series.alias(each.column(part)) for part, series in shown.items()]


def _reasons(standing: Standing, n_measures: int) -> pl.Series:
    frame = pl.DataFrame(
        {
            "judged": standing.ranked | standing.baseline,
            "lacking": n_measures - standing.coverage,
            "tried": (standing.pooled.n > 0).any(axis=1),
        }
    )
    partial = pl.format("{} of {} values missing", "lacking", pl.lit(n_measures))
    nothing = pl.when("tried").then(pl.lit("not a finite number")).otherwise(pl.lit("no value"))
    reason = pl.when("judged").then(None).when(pl.col("lacking") < n_measures).then(partial).otherwise(nothing)
    return frame.select(reason.cast(pl.String).alias("reason")).to_series()


def _whole(numbers: Floats) -> pl.Series:
    return pl.Series(numbers, nan_to_null=True).cast(pl.Int64)
