"""The column that a name in a filter means, or an error with its place."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ...schema.errors import FilterError
from ..names.columns import _PARAMS, find_column, short_name, suggest
from .syntax import Name, quote_name


def require_column(name: Name, schema: Mapping[str, pl.DataType]) -> str:
    """`find_column`, or a `FilterError` that knows the place and what may have been meant."""
    column = find_column(name.text, schema)
    if column is not None:
        return column
    wanted = name.text.removeprefix(_PARAMS).removeprefix("metrics.").removeprefix("run.")
    suggestions = suggest(wanted, [short_name(each, schema) for each in schema])
    meant = f"; did you mean {' or '.join(quote_name(each) for each in suggestions)}?" if suggestions else ""
    raise FilterError(
        f"no param, metric or column is called {name.text!r}{meant}", position=name.position, suggestions=suggestions
    )
