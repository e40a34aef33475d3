"""From a frame of runs to what a table shows: which columns, in what words, with how many digits. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

import polars as pl

from ...query.names.columns import (
    GIVEN,
    STATISTICS,
    column_kind,
    given_prefix,
    is_metric,
    short_name,
    split_statistic,
)
from ...query.names.run_columns import GROUPS, RUN_COLUMNS, SHOWN
from ...schema.names import SYSTEM
from ..components.values import Cell, Choice, Column, Row, run_cell
from ..format.numbers import count, decimals_for, exact, number, span
from ..format.palette import Mark
from ..state.links import PROJECT, link
from ..state.row_keys import keys_of
from .cells import clipped, milliseconds, status_cell

LEAD: Final = "name"
"""Always the first column."""
_USUAL_PARAMS: Final = 5
_USUAL_METRICS: Final = 3
_HELD_OUT: Final = ("val", "valid", "validation", "test", "eval", "dev")
_MOST_VALUES: Final = 200
CURVE: Final = "curve:"
"""Before a metric's label: the column that shows its curve."""
_CHIPS: Final = (("", "last"), (".max", "max"), (".min", "min"), (".mean", "mean"))


def heading(name: str) -> str:
    """What a run's own column is called; empty for metrics and what runs were given, which keep their names."""
    return RUN_COLUMNS[name].heading if name in RUN_COLUMNS else ""


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
    """The columns of a table for which nobody chose any: how runs differ and how they did."""
    params = list(islice((name for name in params_of(frame) if _varies(frame[name])), _USUAL_PARAMS))
    own = [name for name in ("dataset", "user", "tags") if _varied(frame, name)]
    metrics = [name for name in metrics_of(frame) if not name.removeprefix("metrics.").startswith(SYSTEM)]
    return ["status", "created_at", *metrics[:_USUAL_METRICS], *params, *own, "duration"]


@dataclass(frozen=True, slots=True)
class Offer:
    """What columns a table of some runs may have. Made once for each state of a project."""

    usual: tuple[str, ...]
    """Those of a table for which nobody chose any."""
    choices: tuple[Choice, ...]
    groups: tuple[str, ...]
    """What runs may be grouped by, besides `config`."""
    names: tuple[str, ...]
    """Of all columns, as the filter language knows them."""

    @property
    def columns(self) -> set[str]:
        """Ids of all columns offered."""
        return {each for choice in self.choices for each, _ in choice.columns}


def offer(frame: pl.DataFrame, *, several: bool = False) -> Offer:
    """What to choose from.

    Args:
        frame: one row per run.
        several: whether the runs are of several projects, so that the project is a column.
    """
    schema = frame.schema
    params, metrics = params_of(frame), metrics_of(frame)
    own = [name for name in SHOWN if name in schema and name != "deleted_by" and (several or name != "project")]
    choices = [Choice(heading(name), "Run", ((name, ""),)) for name in own]
    choices += [_choice(name) for name in params]
    for label in metrics:
        found = tuple((f"{label}{tail}", word) for tail, word in _CHIPS if f"{label}{tail}" in schema)
        choices.append(Choice(label, "Metric", (*found, (f"{CURVE}{label}", "curve"))))
    told = [name for name in schema if given_prefix(name) and name not in params]
    choices += [_choice(name) for name in told]
    groups = [name for name in GROUPS if name in schema and (several or name != "project")]
    return Offer(
        usual=(*(["project"] if several else []), *usual(frame)),
        choices=tuple(choices),
        groups=(*groups, *params, *told),
        names=tuple(names_of(frame)),
    )


def _choice(name: str) -> Choice:
    prefix = given_prefix(name)
    return Choice(name.removeprefix(prefix), GIVEN[prefix], ((name, ""),))


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


def column_for(name: str, frame: pl.DataFrame, *, pinned: bool = False) -> Column:
    """How a column of the frame reads as a column of a table."""
    if name == LEAD:
        return Column(name, "Run", "run", sortable=True)
    if name in SHOWN:
        return Column(name, heading(name), RUN_COLUMNS[name].cell, sortable=True, pinned=pinned)
    if is_curve(name, frame):
        label = name.removeprefix(CURVE)
        return Column(name, label, "spark", over="curve", title=f"Metric {label} over its steps", pinned=pinned)
    prefix = given_prefix(name)
    label, over = name.removeprefix(prefix), ""
    if not prefix:
        label, statistic = split_statistic(name, frame.columns)
        over = STATISTICS[statistic] if statistic else ""
    numeric = column_kind(frame.schema[name]) == "number"
    title = f"{GIVEN[prefix]} {label}" if prefix else f"Metric {label}: {over or 'last value'}"
    kind = "number" if numeric else "text"
    return Column(name, label, kind, over=over, title=title, sortable=True, pinned=pinned)  # type: ignore[arg-type]


def is_curve(name: str, frame: pl.DataFrame) -> bool:
    """Whether a table's column shows the curves of a metric."""
    return name.startswith(CURVE) and name not in frame.columns


def rows_of(
    frame: pl.DataFrame,
    names: Sequence[str],
    *,
    project: str,
    marks: Mapping[str, Mark],
    shown: pl.DataFrame | None = None,
    curves: Mapping[str, Mapping[str, Sequence[float]]] | None = None,
    tint: Literal["", "member"] = "",
) -> list[Row]:
    """The rows of a table; numbers of a column all have the digits that its spread calls for.

    Args:
        frame: one row per run.
        names: columns after the run's name.
        project: that the page is about; runs of others are known by `key_of`.
        marks: by row id, how runs are drawn; those without stay unmarked.
        shown: the rows to make, when they are a part of `frame`, so that pages of a table have the same digits.
        curves: by column of curves and row id, the values.
        tint: of the rows.
    """
    part = frame if shown is None else shown
    ids = keys_of(part, project)
    found = curves or {}
    cells = [_curve_cells(found.get(n, {}), ids) if is_curve(n, frame) else _cells(n, frame, part) for n in names]
    projects = part["project"].to_list() if "project" in part.columns else [project] * part.height
    out = []
    for i, (run_id, name) in enumerate(part.select("run_id", "name").iter_rows()):
        href = link("run", {PROJECT: projects[i], "run": run_id})
        lead = run_cell(run_id, name, href, mark=marks.get(ids[i]))
        out.append(Row(ids[i], [lead, *(column[i] for column in cells)], label=name or run_id, tint=tint))
    return out


def places_of(column: pl.Series) -> int | None:
    """`decimals_for` a whole column, however long."""
    values = column.cast(pl.Float64, strict=False).drop_nulls()
    values = values.filter(values.is_finite())
    few = [values.min(), values.max()]
    nonzero = values.filter(values != 0)
    if nonzero.len():
        few.append(nonzero.gather([nonzero.abs().arg_min() or 0]).item())
    # The ends, the one nearest to zero and one that is not whole decide as all of them do.
    few += values.filter(values != values.floor()).head(1).to_list()
    return decimals_for([each for each in few if isinstance(each, float)])


def _curve_cells(values: Mapping[str, Sequence[float]], ids: Sequence[str]) -> list[Cell]:
    return [{"text": [float(f"{v:.5g}") for v in values[each]]} if values.get(each) else None for each in ids]


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
    if given_prefix(name):
        # Params are set by hand, so each is written as it was: 0.001, not 0.0010.
        return [None if v is None else _param(v) for v in values]
    if kind == "number":
        places = places_of(frame[name])
        return [None if v is None else {"text": number(v, places), "title": exact(v)} for v in values]
    return [None if v is None else clipped(str(v)) for v in values]


def _param(value: object) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return {"text": number(value, significant=6), "title": exact(value)}
    return clipped(str(value))


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


def values_of(runs: pl.DataFrame) -> Values:
    """`Values` of a frame."""
    return Values(runs, names_of(runs))


class Values(Mapping[str, Sequence[str]]):
    """What text columns hold, for completion: by name in the filter language, each looked up when it is asked for."""

    def __init__(self, runs: pl.DataFrame, names: Sequence[str]) -> None:
        self._runs = runs
        self._columns = {
            name: column
            for name, (column, dtype) in zip(names, runs.schema.items(), strict=True)
            if column_kind(dtype) in ("text", "list") and column not in ("project", "run_id", "notes", "error")
        }

    def __getitem__(self, name: str) -> list[str]:
        column = self._runs[self._columns[name]]
        if isinstance(column.dtype, pl.List):
            column = column.explode()
        return column.drop_nulls().unique().sort().head(_MOST_VALUES).to_list()

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def tags_of(runs: pl.DataFrame) -> list[str]:
    """All tags that these runs have, in order."""
    return sorted(set(runs["tags"].explode(empty_as_null=False).drop_nulls()))
