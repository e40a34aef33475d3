"""Tiny curves for the cells of a table."""

from __future__ import annotations

import polars as pl

_KEYS = ("project", "run_id", "metric", "dataset")


def sparkline(points: pl.DataFrame | pl.LazyFrame, n: int = 30) -> pl.DataFrame:
    """At most `n` values for each run and metric, evenly spaced over its steps; one pass, no loop over runs.

    Each is the mean of the finite values in its stretch of steps; stretches without any are left out.

    Args:
        points: `Lake.metrics`, collected or not.
        n: values at most, at least 2.

    Returns:
        Columns project, run_id, metric, dataset, `values` (list of float64); rows in no order that means anything.
    """
    n = max(2, n)
    step = pl.col("step").cast(pl.Float64)
    first, last = step.min().over(_KEYS), step.max().over(_KEYS)
    place = pl.when(last > first).then((step - first) / (last - first) * (n - 1)).otherwise(0.0)
    return (
        points.lazy()
        .filter(pl.col("value").is_finite())
        .select(*_KEYS, "value", _bin=place.round().cast(pl.Int64))
        .group_by(*_KEYS, "_bin")
        .agg(pl.col("value").mean())
        .sort(*_KEYS, "_bin")
        .group_by(_KEYS, maintain_order=True)
        .agg(values="value")
        .collect()
    )
