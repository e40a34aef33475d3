"""What the page of one run shows: facts, params, metrics with best and last, its origin, what people decided. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from ..query.direction import find_direction
from ..query.runview import RunView
from ..schema.edits import Edit
from ..schema.rows import RunRow
from ..schema.summary import Summary
from ..schema.values import Param
from .digits import NONE, count, decimals_for, exact, number, span
from .table import Cell, Column, Row

METRIC_COLUMNS: Final = (
    Column("metric", "Metric", "wrap"),
    Column("last", "Last", "number"),
    Column("best", "Best", "number"),
    Column("at", "At step", "number", title="The step of the best value"),
    Column("low", "Lowest", "number"),
    Column("high", "Highest", "number"),
    Column("mean", "Mean", "number"),
    Column("n", "Points", "number"),
)
PAIR_COLUMNS: Final = (Column("name", "Name"), Column("value", "Value", "pre"))
HISTORY_COLUMNS: Final = (
    Column("at", "When", "time"),
    Column("editor", "Who"),
    Column("what", "What", "wrap"),
)
_VERBS: Final = {
    "delete": "moved it to the trash",
    "restore": "restored it",
    "rename": "renamed it to {}",
    "tag": "added the tag {}",
    "untag": "took off the tag {}",
    "note": "wrote: {}",
    "purge": "purged it",
}
_FIRST_ENV: Final = ("command", "cwd", "python", "platform", "cpus", "gpus", "pid")
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Facts:
    """A line under a run's name."""

    status: str
    """With how it is doing."""
    colour: Literal["green", "orange", "red"]
    parts: tuple[str, ...]


def facts(view: RunView) -> Facts:
    """What happened to the run, in a line."""
    row = view.row
    status: str = row.status
    colour: Literal["green", "orange", "red"] = "green" if row.status in ("finished", "running") else "red"
    if row.status == "killed":
        colour = "orange"
    if row.status == "running" and view.heartbeat_age is not None:
        heard = f"heard of {span(view.heartbeat_age)} ago"
        status, colour = (f"silent, {heard}", "orange") if view.silent else (f"running, {heard}", "green")
    until = row.ended_at or row.updated_at
    parts = []
    if row.started_at is not None and until is not None:
        parts.append(f"{'for' if row.status == 'running' else 'took'} {span((until - row.started_at) / 1000)}")
    if row.user or row.host:
        parts.append(" on ".join([*(["by " + row.user] if row.user else []), *([row.host] if row.host else [])]))
    if row.dataset:
        parts.append(f"dataset {row.dataset}")
    if row.group:
        parts.append(f"group {row.group}")
    if row.job_type:
        parts.append(row.job_type)
    if row.rows is not None:
        parts.append(count(row.rows, "point"))
    if row.attempt > 1:
        parts.append(count(row.attempt, "attempt"))
    if row.closed_by:
        parts.append(f"closed by {row.closed_by}")
    if view.behind is not None:
        parts.append(f"lake was {count(view.behind[0], 'point')} and {span(view.behind[1])} behind at its last word")
    return Facts(status, colour, tuple(parts))


def metric_rows(row: RunRow) -> list[Row]:
    """One row per metric; the digits of a row fit its own spread."""
    out = []
    for label, each in sorted(row.summary.items()):
        places = decimals_for([each.last, each.min, each.max, each.mean])
        best, at = best_of(each)
        cells: list[Cell] = [label, *(_number(v, places) for v in (each.last,))]
        cells += [{**_whole(best, places), "tint": "strong"} if best is not None else None]
        cells += [None if at is None else f"{at:,}"]
        cells += [_number(v, places) for v in (each.min, each.max, each.mean)]
        nans = f"{each.n_nan:,} NaN" if each.n_nan else ""
        cells.append({"text": f"{each.n:,}"} | ({"sub": nans} if nans else {}))
        out.append(Row(label, cells, label=label))
    return out


def best_of(each: Summary) -> tuple[float | None, int | None]:
    """The best value and its step, by the declared direction or the one that the name suggests."""
    goal = find_direction(each.metric, each.dataset, goals={each.metric: each.goal} if each.goal else None).goal
    return (each.min, each.min_step) if goal == "minimize" else (each.max, each.max_step)


def _number(value: float | None, places: int | None) -> Cell:
    return None if value is None else _whole(value, places)


def _whole(value: float, places: int | None) -> dict[str, str]:
    return {"text": number(value, places), "title": exact(value)}


def param_rows(params: Mapping[str, Param]) -> list[Row]:
    """Params by name, values as they were given."""
    return [Row(name, [name, param_text(value)], label=name) for name, value in sorted(params.items())]


def param_text(param: Param) -> str:
    """A param's value as its source would write it: text without quotes, the rest as JSON."""
    value = param.decode()
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return exact(value)
    return json.dumps(value, ensure_ascii=False)


def env_rows(env: Mapping[str, str]) -> tuple[list[Row], list[Row], list[Row]]:
    """Where it ran, its git state, and its packages."""
    rest = [name for name in sorted(env) if not name.startswith(("git", "package."))]
    first = sorted(rest, key=lambda name: _FIRST_ENV.index(name) if name in _FIRST_ENV else len(_FIRST_ENV))
    git = [name for name in sorted(env) if name.startswith("git")]
    packages = [name for name in sorted(env) if name.startswith("package.")]
    return tuple(  # type: ignore[return-value]
        [Row(name, [name.removeprefix("package.").removeprefix("git."), env[name]], label=name) for name in names]
        for names in (first, git, packages)
    )


def history_rows(edits: Sequence[Edit]) -> list[Row]:
    """What people decided, newest first."""
    rows = []
    for edit in sorted(edits, reverse=True):
        text = edit.arg or ""
        text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        rows.append(Row(f"{edit.hlc}-{edit.rand}", [{"text": edit.at}, edit.editor, _VERBS[edit.op].format(text)]))
    return rows


def run_labels(runs: pl.DataFrame, run_ids: Sequence[str]) -> dict[str, str]:
    """A name for each run that no other of them has: its own, and what sets it apart from its namesakes."""
    frame = runs.filter(pl.col("run_id").is_in(list(run_ids)))
    names = dict(frame.select("run_id", pl.coalesce("name", "run_id")).iter_rows())
    params = [name for name in frame.columns if name.startswith("params.")]
    out = {}
    for name in dict.fromkeys(names.values()):
        same = [run_id for run_id in names if names[run_id] == name]
        if len(same) == 1:
            out[same[0]] = name
            continue
        alike = frame.filter(pl.col("run_id").is_in(same))
        differing = [param for param in params if alike[param].n_unique() > 1][:3]
        for row in alike.select("run_id", *differing).iter_rows(named=True):
            apart = " · ".join(f"{p.removeprefix('params.')}={_brief(row[p])}" for p in differing)
            out[row["run_id"]] = f"{name} · {apart}" if apart else f"{name} · {row['run_id'][-6:]}"
    seen: dict[str, int] = {}
    for label in out.values():
        seen[label] = seen.get(label, 0) + 1
    return {run_id: label if seen[label] == 1 else f"{label} · {run_id[-6:]}" for run_id, label in out.items()}


def _brief(value: object) -> str:
    text = number(value, significant=6) if isinstance(value, float) else NONE if value is None else str(value)
    return text if len(text) <= 20 else f"{text[:19]}…"
