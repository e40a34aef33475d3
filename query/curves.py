"""Curves for charts: points of many runs, smoothed on full data and thinned to the width of the picture.

Frames in, arrays out; what draws them needs nothing else. Points are read once by the caller, so a refresh, another
smoothing or a zoom costs no request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..schema.summary import metric_label
from .smoothing import Floats, Method, smooth
from .thinning import thin, window

KEYS: Final = ("project", "run_id", "metric", "dataset")
AXES: Final = ("step", "time", "relative")
_TYPICAL: Final = (2.0, 98.0)
_WIDTH: Final = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One metric of one run, ready to draw. Arrays have one length; NaN in `y` is a gap in the line."""

    project: str
    run_id: str
    metric: str
    dataset: str | None
    x: Floats
    """Sorted. Steps, seconds since the run's start, milliseconds since 1970 UTC, or another metric's values."""
    y: Floats
    """As logged, thinned."""
    smooth: Floats
    """Smoothed on full data at the same places; equals `y` without smoothing."""
    n_points: int
    """Before thinning, in the whole of x."""
    n_missing: int
    """Of them NaN or infinite."""
    n_dropped: int
    """Of them not drawn since an axis is logarithmic and they are not above zero, or since they have no x."""
    x_range: tuple[float, float]
    """Of all points that can be drawn, whatever part of x is shown."""
    typical: tuple[float, float]
    """2nd and 98th percentile of the finite values shown, for y axes that pass over outliers."""

    @property
    def label(self) -> str:
        """`val/acc`, or `val/acc [cifar10]` with a dataset."""
        return metric_label(self.metric, self.dataset)

    @property
    def thinned(self) -> bool:
        """Whether points were left out to fit the width."""
        return len(self.x) < self.n_points - self.n_dropped


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One metric of one run with all its points, sorted by x; finite x."""

    project: str
    run_id: str
    metric: str
    dataset: str | None
    x: Floats
    y: Floats
    n_points: int


def curves(
    points: pl.DataFrame,
    *,
    x: str = "step",
    smoothing: Method = "none",
    amount: float = 0.6,
    width: int = _WIDTH,
    x_range: tuple[float, float] | None = None,
    log_x: bool = False,
    log_y: bool = False,
    starts: Mapping[str, datetime] | None = None,
) -> list[Curve]:
    """One curve for each run and metric, in the order of their first points.

    Smoothing sees all points; what is shown is then cut to `x_range` (with one point beyond on either side, so that
    lines reach the edge) and thinned to `width`. Points that repeat an x are all kept, in the order they were logged.

    Args:
        points: `Lake.metrics` collected; also the points of the metric on the x axis, if it is one.
        x: `step`, `time`, `relative` (to the run's start) or the name of a metric: each point then stands at that
            metric's value of the same run at the same step, or the last before it, on the same dataset or none.
        smoothing: `ema`, `gaussian`, `running` or `none`; see `smooth`.
        amount: of smoothing, 0 to 1, in units of the x range of all curves.
        width: in pixels.
        x_range: the part of x to show, in the units of `Curve.x`.
        log_x: the x axis is logarithmic.
        log_y: the y axis is.
        starts: by run id when it started; null or absent: at its first point here.

    Raises:
        InvalidSetting: an unknown smoothing, or an amount outside 0 to 1.
    """
    found = list(series(points, x=x, starts=starts))
    return [
        curve
        for each, span in _with_span(found)
        if (curve := _curve(each, span, smoothing, amount, max(4, width), x_range, log_x=log_x, log_y=log_y))
    ]


def series(points: pl.DataFrame, *, x: str = "step", starts: Mapping[str, datetime] | None = None) -> Iterator[Series]:
    """Points by run and metric with their x, sorted by it; see `curves`. NaN and infinite x are left out."""
    axis = pl.col("step")
    if x == "time":
        axis = pl.col("timestamp").dt.epoch("ms")
    elif x == "relative":
        # Not within the groups below: the run's start is that of all its metrics.
        points, axis = points.with_columns(_x=_since_start(points, starts or {})), pl.col("_x")
    elif x not in AXES:
        points, axis = _beside(points, x), pl.col("_x")
    grouped = points.group_by(KEYS, maintain_order=True).agg(
        axis.cast(pl.Float64).fill_null(float("nan")).alias("_axis"),
        pl.col("value").cast(pl.Float64).fill_null(float("nan")),
        pl.col("timestamp").dt.epoch("ms").alias("_at"),
        pl.col("seq").cast(pl.Int64),
    )
    for row in range(grouped.height):
        project, run_id, metric, dataset = (grouped[key][row] for key in KEYS)
        place, value, at, seq = (grouped[name][row].to_numpy() for name in ("_axis", "value", "_at", "seq"))
        n_points = len(place)
        real = np.isfinite(place)
        if not real.all():
            place, value, at, seq = place[real], value[real], at[real], seq[real]
        if not _in_order(place, at, seq):
            turn = np.lexsort((seq, at, place))
            place, value = place[turn], value[turn]
        yield Series(project, run_id, metric, dataset, place, value, n_points)


def _in_order(place: Floats, at: NDArray[np.int64], seq: NDArray[np.int64]) -> bool:
    step, later = np.diff(place), np.diff(at)
    return bool(((step > 0) | ((step == 0) & ((later > 0) | ((later == 0) & (np.diff(seq) >= 0))))).all())


def _since_start(points: pl.DataFrame, starts: Mapping[str, datetime]) -> pl.Expr:
    first = pl.col("timestamp").min().over("project", "run_id") if points.height else pl.col("timestamp")
    if starts:
        known = pl.col("run_id").replace_strict(
            pl.Series(list(starts), dtype=pl.String),
            pl.Series(list(starts.values()), dtype=pl.Datetime("ms", "UTC")),
            default=None,
            return_dtype=pl.Datetime("ms", "UTC"),
        )
        first = pl.coalesce(known, first)
    return (pl.col("timestamp") - first).dt.total_milliseconds() / 1000.0


def _beside(points: pl.DataFrame, metric: str) -> pl.DataFrame:
    """The points of all other metrics with `_x`, the value of `metric` at their step or the last before it."""
    run = ["project", "run_id"]
    others = points.filter(pl.col("metric") != metric).with_row_index("_row")
    beside = points.filter((pl.col("metric") == metric) & pl.col("value").is_finite())
    beside = beside.sort("step", "timestamp", "seq").unique([*run, "dataset", "step"], keep="last", maintain_order=True)
    beside = beside.select(*run, "step", pl.col("dataset").fill_null(""), _x="value").sort("step")
    out = others.with_columns(_own=pl.col("dataset").fill_null("")).sort("step")
    for name, dataset in (("_same", pl.col("_own")), ("_none", pl.lit(""))):
        out = out.with_columns(dataset.alias("_wanted")).join_asof(
            beside.rename({"dataset": "_wanted", "_x": name}), on="step", by=[*run, "_wanted"], check_sortedness=False
        )
    return out.sort("_row").with_columns(_x=pl.coalesce("_same", "_none"))


def _with_span(found: list[Series]) -> Iterator[tuple[Series, float]]:
    ends = [(each.x[0], each.x[-1]) for each in found if len(each.x)]
    span = float(max(high for _, high in ends) - min(low for low, _ in ends)) if ends else 0.0
    for each in found:
        yield each, span


def _curve(
    each: Series,
    span: float,
    method: Method,
    amount: float,
    width: int,
    x_range: tuple[float, float] | None,
    *,
    log_x: bool,
    log_y: bool,
) -> Curve | None:
    x, y = each.x, each.y
    smoothed = smooth(x, y, method=method, amount=amount, span=span)
    fits = np.ones(len(x), dtype=bool)
    if log_x:
        fits &= x > 0
    if log_y:
        # NaN stays, as a gap; an average of both signs has no logarithm where it is not above zero.
        fits &= ~(y <= 0)
        smoothed = np.where(smoothed > 0, smoothed, np.nan)
    n_missing = int((~np.isfinite(y)).sum())
    if not fits.all():
        x, y, smoothed = x[fits], y[fits], smoothed[fits]
    n_dropped = each.n_points - len(x)
    whole = (float(x[0]), float(x[-1])) if len(x) else (float("nan"), float("nan"))
    if x_range is not None:
        shown = window(x, *x_range)
        x, y, smoothed = x[shown], y[shown], smoothed[shown]
    kept = thin(np.log10(x) if log_x else x, np.log10(y) if log_y else y, width)
    real = y[np.isfinite(y)]
    low, high = np.percentile(real, _TYPICAL).tolist() if len(real) else (float("nan"), float("nan"))
    return Curve(
        each.project, each.run_id, each.metric, each.dataset, x[kept], y[kept], smoothed[kept],
        each.n_points, n_missing, n_dropped, whole, (low, high),
    )  # fmt: skip
