"""Curves for charts: points of many runs, smoothed on full data and thinned to the width of the picture.

Frames in, arrays out; what draws them needs nothing else. Points are read once by the caller, so a refresh, another
smoothing or a zoom costs no request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import count
from typing import Final

import numpy as np
import polars as pl

from ...schema.run.summary import metric_label
from ..objects.lru import Remember, anew
from ..points.tracks import Track, tracks_of
from .smoothing import Floats, Method, smooth
from .thinning import thin, window

AXES: Final = ("step", "time", "relative")
_TYPICAL: Final = (2.0, 98.0)
_WIDTH: Final = 1_000
_LATEST: Final = 2**62
_NUMBERS: Final = count()


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
    shown: Floats
    """All values in the part of x that is shown, as logged."""

    @property
    def label(self) -> str:
        """`val/acc`, or `val/acc [cifar10]` with a dataset."""
        return metric_label(self.metric, self.dataset)

    @property
    def typical(self) -> tuple[float, float]:
        """2nd and 98th percentile of the finite values shown, for y axes that pass over outliers. Not for free."""
        real = self.shown[np.isfinite(self.shown)]
        low, high = np.percentile(real, _TYPICAL).tolist() if len(real) else (float("nan"), float("nan"))
        return low, high

    @property
    def thinned(self) -> bool:
        """Whether points were left out to fit the width."""
        return len(self.x) < self.n_points - self.n_dropped


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One metric of one run with all its points, sorted by x; finite x. Equal to itself alone, as tracks are.

    Its `number` stands for it in a key of what was computed from it.
    """

    project: str
    run_id: str
    metric: str
    dataset: str | None
    x: Floats
    y: Floats
    n_points: int
    number: int = field(default_factory=lambda: next(_NUMBERS), init=False)

    @property
    def nbytes(self) -> int:
        """Memory, without values that are still those of the track."""
        return self.x.nbytes + (0 if len(self.y) == self.n_points else self.y.nbytes)


def make_curves(
    points: pl.DataFrame | Sequence[Track],
    *,
    x: str = "step",
    smoothing: Method = "none",
    amount: float = 0.6,
    width: int = _WIDTH,
    x_range: tuple[float, float] | None = None,
    log_x: bool = False,
    log_y: bool = False,
    starts: Mapping[str, datetime] | None = None,
    span: float | None = None,
    remember: Remember = anew,
) -> list[Curve]:
    """One curve for each run and metric, in the order of their first points.

    Smoothing sees all points; what is shown is then cut to `x_range` (with one point beyond on either side, so that
    lines reach the edge) and thinned to `width`. Points that repeat an x are all kept, in the order they were logged.

    Args:
        points: `Lake.metrics` collected, or its tracks; also the points of the metric on the x axis, if it is one.
        x: `step`, `time`, `relative` (to the run's start) or the name of a metric: each point then stands at that
            metric's value of the same run at the same step, or the last before it, on the same dataset or none.
        smoothing: `ema`, `gaussian`, `running` or `none`; see `smooth`.
        amount: of smoothing, 0 to 1, in units of the x range of all curves.
        width: in pixels.
        x_range: the part of x to show, in the units of `Curve.x`.
        log_x: the x axis is logarithmic.
        log_y: the y axis is.
        starts: by run id when it started; null or absent: at its first point here.
        span: the x range that the amount refers to; of these curves when null.
        remember: keeps what was computed of each track, for callers who draw the same again.

    Raises:
        InvalidSetting: an unknown smoothing, or an amount outside 0 to 1.
    """
    found = series(points, x=x, starts=starts, remember=remember)
    reach = 0.0 if smoothing == "none" else span_of(found) if span is None else span
    how = (smoothing, 0.0 if smoothing == "none" else amount, reach)

    def drawn(each: Series) -> Curve:
        y = smoothed(each, smoothing, amount, reach, remember=remember)
        return _curve(each, y, max(4, width), x_range, log_x=log_x, log_y=log_y)

    return [
        remember(("curve", each.number, how, width, x_range, log_x, log_y), partial(drawn, each), _curve_size)
        for each in found
    ]


def series(
    points: pl.DataFrame | Sequence[Track],
    *,
    x: str = "step",
    starts: Mapping[str, datetime] | None = None,
    remember: Remember = anew,
) -> list[Series]:
    """Points by run and metric with their x, sorted by it; see `curves`. NaN and infinite x are left out."""
    tracks = tracks_of(points) if isinstance(points, pl.DataFrame) else points
    first: dict[tuple[str, str], int] = {}
    beside: dict[tuple[str, str, str | None], Track] = {}
    if x == "relative":
        for track in tracks:
            run = (track.project, track.run_id)
            known = (starts or {}).get(track.run_id)
            own = int(known.timestamp() * 1000) if known is not None else int(track.at.min(initial=_LATEST))
            first[run] = min(own, first.get(run, own))
    elif x not in AXES:
        beside = {(each.project, each.run_id, each.dataset): each for each in tracks if each.metric == x}
    out = []
    for track in tracks:
        if beside and track.metric == x:
            continue
        run = (track.project, track.run_id)
        found = dict.fromkeys(beside.get((*run, dataset)) for dataset in (track.dataset, None))
        axes = [each for each in found if each is not None]
        start = first.get(run, 0)
        make = partial(_placed, track, x, start, axes)
        key = ("series", track.number, x, start, tuple(each.number for each in axes))
        out.append(remember(key, make, lambda made: made.nbytes))
    return out


def smoothed(each: Series, method: Method, amount: float, span: float, *, remember: Remember = anew) -> Floats:
    """A series smoothed on all its points; see `smooth`."""
    if method == "none":
        return each.y
    make = partial(smooth, each.x, each.y, method=method, amount=amount, span=span)
    return remember(("smooth", each.number, method, amount, span), make, lambda made: made.nbytes)


def span_of(found: Sequence[Series]) -> float:
    """The x range that several series cover together, which amounts of smoothing refer to."""
    ends = [(each.x[0], each.x[-1]) for each in found if len(each.x)]
    return float(max(high for _, high in ends) - min(low for low, _ in ends)) if ends else 0.0


def _placed(track: Track, x: str, start: int, axes: Sequence[Track]) -> Series:
    y = track.value
    if x == "time":
        place = track.at.astype(np.float64)
    elif x == "relative":
        place = (track.at - start) / 1000.0
    elif x == "step":
        # Finite and in order as they are.
        place = track.step.astype(np.float64)
        return Series(track.project, track.run_id, track.metric, track.dataset, place, y, len(place))
    else:
        place = np.full(len(y), np.nan)
        for axis in reversed(axes):
            place = _beside(track, axis, place)
    real = np.isfinite(place)
    if not real.all():
        place, y = place[real], y[real]
    if (place[1:] < place[:-1]).any():
        turn = np.argsort(place, kind="stable")
        place, y = place[turn], y[turn]
    return Series(track.project, track.run_id, track.metric, track.dataset, place, y, len(track.step))


def _beside(track: Track, axis: Track, otherwise: Floats) -> Floats:
    """At each point the last finite value of `axis` at its step or before."""
    real = np.isfinite(axis.value)
    steps, values = axis.step[real], axis.value[real]
    last = np.searchsorted(steps, track.step, side="right") - 1
    return np.where(last >= 0, values[np.maximum(last, 0)], otherwise) if len(values) else otherwise


def _curve(
    each: Series, smooth_y: Floats, width: int, x_range: tuple[float, float] | None, *, log_x: bool, log_y: bool
) -> Curve:
    x, y = each.x, each.y
    n_missing = int(len(y) - np.isfinite(y).sum())
    if log_x or log_y:
        # NaN stays, as a gap; an average of both signs has no logarithm where it is not above zero.
        fits = (x > 0) if log_x else np.ones(len(x), dtype=bool)
        if log_y:
            fits &= ~(y <= 0)
            smooth_y = np.where(smooth_y > 0, smooth_y, np.nan)
        if not fits.all():
            x, y, smooth_y = x[fits], y[fits], smooth_y[fits]
    n_dropped = each.n_points - len(x)
    whole = (float(x[0]), float(x[-1])) if len(x) else (float("nan"), float("nan"))
    if x_range is not None:
        shown = window(x, *x_range)
        x, y, smooth_y = x[shown], y[shown], smooth_y[shown]
    kept = thin(np.log10(x) if log_x else x, np.log10(y) if log_y else y, width)
    return Curve(
        each.project, each.run_id, each.metric, each.dataset, x[kept], y[kept], smooth_y[kept],
        each.n_points, n_missing, n_dropped, whole, y,
    )  # fmt: skip


def _curve_size(curve: Curve) -> int:
    return 24 * len(curve.x) + (0 if curve.shown.base is not None else curve.shown.nbytes)


def curve_table(found: Sequence[Curve]) -> pl.DataFrame:
    """Curves as a frame, a row for each point drawn: run_id, metric, dataset, x, value, smoothed."""
    schema = {"run_id": pl.String, "metric": pl.String, "dataset": pl.String}
    numbers = {"x": pl.Float64, "value": pl.Float64, "smoothed": pl.Float64}
    frames = [
        pl.DataFrame({"x": each.x, "value": each.y, "smoothed": each.smooth}, schema=numbers).select(
            *(pl.lit(getattr(each, name), dtype=pl.String).alias(name) for name in schema), *numbers
        )
        for each in found
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema={**schema, **numbers})
