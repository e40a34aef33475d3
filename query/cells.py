"""What each run scored on each measure: from the runs' summaries, or from points where time or steps matter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from ..schema.errors import InvalidSetting
from .columns import is_metric
from .definition import Measure
from .direction import Direction, Goal, find_direction

_LABEL: Final = re.compile(r"(?P<metric>.+) \[(?P<dataset>.+)\]", re.DOTALL)
_RUN: Final = ("project", "run_id")
_ORDER: Final = ("step", "timestamp", "seq")


@dataclass(frozen=True, slots=True)
class Scored:
    """A measure with its direction decided."""

    measure: Measure
    direction: Direction
    select: Direction | None = None
    """The direction of the metric that selects the step, for `at_best`."""

    @property
    def label(self) -> str:
        """`val/acc`, or `val/acc [cifar10]` with a dataset."""
        return self.measure.label

    @property
    def goal(self) -> Goal:
        """Which way is better."""
        return self.direction.goal

    @property
    def peeks(self) -> bool:
        """Whether the step is selected by the very metric that ranks."""
        return self.measure.counts == "at_best" and self.measure.select_on in (self.measure.metric, self.label)

    def column(self, part: str) -> str:
        """The name of this measure's column in a board's frame, such as `value:val/acc`."""
        return f"{part}:{self.label}"


def scored(measure: Measure, goals: Mapping[str, str] | None = None) -> Scored:
    """The measure with its direction: as defined, declared in `goals`, or guessed."""
    select = None
    if measure.counts == "at_best":
        metric, dataset = split_label(measure.select_on or "")
        select = find_direction(metric, dataset or measure.dataset, goals=goals, goal=measure.select_goal)
    direction = find_direction(measure.metric, measure.dataset, goals=goals, goal=measure.goal)
    return Scored(measure, direction, select)


def split_label(label: str) -> tuple[str, str | None]:
    """`val/acc [cifar10]` gives `val/acc` and `cifar10`; a label without a dataset gives itself and null."""
    match = _LABEL.fullmatch(label)
    return (match["metric"], match["dataset"]) if match else (label, None)


def label_column(label: str, names: Mapping[str, object]) -> str | None:
    """The frame's column with the last value of a metric label, which stands behind `metrics.` where names clash."""
    for column in (label, f"metrics.{label}"):
        if column in names and is_metric(column, names):
            return column
    return None


def summary_values(runs: pl.DataFrame, measures: Sequence[Scored]) -> pl.DataFrame:
    """One column a measure, one row a run, from the runs' own columns; null where a run has none.

    Raises:
        InvalidSetting: a measure needs points (`at_best`).
    """
    columns = []
    for each in measures:
        if each.measure.counts == "at_best":
            raise InvalidSetting(
                f"{each.label}: the value at the best step of {each.measure.select_on} needs points; pass "
                "points=lake.metrics(…), or count the last or best value"
            )
        column = label_column(each.label, runs.schema)
        if column is not None and each.measure.counts == "best":
            column += ".min" if each.goal == "minimize" else ".max"
        found = pl.lit(None, dtype=pl.Float64) if column is None else pl.col(column).cast(pl.Float64)
        columns.append(found.alias(each.label))
    # A literal alone would give one row.
    return runs.select(pl.first().alias("_"), *columns).drop("_")


def point_values(
    runs: pl.DataFrame, points: pl.LazyFrame, measures: Sequence[Scored], *, until: datetime | None = None
) -> pl.DataFrame:
    """As `summary_values`, from points up to `until`; reads the points of these runs and metrics once.

    The last value is the one at the largest step (the latest there); the best skips NaN; `at_best` takes the
    earliest best step of the selecting metric and the value at it, or else at the last step before it.
    """
    metrics = {each.measure.metric for each in measures}
    metrics |= {name for each in measures for name in _selectors(each.measure)}
    wanted = points.filter(pl.col("metric").is_in(sorted(metrics)))
    if until is not None:
        wanted = wanted.filter(pl.col("timestamp") <= pl.lit(until, dtype=pl.Datetime("ms", "UTC")))
    keys = runs.select(*_RUN)
    read = wanted.join(keys.lazy(), on=_RUN, how="semi").select(*_RUN, "metric", "dataset", "value", *_ORDER).collect()
    out = keys
    for each in measures:
        found = _per_run(read, each).rename({"value": each.label})
        out = out.join(found.select(*_RUN, each.label), on=_RUN, how="left", maintain_order="left")
    return out.drop(*_RUN)


def _selectors(measure: Measure) -> set[str]:
    name = measure.select_on if measure.counts == "at_best" else None
    return {name, split_label(name)[0]} if name else set()


def _of(points: pl.DataFrame, metric: str, dataset: str | None) -> pl.DataFrame:
    return points.filter((pl.col("metric") == metric) & pl.col("dataset").eq_missing(pl.lit(dataset, dtype=pl.String)))


def _per_run(points: pl.DataFrame, each: Scored) -> pl.DataFrame:
    measure = each.measure
    found = _of(points, measure.metric, measure.dataset).sort(*_RUN, *_ORDER)
    match measure.counts:
        case "last":
            return found.group_by(_RUN, maintain_order=True).last()
        case "best":
            real = pl.col("value").fill_nan(None)
            best = real.min() if each.goal == "minimize" else real.max()
            # All NaN is a value too, though none that ranks.
            return found.group_by(_RUN, maintain_order=True).agg(best.fill_null(pl.col("value").first()))
    assert each.select is not None
    steps = best_steps(_selecting(points, measure), each.select.goal)
    latest = found.unique([*_RUN, "step"], keep="last", maintain_order=True).sort("step")
    return steps.sort("step").join_asof(
        latest.select(*_RUN, "step", "value"), on="step", by=list(_RUN), strategy="backward", check_sortedness=False
    )


def _selecting(points: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Points of the selecting metric: on the measure's dataset where it exists there, else as it is written."""
    name = measure.select_on or ""
    for metric, dataset in ((name, measure.dataset), split_label(name)):
        found = _of(points, metric, dataset)
        if found.height:
            return found
    return _of(points, name, None)


def best_steps(points: pl.DataFrame, goal: Goal) -> pl.DataFrame:
    """Per run the earliest step at which one metric was best (project, run_id, step); NaN and infinities pass over."""
    real = points.filter(pl.col("value").is_finite())
    ordered = real.sort("value", *_ORDER, descending=[goal == "maximize", False, False, False])
    return ordered.group_by(_RUN, maintain_order=True).first().select(*_RUN, "step")
