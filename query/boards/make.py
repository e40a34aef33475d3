"""Boards made with no more points than they need, as of now or of any time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

import polars as pl

from ...schema.edits import decide
from ..points.reader import LakeReader
from ..snapshots.runs_frame import Frames
from ..snapshots.snapshot import Snapshot
from .board import Board, board, measured, point_runs
from .caveats import Note
from .definition import Definition

ReadPoints: TypeAlias = Callable[[str, Sequence[str], Sequence[str]], pl.LazyFrame]
"""Points of some runs of a project: (project, run ids, metrics)."""


def runs_at(snapshots: Sequence[Snapshot], as_of: datetime | None) -> pl.DataFrame:
    """The runs that were not deleted at a time, or are not now; one row each, all columns. No request.

    A run that was deleted later was still there then. Purged runs are gone, whatever the time.
    """
    frame = Frames(snapshots).build(deleted=as_of is not None)
    if as_of is None:
        return frame
    until = int(as_of.timestamp() * 1000)
    gone = [
        {"project": each.project, "run_id": run_id}
        for each in snapshots
        for run_id, found in decide(edit for edit in each.edits if edit.at <= until).items()
        if found.deleted
    ]
    return frame.join(
        pl.DataFrame(gone, schema={"project": pl.String, "run_id": pl.String}),
        on=["project", "run_id"],
        how="anti",
        maintain_order="left",
    ).with_columns(deleted=pl.lit(value=False))


def make_board(
    runs: pl.DataFrame,
    definition: Definition,
    *,
    points: ReadPoints,
    goals: Mapping[str, str] | None = None,
    as_of: datetime | None = None,
    notes: Sequence[Note] = (),
) -> Board:
    """`board`, with points of those runs alone whose summaries don't tell what counts.

    Args:
        runs: as `runs_at` gives them for the same time.
        definition: what competes on what.
        points: reads them; called once for each project of such runs.
        goals: directions that `define_metric` declared, by metric or label.
        as_of: what the board showed then.
        notes: what else a reader must know, said first.
    """
    wanted = point_runs(runs, definition, goals=goals, as_of=as_of)
    read = None
    if wanted.height:
        metrics = measured(definition)
        parts = [
            points(project, ids, metrics)
            for project, ids in wanted.group_by("project", maintain_order=True).agg("run_id").iter_rows()
        ]
        read = pl.concat(parts)
    elif any(each.counts == "at_best" for each in definition.measures) or as_of or definition.closes_at:
        read = _NO_POINTS
    made = board(runs, definition, points=read, goals=goals, as_of=as_of)
    return replace(made, notes=(*notes, *made.notes)) if notes else made


_NO_POINTS = pl.LazyFrame(
    schema={
        "project": pl.String, "run_id": pl.String, "metric": pl.String, "dataset": pl.String, "step": pl.Int64,
        "value": pl.Float64, "timestamp": pl.Datetime("ms", "UTC"), "seq": pl.Int64,
    }
)  # fmt: skip


def read_points(lake: LakeReader, snapshots: Sequence[Snapshot]) -> ReadPoints:
    """A reader of points that belong to states already taken; costs the requests of `Lake.metrics`."""
    by_project = {each.project: each for each in snapshots}

    def read(project: str, run_ids: Sequence[str], metrics: Sequence[str]) -> pl.LazyFrame:
        found = lake.metrics(project, metrics=metrics, runs=run_ids, snapshot=by_project[project])
        return found.select(*_NO_POINTS.collect_schema().names())

    return read
