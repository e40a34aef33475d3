"""From an overview of the lake to what the tables of the page Home show. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from ....query.filters.syntax import quote_string
from ....query.overview.overview import DAY, WEEK, Overview, users_of
from ....query.run.progress import progress_of
from ....schema.run.row import FAILED, UNSTATED
from ...components.values import Cell, Column, Row, run_cell
from ...format.numbers import count, decimals_for, exact, number, span
from ...format.snippets import call, recipe
from ...run_tables.cells import changes, clipped, milliseconds, status_cell
from ...run_tables.directions import explain_how_to_direct
from ...state.links import PROJECT, link

SPANS: Final[Mapping[str, timedelta]] = {"day": DAY, "week": WEEK}
SPAN_WORDS: Final[Mapping[str, str]] = {"day": "24 hours", "week": "7 days"}
_NOBODY: Final = "unknown"
_MOST_PROJECTS: Final = 4
_LONGEST_ERROR: Final = 300
_MOST_UNDIRECTED: Final = 2
_ARROWS: Final = "↑ more is better, ↓ less is better"

LIVE_COLUMNS: Final = (
    Column("name", "Run", "run"),
    Column("project", "Project", "link"),
    Column("user", "User"),
    Column("progress", "Progress", "bar", title="Steps so far, of as many as a param of the run tells"),
    Column("last", "Last", "number", title="The metric's last value"),
    Column("best", "Best", "number", title="The metric's best value so far", wide=True),
    Column("curve", "Curve", "spark", title="The metric over the run's steps"),
    Column("metric", "Metric", "flex", title="What the project ranks by, or what the run has of its own"),
    Column("since", "Running for", "duration", wide=True),
    Column("at", "Last update", "time", title="The last sign of life, by the store's clock"),
)
ENDED_COLUMNS: Final = (
    Column("name", "Run", "run"),
    Column("project", "Project", "link"),
    Column("state", "Status", "status"),
    Column("at", "When", "time", title="When it ended, or its last sign of life"),
    Column("user", "User"),
    Column("best", "Best", "number", title="The best value of the metric that the project ranks by"),
    Column("told", "Metric, or what went wrong", "flex"),
)
RECORD_COLUMNS: Final = (
    Column("name", "Run", "run"),
    Column("project", "Project", "link"),
    Column("user", "By"),
    Column("at", "When", "time"),
    Column("value", "Record", "number"),
    Column("gain", "Better by", "number"),
    Column("metric", "Metric", title=_ARROWS),
    Column("changed", "Changed against the former", "flex"),
)
PROJECT_COLUMNS: Final = (
    Column("name", "Project", "run"),
    Column("live", "Running", "number"),
    Column("runs", "Runs", "number", title="All that are not in the trash"),
    Column("lately", "Recently finished", title="Finished and failed within the time chosen above", wide=True),
    Column("at", "Last news", "time"),
    Column("best", "Record", "number"),
    Column("holder", "Held by", "link"),
    Column("metric", "Ranks by", "flex", title=f"{_ARROWS}, ↕ nothing says which"),
)
USER_COLUMNS: Final = (
    Column("user", "User"),
    Column("live", "Running", "number"),
    Column("runs", "Runs", "number", title="With a sign of life within the time chosen above"),
    Column("failed", "Failed", "number"),
    Column("projects", "Working on", "links"),
    Column("at", "Last news", "time"),
)
_STATES: Final[Mapping[str, Sequence[str]]] = {
    "finished": ("finished",), "failed": FAILED, "ended": (UNSTATED,), "silent": ("silent",),
}  # fmt: skip
"""States of runs by what was asked for of those that ended lately."""


def without_project(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[list[Column], list[Row]]:
    """A table without its column of projects, which says the same in every row where a lake has one."""
    kept = [i for i, column in enumerate(columns) if column.id != "project"]
    return [columns[i] for i in kept], [replace(row, cells=[row.cells[i] for i in kept]) for row in rows]


def note_of(overview: Overview) -> str:
    """What stands beside the title: `3 running · 1 without a heartbeat · 312 runs in 6 projects`."""
    states = overview.runs["state"]
    live, silent = int((states == "running").sum()), int((states == "silent").sum())
    total = f"{count(overview.runs.height, 'run')} in {count(len(overview.names) - len(overview.pending), 'project')}"
    parts = [f"{live:,} running"] * bool(live) + [f"{silent:,} without a heartbeat"] * bool(silent) + [total]
    return " · ".join(parts)


def live_rows(runs: pl.DataFrame, curves: pl.DataFrame, *, now: datetime) -> list[Row]:
    """Rows of what runs, for `LIVE_COLUMNS`."""
    drawn = {(project, run_id): values for project, run_id, _, values in curves.iter_rows()}
    places = _places(runs, "last", "best")
    out = []
    for row in runs.iter_rows(named=True):
        values = drawn.get((row["project"], row["run_id"]))
        if values and row["last"] is not None and row["last"] - row["last"] == 0:
            # The curve may be a few points old; its end is not.
            values = [*values, row["last"]]
        began = row["started_at"] or row["created_at"]
        cells: list[Cell] = [
            _run(row),
            _project(row["project"]),
            _text(row["user"]),
            progress_cell(row, now=now),
            _value(row["last"], places[row["metric"]]),
            _value(row["best"], places[row["metric"]]),
            {"text": [float(f"{v:.5g}") for v in values], "title": f"{row['metric']}"} if values else None,
            _metric(row),
            {"text": _elapsed(now - began), "title": began.isoformat()} if began else None,
            _time(row["at"]),
        ]
        out.append(Row(_id(row), cells, label=row["name"] or row["run_id"]))
    return out


def _elapsed(time: timedelta) -> str:
    """In whole seconds, so that a column of running clocks keeps still."""
    seconds = max(0, round(time.total_seconds()))
    return f"{seconds} s" if seconds < 60 else span(seconds)


def progress_cell(row: Mapping[str, Any], *, now: datetime) -> Cell:
    """How far a run has come: a part of its steps where a param tells how many there will be, else the last step."""
    told = progress_of(row, now=now)
    if told is None:
        return None
    if told.part is None:
        return {"text": f"step {told.step:,}", "title": "No param tells how many steps there will be"}
    title = f"step {told.step:,}; {told.param} = {number(told.total)}"
    if told.seconds_left is not None:
        title += f"\nabout {span(told.seconds_left)} left at this pace"
    return {"text": f"{told.part:.0%}", "part": round(told.part, 4), "title": title}


def ended_rows(runs: pl.DataFrame) -> list[Row]:
    """Rows of what ended or fell silent, for `ENDED_COLUMNS`."""
    places = _places(runs, "best")
    out = []
    for row in runs.iter_rows(named=True):
        status = "running" if row["state"] == "silent" else row["state"]
        cells: list[Cell] = [
            _run(row),
            _project(row["project"]),
            status_cell(status, row["state"] == "silent", row["heartbeat_age"], row["error"]),
            _time(row["at"]),
            _text(row["user"]),
            _value(row["best"], places[row["metric"]]),
            _wrong(row["error"]) or _metric(row),
        ]
        out.append(Row(_id(row), cells, label=row["name"] or row["run_id"]))
    return out


def ended_of(ended: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Of `Overview.recently_ended` only what finished, failed or fell silent; all for an empty kind."""
    states = _STATES.get(kind)
    return ended if states is None else ended.filter(pl.col("state").is_in(states))


def broken_rows(records: pl.DataFrame) -> list[Row]:
    """Rows of records that fell, for `RECORD_COLUMNS`."""
    places = _places(records, "value", "former")
    out = []
    for row in records.iter_rows(named=True):
        decimals = places[row["metric"]]
        cells: list[Cell] = [
            _run(row),
            _project(row["project"], title=f"the leaderboard of {row['project']}"),
            _text(row["user"]),
            _time(row["at"]),
            _value(row["value"], decimals),
            {"text": f"+{number(row['gain'], decimals)}", "title": f"the record before: {exact(row['former'])}"},
            _metric(row),
            changes(row["changed"]) or "the same config",
        ]
        out.append(Row(f"{_id(row)}/{row['metric']}/{row['at']}", cells, label=row["name"] or row["run_id"]))
    return out


def project_rows(projects: pl.DataFrame) -> list[Row]:
    """Rows of projects, for `PROJECT_COLUMNS`; each leads to its leaderboard, its holder to the run."""
    places = _places(projects, "best")
    out = []
    for row in projects.iter_rows(named=True):
        name = row["project"]
        lead = run_cell(name, name, link("leaderboard", {PROJECT: name})) | {"title": f"the leaderboard of {name}"}
        if not row["read"]:
            out.append(Row(name, [lead, *([None] * (len(PROJECT_COLUMNS) - 1))], label=name, tint="quiet"))
            continue
        holder = row["best_run_id"]
        ended = [f"{row[what]:,} {what}" for what in ("finished", "failed") if row[what]]
        cells: list[Cell] = [
            lead,
            f"{row['live']:,}" if row["live"] else None,
            f"{row['runs']:,}",
            ", ".join(ended) or None,
            _time(row["at"]),
            _value(row["best"], places[row["metric"]]),
            {
                "text": row["best_name"] or holder,
                "href": link("run", {PROJECT: name, "run": holder}),
                "sub": row["best_user"] or "",
            }
            if holder
            else None,
            _metric(row),
        ]
        out.append(Row(name, cells, label=name))
    return out


def user_rows(pairs: pl.DataFrame) -> list[Row]:
    """Rows of users, for `USER_COLUMNS`; each project leads to that user's runs in it."""
    out = []
    for user, part in users_of(pairs):
        links: list[dict[str, Any]] = []
        for row in part.head(_MOST_PROJECTS).iter_rows(named=True):
            where = {} if user is None else {"filter": f"run.user = {quote_string(user)}"}
            links.append(
                {
                    "text": row["project"],
                    "href": link("runs", {PROJECT: row["project"], **where}),
                    "title": f"{count(row['runs'], 'run')}, {row['live']:,} running, {row['failed']:,} failed",
                }
                | ({"sub": f"{row['live']:,} running"} if row["live"] else {})
            )
        more = part.height - _MOST_PROJECTS
        if more > 0:
            links.append({"text": f"{more:,} more"})
        live, failed = int(part["live"].sum()), int(part["failed"].sum())
        cells: list[Cell] = [
            _text(user) or {"text": _NOBODY, "title": "Runs that name no user"},
            f"{live:,}" if live else None,
            f"{int(part['runs'].sum()):,}",
            f"{failed:,}" if failed else None,
            {"text": links},
            _time(part["at"].max()),
        ]
        out.append(Row(user or "", cells, label=user or _NOBODY))
    return out


def code_of(lake: str, method: str, *, find: str = "", within: timedelta | None = None, tail: str = "") -> str:
    """The lines that give the frame of a table of Home: `lake.overview()`, narrowed as the page is."""
    imports = ["from datetime import timedelta"] if within is not None else []
    given = f"timedelta(days={within.days})" if within is not None else ""
    narrowed = f".{call('find', find)}" if find.strip() else ""
    return recipe(lake, f"frame = lake.overview(){narrowed}.{method}({given}){tail}", imports=imports)


def ended_tail(kind: str) -> str:
    """What narrows `recently_ended()` as `ended_of` does."""
    states = _STATES.get(kind)
    return "" if states is None else f'.filter(pl.col("state").is_in({list(states)!r}))'


def _id(row: Mapping[str, Any]) -> str:
    return f"{row['project']}/{row['run_id']}"


def _run(row: Mapping[str, Any]) -> dict[str, Any]:
    return run_cell(row["run_id"], row["name"], link("run", {PROJECT: row["project"], "run": row["run_id"]}))


def _project(name: str, title: str = "") -> dict[str, Any]:
    return {"text": name, "href": link("leaderboard", {PROJECT: name})} | ({"title": title} if title else {})


def undirected_note(metrics: Mapping[str, str]) -> tuple[str, str]:
    """Of which projects no record is claimed, and how to change that; empty for none.

    Args:
        metrics: `Overview.undirected`.
    """
    if not metrics:
        return "", ""
    names = list(metrics)
    if len(names) > _MOST_UNDIRECTED:
        return f"none of {count(len(names), 'project')}: nothing says which way is better", explain_how_to_direct()
    what = " and ".join(f"{metrics[name]} in {name}" for name in names)
    return f"none of {what}: nothing says which way is better", explain_how_to_direct(metrics[names[0]])


def _metric(row: Mapping[str, Any]) -> Cell:
    if row["metric"] is None:
        return None
    if row["goal"] is None:
        title = f"Nothing says which way of {row['metric']} is better, so no value is called the best. "
        return {"text": f"{row['metric']} ↕", "title": title + explain_how_to_direct(row["metric"]), "tint": "faint"}
    return {"text": f"{row['metric']} {_arrow(row['goal'])}", "tint": "faint"}


def _wrong(error: str | None) -> Cell:
    """An error in a line: of a traceback the last one, else the first, which names what was raised."""
    lines = (error or "").strip().splitlines()
    if not lines:
        return None
    line = lines[-1] if lines[0].startswith("Traceback") else lines[0]
    return {"text": line[:_LONGEST_ERROR], "title": (error or "").strip()[:2000], "tint": "worse"}


def _places(rows: pl.DataFrame, *columns: str) -> dict[str | None, int | None]:
    """By metric: the decimals that its values in these columns need, as on the leaderboard."""
    parts = rows.select("metric", *columns).partition_by("metric", as_dict=True)
    return {
        metric: decimals_for([v for c in columns for v in part[c].drop_nulls()]) for (metric,), part in parts.items()
    }


def _arrow(goal: str | None) -> str:
    return "↓" if goal == "minimize" else "↑"


def _value(value: float | None, decimals: int | None) -> Cell:
    if value is None:
        return None
    return {"text": number(value, decimals), "title": exact(value)}


def _time(moment: object) -> Cell:
    return {"text": milliseconds(moment)} if isinstance(moment, datetime) else None


def _text(text: str | None) -> Cell:
    return None if text is None else clipped(text)


def pages_note(shown: int, total: int, what: str) -> str:
    """`12 of 300 running ones shown`, or nothing where all are."""
    return f"{shown:,} of {count(total, what)} shown, and only their points read" if shown < total else ""
