"""Orders as text: `val/acc` from low to high, `-val/acc` from high to low; what is missing comes last either way."""

from __future__ import annotations

import polars as pl

from ..names.columns import given_prefix
from ..names.mixed import sort_keys


def sort_column(sort: str) -> str:
    """The column that an order names: `val/acc` and `-val/acc` both name `val/acc`."""
    return sort.removeprefix("-")


def order_of(values: pl.Series, sort: str) -> pl.Series:
    """Positions that put values in order, equal ones as they came; missing ones and NaN last either way.

    Of params, summary values and tags whose column is text, numbers come first, by size, and texts after them.
    """
    if values.dtype == pl.String and given_prefix(sort_column(sort)):
        keys = sort_keys(values).with_row_index("row")
        down = sort.startswith("-")
        by = keys.sort(
            "is_text", "number", "text", descending=[False, down, down], nulls_last=True, maintain_order=True
        )
        return by["row"]
    if isinstance(values.dtype, pl.List):
        values = values.cast(pl.List(pl.String)).list.join(", ")
    elif values.dtype.is_float():
        values = values.fill_nan(None)
    frame = values.alias("key").to_frame().with_row_index("row")
    return frame.sort("key", descending=sort.startswith("-"), nulls_last=True, maintain_order=True)["row"]
