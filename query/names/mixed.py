"""Params of several kinds: their column is text, and what is a number in it stays one. Pure."""

from __future__ import annotations

import polars as pl


def numbers_of(text: pl.Expr) -> pl.Expr:
    """The number of each text that is one, NaN and infinities included; null for all else."""
    return text.cast(pl.Float64, strict=False)


def sort_keys(values: pl.Series) -> pl.DataFrame:
    """What puts such a column in order: its numbers by size, then what is none of them by letters.

    Columns `is_text`, `number`, `text`: null where the value is missing or NaN.
    """
    number = numbers_of(pl.col("value"))
    return (
        values.cast(pl.String)
        .alias("value")
        .to_frame()
        .select(
            is_text=pl.when(number.is_nan().fill_null(value=False))
            .then(None)
            .otherwise(pl.when(pl.col("value").is_not_null()).then(number.is_null())),
            number=number.fill_nan(None),
            text=pl.when(number.is_null()).then("value"),
        )
    )
