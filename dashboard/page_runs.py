"""All runs of a project: filter, sort, choose columns, select, delete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import polars as pl
import streamlit as st

from ..query.filters import compile_filter, parse_filter, to_sentence
from ..schema.errors import FilterError
from . import chrome, columns, people, state, table
from .box import box
from .data import Look, feed
from .digits import count
from .frame import frame
from .palette import Mark, marks_of, slot_of
from .panel import panel
from .pulse import LIVE
from .state import RunsView
from .table import Act, Table

PAGE_ROWS: Final = 100
_TABLE: Final = "runs.table"
_CHOSEN: Final = "runs.chosen"
_TABLE_HEIGHT: Final = 660


def page() -> None:
    """The page."""
    frame(body, page="runs")


def matching(runs: pl.DataFrame, view: RunsView) -> tuple[pl.DataFrame, FilterError | None]:
    """The runs that a view asks for, in its order; and the fault of the box's filter, which then counts for nothing."""
    error = None
    for text in (view.where, view.filter):
        try:
            runs = runs.filter(compile_filter(text, runs.schema))
        except FilterError as found:
            # A link's panel filter may name a param that is gone; only the box has a place for its fault.
            error = found if text is view.filter else error
    return columns.ordered(runs, view.sort), error


def body(look: Look) -> None:
    """Everything below the navigation."""
    view = state.read(RunsView)
    st.session_state[chrome.RUNS_VIEW] = (look.project, view)
    found, error = matching(look.runs, view)
    chosen = _chosen(look)
    chrome.head(look.project, look, note=columns.shown_of(found.height, look.runs.height))
    _toolbar(look, view, error)
    if view.panel:
        left, right = st.columns([2.1, 7.9], gap="medium")
        with left, st.container(height=_TABLE_HEIGHT + 44, border=False, key="runs-panel"):
            panel(view.where, look.runs, lambda text: _change(where=text, page=1))
    else:
        right = st.container()
    with right:
        _acts(look, view, found, chosen)
        _table(look, view, found, chosen)
    chrome.problems(feed().lake.problems(look.project))


def _toolbar(look: Look, view: RunsView, error: FilterError | None) -> None:
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        with st.container(height=36, width="content", border=False, vertical_alignment="center"):
            st.toggle("Filters", **state.bound(view, "panel", "runs.panel"))
        with st.container(width="stretch"):
            box(
                view.filter,
                key="runs.box",
                error=error,
                names=look.once("names", lambda: columns.names_of(look.runs)),
                values=look.once("values", lambda: columns.values_of(look.runs)),
                on_submit=lambda text: _submit(text.strip()),
            )
        with st.popover("Columns", icon=":material/view_column:"):
            _choose_columns(look, view)


def _choose_columns(look: Look, view: RunsView) -> None:
    offered = look.once("choices", lambda: columns.choices(look.runs))
    kept = [name for name in view.columns or _usual(look) if name in offered]
    st.multiselect(
        "Columns, in this order",
        offered,
        format_func=lambda name: name.removeprefix("params."),
        **state.bound(replace(view, columns=tuple(kept)), "columns", "runs.columns"),
    )
    if view.columns:
        st.button("Show the usual ones", on_click=state.changing(RunsView, columns=()), type="tertiary")


def _acts(look: Look, view: RunsView, found: pl.DataFrame, chosen: list[str]) -> None:
    """The line above the table: always there, so that nothing moves when something is selected."""
    hidden = len(set(chosen) - set(found["run_id"]))
    runs = count(len(chosen), "run")
    text = f"{runs} selected" if chosen else "Select runs to compare or delete them"
    text += f", {hidden:,} of them not shown" if hidden else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", height=38, border=False):
        st.caption(text, width="stretch")
        go = {chrome.PROJECT: look.project, "runs": chosen}
        chrome.page_link("curves", go, "Curves", icon=":material/show_chart:")
        same = go if chosen else {chrome.PROJECT: look.project, "filter": view.filter, "where": view.where}
        chrome.page_link("compare", same, "Compare", icon=":material/difference:")
        people.confirm_delete(
            f"Move {runs} to the trash? They can be restored.",
            f"Delete {runs}",
            on_click=lambda: _delete(look, chosen),
            off=not chosen,
            key="runs.delete",
        )
        st.button("Clear", disabled=not chosen, on_click=lambda: _select([], anew=True), key="runs.clear")


def _table(look: Look, view: RunsView, found: pl.DataFrame, chosen: list[str]) -> None:
    names = [name for name in (view.columns or _usual(look)) if name in look.runs.columns]
    pages = max(1, -(-found.height // PAGE_ROWS))
    at = min(view.page, pages)
    shown = found.slice((at - 1) * PAGE_ROWS, PAGE_ROWS)
    marks = {run_id: Mark(slot_of(run_id)) for run_id in shown["run_id"]} | marks_of(chosen)
    empty = "No run matches." if look.runs.height else "All runs of this project are in the trash."
    if view.filter or view.where:
        empty += f" Asked for: {_sentence(view)}."
    table.show(
        Table(
            columns=[columns.column_for(name, look.runs) for name in (columns.LEAD, *names)],
            rows=columns.rows_of(found, names, project=look.project, marks=marks, shown=shown),
            caption=f"Runs of {look.project}",
            empty=empty,
            sort=view.sort,
            height=_TABLE_HEIGHT,
            dense=True,
            selected=chosen,
        ),
        key=_TABLE,
        on_act=lambda act: _act(look, act),
        on_select=_select,
    )
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Page {at} of {pages}", width="content")
            st.button("Previous", disabled=at <= 1, on_click=state.changing(RunsView, page=at - 1), key="runs.previous")
            st.button("Next", disabled=at >= pages, on_click=state.changing(RunsView, page=at + 1), key="runs.next")


def _usual(look: Look) -> list[str]:
    return look.once("usual", lambda: columns.usual(look.runs))


def _sentence(view: RunsView) -> str:
    parts = []
    for text in (view.where, view.filter):
        try:
            parsed = parse_filter(text)
        except FilterError:
            continue
        if parsed.term is not None:
            parts.append(to_sentence(parsed).removeprefix("where "))
    return " and ".join(parts) or "everything"


def _act(look: Look, act: Act) -> None:
    if act.kind == "sort":
        _change(sort=columns.next_sort(state.read(RunsView).sort, act.by, look.runs), page=1)


def _change(**changed: object) -> None:
    state.change(RunsView, **changed)


def _submit(text: str) -> None:
    _change(filter=text, page=1)
    # The box is a fragment of its own; the table below it is not.
    st.rerun(LIVE)


def _chosen(look: Look) -> list[str]:
    """Ids selected in this project, whether the filter shows them or not."""
    kept: dict[str, list[str]] = st.session_state.setdefault(_CHOSEN, {})
    there = set(look.runs["run_id"])
    return [run_id for run_id in kept.get(look.project, []) if run_id in there]


def _select(ids: Sequence[str], *, anew: bool = False) -> None:
    project = st.query_params.get(chrome.PROJECT, "")
    st.session_state.setdefault(_CHOSEN, {})[project] = list(ids)
    if anew:
        table.reselect(_TABLE)


def _delete(look: Look, chosen: list[str]) -> None:
    if people.decide(look.project, chosen, "delete"):
        _select([], anew=True)
