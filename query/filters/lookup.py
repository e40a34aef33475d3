"""The column that a name in a filter means, or an error with its place."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ...schema.errors import FilterError
from ...schema.nearest import did_you_mean, nearest
from ..names.columns import _PARAMS, find_column, short_name
from .syntax import Name, quote_name


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
