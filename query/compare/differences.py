"""Runs side by side: everything known about a few of them, a row a thing and a column a run, what differs first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import polars as pl

from ...schema.run.row import RunRow
from ...schema.text.labels import split_label
from ..names.columns import column_kind
from ..names.direction import find_direction
from ..names.metrics import label_column, metric_labels
from ..names.run_columns import COMPARED
from ..snapshots.snapshot import Snapshot

Section: TypeAlias = Literal["run", "params", "metrics", "summary", "tags", "env"]
SECTIONS: Final[tuple[Section, ...]] = ("run", "params", "metrics", "summary", "tags", "env")
COLUMNS: Final = ("section", "name", "part", "kind", "goal", "differs")
"""Before the columns of runs."""
_GIVEN: Final[Mapping[str, Section]] = {"params.": "params", "summary.": "summary", "tags.": "tags"}
_SCHEMA: Final[dict[str, Any]] = dict.fromkeys(COLUMNS, pl.String) | {"differs": pl.Boolean}


def differences(
    runs: pl.DataFrame,
    *,
    env: Mapping[str, Mapping[str, str]] | None = None,
    goals: Mapping[str, str] | None = None,
    only: bool = False,
) -> pl.DataFrame:
    """One row per thing, one column per run id, in the order of `runs`. No request.

    `section` is `run`, `params`, `metrics`, `summary` (what it says beside metrics), `tags` (those with a value) or
    `env`; `part` is `best` or `last` for metrics, else empty; `kind` is what
    the values are (`number`, `text`, `bool`, `time`, `list`); `goal` is `minimize` or `maximize` for metrics, declared
    or guessed from the name; where nothing says which way is better it is null, and instead of `best` there are `min`
    and `max`. Values are text that says them exactly (floats in full, times in ISO 8601), null where a run has none.
    `differs` where the runs do not all say the same; such rows come first in their section. What no run has is left
    out.

    Args:
        runs: one row per run, with distinct run ids; a few dozen, for each is a column.
        env: by run id, as `environments` gives it.
        goals: `minimize` or `maximize` by metric or label, as `define_metric` declared them.
        only: leave out what is the same in all runs.
    """
    ids = runs["run_id"].to_list()
    rows = [_row("run", name, "", runs[name]) for name in COMPARED if name in runs.columns]
    rows += [
        _row(section, n.removeprefix(prefix), "", runs[n])
        for prefix, section in _GIVEN.items()
        for n in runs.columns
        if n.startswith(prefix)
    ]
    schema = runs.schema
    for label in metric_labels(schema):
        rows += _metric(runs, schema, label, goals)
    names = sorted({name for run_id in ids for name in (env or {}).get(run_id, {})})
    for name in names:
        values = [(env or {}).get(run_id, {}).get(name) for run_id in ids]
        rows.append(_row("env", name, "", pl.Series(values, dtype=pl.String)))
    rows = [row for row in rows if any(value is not None for value in row[len(COLUMNS) :])]
    at = COLUMNS.index("differs")
    rows = [row for section in SECTIONS for row in sorted(rows, key=lambda r: not r[at]) if row[0] == section]
    if only:
        rows = [row for row in rows if row[at]]
    return pl.DataFrame(rows, schema=_SCHEMA | {run_column(run_id): pl.String for run_id in ids}, orient="row")


def run_column(run_id: str) -> str:
    """The column of a run in `differences`: its id, or `run:<id>` for ids that other columns are called by."""
    return f"run:{run_id}" if run_id in COLUMNS else run_id


def _metric(
    runs: pl.DataFrame, schema: Mapping[str, pl.DataType], label: str, goals: Mapping[str, str] | None
) -> list[tuple[Any, ...]]:
    column = label_column(label, schema)
    if column is None:
        return []
    found = find_direction(*split_label(label), goals=goals)
    parts = {"min": f"{column}.min", "max": f"{column}.max"}
    if found.is_known:
        parts = {"best": parts["min" if found.goal == "minimize" else "max"]}
    goal = found.goal if found.is_known else None
    return [_row("metrics", label, part, runs[name], goal) for part, name in {**parts, "last": column}.items()]


def _row(section: Section, name: str, part: str, values: pl.Series, goal: str | None = None) -> tuple[Any, ...]:
    texts = [_text(value) for value in values.to_list()]
    return (section, name, part, column_kind(values.dtype), goal, len(set(texts)) > 1, *texts)


def _text(value: object) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case float():
            return repr(value)
        case datetime():
            return value.isoformat()
        case list():
            return ", ".join(map(str, value)) or None
    return str(value)


def environments(snapshot: Snapshot, run_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """By run id: what each run said of its surroundings (command, git, packages …). No request.

    Of several writers the later attempt counts, key by key. Runs that the snapshot does not know are left out.
    """
    wanted = set(run_ids)
    ended = snapshot.ended.of_runs(sorted(wanted)).select("run_id", "attempt", "started_at", "writer", "env")
    told = [
        (attempt, started.timestamp() if started else 0.0, writer, run_id, dict(_entries(env)))
        for run_id, attempt, started, writer, env in ended.iter_rows()
    ]
    live = [w.row for (run_id, _), w in snapshot.live.items() if run_id in wanted and not w.ended]
    told += [_told(row) for row in live]
    out: dict[str, dict[str, str]] = {}
    for *_, run_id, env in sorted(told, key=lambda each: each[:3]):
        out[run_id] = out.get(run_id, {}) | env
    return out


def _told(row: RunRow) -> tuple[int, float, str, str, dict[str, str]]:
    return row.attempt, (row.started_at or 0) / 1000, row.writer, row.run_id, dict(row.env)


def _entries(env: Any) -> list[tuple[str, str]]:
    """A map's entries, whether Polars gives it as a dict or as a list of keys with values."""
    if env is None:
        return []
    found = env.items() if isinstance(env, dict) else [(e["key"], e["value"]) for e in env]
    return [(key, value) for key, value in found if value is not None]
