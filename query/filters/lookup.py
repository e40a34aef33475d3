"""The column that a name in a filter means, or an error with its place."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ...schema.errors import FilterError
from ...schema.text.nearest import did_you_mean, nearest
from ..names.columns import _PARAMS, find_column, is_metric, short_name
from ..names.run_columns import RUN_COLUMNS
from .syntax import Filter, Name, quote_name


def other_meanings(filter: Filter, schema: Mapping[str, pl.DataType]) -> tuple[str, ...]:
    """Of each bare name that a param took from a metric or from one of the run's own columns: how to ask for those."""
    out = []
    for name in dict.fromkeys(comparison.name.text for comparison in filter.comparisons()):
        own = name in RUN_COLUMNS
        if find_column(name, schema) == f"params.{name}" and (own or (name in schema and is_metric(name, schema))):
            other, what = (f"run.{name}", "the run's own") if own else (f"metrics.{name}", "the metric")
            out.append(f"`{name}` is the param here; `{other}` is {what}")
    return tuple(out)


def require_column(name: Name, schema: Mapping[str, pl.DataType]) -> str:
    """`find_column`, or a `FilterError` that knows the place and what may have been meant."""
    column = find_column(name.text, schema)
    if column is not None:
        return column
    wanted = name.text.removeprefix(_PARAMS).removeprefix("metrics.").removeprefix("run.")
    suggestions = nearest(wanted, [short_name(each, schema) for each in schema])
    meant = did_you_mean(suggestions, show=quote_name)
    raise FilterError(
        f"no param, metric or column is called {name.text!r}{meant}", position=name.position, suggestions=suggestions
    )
