"""What the page of one run shows: facts, params, metrics with best and last, its origin, what people decided. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import polars as pl

from ....query.run.progress import Progress
from ....query.run.relatives import RelatedRuns
from ....query.run.run import RunView
from ....query.run.tables import best_of, summary_direction
from ....query.tables.run_table import counting_filters, select_rows
from ....schema.edits import Edit
from ....schema.run.row import ASIDE_ENV, NEXT, UNSTATED, RunRow
from ....schema.values import Param
from ...components.values import Cell, Column, Field, Row, run_cell
from ...format.numbers import count, decimals_for, exact, number, span
from ...format.palette import mark_of
from ...run_tables.cells import NO_HEARTBEAT, status_cell, status_word
from ...state.links import PROJECT, link

_NOW: Final = 2.0
"""Seconds since a sign of life that need no number."""
METRIC_COLUMNS: Final = (
    Column("metric", "Metric", "wrap"),
    Column("best", "Best", "number"),
    Column("at", "At step", "number", title="The step of the best value"),
    Column("last", "Last", "number"),
    Column("last_at", "At step", "number", title="The step of the last value"),
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
PARAM_HEADS: Final = (Column("value", "Value", "code"), Column("type", "Type", "quiet"))
WRITER_COLUMNS: Final = (
    Column("writer", "Writer", "mono"),
    Column("attempt", "Attempt", "number"),
    Column("status", "Status", "status"),
    Column("host", "Host"),
    Column("rank", "Rank", "number", title="RANK, or the number that the scheduler gave it"),
    Column("rows", "Points", "number", title="So far, where it runs"),
    Column("resume", "Resumed at step", "number", title="Points of older attempts from this step on are hidden"),
    Column("closed", "Closed by", title="Who wrote its last row, where it was not the run itself"),
    Column("started", "Started", "time"),
    Column("heard", "Last update", "time", title="Its last sign of life, by the store's clock"),
    Column("files", "Sealed files", "number"),
)
RELATED_COLUMNS: Final = (
    Column("name", "Run", "run"),
    Column("role", "Is its"),
    Column("status", "Status", "status"),
)
_DEEPEST: Final = 6
_MOST_RELATIVES: Final = 40
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
_FIRST_GIT: Final = ("git.commit", "git.branch", "git.remote", "git.dirty", "git.changed")
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
    status = status_word(row.status, row.error)
    colour: Literal["green", "orange", "red"] = "green" if row.status in ("finished", "running") else "red"
    if row.status in ("killed", UNSTATED):
        colour = "orange"
    if row.status == UNSTATED:
        status = "ended by the next run, nobody said how" if row.closed_by == NEXT else "ended, nobody said how"
    if row.status == "running" and view.heartbeat_age is not None:
        update = "updated just now" if view.heartbeat_age < _NOW else f"updated {span(view.heartbeat_age)} ago"
        status, colour = (f"{NO_HEARTBEAT}, {update}", "orange") if view.silent else (f"running, {update}", "green")
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


def progress_words(told: Progress | None) -> tuple[str, ...]:
    """How far a run has come and what is left."""
    if told is None:
        return ()
    if told.part is None:
        return (f"step {told.step:,}",)
    done = f"{told.part:.0%} done (step {told.step:,}; {told.param} = {number(told.total)})"
    return (done, *([f"about {span(told.seconds_left)} left at this pace"] if told.seconds_left is not None else []))


def metric_rows(row: RunRow, goals: Mapping[str, str] | None = None) -> list[Row]:
    """One row per metric; the digits of a row fit its own spread.

    Where nothing says which way is better none of its values is called the best.

    Args:
        row: of the run.
        goals: what is known beside what the run declared and what names suggest.
    """
    out = []
    for label, each in sorted(row.summary.items()):
        places = decimals_for([each.last, each.min, each.max, each.mean])
        known = summary_direction(each, goals)
        best, at = best_of(each, known)
        better = "less" if known.goal == "minimize" else "more"
        why = known.sentence(label) or f"{label}: {better} is better, as declared"
        arrow = {"sub": "↓" if better == "less" else "↑"} if known.is_known else {}
        cells: list[Cell] = [{"text": label, "title": why} | arrow]
        cells += [{**_whole(best, places), "tint": "strong"} if best is not None else None]
        cells += [None if at is None else f"{at:,}", _number(each.last, places)]
        cells += [None if each.last_step is None else f"{each.last_step:,}"]
        cells += [_number(v, places) for v in (each.min, each.max, each.mean)]
        nans = f"{each.n_nan:,} NaN" if each.n_nan else ""
        cells.append({"text": f"{each.n:,}"} | ({"sub": nans} if nans else {}))
        out.append(Row(label, cells, label=label))
    return out


def _number(value: float | None, places: int | None) -> Cell:
    return None if value is None else _whole(value, places)


def _whole(value: float, places: int | None) -> dict[str, str]:
    return {"text": number(value, places), "title": exact(value)}


def param_lines(params: Mapping[str, Param]) -> list[Row]:
    """Params as they were nested, each with its value as it was given and its type; groups come after plain ones."""
    out: list[Row] = []
    _nest(sorted(params.items()), "", 0, out)
    return out


def _nest(params: Sequence[tuple[str, Param]], prefix: str, depth: int, out: list[Row]) -> None:
    parts: dict[str, list[tuple[str, Param]]] = {}
    for name, param in params:
        head, dot, rest = name[len(prefix) :].partition(".")
        if dot and head and rest and depth < _DEEPEST:
            parts.setdefault(head, []).append((name, param))
        else:
            cells: list[Cell] = [{"text": param_text(param)}, param.kind]
            field = Field(name[len(prefix) :], _group(prefix), depth, title=name, find=name)
            out.append(Row(f"p.{name}", cells, name, field=field))
    for head, inner in sorted(parts.items()):
        below = f"{prefix}{head}."
        note = count(len(inner), "param")
        out.append(Row(_group(below), (), field=Field(head, _group(prefix), depth, group=True, note=note, title=below)))
        _nest(inner, below, depth + 1, out)


def _group(prefix: str) -> str:
    return f"g.{prefix}" if prefix else ""


def plain_lines(values: Mapping[str, Param]) -> list[Row]:
    """Values by their whole names, each as it was given, with its type."""
    return [
        Row(
            f"p.{name}",
            [{"text": param_text(value)}, value.kind],
            name,
            field=Field(name, "", 0, title=name, find=name),
        )
        for name, value in sorted(values.items())
    ]


def tag_words(row: RunRow) -> tuple[str, ...]:
    """A run's tags, then those that have a value, `stage: production`, by key."""
    return (*row.tags, *(f"{key}: {value}" for key, value in sorted(row.tag_values.items())))


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
    # Which metrics move no step is for resumes, not for people.
    rest = [name for name in sorted(env) if not name.startswith(("git", "package.")) and name != ASIDE_ENV]
    first = sorted(rest, key=lambda name: _FIRST_ENV.index(name) if name in _FIRST_ENV else len(_FIRST_ENV))
    git = [name for name in env if name.startswith("git")]
    git = sorted(git, key=lambda name: (_FIRST_GIT.index(name) if name in _FIRST_GIT else len(_FIRST_GIT), name))
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


def writer_rows(view: RunView) -> list[Row]:
    """One row a writer (a process), oldest attempt first: resumes and ranks of the run."""
    live = {writer.row.writer: writer for writer in view.live}
    out = []
    for row in view.writers:
        known = live.get(row.writer)
        age = (view.now - known.modified).total_seconds() if known else None
        status = status_cell(row.status, bool(known and known.silent(view.now)), age, row.error)
        rows = known.shown.rows if known else row.rows
        rank = next((row.env[name] for name in ("rank", "slurm_procid", "local_rank") if name in row.env), None)
        last_update = known.modified.timestamp() * 1000 if known else row.updated_at
        cells: list[Cell] = [row.writer, f"{row.attempt}", status, row.host, rank]
        cells += [None if rows is None else f"{rows:,}", None if row.resume_step is None else f"{row.resume_step:,}"]
        cells += [row.closed_by, *(None if at is None else {"text": round(at)} for at in (row.started_at, last_update))]
        out.append(Row(row.writer, [*cells, {"text": f"{len(row.files)}"}], label=row.writer))
    return out


def related_table(found: RelatedRuns, *, project: str, colours: Mapping[str, int]) -> tuple[list[Column], list[Row]]:
    """`related_rows` with their heads; without the role where all have the same, as the caption tells."""
    rows = related_rows(found, project=project, colours=colours)
    if len({str(row.cells[1]) for row in rows}) > 1 or found.parent_id is not None:
        return list(RELATED_COLUMNS), rows
    kept = [at for at, column in enumerate(RELATED_COLUMNS) if column.id != "role"]
    return [RELATED_COLUMNS[at] for at in kept], [replace(row, cells=[row.cells[at] for at in kept]) for row in rows]


def related_rows(found: RelatedRuns, *, project: str, colours: Mapping[str, int]) -> list[Row]:
    """Parent, children and the others of the group, each with its status; the first few dozen of each."""
    out = []
    if found.parent_id is not None and not found.parent.height:
        away = run_cell(found.parent_id, None, link("run", {PROJECT: project, "run": found.parent_id}))
        out.append(Row(found.parent_id, [away, "parent, not in this project", None], tint="quiet"))
    for role, frame in (("parent", found.parent), ("child", found.children), ("group", found.siblings)):
        for run_id, name, status, silent, age, error in (
            frame.select("run_id", "name", "status", "silent", "heartbeat_age", "error")
            .head(_MOST_RELATIVES)
            .iter_rows()
        ):
            href = link("run", {PROJECT: project, "run": run_id})
            cell = run_cell(run_id, name, href, mark=mark_of(run_id, colours))
            out.append(Row(run_id, [cell, role, status_cell(status, silent, age, error)], label=name or run_id))
    return out


def neighbours(run_ids: Sequence[str], run_id: str) -> tuple[str | None, str | None, str]:
    """The runs before and after one in an order, and its place in words; empty where it is not among them."""
    if run_id not in run_ids:
        return None, None, ""
    at = list(run_ids).index(run_id)
    before = run_ids[at - 1] if at else None
    after = run_ids[at + 1] if at + 1 < len(run_ids) else None
    return before, after, f"{at + 1:,} of {len(run_ids):,}"


def in_order(runs: pl.DataFrame, texts: Sequence[str], sort: str) -> list[str]:
    """Ids of the runs that filters leave, as a table sorts them; filters at fault count for nothing."""
    good, _ = counting_filters(texts, runs)
    return runs["run_id"].gather(select_rows(runs, where=good, sort=sort)).to_list()


def diff_of(env: Mapping[str, str]) -> str:
    """The changes to the code that the run recorded; empty where it recorded none."""
    return next((env[name] for name in ("git.diff", "git.patch") if env.get(name)), "")
