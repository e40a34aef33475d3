"""Curves on a page: controls for all charts at once, and the grid that they govern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl
import streamlit as st

from ..query.columns import is_metric
from ..query.curves import AXES
from . import data, plot, state
from .data import Look
from .digits import count
from .figures import CurvesInfo, Line, curves_figure
from .lines import lines_of
from .palette import marks_of
from .run_info import run_labels
from .state import CurvesView, RunView

CHARTS: Final = 12
"""On one page: more are a click away, and nothing is computed for them."""
_BESIDE: Final = {1: 1, 2: 2, 4: 2}
"""Charts side by side, where their number asks for other than three."""
_HEIGHTS: Final = {1: 420, 2: 286, 3: 232}
_AXES: Final = {"step": "by step", "time": "by time", "relative": "since start"}
_TITLES: Final = {"time": "", "relative": "seconds since start"}


@dataclass(frozen=True, slots=True)
class Request:
    """Which charts to draw."""

    every: tuple[str, ...]
    """All metrics that there are."""
    labels: tuple[str, ...]
    """Those that were asked for."""
    page: int
    pages: int

    @property
    def shown(self) -> tuple[str, ...]:
        """Those of this page."""
        return self.labels[(self.page - 1) * CHARTS : self.page * CHARTS]


def labels_of(runs: pl.DataFrame) -> list[str]:
    """Labels of the metrics that these runs have, `train/acc` beside `train/loss` before `val/acc`."""
    known = set(runs.columns)
    found = [
        name
        for name in runs.columns
        if is_metric(name, known) and f"{name}.max" in known and not runs[name].is_null().all()
    ]
    return sorted(name.removeprefix("metrics.") for name in found)


def request(labels: Sequence[str], *, find: str, chosen: Sequence[str] = (), page: int) -> Request:
    """The charts that match a search (all its words) or that were chosen, a page of them."""
    wanted = [label for label in labels if not chosen or label in chosen]
    words = find.casefold().split()
    wanted = [label for label in wanted if all(word in label.casefold() for word in words)]
    pages = max(1, -(-len(wanted) // CHARTS))
    return Request(tuple(labels), tuple(wanted), min(page, pages), pages)


def controls(view: CurvesView | RunView, labels: Sequence[str], *, key: str) -> None:
    """What governs all charts of a grid."""
    metrics = [label for label in labels if " [" not in label]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if isinstance(view, CurvesView):
            known = replace(view, metrics=tuple(each for each in view.metrics if each in labels))
            st.multiselect(
                "Metrics",
                labels,
                placeholder=f"All {count(len(labels), 'metric')}",
                label_visibility="collapsed",
                **state.bound(known, "metrics", f"{key}.metrics", also={"page": 1}),
            )
        else:
            st.text_input(
                "Find metrics",
                placeholder=f"Find among {count(len(labels), 'metric')}",
                label_visibility="collapsed",
                **state.bound(view, "find", f"{key}.find", also={"page": 1}),
            )
        st.selectbox(
            "X axis",
            [*AXES, *metrics],
            format_func=lambda each: _AXES.get(each) or f"by {each}",
            label_visibility="collapsed",
            width=150,
            **state.bound(replace(view, x=axis_of(view, labels)), "x", f"{key}.x"),
        )
        st.slider(
            "Smoothing",
            0.0,
            0.99,
            step=0.01,
            format="smoothing %.2f",
            label_visibility="collapsed",
            width=200,
            **state.bound(view, "smooth", f"{key}.smooth"),
        )
        st.toggle("log x", disabled=view.x == "time", **state.bound(view, "logx", f"{key}.logx"))
        st.toggle("log y", **state.bound(view, "logy", f"{key}.logy"))


def axis_of(view: CurvesView | RunView, labels: Sequence[str]) -> str:
    """What the x axis shows: what the view asks for, where there is such a thing, else steps."""
    return view.x if view.x in AXES or view.x in labels else "step"


def charts(look: Look, run_ids: Sequence[str], view: CurvesView | RunView, asked: Request, *, key: str) -> None:
    """The grid: each chart's curves, at full resolution within the window that it shows."""
    shown = asked.shown
    runs = pl.concat([look.runs, look.deleted]).filter(pl.col("run_id").is_in(list(run_ids)))
    if not shown or not runs.height:
        return
    view = replace(view, x=axis_of(view, asked.every))
    settings = f"{view.x}|{view.logx}"
    names, marks = run_labels(runs, run_ids), marks_of(run_ids)
    wanted = {label.partition(" [")[0] for label in shown} | ({view.x} - {*AXES})
    points = data.points(look, run_ids, sorted(wanted))
    own = dict(runs.select("run_id", "dataset").iter_rows())
    windows = plot.windows(key)
    beside = _BESIDE.get(len(shown), 3)
    made = lines_of(
        points,
        shown,
        own_dataset=own,
        names=names,
        marks=marks,
        x=view.x,
        smooth=view.smooth,
        windows=windows,
        starts={run_id: at for run_id, at in runs.select("run_id", "started_at").iter_rows() if at is not None},
        log_x=view.logx and view.x != "time",
        log_y=view.logy,
    )
    plot.grid(
        [
            curves_figure(info_of(label, made.get(label, ()), view, n=len(run_ids), settings=settings))
            for label in shown
        ],
        key=key,
        columns=beside,
        height=_HEIGHTS[beside],
        reset=settings,
    )
    if asked.pages > 1:
        _pager(view, asked, key=key)


def info_of(label: str, lines: Sequence[Line], view: CurvesView | RunView, *, n: int, settings: str) -> CurvesInfo:
    """What one chart shows."""
    log_x = view.logx and view.x != "time"
    return CurvesInfo(
        label=label,
        lines=tuple(lines),
        x_title=_TITLES.get(view.x, view.x),
        x_kind="date" if view.x == "time" else "log" if log_x else "linear",
        log_y=view.logy,
        missing=n - len(lines),
        settings=f"{settings}|{view.logy}",
    )


def _pager(view: CurvesView | RunView, asked: Request, *, key: str) -> None:
    first = (asked.page - 1) * CHARTS
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"Charts {first + 1} to {min(first + CHARTS, len(asked.labels))} of {len(asked.labels)}",
            width="content",
        )
        for text, to in (("Previous", asked.page - 1), ("Next", asked.page + 1)):
            st.button(
                text,
                disabled=not 1 <= to <= asked.pages,
                on_click=state.changing(type(view), page=to),
                key=f"{key}.{text.lower()}",
            )
