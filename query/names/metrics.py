"""Columns of a metric in a frame of runs, and what a run has there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import polars as pl

from ...schema.names import SYSTEM
from ...schema.text.labels import split_label
from .columns import is_metric, split_statistic


def label_column(label: str, names: Mapping[str, object]) -> str | None:
    """The frame's column with the last value of a metric label, which stands behind `metrics.` where names clash."""
    for column in (label, f"metrics.{label}"):
        if column in names and is_metric(column, names):
            return column
    return None


def run_value(label: str, part: Part, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """A run's last value of a metric, or its `min`, `max` or `mean`; null where it has none.

    A point that named no dataset is of its run's: for `val/acc [cifar10]` the plain `val/acc` of runs on that dataset
    counts too.
    """
    suffix = "" if part == "last" else f".{part}"
    column = label_column(label, schema)
    found = [] if column is None else [pl.col(column + suffix)]
    metric, dataset = split_label(label)
    plain = label_column(metric, schema) if dataset is not None and "dataset" in schema else None
    if plain is not None:
        found.append(pl.when(pl.col("dataset") == dataset).then(pl.col(plain + suffix)))
    return (pl.coalesce(found) if found else pl.lit(None)).cast(pl.Float64)


Part: TypeAlias = Literal["last", "min", "max", "mean"]


def metric_labels(schema: Mapping[str, pl.DataType]) -> list[str]:
    """Labels of all metrics in a runs frame, in its order, but those of the machine: nobody compares runs by them."""
    return [
        column.removeprefix("metrics.")
        for column in schema
        if split_statistic(column, schema)[1] is None
        and is_metric(column, schema)
        and not column.removeprefix("metrics.").startswith(SYSTEM)
    ]
