"""What is known about one run, as frames: its metrics, params, surroundings and writers. No request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from ...schema.run.row import RunRow
from ...schema.run.summary import Summary
from ...schema.values import Param, dump_json
from ..names.direction import Direction, find_direction
from .run import RunView

_WHEN: Final = pl.Datetime("ms", "UTC")
_METRICS: Final[dict[str, Any]] = {
    "label": pl.String, "metric": pl.String, "dataset": pl.String, "goal": pl.String, "declared": pl.Boolean,
    "best": pl.Float64, "best_step": pl.Int64, "last": pl.Float64, "last_step": pl.Int64, "min": pl.Float64,
    "max": pl.Float64, "mean": pl.Float64, "n": pl.Int64, "n_nan": pl.Int64,
}  # fmt: skip
_PARAMS: Final[dict[str, Any]] = {"name": pl.String, "kind": pl.String, "value": pl.String}
_ENV: Final[dict[str, Any]] = {"name": pl.String, "value": pl.String}
_WRITERS: Final[dict[str, Any]] = {
    "writer": pl.String, "attempt": pl.Int64, "status": pl.String, "host": pl.String, "rows": pl.Int64,
    "resume_step": pl.Int64, "closed_by": pl.String, "started_at": _WHEN, "heard_at": _WHEN, "files": pl.Int64,
}  # fmt: skip


def run_metrics(view: RunView, *, goals: Mapping[str, str] | None = None) -> pl.DataFrame:
    """One row per metric, by label: its best value by `goal` (declared, else guessed from its name) and its last one.

    `best` is null while all values are NaN; `goal` and `best` are null where nothing says which way is better.

    Args:
        view: of `view_run`.
        goals: `minimize` or `maximize` by metric or label, which count before what the run declared.
    """
    rows = []
    for label, each in sorted(view.row.summary.items()):
        found = summary_direction(each, goals)
        best = best_of(each, found)
        goal = found.goal if found.is_known else None
        rows.append(
            (label, each.metric, each.dataset, goal, found.known == "declared", *best, each.last, each.last_step,
             each.min, each.max, each.mean, each.n, each.n_nan)
        )  # fmt: skip
    return pl.DataFrame(rows, schema=_METRICS, orient="row")


def summary_direction(each: Summary, goals: Mapping[str, str] | None = None) -> Direction:
    """The direction of a run's metric: by `goals`, else as the run declared it, else as its name suggests."""
    declared = {each.metric: each.goal} if each.goal else {}
    return find_direction(each.metric, each.dataset, goals={**declared, **(goals or {})})


def best_of(each: Summary, found: Direction) -> tuple[float | None, int | None]:
    """The best value and its step; nulls where nothing says which way is better."""
    if not found.is_known:
        return None, None
    return (each.min, each.min_step) if found.goal == "minimize" else (each.max, each.max_step)


def run_params(view: RunView) -> pl.DataFrame:
    """One row per param, by dotted name: its kind and its value, text as it is and everything else as JSON."""
    return _params(view.row.params)


def run_results(view: RunView) -> pl.DataFrame:
    """One row per value that the summary has beside metrics, by name, as `run_params` has params."""
    return _params(view.row.results)


def _params(params: Mapping[str, Param]) -> pl.DataFrame:
    rows = []
    for name, param in sorted(params.items()):
        value = param.decode()
        rows.append((name, param.kind, value if isinstance(value, str) else dump_json(value)))
    return pl.DataFrame(rows, schema=_PARAMS, orient="row")


def run_env(view: RunView) -> pl.DataFrame:
    """One row per thing that the run said of its surroundings: command, git, packages."""
    return pl.DataFrame(sorted(view.row.env.items()), schema=_ENV, orient="row")


def run_writers(view: RunView) -> pl.DataFrame:
    """One row per process that wrote to the run, oldest attempt first. `heard_at` is the last sign of life."""
    live = {writer.row.writer: writer for writer in view.live}
    rows: list[Sequence[Any]] = []
    for row in view.writers:
        known = live.get(row.writer)
        last_update = round(known.modified.timestamp() * 1000) if known else row.updated_at
        count = known.shown.rows if known else row.rows
        rows.append(_writer(row, count, last_update))
    frame = pl.DataFrame(rows, schema=_WRITERS | {"started_at": pl.Int64, "heard_at": pl.Int64}, orient="row")
    return frame.cast({"started_at": _WHEN, "heard_at": _WHEN})


def _writer(row: RunRow, rows: int | None, updated: int | None) -> Sequence[Any]:
    return (row.writer, row.attempt, row.status, row.host, rows, row.resume_step, row.closed_by, row.started_at,
            updated, len(row.files))  # fmt: skip
