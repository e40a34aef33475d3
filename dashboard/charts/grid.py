"""Charts of runs on a page: those in view are read, computed and drawn; what is done to one is put in the view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import polars as pl
import streamlit as st

from ...query.curves.curves import AXES
from ...query.names.columns import is_metric
from ...query.names.direction import find_direction
from ...schema.problems import unread_runs
from ...schema.text.labels import split_label
from ..components import plot
from ..components.values import Figure, Window
from ..feed import feed
from ..feed.feed import ProjectState
from ..feed.run_colours import colours_of
from ..format import escape
from ..layout.directions import known
from ..run_tables.run_labels import run_labels
from ..state import address
from ..state.chart_settings import Override, Settings, overrides_of, own_settings, set_own, settings_of, written
from ..state.views import CurvesView, RunPageView
from . import chart_export as chart_data
from . import sections as plan
from .colouring import Colouring, by_run
from .controls import KIND_NAMES, X_NAMES, controls
from .figures import curves_figure
from .lines import Drawn, Scene, by_label, lines_of
from .model import CurvesInfo, cut
from .sections import Chart, Request, Section, request

__all__ = ["Request", "charts", "controls", "labels_of", "request"]
_FIRST: Final = 6
"""Charts computed before the browser tells which are in view."""
_MOST: Final = 24
"""In view at once: a tall screen's worth."""
_BESIDE: Final = {1: 1, 2: 2, 4: 2}
"""Charts side by side, where their number asks for other than three."""
_HEIGHTS: Final = {1: 420, 2: 286, 3: 232}
_NAME: Final = 24
"""Letters of a metric's name in a chart's note."""
_TITLES: Final = {"time": "", "relative": "seconds since start"}


def labels_of(runs: pl.DataFrame) -> list[str]:
    """Labels of the metrics that these runs have, `train/acc` beside `train/loss` before `val/acc`."""
    known = set(runs.columns)
    found = [
        name
        for name in runs.columns
        if is_metric(name, known) and f"{name}.max" in known and runs[name].null_count() < runs.height
    ]
    return sorted(name.removeprefix("metrics.") for name in found)


def scene_of(state: ProjectState, run_ids: Sequence[str], colouring: Colouring | None = None, **more: Any) -> Scene:
    """What all charts of some runs draw."""
    runs = pl.concat([state.runs, state.deleted]).filter(pl.col("run_id").is_in([*run_ids, more.get("base", "")]))
    starts = {run_id: at for run_id, at in runs.select("run_id", "started_at").iter_rows() if at is not None}
    names = more.pop("names", None) or run_labels(runs, runs["run_id"].to_list())
    there = set(runs["run_id"])
    return Scene(
        tuple(run_id for run_id in run_ids if run_id in there),
        names,
        (colouring or by_run(run_ids, colours_of(state))).marks,
        dict(runs.select("run_id", "dataset").iter_rows()),
        starts,
        **more,
    )


def charts(
    state: ProjectState,
    run_ids: Sequence[str],
    view: CurvesView | RunPageView,
    asked: Request,
    *,
    key: str,
    colouring: Colouring | None = None,
    scene: Scene | None = None,
) -> None:
    """The grid: each chart's curves, at full resolution within the window that it shows.

    Only charts in view are read and computed.

    Args:
        state: at the project.
        run_ids: of the runs to draw.
        view: of the page.
        asked: which charts.
        key: of the grid.
        colouring: what colours stand for; each run has its own when null.
        scene: what all charts draw; just the runs when null.
    """
    scene = scene or scene_of(state, run_ids, colouring)
    own = overrides_of(view)
    every = settings_of(view, asked.every)
    parts = plan.sections(asked, pins=view.pins, fold=view.fold, pair=view.pair, own=own)
    alone: list[Chart] = []
    if view.chart:
        alone = [chart for part in parts for chart in part.charts if chart.id == view.chart][:1]
        if alone:
            parts = [Section(part.id, part.title, False, tuple(alone)) for part in parts if alone[0] in part.charts]
            chart_data.bar(state, view, alone[0], own_settings(every, own.get(view.chart), asked.every), scene, key=key)
        else:
            _not_here(view, key=key)
    open_charts = [chart for part in parts if not part.folded for chart in part.charts]
    if not parts or not scene.run_ids:
        return
    settings = {chart.id: own_settings(every, own.get(chart.id), asked.every) for chart in open_charts}
    shown = in_view([chart.id for chart in open_charts], plot.seen(key))
    beside = _BESIDE.get(len(open_charts), 3)
    wanted = [chart for chart in open_charts if chart.id in shown]
    found = draw_charts(state, wanted, settings, scene, plot.windows(key, {k: s.axis for k, s in settings.items()}))
    goals = known(state)
    figures = [
        figure_of(chart, settings[chart.id], found.get(chart.id), own.get(chart.id), goals=goals)
        for chart in open_charts
    ]
    plot.grid(
        figures,
        key=key,
        columns=beside,
        height=_HEIGHTS[beside],
        sections=[{"id": part.id, "title": part.title, "folded": part.folded, "n": len(part.charts)} for part in parts],
        legend=legend_of(colouring) if colouring else None,
        menu=menu_of(asked, every, alone=bool(alone)),
        on_act=partial(act, type(view)),
    )
    if asked.pages > 1 and not alone:
        _pager(view, asked, key=key)


def _not_here(view: CurvesView | RunPageView, *, key: str) -> None:
    """The address names a chart that these runs, or this search, do not have."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            escape.plain(f"None of the charts below is {cut(view.chart, 80)}, which this link is about."),
            width="stretch",
        )
        st.button("All charts", on_click=address.changing(type(view), chart=""), key=f"{key}.back", type="tertiary")


def in_view(ids: Sequence[str], seen: Sequence[str] | None) -> list[str]:
    """Which charts to compute: those in view, else the first ones."""
    found = [each for each in seen or () if each in set(ids)][:_MOST]
    return found or list(ids[:_FIRST])


def draw_charts(
    state: ProjectState,
    wanted: Sequence[Chart],
    settings: Mapping[str, Settings],
    scene: Scene,
    windows: Mapping[str, Window],
) -> dict[str, Drawn]:
    """The lines of some charts, by the chart's id."""
    labels = {label for chart in wanted for label in chart.labels}
    axes = {settings[chart.id].x for chart in wanted} - set(AXES)
    metrics = {label.partition(" [")[0] for label in labels} | axes
    run_ids = list(dict.fromkeys([*scene.run_ids, *([scene.base] if scene.base else [])]))
    tracks = by_label(feed.tracks(state, run_ids, sorted(metrics)), scene.own_dataset)
    # What was met just now is shown at once.
    if unread := unread_runs(feed.feed().lake.problems(state.project)):
        scene = replace(scene, unread=unread)
    view_list = feed.drawn()
    return {
        chart.id: lines_of(
            tracks, chart.labels, settings[chart.id], scene, window=windows.get(chart.id), remember=view_list
        )
        for chart in wanted
    }


def figure_of(
    chart: Chart, settings: Settings, drawn: Drawn | None, own: Override | None, *, goals: Mapping[str, str]
) -> Figure:
    """One chart's figure; without lines where it is out of view."""
    about: Figure = {
        "section": plan.PINNED if chart.pinned else chart.section,
        "pinned": chart.pinned,
        "own": own_of(own),
        "labels": list(chart.labels),
        "axis": settings.axis,
    }
    if drawn is None:
        return {"id": chart.id, "title": chart.id, "note": "", "alt": chart.id, **about}
    return curves_figure(info_of(chart, drawn, settings, goals=goals)) | about


def info_of(chart: Chart, drawn: Drawn, settings: Settings, *, goals: Mapping[str, str]) -> CurvesInfo:
    """What one chart shows; `goals` are the declared ones, by metric or label."""
    return CurvesInfo(
        label=chart.id,
        lines=drawn.lines,
        x_title=_TITLES.get(settings.x, settings.x),
        x_kind="date" if settings.x == "time" else "log" if settings.log_x else "linear",
        log_y=settings.log_y,
        dropped=_dropped(chart, settings),
        missing=drawn.missing,
        unread=drawn.unread,
        notes=(*((", ".join(chart.labels),) if len(chart.labels) > 1 else ()), *drawn.notes),
        settings=f"{settings.axis}|{int(settings.log_y)}{int(settings.outliers)}|{settings.low}:{settings.high}",
        axis=settings.axis,
        y_range=drawn.y_range,
        less_is_better=find_direction(*split_label(chart.labels[0]), goals=goals).goal == "minimize",
    )


def _dropped(chart: Chart, settings: Settings) -> str:
    """Why points of a chart are not drawn, where some are not."""
    logs = " or ".join(way for way, log in (("x", settings.log_x), ("y", settings.log_y)) if log)
    why = [f"without {cut(settings.x, _NAME)}"] if settings.x not in AXES and settings.x not in chart.labels else []
    return " or ".join(why + ([f"at {logs} \N{LESS-THAN OR EQUAL TO} 0"] if logs else [])) or "without a place"


def own_of(own: Override | None) -> dict[str, Any]:
    """What a chart has of its own, for its menu; empty text for what it shares."""
    own = own or Override("")
    return {
        "x": own.x or "",
        "smooth": "" if own.smooth is None else f"{own.smooth:g}",
        "kind": own.kind or "",
        "log_y": "" if own.log_y is None else str(int(own.log_y)),
        "low": "" if own.low is None else f"{own.low:g}",
        "high": "" if own.high is None else f"{own.high:g}",
        "also": list(own.also),
        "any": own != Override(own.chart),
    }


def menu_of(asked: Request, every: Settings, *, alone: bool) -> dict[str, Any]:
    """The choices of each chart's menu."""
    return {
        "x": [[each, X_NAMES.get(each) or f"by {each}"] for each in (*AXES, *asked.every) if " [" not in each],
        "kind": [[each, name] for each, name in KIND_NAMES.items()],
        "metrics": list(asked.every),
        "shared": {"x": every.x, "kind": every.kind, "smooth": f"{every.smooth:g}", "log_y": int(every.log_y)},
        "alone": alone,
    }


def legend_of(colouring: Colouring) -> dict[str, Any] | None:
    """What colours mean, for the line above the charts; nothing where each run has its own."""
    if not colouring.keys:
        return None
    return {
        "title": colouring.title,
        "scale": colouring.scale,
        "keys": [{"text": key.text, "slot": key.mark.colour, "dash": key.mark.dash} for key in colouring.keys],
    }


def act(kind: type[CurvesView] | type[RunPageView], done: Mapping[str, Any]) -> None:
    """Put into the view what a person did to a chart or a section."""
    view = address.read(kind)
    what, which = str(done.get("kind", "")), str(done.get("id", ""))
    match what:
        case "pin":
            others = tuple(each for each in view.pins if each != which)
            address.change(kind, pins=others if which in view.pins else (*others, which))
        case "fold":
            others = tuple(each for each in view.fold if each != which)
            address.change(kind, fold=others if which in view.fold else (*others, which))
        case "own":
            own = overrides_of(view)
            changed = set_own(own.get(which, Override(which)), str(done.get("name", "")), str(done.get("value", "")))
            address.change(kind, own=written({**own, which: changed}))
        case "reset":
            address.change(kind, own=written({k: v for k, v in overrides_of(view).items() if k != which}))
        case "open":
            address.change(kind, chart=which)


def _pager(view: CurvesView | RunPageView, asked: Request, *, key: str) -> None:
    first = (asked.page - 1) * plan.CHARTS
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"Metrics {first + 1} to {min(first + plan.CHARTS, len(asked.labels))} of {len(asked.labels)}",
            width="content",
        )
        for text, to in (("Previous", asked.page - 1), ("Next", asked.page + 1)):
            st.button(
                text,
                disabled=not 1 <= to <= asked.pages,
                on_click=address.changing(type(view), page=to),
                key=f"{key}.{text.lower()}",
            )
