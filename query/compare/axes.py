"""What runs are compared by: which columns make axes, which way is better on them, which scale fits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

import polars as pl

from ...schema.text.labels import split_label
from ..boards.automatic import default_definition
from ..names.columns import column_kind, is_metric, split_statistic
from ..names.direction import Direction, find_direction
from ..names.metrics import label_column, metric_labels
from ..names.params import is_seed
from ..names.run_columns import AXES

AxisKind: TypeAlias = Literal["number", "category"]
LOG_RATIO: Final = 100.0
"""Between the largest and the smallest of values above zero: from there on a logarithmic axis reads better."""
MANY: Final = 30
"""Distinct texts on an axis that nobody asked for, at most."""
_USUAL: Final = 7


def axis_kind(dtype: pl.DataType) -> AxisKind | None:
    """Whether a column makes an axis of numbers or one of categories; null for what makes none (times, lists)."""
    match column_kind(dtype):
        case "number":
            return "number"
        case "text" | "bool":
            return "category"
    return None


def axes_of(runs: pl.DataFrame, *, goals: Mapping[str, str] | None = None) -> list[str]:
    """All columns that runs can be compared by: params that vary, metrics (best and last), then others."""
    # A frame makes its schema anew each time, and there may be thousands of columns.
    schema = runs.schema
    columns = [name for name in schema if name.startswith("params.") and axis_kind(schema[name])]
    there = {name: runs[name].drop_nulls().n_unique() for name in columns}
    varying = [name for name in columns if there[name] > 1 or (there[name] and runs[name].null_count())]
    metrics = [
        column
        for label in metric_labels(schema)
        if (last := label_column(label, schema)) is not None and runs[last].null_count() < runs.height
        for column in (best_column(label, schema, goals=goals) or last, last)
    ]
    own = [name for name in AXES if name in schema and runs[name].null_count() < runs.height]
    rest = [name for name in columns if there[name] and name not in varying]
    return list(dict.fromkeys([*varying, *metrics, *own, *rest]))


def best_column(label: str, schema: Mapping[str, pl.DataType], *, goals: Mapping[str, str] | None = None) -> str | None:
    """The column of a metric's best value: its `.min` or `.max`, by its direction; null where runs lack the metric."""
    column = label_column(label, schema)
    if column is None:
        return None
    goal = find_direction(*split_label(label), goals=goals).goal
    return f"{column}.{'min' if goal == 'minimize' else 'max'}"


def metric_of(column: str, schema: Mapping[str, pl.DataType]) -> str | None:
    """The label of the metric that a column belongs to; null for other columns."""
    if not is_metric(column, schema):
        return None
    return split_statistic(column, schema)[0].removeprefix("metrics.")


def direction_of(
    column: str, schema: Mapping[str, pl.DataType], *, goals: Mapping[str, str] | None = None
) -> Direction | None:
    """Which way is better on an axis; null for params and others whose name says nothing, and for categories."""
    if column not in schema or axis_kind(schema[column]) != "number":
        return None
    label = metric_of(column, schema)
    if label is not None:
        return find_direction(*split_label(label), goals=goals)
    # What was set is no aim; what it cost may be.
    found = find_direction(column.removeprefix("params."))
    return found if found.goal == "minimize" and not column.startswith("params.") else None


def usual_metric(runs: pl.DataFrame, *, goals: Mapping[str, str] | None = None) -> str | None:
    """The column that runs are most plausibly judged by; null where none has a metric."""
    found = default_definition(runs, goals=goals)
    if found is None:
        return None
    measure = found.measures[0]
    for label in (measure.label, measure.metric):
        column = label_column(label, runs.schema)
        if column is not None:
            return (best_column(label, runs.schema, goals=goals) if measure.counts == "best" else None) or column
    return None


def usual_axes(runs: pl.DataFrame, metric: str | None) -> list[str]:
    """Axes where nobody chose any: the params that differ, numbering ones (seeds) last, and the metric."""
    # A frame makes its schema anew each time, and there may be thousands of columns.
    schema = runs.schema
    columns = [name for name in schema if name.startswith("params.") and axis_kind(schema[name])]
    varying = [name for name in columns if runs[name].n_unique() > 1 and runs[name].null_count() < runs.height]
    short = [n for n in varying if axis_kind(schema[n]) == "number" or runs[n].n_unique() <= MANY]
    ordered = sorted(short, key=lambda name: is_seed(name.removeprefix("params.")))
    return [*ordered[:_USUAL], *([metric] if metric else [])]


def reads_log(values: Iterable[float | None]) -> bool:
    """Whether a logarithmic axis fits: all finite values above zero, spanning two powers of ten."""
    finite = [v for v in values if v is not None and math.isfinite(v)]
    return bool(finite) and min(finite) > 0 and max(finite) / min(finite) >= LOG_RATIO
