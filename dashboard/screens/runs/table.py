"""What the table of runs shows: which rows, which columns, groups and their runs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl

from ....query.filters.language import parse_filter, to_text
from ....query.names.columns import given_prefix
from ....query.names.params import CONFIG
from ....query.tables.grouping import COUNT, Groups, find_groups, group_filter
from ....query.tables.run_table import CompiledFilter, counting_filters, run_table, select_rows
from ....schema.errors import FilterError
from ...components.values import Cell, Column, Kind, Row
from ...format.numbers import count, exact, number, span
from ...format.palette import Mark, mark_of, marks_of
from ...format.snippets import call, literal, recipe
from ...run_tables import cells
from ...run_tables import run_columns as columns
from ...run_tables.run_columns import CURVE, LEAD, Offer
from ...state import row_keys
from ...state.links import PROJECT, link
from ...state.views import RunsView, to_params

MEMBERS: Final = 20
"""Runs shown below an open group; more are a link away."""
_NEEDED: Final = (
    "project", "run_id", "name", "status", "silent", "heartbeat_age", "error", "dataset", "updated_at", "rows",
)  # fmt: skip
_LONGEST: Final = 4_000
"""Characters of a filter."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table."""

    names: tuple[str, ...]
    """After the run's name, pinned ones first."""
    pins: frozenset[str]

    @property
    def curves(self) -> tuple[str, ...]:
        """Those that show curves."""
        return tuple(name for name in self.names if name.startswith(CURVE))


def layout_of(view: RunsView, offer: Offer) -> Layout:
    """The columns that a view asks for, as far as there are any such, else the usual ones."""
    known = offer.columns
    names = [name for name in view.columns if name in known] or list(offer.usual)
    pins = [name for name in names if name in view.pins]
    return Layout((*pins, *(name for name in names if name not in pins)), frozenset(pins))


def filters_of(view: RunsView, runs: pl.DataFrame) -> tuple[tuple[CompiledFilter, ...], FilterError | None]:
    """The filters of a view that count, and the fault of the box's, which then counts for nothing."""
    good, faults = counting_filters((view.where, view.filter), runs)
    # A link's panel filter may name a param that is gone; only the box has a place for its fault.
    return good, faults.get(view.filter)


def matching(runs: pl.DataFrame, filters: Sequence[str | CompiledFilter], sort: str) -> pl.Series:
    """Positions of the runs that pass, in order."""
    return select_rows(runs, where=filters, sort=sort)


def narrow(runs: pl.DataFrame, names: Sequence[str], rows: pl.Series) -> pl.DataFrame:
    """Of some runs the columns that a table with `names` needs; cheap however wide the frame is."""
    stems = [name.rpartition(".")[0] for name in names]
    wanted = [name for name in dict.fromkeys((*_NEEDED, *names, *stems)) if name in runs.columns]
    return runs.select(wanted)[rows]


def groupable(view: RunsView, offer: Offer) -> tuple[str, ...]:
    """What a view groups by, as far as there is such a column."""
    return tuple(name for name in view.group if name == CONFIG or name in offer.groups)


def group_label(name: str) -> str:
    """What a column to group by is called."""
    if name == CONFIG:
        return "config without seeds"
    return columns.heading(name).lower() or name.removeprefix(given_prefix(name))


def groups_of(runs: pl.DataFrame, by: Sequence[str], layout: Layout, rows: pl.Series, sort: str) -> Groups:
    """The groups of some runs with the layout's columns."""
    names = [name for name in layout.names if name in runs.columns]
    return find_groups(runs, by, names, rows=rows, sort=sort)


def run_columns(layout: Layout, frame: pl.DataFrame) -> list[Column]:
    """Heads of a table of runs."""
    return [columns.column_for(LEAD, frame)] + [
        columns.column_for(name, frame, pinned=name in layout.pins) for name in layout.names
    ]


def group_columns(by: Sequence[str], layout: Layout, groups: Groups, heads: pl.DataFrame) -> list[Column]:
    """Heads of a table of groups.

    Args:
        by: what is grouped by.
        layout: the columns.
        groups: the groups.
        heads: `narrow` of the runs, with any rows or none.
    """
    label = ", ".join(group_label(name) for name in by)
    lead = Column(by[0], label[:1].upper() + label[1:], "run", title="One row per group", sortable=True)
    out = [lead, Column(COUNT, "Runs", "number", title="Runs of the group", sortable=True)]
    for name in _group_names(by, layout):
        head = columns.column_for(name, heads, pinned=name in layout.pins)
        if _measured(name, groups):
            kind: Kind = "duration" if head.kind == "duration" else "number"
            over = f"mean of {head.over}" if head.over else "mean"
            head = replace(head, kind=kind, over=over, title=f"{head.title or head.label}: mean ± standard deviation")
        out.append(head)
    return out


def _group_names(by: Sequence[str], layout: Layout) -> list[str]:
    return [name for name in layout.names if name not in by and not name.startswith(CURVE)]


def _measured(name: str, groups: Groups) -> bool:
    """Whether groups have a mean of this column."""
    return groups.names[name, "std"] in groups.frame.columns


def group_rows(
    groups: Groups,
    runs: pl.DataFrame,
    by: Sequence[str],
    layout: Layout,
    *,
    view: RunsView,
    project: str,
    first: int,
    rows: int,
    chosen: Sequence[str],
    colours: Mapping[str, int],
) -> list[Row]:
    """Rows `first` and on of a table of groups; those that are open with their runs below them.

    Args:
        groups: of `runs`.
        runs: one row per run.
        by: what they are grouped by.
        layout: the columns.
        view: as it is; links lead to it with the group's filter instead of the grouping.
        project: of the page.
        first: the first group shown.
        rows: how many groups.
        chosen: row ids of the selected runs.
        colours: by row id, as `run_colours.colours_of` gives them.
    """
    shown = groups.frame.slice(first, rows)
    names = _group_names(by, layout)
    heads = narrow(runs, names, groups.members.head(0).explode().cast(pl.UInt32))
    cells = [_group_cells(name, groups, shown, columns.column_for(name, heads).kind) for name in names]
    labels, schema = _labels(by, _named(by, shown, runs)), runs.schema
    out: list[Row] = []
    for i, label in enumerate(labels):
        at, group_id = first + i, groups.id_of(first + i)
        is_open = group_id in view.open
        href = _group_link(groups, at, schema, view, project)
        lead = {"text": label, "title": label, "fold": is_open} | ({"href": href} if href else {})
        n = int(shown[COUNT][i])
        out.append(
            Row(
                f"group {group_id}",
                [lead, f"{n:,}" if n > 999 else n, *(each[i] for each in cells)],
                label=label,
                tint="group",
            )
        )
        if is_open:
            members = groups.members[at].head(MEMBERS)
            part = narrow(runs, names, members)
            marks = marks_for(row_keys.keys_of(part, project), chosen, colours)
            inner = columns.rows_of(part, names, project=project, marks=marks, tint="member")
            # A run with two tags is in two groups, and a row's id is its own.
            taken = {row.id for row in out}
            out += [replace(row, cells=[row.cells[0], "", *row.cells[1:]]) for row in inner if row.id not in taken]
            if n > members.len():
                more: dict[str, Any] = {"text": f"and {count(n - members.len(), 'more run', 'more runs')}"}
                more |= {"href": href} if href else {}
                out.append(Row(f"more {group_id}", [more, *[""] * (len(names) + 1)], tint="group"))
    return out


def marks_for(shown: Sequence[str], chosen: Sequence[str], colours: Mapping[str, int]) -> dict[str, Mark]:
    """How the runs of some rows are drawn: each in its colour, selected ones told apart by dashes as on the curves."""
    return {key: mark_of(key, colours) for key in shown} | marks_of(chosen, colours)


def _named(by: Sequence[str], shown: pl.DataFrame, runs: pl.DataFrame) -> pl.DataFrame:
    """The groups with the names of parents instead of their ids, as far as those runs are there."""
    if "parent_run_id" not in by:
        return shown
    parents = runs.filter(pl.col("run_id").is_in(shown["parent_run_id"].drop_nulls().to_list()), pl.col("name") != "")
    known = dict(parents.select("run_id", "name").iter_rows())
    return shown.with_columns(pl.col("parent_run_id").replace(known))


def _labels(by: Sequence[str], shown: pl.DataFrame) -> list[str]:
    if list(by) == [CONFIG]:
        return [str(each) for each in shown[CONFIG]]
    out = []
    for values in shown.select(by).iter_rows():
        parts = [_written(value) for value in values]
        if len(by) == 1:
            out.append(parts[0] if values[0] is not None else f"no {group_label(by[0])}")
        else:
            named = zip(by, parts, strict=True)
            out.append(" · ".join(part if name == CONFIG else f"{group_label(name)}={part}" for name, part in named))
    return out


def _written(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return number(value, significant=6) if isinstance(value, float) else str(value)


def _group_link(groups: Groups, at: int, schema: Mapping[str, pl.DataType], view: RunsView, project: str) -> str:
    """To the runs of one group; empty where no filter can say which they are."""
    found = group_filter(groups, at, schema)
    if found is None:
        return ""
    try:
        where = to_text(parse_filter(view.where) & found)
    except FilterError:
        where = to_text(found)
    if len(where) > _LONGEST:
        return ""
    return link("runs", {PROJECT: project, **to_params(replace(view, where=where, group=(), open=(), page=1))})


def _group_cells(name: str, groups: Groups, shown: pl.DataFrame, kind: Kind) -> list[Cell]:
    values, named = shown[name].to_list(), groups.names
    if _measured(name, groups):
        places = columns.places_of(groups.frame[name])
        stds, ns = shown[named[name, "std"]].to_list(), shown[named[name, "n"]].to_list()
        told: Callable[[float], str] = span if kind == "duration" else lambda value: number(value, places)
        return [_mean_cell(*each, told) for each in zip(values, stds, ns, shown[COUNT].to_list(), strict=True)]
    if kind == "time":
        return [None if v is None else {"text": cells.milliseconds(v)} for v in values]
    different = shown[named[name, "values"]].to_list()
    return [_common_cell(v, k, kind) for v, k in zip(values, different, strict=True)]


def _mean_cell(mean: float | None, std: float | None, n: int, runs: int, told: Callable[[float], str]) -> Cell:
    if mean is None:
        return None
    of = count(n, "run") if n == runs else f"{n:,} of {count(runs, 'run')}"
    cell: dict[str, Any] = {"text": told(mean), "title": f"mean {exact(mean)} of {of}"}
    if std is not None:
        cell |= {"sub": f"± {told(std)}", "title": f"{cell['title']}\nstandard deviation {exact(std)}"}
    return cell


def _common_cell(value: object, different: int, kind: Kind) -> Cell:
    if value is None or value == []:
        several = f"{different:,} values"
        return {"text": [several] if kind == "tags" else several, "state": "mixed"} if different > 1 else None
    if kind == "tags" and isinstance(value, list):
        return {"text": value}
    if kind == "status":
        return {"text": str(value), "state": str(value)}
    return cells.clipped(_written(value))


def export_columns(layout: Layout, by: Sequence[str]) -> list[str]:
    """Columns of what is taken away: those shown but curves, which are pictures of points."""
    return _group_names(by, layout) if by else [name for name in layout.names if not name.startswith(CURVE)]


def export(
    runs: pl.DataFrame, filters: Sequence[str], sort: str, names: Sequence[str], by: Sequence[str]
) -> pl.DataFrame:
    """All rows of the table, not just its page."""
    return run_table(runs, where=filters, columns=names, group=by, sort=sort)


def export_code(
    lake: str, projects: Sequence[str], filters: Sequence[str], sort: str, names: Sequence[str], by: Sequence[str]
) -> str:
    """Python that gives `export`."""
    runs = call("lake.runs", projects[0] if len(projects) == 1 else list(projects))
    options: dict[str, object] = {
        "where": (list(filters) if len(filters) > 1 else filters[0]) if filters else None,
        "columns": list(names),
        "group": list(by) or None,
        "sort": sort or None,
    }
    lines = [f"    {name}={literal(value)}," for name, value in options.items() if value is not None]
    table = "\n".join(["frame = run_table(", "    runs,", *lines, ")"])
    return recipe(lake, f"runs = {runs}", table, imports=["from lakeboard.query import run_table"])
