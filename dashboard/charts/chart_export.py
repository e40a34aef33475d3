"""One chart's data to take away: every point of it, smoothed, as code, CSV and Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from ...query.curves.bands import band, band_table, group_names
from ...query.curves.curves import AXES, curve_table, make_curves
from ...query.points.tracks import Track
from ...query.tables.label_templates import render_labels
from ..feed.feed import ProjectState, feed
from ..format import escape
from ..format.snippets import call, literal, recipe
from ..layout.export import export_menu
from ..state import address
from ..state.chart_settings import Settings
from ..state.views import CurvesView, RunPageView
from .lines import Scene, label_of
from .sections import Chart

ALL: Final = 2**31
"""The width that thins nothing."""
_ORDER: Final = ("run_id", "metric", "dataset")


def bar(
    state: ProjectState, view: CurvesView | RunPageView, chart: Chart, settings: Settings, scene: Scene, *, key: str
) -> None:
    """The line above a chart that is looked at alone: back to all of them, and its data."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "All charts",
            icon=":material/arrow_back:",
            on_click=address.changing(type(view), chart=""),
            key=f"{key}.back",
        )
        st.markdown(f"**{escape.plain(chart.id)}**", width="stretch")
        store, runs = feed().tracks, pl.concat([state.runs, state.deleted])
        group = view.group if isinstance(view, CurvesView) and scene.groups is not None else ()
        legend = view.legend if isinstance(view, CurvesView) else ""

        def frame() -> pl.DataFrame:
            tracks = store.get(state.snapshot, scene.run_ids, metrics_of(chart, settings))
            return chart_frame(tracks, chart, settings, scene, runs, group=group, legend=legend)

        export_menu(
            chart_code(feed().lake.url, state.project, chart, settings, scene, group=group, legend=legend),
            frame,
            key=f"{key}.data",
            name=f"{state.project}-{chart.id}",
            label="Data",
        )


def metrics_of(chart: Chart, settings: Settings) -> list[str]:
    """Names of the metrics that a chart needs, that of its x axis among them."""
    return sorted({label.partition(" [")[0] for label in chart.labels} | ({settings.x} - set(AXES)))


def chart_frame(
    tracks: Sequence[Track],
    chart: Chart,
    settings: Settings,
    scene: Scene,
    runs: pl.DataFrame,
    *,
    group: Sequence[str] = (),
    legend: str = "",
) -> pl.DataFrame:
    """What a chart shows, every point of it: of runs their curves, of groups their bands.

    Args:
        tracks: of the chart's metrics.
        chart: which.
        settings: of the chart.
        scene: of the page.
        runs: one row per run, deleted ones too.
        group: columns that runs are grouped by.
        legend: the template of the runs' labels.
    """
    kept = [
        each
        for each in tracks
        if label_of(each, scene.own_dataset) in chart.labels or (each.metric == settings.x and settings.x not in AXES)
    ]
    runs = runs.filter(pl.col("run_id").is_in(list(scene.run_ids)))
    how = _how(chart, settings)
    if settings.x == "relative":
        how["starts"] = dict(runs.select("run_id", "started_at").drop_nulls().iter_rows())
    if group:
        found = band(kept, group_names(runs, group), spread=scene.spread, log_x=settings.log_x, **how)
        return band_table(found).sort("group", "metric", "dataset", maintain_order=True)
    frame = curve_table(make_curves(kept, width=ALL, **how)).sort(_ORDER, maintain_order=True)
    names = render_labels(legend, runs) if legend else dict(runs.select("run_id", "name").iter_rows())
    return frame.with_columns(name=pl.col("run_id").replace_strict(names, default=None, return_dtype=pl.String))


def chart_code(
    lake: str,
    project: str,
    chart: Chart,
    settings: Settings,
    scene: Scene,
    *,
    group: Sequence[str] = (),
    legend: str = "",
) -> str:
    """Lines of Python that give `chart_frame` in a notebook."""
    run_ids = list(scene.run_ids)
    lines = [
        "points = " + call("lake.metrics", project, metrics=metrics_of(chart, settings), runs=run_ids) + ".collect()",
        "runs = " + call("lake.runs", project, deleted=True) + f'.filter(pl.col("run_id").is_in({literal(run_ids)}))',
        'own = runs.select("run_id", own="dataset")',
        f'points = points.join(own, on="run_id").filter({_kept(chart, settings)})',
    ]
    how = _how(chart, settings)
    options = "".join(f", {name}={literal(value)}" for name, value in how.items())
    if settings.x == "relative":
        lines.append('starts = dict(runs.select("run_id", "started_at").drop_nulls().iter_rows())')
        options += ", starts=starts"
    if group:
        log_x = ", log_x=True" if settings.log_x else ""
        lines += [
            f"groups = group_names(runs, {literal(list(group))})",
            f"found = band(points, groups, spread={literal(scene.spread)}{log_x}{options})",
            'frame = band_table(found).sort("group", "metric", "dataset", maintain_order=True)',
        ]
        imports = ["from lakeboard.query import band, band_table, group_names"]
        return recipe(lake, *lines, imports=imports)
    imports = ["from lakeboard.query import curve_table, make_curves"]
    names = 'dict(runs.select("run_id", "name").iter_rows())'
    if legend:
        imports.append("from lakeboard.query import render_labels")
        names = f"render_labels({literal(legend)}, runs)"
    lines += [
        f"found = make_curves(points, width={ALL}{options})",
        f"frame = curve_table(found).sort({', '.join(map(literal, _ORDER))}, maintain_order=True)",
        f"names = {names}",
        'frame = frame.with_columns(name=pl.col("run_id").replace_strict(names, default=None, return_dtype=pl.String))',
    ]
    return recipe(lake, *lines, imports=imports)


def _how(chart: Chart, settings: Settings) -> dict[str, Any]:
    """Arguments of `curves` and `band` alike."""
    how: dict[str, Any] = {"x": "step" if settings.x in chart.labels else settings.x}
    return how | ({"smoothing": settings.kind, "amount": settings.smooth} if settings.smooth else {})


def _kept(chart: Chart, settings: Settings) -> str:
    """The condition that leaves the points of a chart, as source."""
    parts: list[str] = []
    plain = [label for label in chart.labels if not label.endswith("]")]
    if plain:
        parts.append(f'pl.col("metric").is_in({literal(plain)}) & pl.col("dataset").eq_missing(pl.col("own"))')
    for label in chart.labels:
        if label not in plain:
            metric, _, dataset = label.removesuffix("]").partition(" [")
            parts.append(f'(pl.col("metric") == {literal(metric)}) & (pl.col("dataset") == {literal(dataset)})')
    if settings.x not in AXES:
        parts.append(f'(pl.col("metric") == {literal(settings.x)})')
    return " | ".join(f"({part})" for part in parts) if len(parts) > 1 else parts[0]
