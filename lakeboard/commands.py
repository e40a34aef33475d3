"""What the command line does with a lake: each command is one call of `query` or `upkeep`, and its printing."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .logger.origin import user_name
from .printing import print_columns, say
from .schema.errors import AccessDenied, InvalidSetting, UnknownRun
from .schema.names import same_run_id
from .schema.text.printable import printable
from .schema.values import json_safe

if TYPE_CHECKING:
    import polars as pl

    from .query.lake import Lake
    from .schema.edits import Op

_SHOWN = ("name", "run_id", "status", "user", "dataset", "last_step", "created_at", "duration")


def open_for_reading(lake: str | None) -> Lake:
    """The lake of `--lake`, the environment, or ./lake."""
    from .query.lake import open_lake

    return open_lake(lake)


def list_projects(lake: str | None, *, as_json: bool) -> int:
    """Print the projects of a lake."""
    opened = open_for_reading(lake)
    frame = opened.projects()
    if as_json:
        _print_json_lines(frame)
    elif frame.is_empty():
        say(f"no runs yet in {opened.url}; fill it with: lakeboard demo --lake {opened.url}")
    else:
        _print_table(frame)
    return 0


def list_runs(
    lake: str | None,
    project: str,
    *,
    where: str | None,
    sort: str | None,
    limit: int,
    deleted: bool,
    as_json: bool,
) -> int:
    """Print runs of one project, newest first unless `sort` says otherwise."""
    opened = open_for_reading(lake)
    frame = opened.runs(project, where=where, deleted=deleted)
    if where and frame.is_empty():
        _tell_other_meanings(where, frame)
    column, descending = (sort.removeprefix("-"), sort.startswith("-")) if sort else ("created_at", True)
    from .query.names.columns import find_column, given_prefix
    from .query.tables.ordering import order_of

    if column not in frame.columns:
        found = find_column(column, frame.schema)
        if found is None:
            raise InvalidSetting(f"--sort {column!r} is no column of {project}; there are {', '.join(frame.columns)}")
        column = found
    frame = frame[order_of(frame[column], f"-{column}" if descending else column)]
    if as_json:
        _print_json_lines(frame)
        return 0
    values = [c for c in frame.columns if given_prefix(c) or f"{c}.min" in frame.columns]
    shown = frame.head(limit).select([*(c for c in _SHOWN if c in frame.columns), *values])
    _print_table(shown)
    more = f", {limit} shown (--limit)" if len(frame) > limit else ""
    say(f"{len(frame)} runs{more}")
    for problem in opened.problems(project):
        say(f"lakeboard: {problem.message}", file=sys.stderr)
    return 0


def _tell_other_meanings(where: str, frame: pl.DataFrame) -> None:
    from .query.filters.language import parse_filter
    from .query.filters.lookup import other_meanings

    for each in other_meanings(parse_filter(where), frame.schema):
        say(f"lakeboard: {each}", file=sys.stderr)


def show_run(lake: str | None, run: str, *, project: str | None, as_json: bool) -> int:
    """Print everything about one run."""
    opened = open_for_reading(lake)
    where, run_id = find_run(opened, run, project)
    frame = opened.runs(where, deleted=True)
    row = next(r for r in frame.iter_rows(named=True) if r["run_id"] == run_id)
    view = opened.run(where, run_id)
    out: dict[str, Any] = {k: v for k, v in row.items() if v is not None}
    for what, versions in (("inputs", view.row.inputs), ("outputs", view.row.outputs)):
        if versions:
            out[what] = [str(version) for version in versions]
    out["env"] = dict(view.row.env)
    history = opened.history(where, run_id)
    out["history"] = [_plain(act) for act in history.iter_rows(named=True)]
    if as_json:
        say(json.dumps(json_safe(_plain(out))))
        return 0
    metrics = {c for c in frame.columns if f"{c}.min" in frame.columns}
    for name, value in out.items():
        if name not in ("env", "history") and not any(name == m or name.startswith(f"{m}.") for m in metrics):
            say(f"{printable(name):24} {printable(_text(value))}")
    if metrics:
        say(f"\n{'metric':24} {'last':>12} {'min':>12} {'max':>12} {'mean':>12}")
        for name in sorted(m for m in metrics if row.get(m) is not None):
            cells = (row[name], *(row[f"{name}.{part}"] for part in ("min", "max", "mean")))
            say(f"{printable(name):24} " + " ".join(f"{_text(c):>12}" for c in cells))
    if len(history):
        say("\nwhat people decided, newest last (lakeboard restore, rename, tag … decide anew):")
        _print_history(history.drop("run_id"))
    say("")
    diff = out["env"].pop("git.diff", "")
    for name, value in sorted(out["env"].items()):
        say(f"{printable(name):24} {value}")
    if diff:
        say(f"\nwhat differed from the commit:\n{diff}")
    return 0


def show_history(lake: str | None, run: str | None, *, project: str | None, as_json: bool) -> int:
    """Print who decided what and when, newest last: about one run, one project or all; purged runs by their id."""
    opened = open_for_reading(lake)
    names = [project] if project is not None else opened.projects()["project"].to_list()
    wanted = run
    if run is not None:
        try:
            name, wanted = find_run(opened, run, project)
            names = [name]
        except UnknownRun:
            # Of a purged run nothing but this is left.
            wanted = same_run_id(run)
            names = [n for n in names if wanted in opened.history(n)["run_id"]]
            if not names:
                raise
    acts = 0
    for name in names:
        try:
            frame = opened.history(name)
        except AccessDenied as error:
            if project is not None:
                raise
            say(f"lakeboard: {error}", file=sys.stderr)
            continue
        if wanted is not None:
            frame = frame.filter(frame["run_id"] == wanted)
        acts += len(frame)
        if as_json:
            for act in frame.iter_rows(named=True):
                say(json.dumps(json_safe({"project": name, **_plain(act)})))
        elif len(frame):
            say(f"{name}:")
            _print_history(frame)
    if not acts and not as_json:
        about = "" if run is None else f" about {printable(run)}"
        say(f"nobody has decided anything{about} yet; see: lakeboard rename, tag, note, delete")
    return 0


def _print_history(frame: pl.DataFrame) -> None:
    rows = []
    for act in frame.iter_rows(named=True):
        said = f"{_PAST[act['op']]}{' ' + repr(act['arg']) if act['arg'] is not None else ''}"
        rows.append([_text(act["at"]), *([act["run_id"]] if "run_id" in act else []), act["editor"] or "-", said])
    print_columns(["when (UTC)", *(["run"] if "run_id" in frame.columns else []), "who", "what"], rows)


_PAST = {"delete": "deleted", "restore": "restored", "rename": "renamed", "tag": "tagged", "untag": "untagged",
         "note": "noted", "purge": "purged"}  # fmt: skip


def edit_runs(lake: str | None, runs: Sequence[str], op: Op, arg: str | None = None, *, project: str | None) -> int:
    """Delete, restore, rename, tag, untag or note runs, one edit for all of one project."""
    opened = open_for_reading(lake)
    found: dict[str, list[str]] = {}
    for run in runs:
        where, run_id = find_run(opened, run, project)
        found.setdefault(where, []).append(run_id)
    for where, run_ids in found.items():
        opened.edit(where, run_ids, op, arg, editor=user_name())
        said = f" {arg!r}" if arg is not None and op != "note" else ""
        say(f"{_PAST[op]} {len(run_ids)} of {where}{said}: {', '.join(run_ids)}")
    return 0


def find_run(opened: Lake, run: str, project: str | None) -> tuple[str, str]:
    """(project, run id) of the only run of this name or id, which may also be spelled as `init` was given it."""
    projects = [project] if project is not None else opened.projects()["project"].to_list()
    hits: list[tuple[str, str]] = []
    for where in projects:
        try:
            frame = opened.runs(where, deleted=True, columns=[])
        except AccessDenied as error:
            if project is not None:
                raise
            say(f"lakeboard: {error}", file=sys.stderr)
            continue
        match = frame.filter((frame["run_id"] == same_run_id(run)) | (frame["name"] == run).fill_null(value=False))
        hits += [(where, run_id) for run_id in match["run_id"]]
    if not hits:
        raise UnknownRun(f"no run {run!r} in {project or 'any project'} of {opened.url}; see: lakeboard ls PROJECT")
    if len(hits) > 1:
        ids = ", ".join(f"{run_id} ({where})" for where, run_id in hits)
        raise UnknownRun(f"{len(hits)} runs are called {run!r}: {ids}; give the id, or --project")
    return hits[0]


def _print_json_lines(frame: pl.DataFrame) -> None:
    for row in frame.iter_rows(named=True):
        say(json.dumps(json_safe(_plain(row))))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}


def _print_table(frame: pl.DataFrame) -> None:
    print_columns(frame.columns, [[_text(v) for v in row] for row in frame.iter_rows()])


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, (list, tuple)):
        return ", ".join(str(v) for v in value) or "-"
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
