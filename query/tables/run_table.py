"""The table of runs as a frame: filtered, in order, with chosen columns, perhaps one row per group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from ...schema.errors import FilterError
from ..filters.language import compile_filter
from .grouping import group_runs
from .ordering import order_of, sort_column

_LEAD = ("run_id", "name")


@dataclass(frozen=True, slots=True)
class CompiledFilter:
    """A filter that fits some runs, ready to be used on them. Equal to another of the same text."""

    text: str
    condition: pl.Expr = field(compare=False, repr=False)


def run_table(
    runs: pl.DataFrame,
    *,
    where: str | Sequence[str] = (),
    columns: Sequence[str] | None = None,
    group: Sequence[str] = (),
    sort: str = "",
) -> pl.DataFrame:
    """The runs that pass some filters, in an order, with some columns; or their groups.

    No request. Filtering and sorting read only the columns they name, so the cost is that of the rows kept.

    Args:
        runs: one row per run, `Lake.runs`.
        where: a filter or several that must all hold, in the filter language.
        columns: which, in order, after `run_id` and `name` (before them `project`, where there are several); all when
            null. Names that the frame does not have are passed over.
        group: columns whose equal values make a group: the frame then is that of `group_runs`.
        sort: a column, after `-` from high to low; missing values come last either way.

    Raises:
        FilterError: a filter does not parse or does not fit.
        InvalidSetting: `group` names a column that the frame does not have.
    """
    wanted = [name for name in (runs.columns if columns is None else columns) if name in runs.columns]
    if group:
        return group_runs(runs, group, wanted, rows=select_rows(runs, where=where), sort=sort)
    several = ("project",) if "project" in runs.columns and runs["project"].n_unique() > 1 else ()
    lead = [name for name in (*several, *_LEAD) if name in runs.columns]
    return runs.select(list(dict.fromkeys([*lead, *wanted])))[select_rows(runs, where=where, sort=sort)]


def counting_filters(
    texts: Sequence[str], runs: pl.DataFrame
) -> tuple[tuple[CompiledFilter, ...], dict[str, FilterError]]:
    """Of several filters those that fit the runs, blank ones left out; and what is wrong with the others, by text."""
    good: list[CompiledFilter] = []
    faults: dict[str, FilterError] = {}
    schema = runs.schema
    for text in texts:
        if not text.strip():
            continue
        try:
            good.append(CompiledFilter(text, compile_filter(text, schema)))
        except FilterError as error:
            # Whoever keeps it must not keep all frames that it came through.
            faults[text] = error.with_traceback(None)
    return tuple(good), faults


def select_rows(runs: pl.DataFrame, *, where: str | Sequence[str | CompiledFilter] = (), sort: str = "") -> pl.Series:
    """Positions of the runs that pass all filters, in order: `runs[select_rows(runs, …)]`.

    Reads only the columns that filters and order name. An order by an unknown column is none.

    Raises:
        FilterError: a filter does not parse or does not fit.
    """
    found = pl.int_range(runs.height, dtype=pl.UInt32, eager=True).alias("row")
    schema = runs.schema
    for each in [where] if isinstance(where, str) else where:
        condition = each.condition if isinstance(each, CompiledFilter) else compile_filter(each, schema)
        names = condition.meta.root_names()
        if names:
            found = found.filter(runs.select(list(dict.fromkeys(names))).select(condition).to_series().gather(found))
        elif not pl.select(condition).item():
            found = found.clear()
    by = sort_column(sort)
    return found.gather(order_of(runs[by].gather(found), sort)) if by in schema else found
