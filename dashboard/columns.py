"""From a frame of runs to what a table shows: which columns, in what words, with how many digits. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

import polars as pl

from ..query.columns import column_kind, is_metric, short_name
from .chrome import PROJECT, link
from .digits import count, decimals_for, exact, number, span
from .palette import Mark
from .table import Cell, Column, Row, run_cell

LEAD: Final = "name"
"""Always the first column."""
_OWN: Final[Mapping[str, tuple[str, str]]] = {
    "status": ("Status", "status"),
    "created_at": ("Created", "time"),
    "started_at": ("Started", "time"),
    "ended_at": ("Ended", "time"),
    "updated_at": ("Last news", "time"),
    "duration": ("Duration", "duration"),
    "user": ("User", "text"),
    "host": ("Host", "text"),
    "group": ("Group", "text"),
    "job_type": ("Job type", "text"),
    "dataset": ("Dataset", "text"),
    "tags": ("Tags", "tags"),
    "notes": ("Notes", "text"),
    "error": ("Error", "text"),
    "attempts": ("Attempts", "number"),
    "last_step": ("Last step", "number"),
    "rows": ("Points", "number"),
    "run_id": ("Id", "mono"),
    "parent_run_id": ("Parent", "mono"),
    "deleted_by": ("Deleted by", "text"),
    "deleted_at": ("Deleted", "time"),
}
_STATISTICS: Final = {"min": "lowest", "max": "highest", "mean": "mean"}
_USUAL_PARAMS: Final = 5
_USUAL_METRICS: Final = 3
_HELD_OUT: Final = ("val", "valid", "validation", "test", "eval", "dev")
_LONGEST: Final = 60
_MOST_VALUES: Final = 200


def heading(name: str) -> str:
    """What a run's own column is called; empty for params and metrics, which keep their names."""
    return _OWN[name][0] if name in _OWN else ""


def params_of(frame: pl.DataFrame) -> list[str]:
    """Columns of params, those that differ between runs first."""
    names = [name for name in frame.columns if name.startswith("params.")]
    return sorted(names, key=lambda name: not _differs(frame[name].drop_nulls()))


def metrics_of(frame: pl.DataFrame) -> list[str]:
    """Columns of metrics' last values, those measured on held-out data first."""
    known = set(frame.columns)
    names = [name for name in frame.columns if is_metric(name, known) and f"{name}.min" in known]
    return sorted(names, key=lambda name: name.split("/", 1)[0].lower() not in _HELD_OUT)


def usual(frame: pl.DataFrame) -> list[str]:
    """The columns of a table for which nobody chose any: what tells runs apart and how they did."""
    params = list(islice((name for name in params_of(frame) if _varies(frame[name])), _USUAL_PARAMS))
    own = [name for name in ("dataset", "user", "tags") if _varied(frame, name)]
    return ["status", "created_at", *metrics_of(frame)[:_USUAL_METRICS], *params, *own, "duration"]


def _varied(frame: pl.DataFrame, name: str) -> bool:
    column = frame[name]
    if isinstance(column.dtype, pl.List):
        return bool((column.list.len().fill_null(0) > 0).any())
    return _varies(column)


def _varies(column: pl.Series) -> bool:
    """Whether it has two values, of which null may be one."""
    return 0 < column.null_count() < len(column) or _differs(column.drop_nulls())


def _differs(known: pl.Series) -> bool:
    """Whether it has two values; quicker than to count them."""
    return bool(len(known)) and bool(known.ne_missing(known[0]).any())


def choices(frame: pl.DataFrame) -> list[str]:
    """All columns that a table may have, in the order in which a menu offers them."""
    known = set(frame.columns)
    metrics = [f"{name}{tail}" for name in metrics_of(frame) for tail in ("", ".max", ".min", ".mean")]
    return [*(name for name in _OWN if name in known), *params_of(frame), *(m for m in metrics if m in known)]


def column_for(name: str, frame: pl.DataFrame) -> Column:
    """How a column of the frame reads as a column of a table."""
    if name == LEAD:
        return Column(name, "Run", "run", sortable=True)
    if name in _OWN:
        label, kind = _OWN[name]
        return Column(name, label, kind, sortable=True)  # type: ignore[arg-type]
    label, over = name.removeprefix("params."), ""
    stem, _, tail = name.rpartition(".")
    if tail in _STATISTICS and stem in frame.columns and not name.startswith("params."):
        label, over = stem, _STATISTICS[tail]
    numeric = column_kind(frame.schema[name]) == "number"
    title = f"Param {label}" if name.startswith("params.") else f"Metric {label}: {over or 'last value'}"
    return Column(name, label, "number" if numeric else "text", over=over, title=title, sortable=True)


def rows_of(
    frame: pl.DataFrame,
    names: Sequence[str],
    *,
    project: str,
    marks: Mapping[str, Mark],
    shown: pl.DataFrame | None = None,
) -> list[Row]:
    """The rows of a table; numbers of a column all have the digits that its spread calls for.

    Args:
        frame: one row per run.
        names: columns after the run's name.
        project: for links.
        marks: how runs are drawn; those without stay unmarked.
        shown: the rows to make, when they are a part of `frame`, so that pages of a table have the same digits.
    """
    part = frame if shown is None else shown
    cells = [_cells(name, frame, part) for name in names]
    out = []
    for i, (run_id, name) in enumerate(part.select("run_id", "name").iter_rows()):
        lead = run_cell(run_id, name, link("run", {PROJECT: project, "run": run_id}), mark=marks.get(run_id))
        out.append(Row(run_id, [lead, *(column[i] for column in cells)], label=name or run_id))
    return out


def _cells(name: str, frame: pl.DataFrame, part: pl.DataFrame) -> list[Cell]:
    values = part[name].to_list()
    kind = column_for(name, frame).kind
    if name == "status":
        silent, ages = part["silent"].to_list(), part["heartbeat_age"].to_list()
        errors = part["error"].to_list()
        return [status_cell(*each) for each in zip(values, silent, ages, errors, strict=True)]
    if kind == "time":
        return [None if v is None else {"text": milliseconds(v)} for v in values]
    if kind == "duration":
        return [None if v is None else {"text": span(v), "title": f"{v:,.3f} s"} for v in values]
    if kind == "tags":
        return [None if not v else {"text": list(v)} for v in values]
    if name.startswith("params."):
        # Params are set by hand, so each is written as it was: 0.001, not 0.0010.
        return [None if v is None else _param(v) for v in values]
    if kind == "number":
        places = decimals_for(frame[name].cast(pl.Float64, strict=False).to_list())
        return [None if v is None else {"text": number(v, places), "title": exact(v)} for v in values]
    return [None if v is None else clipped(str(v)) for v in values]


def _param(value: object) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return {"text": number(value, significant=6), "title": exact(value)}
    return clipped(str(value))


def status_cell(status: str, silent: bool, age: float | None, error: str | None) -> dict[str, Any]:
    """A status with its heartbeat, or with what went wrong."""
    if status == "running":
        heard = f"last heard of {span(age)} ago" if age is not None else "not heard of yet"
        if silent:
            return {"text": "silent", "state": "silent", "title": f"Running, but {heard}"}
        return {"text": "running", "state": "running", "title": heard.capitalize()}
    return {"text": status, "state": status} | ({"title": error} if error else {})


def clipped(text: str) -> Cell:
    """Text of one line, all of it on hover."""
    line = " ".join(text.split())
    if len(line) <= _LONGEST:
        return {"text": line}
    return {"text": f"{line[: _LONGEST - 1]}…", "title": text[:2000]}


def milliseconds(moment: datetime) -> int:
    """Since 1970."""
    return round(moment.timestamp() * 1000)


def ordered(frame: pl.DataFrame, sort: str) -> pl.DataFrame:
    """The frame by a column, after a minus from high to low; missing and NaN last; unknown columns change nothing."""
    name = sort.removeprefix("-")
    if name not in frame.columns:
        return frame
    key = pl.col(name)
    dtype = frame.schema[name]
    if isinstance(dtype, pl.List):
        key = key.list.join(", ")
    elif dtype.is_float():
        key = key.fill_nan(None)
    return frame.sort(key, descending=sort.startswith("-"), nulls_last=True, maintain_order=True)


def next_sort(sort: str, by: str, frame: pl.DataFrame) -> str:
    """The order after a click on a head: numbers and times from high to low first, then the other way round."""
    if sort.removeprefix("-") == by:
        return by if sort.startswith("-") else f"-{by}"
    if by not in frame.columns:
        return sort
    return f"-{by}" if column_kind(frame.schema[by]) in ("number", "time") else by


def shown_of(shown: int, total: int) -> str:
    """`12 of 63 runs`, or `63 runs`."""
    return count(total, "run") if shown == total else f"{shown:,} of {count(total, 'run')}"


def names_of(runs: pl.DataFrame) -> list[str]:
    """What columns are called in filters, for completion."""
    schema = runs.schema
    return [short_name(name, schema) for name in schema]


def values_of(runs: pl.DataFrame) -> dict[str, list[str]]:
    """What text columns hold, for completion."""
    out = {}
    schema = runs.schema
    for name, dtype in schema.items():
        if column_kind(dtype) == "text" and name not in ("project", "run_id", "notes", "error"):
            out[short_name(name, schema)] = runs[name].drop_nulls().unique().sort().head(_MOST_VALUES).to_list()
    return out
