"""All runs of one project or several: filter, sort, group, choose columns, select, tag, delete, save the view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import polars as pl
import streamlit as st

from ....query.filters.language import Filter, parse_filter, to_sentence
from ....query.filters.lookup import other_meanings
from ....query.names.params import CONFIG
from ....query.tables.grouping import Groups
from ....schema.errors import FilterError
from ...components import table
from ...components.column_picker import picker
from ...components.filter_box import box
from ...components.refresh import LIVE
from ...components.values import Act, Table
from ...feed.cell_curves import cell_curves
from ...feed.feed import ProjectState, feed
from ...feed.joined import joined
from ...feed.run_colours import colours_of
from ...format import escape
from ...format.numbers import count
from ...layout import chrome, editing
from ...layout.export import export_menu
from ...layout.page import frame
from ...run_tables import run_columns as columns
from ...run_tables.run_columns import Offer
from ...state import address, row_keys
from ...state.views import RunsView
from . import saved_views as runs_views
from .filter_panel import controls_of, panel
from .head_menus import acted, filtered, with_menus
from .selection import acts
from .table import (
    Layout,
    export,
    export_code,
    export_columns,
    filters_of,
    group_columns,
    group_label,
    group_rows,
    groupable,
    groups_of,
    layout_of,
    marks_for,
    matching,
    narrow,
    run_columns,
)

PAGE_ROWS: Final = 100
_TABLE: Final = "runs.table"
_CHOSEN: Final = "runs.chosen"
_TABLE_HEIGHT: Final = 640
_MOST_GROUPS: Final = 4


def page() -> None:
    """The page."""
    frame(body, page="runs")


def body(state: ProjectState) -> None:
    """Everything below the navigation."""
    view = runs_views.arrived(state.project, drawn=_TABLE in st.session_state)
    st.session_state[chrome.RUNS_VIEW] = (state.project, view)
    state = joined(feed(), state, view.projects)
    several = state.runs["project"].n_unique() > 1
    offer = state.once("offer", lambda: columns.offer(state.runs, several=several))
    layout, by = layout_of(view, offer), groupable(view, offer)
    compiled, error = state.once(("filters", view.where, view.filter), lambda: filters_of(view, state.runs))
    rows = state.once(("rows", compiled, view.sort), lambda: matching(state.runs, compiled, view.sort))
    filters = tuple(each.text for each in compiled)
    chosen = _chosen(state)
    _head(state, view, rows)
    _toolbar(state, view, offer, layout, by, error)
    _acts(state, view, layout, by, filters, rows, chosen)
    if view.panel:
        left, right = st.columns([1.9, 8.1], gap="medium")
        with left, st.container(height=_TABLE_HEIGHT + 2, border=False, key="runs-panel"):
            controls = state.once("controls", lambda: controls_of(state.runs))
            panel(view.where, state.runs, lambda text: _change(where=text, page=1), controls=controls)
    else:
        right = st.container()
    with right:
        if by:
            _groups(state, view, offer, layout, by, filters, rows, chosen)
        else:
            _runs(state, view, offer, layout, rows, chosen)
    for project in state.runs["project"].unique().sort() if several else [state.project]:
        chrome.problems(feed().lake.problems(project))


def _head(state: ProjectState, view: RunsView, rows: pl.Series) -> None:
    parts = [columns.shown_of(rows.len(), state.runs.height)]
    names = state.runs["project"].unique().sort().to_list()
    if len(names) > 1:
        parts.append(f"of {', '.join(names)}" if len(names) < 4 else f"of {len(names)} projects")
    saved = runs_views.note_of(view, runs_views.opened(state.project, view))
    note = " ".join(parts) + (f" · {saved}" if saved else "")
    chrome.head(state.project, state, note=escape.plain(note))


def _toolbar(
    state: ProjectState, view: RunsView, offer: Offer, layout: Layout, by: Sequence[str], error: FilterError | None
) -> None:
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        with st.container(height=36, width="content", border=False, vertical_alignment="center"):
            st.toggle("Filters", **address.bound(view, "panel", "runs.panel"))
        with st.container(width="stretch"):
            box(
                view.filter,
                key="runs.box",
                error=error,
                names=offer.names,
                values=columns.Values(state.runs, offer.names),
                on_submit=lambda text: _submit(text.strip()),
            )
        _choose_groups(view, offer, by)
        _choose_columns(view, offer, layout)
        runs_views.views(state.project, view)
        _choose_projects(state, view)


def _choose_groups(view: RunsView, offer: Offer, by: Sequence[str]) -> None:
    with st.popover("Group", icon=":material/workspaces:", type="primary" if by else "secondary"):
        st.multiselect(
            "One row for all runs with the same",
            [CONFIG, *offer.groups],
            format_func=group_label,
            max_selections=_MOST_GROUPS,
            placeholder="Nothing: one row per run",
            **address.bound(
                replace(view, group=tuple(by)), "group", "runs.group", also={"page": 1, "open": ()}, unseen=True
            ),
        )
        st.caption("Metrics show their mean ± standard deviation.")


def _choose_columns(view: RunsView, offer: Offer, layout: Layout) -> None:
    with st.popover("Columns", icon=":material/view_column:"), st.container(width=400):
        picker(
            offer.choices,
            [name for name in view.columns if name in offer.columns] or list(offer.usual),
            [name for name in layout.names if name in layout.pins],
            key="runs.columns",
            on_change=lambda names, pins: _change(columns=tuple(names), pins=tuple(pins)),
        )
        if view.columns or view.pins or view.widths:
            st.button(
                "Show the usual ones",
                on_click=address.changing(RunsView, columns=(), pins=(), widths=()),
                type="tertiary",
                key="runs.columns.usual",
            )


def _choose_projects(state: ProjectState, view: RunsView) -> None:
    others = [name for name in state.projects["project"] if name != state.project]
    if not others:
        return
    known = tuple(name for name in view.projects if name in others)
    with st.popover("Projects", icon=":material/library_add:", type="primary" if known else "secondary"):
        st.multiselect(
            f"Beside {escape.plain(state.project)}, runs of",
            others,
            placeholder="No other project",
            **address.bound(
                replace(view, projects=known), "projects", "runs.projects", also={"page": 1, "open": ()}, unseen=True
            ),
        )


def _acts(
    state: ProjectState,
    view: RunsView,
    layout: Layout,
    by: Sequence[str],
    filters: Sequence[str],
    rows: pl.Series,
    chosen: list[str],
) -> None:
    def keys() -> list[str]:
        return row_keys.keys_of(state.runs.select("run_id", "project")[rows], state.project)

    def away() -> None:
        names = export_columns(layout, by)
        projects = [state.project, *(p for p in state.runs["project"].unique().sort() if p != state.project)]
        export_menu(
            export_code(feed().lake.url, projects, filters, view.sort, names, by),
            lambda: export(state.runs, filters, view.sort, names, by),
            key="runs.export",
            name=f"{state.project}-{'groups' if by else 'runs'}",
        )

    hidden, whole = 0, False
    if chosen:
        found = state.once(("keys", tuple(filters)), lambda: frozenset(keys()))
        hidden = len(set(chosen) - found)
        whole = not hidden and len(chosen) == len(found)
    acts(
        state,
        view,
        chosen,
        hidden=hidden,
        whole=whole,
        matching=keys,
        found=rows.len(),
        select=lambda ids: _select(state.project, ids, anew=True),
        export=away,
    )


def _runs(
    state: ProjectState, view: RunsView, offer: Offer, layout: Layout, rows: pl.Series, chosen: list[str]
) -> None:
    found = narrow(state.runs, layout.names, rows)
    at = min(view.page, _pages(found.height))
    shown = found.slice((at - 1) * PAGE_ROWS, PAGE_ROWS)
    curves, told = _curves(state, layout, shown, found.height)
    marks = marks_for(row_keys.keys_of(shown, state.project), chosen, colours_of(state))
    cells = columns.rows_of(found, layout.names, project=state.project, marks=marks, shown=shown, curves=curves)
    _show(
        state,
        offer,
        Table(
            columns=with_menus(run_columns(layout, found), view, layout, offer, state.runs),
            rows=cells,
            caption=f"Runs of {state.project}",
            empty=_empty(state, view),
            sort=view.sort,
            height=_TABLE_HEIGHT,
            dense=True,
            selected=chosen,
        ),
    )
    _below(at, found.height, "run", told)


def _groups(
    state: ProjectState,
    view: RunsView,
    offer: Offer,
    layout: Layout,
    by: Sequence[str],
    filters: Sequence[str],
    rows: pl.Series,
    chosen: list[str],
) -> None:
    groups: Groups = state.once(
        ("groups", tuple(by), layout, tuple(filters), view.sort),
        lambda: groups_of(state.runs, by, layout, rows, view.sort),
    )
    at = min(view.page, _pages(groups.frame.height))
    _show(
        state,
        offer,
        Table(
            columns=with_menus(
                group_columns(by, layout, groups, narrow(state.runs, layout.names, rows.clear())),
                view,
                layout,
                offer,
                state.runs,
            ),
            rows=group_rows(
                groups,
                state.runs,
                by,
                layout,
                view=view,
                project=state.project,
                first=(at - 1) * PAGE_ROWS,
                rows=PAGE_ROWS,
                chosen=chosen,
                colours=colours_of(state),
            ),
            caption=f"Groups of runs of {state.project}",
            empty=_empty(state, view),
            sort=view.sort,
            height=_TABLE_HEIGHT,
            dense=True,
            selected=chosen,
        ),
    )
    _below(at, groups.frame.height, "group", "")


def _show(state: ProjectState, offer: Offer, shown: Table) -> None:
    table.show(shown, key=_TABLE, on_act=lambda act: _act(state, offer, act), on_select=partial(_select, state.project))


def _curves(
    state: ProjectState, layout: Layout, shown: pl.DataFrame, total: int
) -> tuple[dict[str, dict[str, tuple[float, ...]]], str]:
    """Curves of the rows on the screen, and how many of all were read."""
    if not layout.curves or not shown.height:
        return {}, ""
    out = {name: cell_curves(feed(), state, shown, name.removeprefix(columns.CURVE)) for name in layout.curves}
    return out, f"Curves of {shown.height:,} of {count(total, 'run')} read: those shown"


def _below(at: int, total: int, thing: str, told: str) -> None:
    pages = _pages(total)
    if pages == 1 and not told:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if pages > 1:
            first = (at - 1) * PAGE_ROWS
            of = count(total, thing)
            st.caption(f"{first + 1:,} to {min(first + PAGE_ROWS, total):,} of {of}", width="content")
            st.button(
                "Previous", disabled=at <= 1, on_click=address.changing(RunsView, page=at - 1), key="runs.previous"
            )
            st.button("Next", disabled=at >= pages, on_click=address.changing(RunsView, page=at + 1), key="runs.next")
        if told:
            st.caption(told, width="content")


def _pages(total: int) -> int:
    return max(1, -(-total // PAGE_ROWS))


def _empty(state: ProjectState, view: RunsView) -> str:
    gone = "All runs of this project are in the trash." if state.deleted.height else "No run can be shown."
    text = "No run matches." if state.runs.height else gone
    if not (view.filter or view.where):
        return text
    meant = [each for asked in _parsed(view) for each in other_meanings(asked, state.runs.schema)]
    return " ".join([f"{text} Asked for: {_sentence(view)}.", *(f"{each}." for each in meant)])


def _sentence(view: RunsView) -> str:
    return " and ".join(to_sentence(parsed).removeprefix("where ") for parsed in _parsed(view)) or "everything"


def _parsed(view: RunsView) -> list[Filter]:
    """The view's filters that parse and ask for something."""
    out = []
    for text in (view.where, view.filter):
        try:
            parsed = parse_filter(text)
        except FilterError:
            continue
        if parsed.term is not None:
            out.append(parsed)
    return out


def _act(state: ProjectState, offer: Offer, act: Act) -> None:
    view = address.read(RunsView)
    if act.kind == "sort":
        _change(sort=columns.next_sort(view.sort, act.by, state.runs), page=1)
    elif act.kind == "fold":
        group = act.id.partition(" ")[2]
        _change(open=tuple(x for x in view.open if x != group) if group in view.open else (*view.open, group))
    elif act.kind in ("only", "without"):
        try:
            address.write(filtered(view, act, state.runs, state.project))
        except FilterError as error:
            editing.say(f"Nothing was changed: {error}", icon=":material/info:")
    else:
        address.write(acted(view, act, offer) or view)


def _change(**changed: object) -> None:
    address.change(RunsView, **changed)


def _submit(text: str) -> None:
    _change(filter=text, page=1)
    # The box is a fragment of its own; the table below it is not.
    st.rerun(LIVE)


def _chosen(state: ProjectState) -> list[str]:
    """Row ids selected in this project, whether the filter shows them or not."""
    kept: list[str] = st.session_state.setdefault(_CHOSEN, {}).get(state.project, [])
    if not kept:
        return []
    there = state.once("there", lambda: frozenset(row_keys.keys_of(state.runs, state.project)))
    return [key for key in kept if key in there]


def _select(project: str, ids: Sequence[str], *, anew: bool = False) -> None:
    st.session_state.setdefault(_CHOSEN, {})[project] = list(ids)
    if anew:
        table.reselect(_TABLE)
