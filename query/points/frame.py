"""Points of some runs as one lazy frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import polars as pl

from ..objects.reader import Objects
from ..snapshots.project_memory import ProjectMemory
from ..snapshots.snapshot import Snapshot
from .plan import plan_points
from .source import PointsSource


def points_frame(
    objects: Objects,
    snapshot: Snapshot,
    run_ids: Iterable[str],
    *,
    state: ProjectMemory,
    again: Callable[[Snapshot], Snapshot],
    metrics: Sequence[str] | None = None,
    dataset: str | None = None,
    hidden: bool = False,
    since: Mapping[tuple[str, str], int] | None = None,
) -> pl.LazyFrame:
    """What `Lake.metrics` returns. Costs its requests but those of the snapshot.

    Args:
        objects: of the lake.
        snapshot: the state of the project.
        run_ids: runs that it has.
        state: is told what could not be read.
        again: takes a newer snapshot, where the listings had not caught up.
        metrics: only these, by name.
        dataset: only points on this one.
        hidden: also what a resume hides.
        since: by (run id, writer), the first `seq` that is wanted.
    """
    plan = plan_points(objects, snapshot, run_ids, again=again, patience=state.patience, hidden=hidden, since=since)
    state.report(plan.problems)
    keep = []
    if metrics is not None:
        keep.append(pl.col("metric").is_in(list(metrics)))
    if dataset is not None:
        keep.append(pl.col("dataset") == dataset)
    return PointsSource(
        objects,
        plan,
        report=lambda problem: state.report([problem]),
        patience=state.patience,
        keep=pl.all_horizontal(keep) if keep else None,
    ).lazy()
