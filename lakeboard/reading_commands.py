"""`lakeboard compare` and `lakeboard export`: runs side by side, and as files for other programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .commands import find_run, open_for_reading
from .printing import print_columns, say
from .schema.errors import InvalidSetting
from .schema.values import json_safe

if TYPE_CHECKING:
    import polars as pl


def compare(lake: str | None, runs: Sequence[str], *, project: str | None, everything: bool, as_json: bool) -> int:
    """Print what differs between runs of one project: params, metrics, results, tags; a column each.

    Raises:
        UnknownRun: there is none such, or several.
        InvalidSetting: they are of several projects.
    """
    from .query.compare.differences import differences, run_column

    opened = open_for_reading(lake)
    found = [find_run(opened, run, project) for run in runs]
    projects = sorted({where for where, _ in found})
    if len(projects) > 1:
        raise InvalidSetting(f"these runs are of several projects: {', '.join(projects)}; compare those of one")
    ids = list(dict.fromkeys(run_id for _, run_id in found))
    frame = opened.runs(projects[0], deleted=True)
    place = {run_id: row for row, run_id in enumerate(frame["run_id"])}
    chosen = frame[[place[run_id] for run_id in ids]]
    table = differences(chosen, only=not everything)
    columns = [run_column(run_id) for run_id in chosen["run_id"]]
    if as_json:
        for row in table.iter_rows(named=True):
            values = {run_id: row[column] for run_id, column in zip(chosen["run_id"], columns, strict=True)}
            told = {name: row[name] for name in ("section", "name", "part", "kind", "goal", "differs")}
            say(json.dumps(json_safe({**told, "values": values})))
        return 0
    if table.is_empty():
        say("nothing differs; --all shows what they have")
        return 0
    names = [row or run_id for row, run_id in zip(chosen["name"], chosen["run_id"], strict=True)]
    rows = []
    for row in table.iter_rows(named=True):
        label = " ".join(part for part in (row["name"], row["part"]) if part)
        rows.append([row["section"], label, *(row[column] or "-" for column in columns)])
    print_columns(["", "", *names], rows)
    return 0


def export(
    lake: str | None, project: str, out: Path, *, points: bool, where: str | None, metrics: Sequence[str] | None
) -> int:
    """Write runs, or their points, to a file; whole or not at all.

    Points are held in memory, some 50 bytes each.

    Raises:
        InvalidSetting: a file of another kind, or `metrics` without `points`.
        UnknownProject: there is none such.
        FilterError: `where` is none.
        OSError: the file can't be written.
    """
    if out.suffix not in (".csv", ".parquet"):
        raise InvalidSetting(f"{out} is neither .csv nor .parquet; give it one of these endings")
    if metrics is not None and not points:
        raise InvalidSetting("--metrics is for --points; a row for each run has all of its metrics")
    opened = open_for_reading(lake)
    runs = opened.runs(project, where=where)
    frame = runs
    if points:
        frame = opened.metrics(project, metrics=metrics, runs=runs["run_id"].to_list()).collect()
        frame = frame.sort("run_id", "metric", "attempt", "seq")
    fresh = out.with_name(f".{out.name}.new")
    try:
        if out.suffix == ".parquet":
            frame.write_parquet(fresh)
        else:
            _flat(frame).write_csv(fresh)
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)
    what = "points" if points else "runs"
    say(f"{len(frame):,} {what} of {project} in {out}")
    return 0


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as JSON, which CSV has no other word for."""
    import polars as pl

    lists = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List)]
    texts = [
        pl.Series(name, [None if each is None else json.dumps(each) for each in frame[name].to_list()], dtype=pl.String)
        for name in lists
    ]
    return frame.with_columns(texts)
