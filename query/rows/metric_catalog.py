"""Which metrics a project has, and what was declared of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from .blocks import Block


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """One metric, on one dataset or on none."""

    label: str
    """`val/acc`, or `val/acc [cifar10]` with a dataset: its column."""
    metric: str
    dataset: str | None
    goal: str | None
    """`minimize` or `maximize`, as the newest run says that says anything."""
    step_metric: str | None
    """The metric that people put on the x-axis, likewise."""


def metric_catalog(blocks: Sequence[Block]) -> dict[str, MetricInfo]:
    """By label, in order: the metrics of some run rows. No request."""
    parts = [block.told for block in blocks if block.rows.height]
    if not parts:
        return {}
    said = pl.col("goal", "step_metric")
    told = (
        pl.concat(parts)
        .lazy()
        .sort("created_at", "metric", "dataset", "goal", "step_metric")
        .group_by("name")
        .agg(pl.col("metric", "dataset").drop_nulls().first(), said.drop_nulls().last())
        .sort("name")
        .collect(engine="in-memory")
    )
    return {
        label: MetricInfo(label, metric or label, dataset, goal or None, step_metric or None)
        for label, metric, dataset, goal, step_metric in told.iter_rows()
    }
