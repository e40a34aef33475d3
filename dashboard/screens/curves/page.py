"""Curves of several runs beside each other: one chart a metric, one list of runs as the legend of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl
import streamlit as st

from ....query.curves.bands import group_names
from ....query.names.params import CONFIG
from ....query.tables.label_templates import render_labels
from ....query.tables.run_colours import DISTINCT_COLOURS
from ....schema.errors import InvalidSetting
from ...charts.colouring import Colouring, by_column, by_group, by_run
from ...charts.controls import column_name
from ...charts.grid import charts, controls, labels_of, request, scene_of
from ...components import table
from ...components.values import Column, Row, Table, run_cell
from ...feed.feed import ProjectState, feed
from ...feed.run_colours import colours_of
from ...format import escape
from ...format.numbers import count
from ...format.palette import INK, Mark
from ...layout import chrome
from ...layout.page import frame
from ...run_tables.cells import status_cell
from ...run_tables.run_labels import run_labels
from ...state import address, links
from ...state.views import CurvesView

FIRST: Final = DISTINCT_COLOURS + 1
"""Runs shown where nobody chose any: those that run, then the latest; as many as surely differ in colour."""
GROUPED: Final = 1_000
"""Where runs are grouped."""
_LISTED: Final = 200
_TABLE: Final = "curves.runs"
_HEIGHT: Final = 690
_LIST_WIDTH: Final = 216
"""Pixels: names such as `quiet-alder-96` stand in one line on a small screen too."""
_FIRST: Final = "curves.first"
_TICKED: Final = "curves.ticked"


def page() -> None:
    """The page."""
    frame(body, page="curves")


def chosen_of(runs: pl.DataFrame, view: CurvesView) -> list[str]:
    """The runs to show: those that the address names, else the running and the latest ones; all, where grouped."""
    if view.runs:
        there = set(runs["run_id"])
        return [run_id for run_id in view.runs if run_id in there]
    live = pl.col("status") == "running"
    n = GROUPED if view.group else FIRST
    return runs.sort(live, descending=True, maintain_order=True)["run_id"].head(n).to_list()


def colouring_of(
    runs: pl.DataFrame, view: CurvesView, chosen: Sequence[str], colours: Mapping[str, int]
) -> tuple[Colouring, dict[str, str] | None]:
    """What colours stand for, and the group of each run where there are groups."""
    columns = [each for each in view.group if each in runs.columns or each == CONFIG]
    if columns:
        groups = group_names(runs, columns)
        return by_group(groups, ", ".join(map(column_name, columns))), groups
    if view.color in runs.columns:
        return by_column(runs, view.color), None
    return by_run(chosen, colours), None


def names_of(runs: pl.DataFrame, view: CurvesView) -> tuple[dict[str, str], str]:
    """What runs are called, and what is wrong with the template, if anything."""
    plain = run_labels(runs, runs["run_id"].to_list())
    if not view.legend:
        return plain, ""
    try:
        return render_labels(view.legend, runs), ""
    except InvalidSetting as error:
        return plain, str(error)


def listed_of(runs: pl.DataFrame, first: Sequence[str], find: str) -> pl.DataFrame:
    """The runs on the list: `first`, then those that match the search, newest first."""
    text = pl.concat_str([pl.col("name").fill_null(""), "run_id"], separator=" ").str.to_lowercase()
    matches = pl.all_horizontal(
        pl.lit(value=True), *(text.str.contains(w, literal=True) for w in find.casefold().split())
    )
    leads = pl.col("run_id").is_in(list(first))
    return pl.concat([runs.filter(leads), runs.filter(matches & ~leads)]).head(_LISTED)


def body(state: ProjectState) -> None:
    """Everything below the navigation."""
    view = address.read(CurvesView)
    chosen = chosen_of(state.runs, view)
    base = view.base if view.base in set(state.runs["run_id"]) else ""
    runs = state.runs.filter(pl.col("run_id").is_in([*chosen, base]))
    labels = labels_of(runs)
    grouped = runs.filter(pl.col("run_id").is_in(chosen))
    colouring, groups = colouring_of(grouped, view, chosen, colours_of(state))
    names, wrong = names_of(runs, view)
    chrome.head(state.project, state, note=f"{len(chosen):,} of {count(state.runs.height, 'run')} shown")
    sides = st.container(horizontal=True, gap="small", wrap=False)
    with sides.container(width=_LIST_WIDTH):
        st.text_input(
            "Find runs",
            placeholder=f"Find among {count(state.runs.height, 'run')}",
            label_visibility="collapsed",
            **address.bound(view, "find", "curves.find"),
        )
        _legend(state, view, chosen, colouring, base, names if view.legend and not wrong else {})
        go = {links.PROJECT: state.project, "runs": chosen}
        chrome.page_link("compare", go, "Compare these runs", icon=":material/difference:")
    with sides.container(width="stretch"):
        controls(view, labels, key="curves", runs=state.runs, wrong=wrong)
        if wrong:
            st.caption(f":red[{escape.plain(wrong)}]")
        asked = request(labels, find=view.charts, chosen=view.metrics, page=view.page)
        if chosen and asked.labels:
            scene = scene_of(
                state, chosen, colouring, names=names, groups=groups, spread=view.band, members=view.members, base=base
            )
            charts(state, chosen, view, asked, key="curves.grid", colouring=colouring, scene=scene)
        else:
            st.caption(_nothing(chosen, labels))
    chrome.problems(feed().lake.problems(state.project))


def _nothing(chosen: Sequence[str], labels: Sequence[str]) -> str:
    if not chosen:
        return "Choose runs at the left."
    return "No metric matches." if labels else "None of these runs has logged a metric yet."


def _legend(
    state: ProjectState, view: CurvesView, chosen: list[str], colouring: Colouring, base: str, given: Mapping[str, str]
) -> None:
    listed = listed_of(state.runs, _first(state, chosen), view.find)
    names = run_labels(listed, listed["run_id"].to_list()) | run_labels(listed, chosen)
    names |= given
    marks = {run_id: colouring.marks[run_id] for run_id in chosen if run_id in colouring.marks}
    if base:
        marks[base] = Mark(INK, "dash")
    shown = {*chosen, base}
    rows = []
    for run_id, name, status, silent, age, error in listed.select(
        "run_id", pl.coalesce("name", "run_id"), "status", "silent", "heartbeat_age", "error"
    ).iter_rows():
        cell = run_cell(
            run_id,
            name,
            links.link("run", {links.PROJECT: state.project, "run": run_id}),
            mark=marks.get(run_id),
            live=status == "running" and not silent,
        )
        if names[run_id] != cell["text"]:
            cell["sub"] = names[run_id].removeprefix(cell["text"]).lstrip(" ·")
        if run_id == base:
            cell["sub"] = f"baseline {cell.get('sub', '')}".strip()
        cell["title"] = f"{names[run_id]}\n{status_cell(status, silent, age, error).get('title', status)}"
        rows.append(Row(run_id, [cell], label=names[run_id], tint="" if run_id in shown else "quiet"))
    table.show(
        Table(
            columns=[Column("name", "Shown runs", "run")],
            rows=rows,
            caption="Runs to show",
            empty="No run matches.",
            height=_HEIGHT,
            dense=True,
            plain=True,
            selected=chosen,
        ),
        key=_TABLE,
        on_select=_select,
    )


def _first(state: ProjectState, chosen: list[str]) -> list[str]:
    """The runs at the top of the list: those that were chosen when somebody came here.

    Who then ticks one off finds it in its place. Who came by a link, or went back, finds the ticks of that view.
    """
    kept, ticked = st.session_state.get(_FIRST), st.session_state.pop(_TICKED, None)
    if kept is None or kept[0] != state.project or chosen not in (kept[2], ticked):
        kept = (state.project, chosen, chosen)
        table.reselect(_TABLE)
    st.session_state[_FIRST] = (state.project, kept[1], chosen)
    first: list[str] = kept[1]
    return first


def _select(ids: Sequence[str]) -> None:
    st.session_state[_TICKED] = list(ids)
    address.change(CurvesView, runs=tuple(ids))
