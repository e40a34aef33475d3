"""What governs all charts of a page: search, axes, smoothing, and what lines stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import polars as pl
import streamlit as st

from ...query.curves.curves import AXES
from ...query.names.columns import is_metric
from ...query.names.params import CONFIG
from ...query.names.run_columns import COLOURS
from ..format import escape
from ..format.numbers import count
from ..format.unique import make_unique
from ..state import address
from ..state.chart_settings import settings_of
from ..state.views import BANDS, KINDS, CurvesView, RunPageView

X_NAMES: Final[Mapping[str, str]] = {"step": "by step", "time": "by time", "relative": "since start"}
KIND_NAMES: Final[Mapping[str, str]] = {"ema": "EMA", "gaussian": "Gaussian", "running": "Running mean"}
BAND_NAMES: Final[Mapping[str, str]] = {
    "std": "± standard deviation", "stderr": "± standard error", "ci95": "95 % confidence", "minmax": "min to max",
}  # fmt: skip


def controls(
    view: CurvesView | RunPageView,
    labels: Sequence[str],
    *,
    key: str,
    runs: pl.DataFrame | None = None,
    wrong: str = "",
) -> None:
    """What governs all charts of a grid.

    Args:
        view: as it is now.
        labels: of all metrics.
        key: before those of the widgets.
        runs: all runs of the project, for grouping and colours; null where there is but one.
        wrong: what is wrong with the template of the lines' names, said at its field too; empty for nothing.
    """
    metrics = [label for label in labels if " [" not in label]
    search = "charts" if isinstance(view, CurvesView) else "find"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.text_input(
            "Find charts",
            placeholder=f"Find among {count(len(labels), 'metric')}",
            label_visibility="collapsed",
            icon=":material/search:",
            width=165,
            **address.bound(view, search, f"{key}.{search}", also={"page": 1}),
        )
        st.selectbox(
            "X axis",
            [*AXES, *metrics],
            format_func=lambda each: X_NAMES.get(each) or f"by {each}",
            label_visibility="collapsed",
            width=118,
            **address.bound(replace(view, x=settings_of(view, labels).x), "x", f"{key}.x"),
        )
        st.selectbox(
            "Kind of smoothing",
            KINDS,
            format_func=lambda each: KIND_NAMES[each],
            label_visibility="collapsed",
            width=124,
            **address.bound(view, "kind", f"{key}.kind"),
        )
        st.slider(
            "Smoothing",
            0.0,
            0.99,
            step=0.01,
            format="smoothing %.2f",
            label_visibility="collapsed",
            width=116,
            **address.bound(view, "smooth", f"{key}.smooth"),
        )
        st.toggle("log x", disabled=view.x == "time", **address.bound(view, "logx", f"{key}.logx"))
        st.toggle("log y", **address.bound(view, "logy", f"{key}.logy"))
        lines = st.popover(_more(view), icon=":material/tune:", width="content", key=f"{key}.lines", on_change="rerun")
        with lines:
            _panel(view, labels, runs, key=key, seen=bool(lines.open), wrong=wrong)


def _more(view: CurvesView | RunPageView) -> str:
    """The name of the panel, which says what is on in it."""
    said = []
    if isinstance(view, CurvesView):
        short = [each.removeprefix("params.") for each in view.group]
        said += [f"by {', '.join(short)}"] if short else []
        said += [f"colour {view.color.removeprefix('params.')}"] if view.color and not short else []
        said += ["baseline"] if view.base else []
    said += ["paired"] if view.pair else []
    said += ["no outliers"] if view.outliers else []
    return escape.plain(f"Lines: {' · '.join(said)}") if said else "Lines"


def _panel(
    view: CurvesView | RunPageView,
    labels: Sequence[str],
    runs: pl.DataFrame | None,
    *,
    key: str,
    seen: bool,
    wrong: str,
) -> None:
    st.toggle(
        "Y axes pass over outliers",
        help="They show the 2nd to 98th percentile of all values.",
        **address.bound(view, "outliers", f"{key}.outliers", unseen=True),
    )
    st.toggle(
        "Metrics that differ in their prefix share a chart",
        help="train/loss and val/loss together: a colour for each run, a dash for each metric.",
        **address.bound(view, "pair", f"{key}.pair", also={"page": 1}, unseen=True),
    )
    if runs is None or not isinstance(view, CurvesView):
        return
    columns = telling(runs)
    called = make_unique({each: column_name(each) for each in [CONFIG, *columns]})
    known = replace(
        view,
        metrics=tuple(each for each in view.metrics if each in labels),
        group=tuple(each for each in view.group if each in columns or each == CONFIG),
        color=view.color if view.color in columns else "",
        base=view.base if view.base in set(runs["run_id"]) else "",
    )
    st.multiselect(
        "Group runs by",
        [CONFIG, *columns],
        format_func=lambda each: called[each],
        placeholder="A line for each run",
        **address.bound(known, "group", f"{key}.group", unseen=True),
    )
    if known.group:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.selectbox(
                "Band around the mean",
                BANDS,
                format_func=lambda each: BAND_NAMES[each],
                width=220,
                **address.bound(known, "band", f"{key}.band", unseen=True),
            )
            st.toggle("Show members", **address.bound(known, "members", f"{key}.members", unseen=True))
    else:
        st.selectbox(
            "Colour runs by",
            ["", *columns],
            format_func=lambda each: called[each] if each else "each run its own",
            **address.bound(known, "color", f"{key}.color", unseen=True),
        )
    named = {run_id: name or run_id for run_id, name in runs.select("run_id", "name").iter_rows()}
    names = make_unique(named, also=("none",))
    st.selectbox(
        "Baseline, dashed in every chart",
        ["", *names],
        format_func=lambda each: names.get(each, "none"),
        **address.bound(known, "base", f"{key}.base", unseen=True),
    )
    st.text_input(
        "Names of lines",
        placeholder="{name} lr={lr} {val/acc}",
        help="Params, metrics and columns of runs in braces. Used wherever a run is named here.",
        **address.bound(known, "legend", f"{key}.legend", unseen=not seen),
    )
    if wrong:
        st.caption(f":red[{escape.plain(wrong)}]")
    st.multiselect(
        "Only these metrics",
        labels,
        placeholder=f"All {count(len(labels), 'metric')}",
        **address.bound(known, "metrics", f"{key}.metrics", also={"page": 1}, unseen=True),
    )


def telling(runs: pl.DataFrame) -> list[str]:
    """Columns to group or colour by: params, then own ones of runs that have any value, then metrics' last values."""
    params = [name for name in runs.columns if name.startswith("params.")]
    own = [name for name in COLOURS if name in runs.columns and runs[name].n_unique() > 1]
    known = set(runs.columns)
    metrics = [name for name in runs.columns if f"{name}.max" in known and is_metric(name, known)]
    return [*params, *own, *metrics]


def column_name(column: str) -> str:
    """As it is called on the screen."""
    if column == CONFIG:
        return "config without seed"
    return column.removeprefix("params.")
