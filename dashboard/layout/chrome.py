"""What is around every page: projects at the left, the head line, and ways from one page to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import polars as pl
import streamlit as st

from ...schema.problems import Problem
from ..components.component import component
from ..components.refresh import Beat, refresh_timer
from ..feed import feed
from ..feed.feed import ProjectState
from ..format.escape import plain
from ..format.numbers import count
from ..state.links import PROJECT, link
from .freshness import beat_of

RUNS_VIEW: Final = "lb.runs_view"
"""In the session: the project and the view of the page Runs that was looked at last."""
_PAGES: Final = "lb.pages"
_LAST: Final = "lb.project"
_HERE: Final = "lb.page"
_RAIL: Final = (
    "<nav class='lb-rail' aria-label='Projects'><h2>Projects</h2>"
    "<input type='search' placeholder='Find a project' aria-label='Find a project'><ul></ul><p></p></nav>"
)


def pages(known: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """The pages by name, for going from one to another; with an argument, remember them for this session."""
    if known is not None:
        st.session_state[_PAGES] = dict(known)
    found: Mapping[str, Any] = st.session_state.get(_PAGES, {})
    return found


def here(page: str) -> None:
    """Remember which page is shown."""
    st.session_state[_HERE] = page


def page_link(page: str, params: Mapping[str, str | Sequence[str]], label: str, *, icon: str) -> None:
    """A link to another page in a state, within this session. Not to the page it is on: the address would stay."""
    target = pages().get(page)
    if target is not None:
        given = {name: value if isinstance(value, str) else list(value) for name, value in params.items()}
        st.page_link(target, label=label, icon=icon, query_params=given)


def go(page: str, params: Mapping[str, str | Sequence[str]]) -> None:
    """Show another page in a state instead of this one; does not return where there is that page."""
    target = pages().get(page)
    if target is not None:
        given = {name: value if isinstance(value, str) else list(value) for name, value in params.items()}
        st.switch_page(target, query_params=given)


def choose_project(projects: Sequence[str]) -> str | None:
    """The project to show: the address says which, else the one this viewer looked at last, else the first.

    Null when the lake has none, or the address names one that it does not have.
    """
    asked = st.query_params.get(PROJECT)
    if asked is None:
        last = st.session_state.get(_LAST)
        asked = last if last in projects else next(iter(projects), None)
    if asked in projects:
        st.session_state[_LAST] = asked
        return asked
    return None


def project_shown() -> str:
    """The project that this viewer was shown last; empty for none. In a callback, the one that it belongs to."""
    return str(st.session_state.get(_LAST) or "")


def rail(projects: pl.DataFrame, current: str | None, *, page: str, place: str, live: int = 0) -> None:
    """The list of projects, each leading to its own `page`; of the current one, how many runs are live; the lake."""
    rows = [
        {
            "name": name,
            "running": live if name == current else running,
            "href": link(page, {PROJECT: name}),
        }
        for name, running in projects.select("project", "live").iter_rows()
    ]
    component("rail", _RAIL)(key="rail", data={"projects": rows, "current": current, "place": place})


def head(
    title: str, state: ProjectState, *, note: str = "", address: Mapping[str, str] | None = None, requests: int = 0
) -> None:
    """The page's title, what it shows, and how fresh it is.

    Args:
        title: of the page.
        state: the project.
        note: a few words beside the title.
        address: further query parameters that were left to us; they are put into the address, so that it is a link to
            this view, without a step in the browser's history.
        requests: that showing it took besides the look.
    """
    pin = {PROJECT: state.project, **(address or {})}
    beat = beat_of(state)
    beat = replace(beat, requests=beat.requests + requests)
    head_line(title, beat, lambda: feed.feed().due(state.project), note=note, trouble=state.trouble, address=pin)


def head_line(
    title: str,
    beat: Beat,
    on_tick: Callable[[], None],
    *,
    note: str = "",
    trouble: str = "",
    address: Mapping[str, str] | None = None,
) -> None:
    """A page's title, a note, how fresh the page is, and what is wrong if it is not fresher."""
    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="small")
    with left, st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.title(plain(title), anchor=False, width="content")
        if note:
            st.caption(note, width="content")
    with right:
        refresh_timer(beat, on_tick, page=str(st.session_state.get(_HERE, "")), address=address or {})
    # Its place is always taken: what comes and goes above a table must not have the table drawn anew.
    with st.container():
        if trouble:
            st.warning(f"{plain(trouble)}. What is shown was there before.", icon=":material/cloud_off:")


def problems(found: Sequence[Problem]) -> None:
    """What of the lake could not be read, said quietly beside what could."""
    if not found:
        return
    objects = len({each.key for each in found})
    with st.expander(f"{count(objects, 'object')} could not be read; the rest is shown", icon=":material/warning:"):
        st.code("\n".join(f"{each.key}\n    {each.message}" for each in found[:200]), language=None, wrap_lines=True)
