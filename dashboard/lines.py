"""From points to the lines of charts: which chart a point belongs to, smoothed and thinned to the width. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import polars as pl

from ..query.curves import AXES, Curve, curves
from .figures import Line
from .palette import Mark
from .plot import Window

WIDTH: Final = 900
"""Points a curve is thinned to: about twice the pixels of a chart in a grid."""


def lines_of(
    points: pl.DataFrame,
    labels: Sequence[str],
    *,
    own_dataset: Mapping[str, str | None],
    names: Mapping[str, str],
    marks: Mapping[str, Mark],
    x: str,
    smooth: float,
    windows: Mapping[str, Window],
    starts: Mapping[str, datetime],
    log_x: bool = False,
    log_y: bool = False,
) -> dict[str, list[Line]]:
    """The lines of each chart, by its label, in order of the runs' names.

    Args:
        points: of `data.points`.
        labels: of the charts.
        own_dataset: by run: points on it belong to the chart without a dataset in its label.
        names: by run.
        marks: by run.
        x: what the x axis shows: step, time, relative or a metric, whose points must be there too.
        smooth: 0 for none, up to 0.99.
        windows: by label, the stretch of x that is looked at; it is drawn at full resolution.
        starts: by run, what `relative` counts from.
        log_x: the x axis is logarithmic, so only points above zero are drawn.
        log_y: the y axis is.
    """
    own = (
        points.select("run_id")
        .unique()
        .with_columns(own=pl.col("run_id").replace_strict(dict(own_dataset), default=None, return_dtype=pl.String))
    )
    plain = pl.col("dataset").is_null() | pl.col("dataset").eq_missing(pl.col("own"))
    label = pl.when(plain).then("metric").otherwise(pl.format("{} [{}]", "metric", pl.col("dataset").fill_null("")))
    labelled = points.join(own, on="run_id", how="left").with_columns(label=label).drop("own")
    out: dict[str, list[Line]] = {}
    axis = labelled.filter(pl.col("metric") == x).drop("label") if x not in AXES else None
    for name in labels:
        part = labelled.filter(pl.col("label") == name).drop("label")
        if not part.height:
            continue
        if axis is not None and name != x:
            part = pl.concat([part, axis])
        found = curves(
            part,
            x=x if axis is None or name != x else "step",
            smoothing="ema" if smooth else "none",
            amount=smooth,
            width=WIDTH,
            x_range=windows.get(name),
            log_x=log_x,
            log_y=log_y,
            starts=starts,
        )
        lines = [_line(each, names, marks, smoothed=smooth > 0) for each in found]
        out[name] = sorted(lines, key=lambda line: (line.name, line.run_id))
    return out


def _line(curve: Curve, names: Mapping[str, str], marks: Mapping[str, Mark], *, smoothed: bool) -> Line:
    x, y = tuple(curve.x.tolist()), tuple(curve.y.tolist())
    return Line(
        run_id=curve.run_id,
        name=names.get(curve.run_id, curve.run_id),
        mark=marks.get(curve.run_id, Mark(0)),
        x=x,
        y=tuple(curve.smooth.tolist()) if smoothed else y,
        raw_x=x if smoothed else (),
        raw_y=y if smoothed else (),
        n_dropped=curve.n_dropped,
    )
