"""Runs side by side: what differs, parallel axes, any two columns against each other, correlations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import polars as pl
import streamlit as st

from ....query.compare.differences import differences, environments
from ....query.names.metrics import metric_labels
from ....schema.errors import FilterError
from ...adapters.container import Container
from ...components import parallel
from ...components import table as tables
from ...components.filter_box import box
from ...components.parallel_axes import brushed
from ...components.refresh import LIVE
from ...components.values import Table
from ...feed.feed import ProjectState, feed
from ...feed.run_colours import colours_of
from ...format import escape
from ...format.numbers import count
from ...layout import chrome
from ...layout.directions import choose, goals_of, undirected
from ...layout.export import export_menu
from ...layout.page import frame
from ...run_tables import run_columns
from ...state import address, links
from ...state.views import PARTS, CompareView
from . import model as compare_model
from . import snippets as compare_snippets
from .correlation import correlation
from .media import pictured
from .model import Compared
from .scatter import scatter

_PLOT_HEIGHT: Final = 264
_TABLE_HEIGHT: Final = 620
_LINE_HEIGHT: Final = 35
_FEWEST: Final = 3
"""Runs from which lines across axes show more than the table does."""
_LABELS: Final = {
    "differences": "Differences",
    "scatter": "Scatter and frontier",
    "correlation": "Correlation",
    "media": "Media",
}
_FAULT: Final = "compare.fault"
_CURVES: Final = 50
"""Runs that curves are drawn of at once, at most, from here."""


def page() -> None:
    """The page."""
    frame(body, page="compare")


def body(state: ProjectState) -> None:
    """Everything below the navigation."""
    view = address.read(CompareView)
    goals = goals_of(state, view)
    asked = (view.runs, view.where, view.filter, view.brush, view.metric, view.more, view.less)
    found = state.once(("compared", *asked), lambda: compare_model.compared(state.runs, view, goals=goals))
    chrome.head(state.project, state, note=_note(state, view, found))
    _toolbar(state, view, found, goals)
    if found.absent:
        st.caption(f"{count(found.absent, 'run')} of this link not shown: deleted, purged, or not matching the filter.")
    if not found.frame.height:
        st.caption("No run to compare. Loosen the filter, or select some on the page Runs.")
    else:
        if view.plot and found.frame.height >= _FEWEST:
            _parallel(state, view, found, goals)
        _brush(state, view, found)
        _parts(state, view, found, goals)
    chrome.problems(feed().lake.problems(state.project))


def _note(state: ProjectState, view: CompareView, found: Compared) -> str:
    if view.runs and not found.frame.height:
        return "none of the chosen runs is here"
    if view.runs:
        return f"{count(found.frame.height, 'chosen run')} side by side"
    return f"{run_columns.shown_of(found.frame.height, state.runs.height)} side by side"


def _toolbar(state: ProjectState, view: CompareView, found: Compared, goals: Mapping[str, str]) -> None:
    schema = state.runs.schema
    choices = state.once(("offered", view.more, view.less), lambda: compare_model.offered(state.runs, goals=goals))
    numbers = compare_model.numeric(choices, state.runs)

    def words(name: str) -> str:
        return compare_model.in_words(name, schema, goals=goals)

    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        with st.container(width="stretch"):
            box(
                view.filter,
                key="compare.box",
                error=found.fault,
                names=state.once("names", lambda: compare_model.names_in(state.runs)),
                values=state.once("values", lambda: run_columns.values_of(state.runs)),
                on_submit=_submit,
            )
        if found.metric:
            options = numbers if found.metric in numbers else [found.metric, *numbers]
            st.selectbox(
                "Judged by",
                options,
                format_func=lambda name: f"by {words(name)}",
                label_visibility="collapsed",
                width=230,
                **address.bound(replace(view, metric=found.metric), "metric", "compare.metric"),
            )
        if found.frame.height >= _FEWEST:
            with st.popover("Axes", icon=":material/tune:"):
                st.toggle("Parallel axes", **address.bound(view, "plot", "compare.plot", unseen=True))
                kept = [name for name in compare_model.axes_for(view, found) if name in choices]
                st.multiselect(
                    "Axes, from left to right",
                    choices,
                    format_func=words,
                    **address.bound(replace(view, axes=tuple(kept)), "axes", "compare.axes", unseen=True),
                )
                if view.axes:
                    st.button("The usual ones", on_click=address.changing(CompareView, axes=()), type="tertiary")
                untold = undirected(metric_labels(schema), state, view)
                if untold:
                    choose(view, untold, key="compare.goals")
        if view.runs:
            st.button(
                "Compare all runs",
                on_click=address.changing(CompareView, runs=(), brush="", base=""),
                key="compare.all",
            )


def _submit(text: str) -> None:
    address.change(CompareView, filter=text.strip(), page=1)
    # The box is a fragment of its own; the page around it is not.
    st.rerun(LIVE)


def _parallel(state: ProjectState, view: CompareView, found: Compared, goals: Mapping[str, str]) -> None:
    key = ("parallel", view.runs, view.where, view.filter, view.brush, view.metric, view.axes, view.more, view.less)
    shown = state.once(key, lambda: compare_model.parallel_of(found, view, project=state.project, goals=goals))

    def selected(act: Mapping[str, Any]) -> None:
        try:
            address.change(CompareView, brush=brushed(view.brush, act, found.frame), page=1)
        except FilterError as error:
            st.session_state[_FAULT] = str(error)

    parallel.show(shown, key="compare.parallel", height=_PLOT_HEIGHT, on_brush=selected)


def _brush(state: ProjectState, view: CompareView, found: Compared) -> None:
    """What is selected, in words that can be changed, and where to take it."""
    n, total = found.narrowed.height, found.frame.height
    fault = found.brush_fault or st.session_state.pop(_FAULT, "")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if view.brush or total >= _FEWEST:
            text = f"{n:,} of {total:,} selected" if view.brush and not fault else "Drag along an axis to select runs"
            if not view.plot:
                text = text if view.brush else "Select among these"
            st.caption(text, width="content")
            st.text_input(
                "Selection",
                label_visibility="collapsed",
                placeholder="or write: lr < 0.01 and depth = 4",
                **address.bound(view, "brush", "compare.brush", also={"page": 1}),
            )
            st.button(
                "Clear",
                disabled=not view.brush,
                on_click=address.changing(CompareView, brush="", page=1),
                key="compare.clear",
            )
        else:
            st.caption("", width="stretch")
        ids = found.narrowed["run_id"].head(_CURVES).to_list()
        first = f"Curves of the {compare_model.ordered_as(found)} {_CURVES}" if n > _CURVES else "Curves"
        chrome.page_link("curves", {links.PROJECT: state.project, "runs": ids}, first, icon=":material/show_chart:")
        chrome.page_link("runs", _as_runs(state, view, found), "Runs", icon=":material/table_rows:")
        if not fault and view.plot and total >= _FEWEST:
            names = compare_model.axes_for(view, found)
            export_menu(
                compare_snippets.axes(feed().lake.url, state.project, view, found, names),
                lambda: compare_snippets.axes_frame(found, names),
                key="compare.parallel.take",
                name=f"{state.project}-axes",
            )
    if fault:
        st.warning(f"This selects nothing, so it does not count: {escape.plain(fault)}", icon=":material/error:")


def _as_runs(state: ProjectState, view: CompareView, found: Compared) -> dict[str, str]:
    """The page Runs with just these: a filter, since that keeps what is selected in the link."""
    text = compare_snippets.where_of(view, found)
    return {links.PROJECT: state.project} | ({"filter": text} if text else {})


def _parts(state: ProjectState, view: CompareView, found: Compared, goals: Mapping[str, str]) -> None:
    line = st.container(horizontal=True, vertical_alignment="center", gap="xsmall")
    line.segmented_control(
        "Part",
        list(PARTS),
        format_func=lambda part: _LABELS[part],
        label_visibility="collapsed",
        required=True,
        **address.bound(view, "part", "compare.part"),
    )
    if view.part != "differences" or not found.narrowed.height:
        # As high as what the differences have at its right, so that the parts' names stay where they are.
        line.container(width="stretch", height=_LINE_HEIGHT, border=False)
    if not found.narrowed.height:
        st.caption("Nothing is selected.")
    elif view.part == "scatter":
        scatter(state, view, found, goals)
    elif view.part == "correlation":
        correlation(state, view, found, goals)
    elif view.part == "media":
        pictured(state, view, found)
    else:
        _differences(state, view, found, goals, line)


def _differences(
    state: ProjectState, view: CompareView, found: Compared, goals: Mapping[str, str], line: Container
) -> None:
    runs = compare_model.columns_of(found, view)
    ids = tuple(runs["run_id"].to_list())

    def make() -> pl.DataFrame:
        return differences(runs, env=environments(state.snapshot, ids), goals=goals)

    table = state.once(("differences", ids, view.more, view.less), make)
    counts = compare_model.counts_of(table)
    shown = compare_model.matching_lines(table.filter("differs") if view.only and len(ids) > 1 else table, view.find)
    pages = max(1, -(-shown.height // compare_model.PAGE_LINES))
    at = min(view.page, pages)
    with line:
        st.text_input(
            "Find",
            placeholder=f"Find among {count(table.height, 'row')}",
            label_visibility="collapsed",
            width=160,
            **address.bound(view, "find", "compare.find", also={"page": 1}),
        )
        st.toggle("Only differences", **address.bound(view, "only", "compare.only", also={"page": 1}))
        st.caption("", width="stretch")
        export_menu(
            compare_snippets.table(feed().lake.url, state.project, view, found),
            lambda: shown,
            key="compare.table.take",
            name=f"{state.project}-differences",
        )
    order = f"{compare_model.ordered_as(found)} run first" if len(ids) > 1 else ""
    if found.narrowed.height > len(ids):
        order = f"the {compare_model.ordered_as(found)} {len(ids)} of {count(found.narrowed.height, 'run')}"
    part = shown.slice((at - 1) * compare_model.PAGE_LINES, compare_model.PAGE_LINES)
    nothing = "These runs are the same in everything." if view.only and not view.find else "Nothing matches."
    tables.show(
        Table(
            columns=compare_model.heads_of(runs, project=state.project, colours=colours_of(state)),
            rows=compare_model.lines_of(part, ids, counts),
            caption="Runs side by side",
            corner=", ".join(filter(None, [count(shown.height, "row"), order])),
            empty=nothing,
            height=_TABLE_HEIGHT,
        ),
        key="compare.table",
        on_act=lambda act: address.change(CompareView, base=act.by) if act.kind == "base" else None,
    )
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Page {at} of {pages}", width="content")
            for text, to in (("Previous", at - 1), ("Next", at + 1)):
                st.button(
                    text,
                    disabled=not 1 <= to <= pages,
                    on_click=address.changing(CompareView, page=to),
                    key=f"compare.{text.lower()}",
                )
