"""What each run scored on each measure: from the runs' summaries, or from points where time or steps matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from ...schema.errors import InvalidSetting
from ...schema.text.labels import split_label
from ..names.direction import Direction, Goal, find_direction
from ..names.metrics import Part, run_value
from .definition import Measure

_RUN: Final = ("project", "run_id")
_ORDER: Final = ("step", "timestamp", "seq")
_ANY: Final = "\0any"
_OWN: Final = "\0own"


@dataclass(frozen=True, slots=True)
class DirectedMeasure:
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


def scored(measure: Measure, goals: Mapping[str, str] | None = None) -> DirectedMeasure:
    """The measure with its direction: as defined, declared in `goals`, or guessed."""
    select = None
    if measure.counts == "at_best":
        metric, dataset = split_label(measure.select_on or "")
        select = find_direction(metric, dataset or measure.dataset, goals=goals, goal=measure.select_goal)
    direction = find_direction(measure.metric, measure.dataset, goals=goals, goal=measure.goal)
    return DirectedMeasure(measure, direction, select)


def summary_values(runs: pl.DataFrame, measures: Sequence[DirectedMeasure]) -> pl.DataFrame:
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
        best: Part = "min" if each.goal == "minimize" else "max"
        part = best if each.measure.counts == "best" else "last"
        columns.append(run_value(each.label, part, runs.schema).alias(each.label))
    # A literal alone would give one row.
    return runs.select(pl.first().alias(_ANY), *columns).drop(_ANY)


def needs_points(runs: pl.DataFrame, measures: Sequence[DirectedMeasure], until: datetime | None) -> pl.Series:
    """Of which runs the points must be read: those that count at another metric's best step, or went on after a time.

    Of a run that had ended by then, its summary tells all.
    """
    need = pl.lit(value=False)
    for each in measures:
        if each.measure.counts == "at_best":
            need |= run_value(each.label, "last", runs.schema).is_not_null()
    if until is not None:
        need |= last_news() > pl.lit(until, dtype=pl.Datetime("ms", "UTC"))
    return runs.select(pl.first().alias(_ANY), need.fill_null(value=True).alias("need"))["need"]


def last_news() -> pl.Expr:
    """When a run ended, or last gave news."""
    return pl.coalesce("ended_at", "updated_at", "created_at")


def run_values(
    runs: pl.DataFrame,
    measures: Sequence[DirectedMeasure],
    points: pl.LazyFrame,
    need: pl.Series,
    *,
    until: datetime | None = None,
) -> pl.DataFrame:
    """As `summary_values`, with points for those runs that `need` them."""
    if need.all():
        return point_values(runs, points, measures, until=until)
    told = [each for each in measures if each.measure.counts != "at_best"]
    # A frame without columns would have no rows either.
    values = summary_values(runs, told) if told else runs.select(pl.first().alias(_ANY))
    values = values.with_columns(
        pl.lit(None, dtype=pl.Float64).alias(each.label) for each in measures if each not in told
    )
    labels = [each.label for each in measures]
    if not need.any():
        return values.select(labels)
    read = point_values(runs.filter(need), points, measures, until=until)
    place = pl.Series("place", range(runs.height), dtype=pl.Int64)
    parts = [
        part.select(labels).with_columns(at)
        for part, at in ((values.filter(~need), place.filter(~need)), (read, place.filter(need)))
    ]
    return pl.concat(parts).sort("place").select(labels)


def point_values(
    runs: pl.DataFrame, points: pl.LazyFrame, measures: Sequence[DirectedMeasure], *, until: datetime | None = None
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
    read = own_points(runs, wanted).select(*_RUN, "metric", "dataset", "value", *_ORDER, _OWN).collect()
    out = runs.select(*_RUN)
    for each in measures:
        found = _per_run(read, each).rename({"value": each.label})
        out = out.join(found.select(*_RUN, each.label), on=_RUN, how="left", maintain_order="left")
    return out.drop(*_RUN)


def _selectors(measure: Measure) -> set[str]:
    name = measure.select_on if measure.counts == "at_best" else None
    return {name, split_label(name)[0]} if name else set()


def own_points(runs: pl.DataFrame, points: pl.LazyFrame) -> pl.LazyFrame:
    """Points of these runs, with the dataset that each run gives to points that name none."""
    known = pl.col("dataset") if "dataset" in runs.columns else pl.lit(None)
    return points.join(runs.lazy().select(*_RUN, known.cast(pl.String).alias(_OWN)), on=_RUN, how="inner")


def on_dataset(dataset: str | None) -> pl.Expr:
    """Which of `own_points` are on a dataset; on none are those that named none, whatever their run gave them."""
    if dataset is not None:
        return (pl.col("dataset") == dataset).fill_null(value=False)
    return pl.col("dataset").is_null() | (pl.col("dataset") == pl.col(_OWN)).fill_null(value=False)


def _of(points: pl.DataFrame, metric: str, dataset: str | None) -> pl.DataFrame:
    return points.filter((pl.col("metric") == metric) & on_dataset(dataset))


def _per_run(points: pl.DataFrame, each: DirectedMeasure) -> pl.DataFrame:
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
    ordered = real.sort("value", "step", descending=[goal == "maximize", False])
    return ordered.group_by(_RUN, maintain_order=True).first().select(*_RUN, "step")
