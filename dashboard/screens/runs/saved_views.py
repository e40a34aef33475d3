"""Saved views on the screen: open, save, mark as the first one, delete; and the layout that a viewer had last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import streamlit as st

from ....query.edits.saved_views import SavedView, ViewVersion
from ...components import table
from ...components.values import Act, Column, Row, Table
from ...feed.feed import feed
from ...feed.saved_views import ViewList, changed, from_view, to_view, view_list
from ...layout import chrome, editing
from ...run_tables.cells import milliseconds
from ...state import address, links
from ...state.views import RunsView, to_params

_TABLE: Final = "runs.views"
_LAYOUTS: Final = "runs.layouts"
_AT: Final = "runs.project"
_TURN: Final = "runs.views.turn"
_COLUMNS: Final = (
    Column("name", "View", "run"),
    Column("by", "Saved by"),
    Column("at", "When", "time"),
    Column("delete", "", "action"),
)


def arrived(project: str, *, drawn: bool) -> RunsView:
    """The view in the address.

    Who comes to a project without one gets the layout they had there last, else the team's default view.

    Args:
        project: the one that the page is about.
        drawn: whether the page was drawn before without another page in between.
    """
    view = address.read(RunsView)
    here = drawn and st.session_state.get(_AT) == project
    st.session_state[_AT] = project
    layouts: dict[str, RunsView] = st.session_state.setdefault(_LAYOUTS, {})
    if not here and view == RunsView():
        default = None if project in layouts else view_list(feed()).default(project)
        view = layouts.get(project) or (to_view(default.view) if default else view)
        if view != RunsView():
            address.write(view)
    # Filters are left behind: rows missing for a reason of yesterday would be taken for lost.
    kept = replace(view, filter="", where="", page=1, open=(), view="", projects=())
    layouts[project] = kept
    return view


def opened(project: str, view: RunsView) -> ViewVersion | None:
    """The saved view that this one began as."""
    if not view.view:
        return None
    return next((kept for kept in view_list(feed()).of(project) if kept.view.name == view.view), None)


def note_of(view: RunsView, kept: ViewVersion | None) -> str:
    """What to say of it beside the title."""
    if kept is None:
        return ""
    return f"view {kept.view.name}" + (", changed" if changed(view, kept.view) else "")


def views(project: str, view: RunsView) -> None:
    """The button, and behind it all saved views and the way to save this one."""
    turn = st.session_state.get(_TURN, 0)
    kept = view_list(feed()).of(project)
    # Another key closes it: whoever opened a view or saved one wants to see the table.
    with (
        st.popover("Views", icon=":material/bookmark:", key=f"{_TABLE}.open.{turn}.{view.view}"),
        st.container(width=440),
    ):
        table.show(
            Table(
                columns=_COLUMNS,
                rows=rows_of(kept, project),
                caption=f"Saved views of {project}",
                empty="No view is saved yet. What is saved here the whole team sees.",
                height=260,
                dense=True,
                plain=True,
            ),
            key=_TABLE,
            on_act=lambda act: _act(project, kept, act),
        )
        chrome.problems(view_list(feed()).problems)
        if view != RunsView():
            st.button("Show the usual table", on_click=_usual, type="tertiary", key="runs.views.usual")
        _save(project, view, kept, turn)


def rows_of(kept: Sequence[ViewVersion], project: str) -> list[Row]:
    """One row per saved view, leading to it."""
    return [
        Row(
            each.view.name,
            [
                {
                    "text": each.view.name,
                    "title": each.view.name,
                    "href": links.link("runs", {links.PROJECT: project, **to_params(to_view(each.view))}),
                }
                | ({"sub": "shown first"} if each.view.default else {}),
                each.editor or "unknown",
                {"text": milliseconds(each.at)},
                {"text": "Delete"} if editing.may_edit() else None,
            ],
            label=each.view.name,
        )
        for each in kept
    ]


def _save(project: str, view: RunsView, kept: Sequence[ViewVersion], turn: int) -> None:
    now = next((each.view for each in kept if each.view.name == view.view), None)
    editing.ask_name("runs.views")
    name = st.text_input(
        "Save this view as",
        value=now.name if now else "",
        max_chars=200,
        placeholder="A name for the team",
        key=f"runs.views.name.{turn}.{view.view}",
    )
    st.checkbox(
        "Show it first to whoever comes without a view",
        value=bool(now and now.default),
        key=f"runs.views.default.{turn}.{view.view}",
    )
    taken = any(each.view.name == str(name or "").strip() for each in kept)
    st.button(
        "Save again" if taken else "Save",
        icon=":material/bookmark_add:",
        disabled=not editing.may_edit(),
        on_click=partial(_saved, project, turn, view.view),
        key="runs.views.save",
    )


def _saved(project: str, turn: int, was: str) -> None:
    name = str(st.session_state.get(f"runs.views.name.{turn}.{was}") or "").strip()
    default = bool(st.session_state.get(f"runs.views.default.{turn}.{was}"))
    if not name:
        editing.say("Nothing was saved: give the view a name", icon=":material/info:")
        return
    view = from_view(address.read(RunsView), project, name, default=default)
    if editing.attempt(lambda who: view_list(feed()).save(view, editor=who), f"Saved the view {name}"):
        st.session_state[_TURN] = turn + 1
        address.change(RunsView, view=name)


def _act(project: str, kept: Sequence[ViewVersion], act: Act) -> None:
    found = next((each.view for each in kept if each.view.name == act.id), None)
    if act.kind == "delete" and found is not None:
        _delete(view_list(feed()), project, found)


def _delete(saved: ViewList, project: str, view: SavedView) -> None:
    text = f"Deleted the view {view.name}"
    if editing.attempt(lambda who: saved.delete(project, view.name, editor=who), text):

        def undo() -> None:
            editing.attempt(lambda who: saved.save(view, editor=who), f"The view {view.name} is back")

        editing.offer_undo(text, undo)


def _usual() -> None:
    now = address.read(RunsView)
    address.write(replace(RunsView(), panel=now.panel))
