"""Home: what runs, what ended lately, who works on what, which records fell, in all projects of the lake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl
import streamlit as st

from ....query.overview.overview import Overview, shown_of
from ...components.values import Column, Row
from ...feed.feed import Feed
from ...feed.lake_watch import LakeState
from ...format import escape
from ...format.numbers import count
from ...layout import chrome
from ...layout.export import export_menu
from ...layout.freshness import wide_beat
from ...layout.page import wide_frame
from ...layout.section import few, pair, panel, room, section
from ...state import address, links
from ...state.views import WITHIN, HomeView
from . import tables as home_tables
from .tables import SPAN_WORDS, SPANS

MOST_LIVE = 25
"""Live runs on a page of their table; only their points are read."""
MOST_HITS = 8
MOST_ROWS = 50
_MOST_SHOWN = 9
"""Rows of a table before it scrolls."""
_MOST_RECORDS = 6
_MOST_PROJECTS = 12
_OLD_LINKS = (links.PROJECT, "metric", "by", "combine", "where", "line")
"""What addresses of the leaderboard said while it was the first page."""
_ENDED_WORDS = {
    "": "All", "finished": "Finished", "failed": "Failed", "ended": "Ended by the next", "silent": "No heartbeat",
}  # fmt: skip


def page() -> None:
    """The page."""
    asked = st.query_params
    if any(name in asked for name in _OLD_LINKS):
        # The leaderboard was here once; its links live on.
        chrome.go("leaderboard", {name: asked.get_all(name) for name in asked})
    wide_frame(body, page="leaderboard")


def body(feed: Feed, state: LakeState) -> None:
    """Everything below the navigation."""
    view = address.read(HomeView)
    found = state.overview.find(view.find)
    within = SPANS[view.within]
    live, pages = shown_of(found.live(), MOST_LIVE, view.page)
    curves = feed.curves.of(state.overview.snapshots, live)
    chrome.head_line(
        "Home", wide_beat(state), feed.watch.due, note=home_tables.note_of(state.overview), trouble=state.trouble
    )
    _toolbar(view, state.overview, found)
    if not found.names and view.find:
        st.caption(escape.plain(f"Nothing mentions “{view.find.strip()}”."))
        return
    place = feed.lake.url
    several = len(state.overview.names) > 1
    _live(live, curves, found, pages, view, place, several=several)
    _records(found, view, place, several=several)
    recently_ended, pairs = found.recently_ended(within), found.users(within)
    shown = home_tables.ended_of(recently_ended, view.ended)
    users = home_tables.user_rows(pairs)
    with pair("home", (3, 2)) as (left, right):
        with left:
            _ended(recently_ended, shown, view, within, place, several=several)
        with right:
            _users(pairs, users, view, within, place)
    _projects(found, view, within, place)
    chrome.problems([problem for name in state.overview.told for problem in feed.lake.problems(name)])


def _toolbar(view: HomeView, overview: Overview, found: Overview) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            "Find runs, projects, people",
            type="search",
            placeholder="Find runs, projects, people, tags",
            label_visibility="collapsed",
            live=True,
            width=340,
            **address.bound(view, "find", "home.find", also={"page": 1}),
        )
        st.segmented_control(
            "Lately means",
            WITHIN,
            format_func=lambda each: f"Last {SPAN_WORDS[each]}",
            label_visibility="collapsed",
            required=True,
            **address.bound(view, "within", "home.within"),
        )
        if view.find.strip():
            st.caption(
                f"{found.runs.height:,} of {count(overview.runs.height, 'run')}, "
                f"{len(found.names):,} of {count(len(overview.names), 'project')}",
                width="content",
            )
    if view.find.strip():
        _hits(found)


def _hits(found: Overview) -> None:
    """Runs that were asked for, whatever became of them and however long ago."""
    shown = found.runs.head(MOST_HITS)
    if shown.height:
        with section("Found", few(found.runs.height, MOST_HITS)):
            rows = home_tables.ended_rows(shown)
            panel(
                "Runs found", home_tables.ENDED_COLUMNS, rows, key="home.hits", height=room(len(rows), most=MOST_HITS)
            )


def _show(
    caption: str, columns: Sequence[Column], rows: Sequence[Row], *, several: bool, key: str, height: int, empty: str
) -> None:
    if not several:
        columns, rows = home_tables.without_project(columns, rows)
    panel(caption, columns, rows, key=key, height=height, empty=empty)


def _live(
    live: pl.DataFrame, curves: pl.DataFrame, found: Overview, pages: int, view: HomeView, place: str, *, several: bool
) -> None:
    every = found.live()
    code = home_tables.code_of(place, "live", find=view.find)
    with section(
        "Running now",
        home_tables.pages_note(live.height, every.height, "running one"),
        export=lambda: export_menu(code, found.live, key="home.live.take", name="running"),
    ):
        rows = home_tables.live_rows(live, curves, now=found.now)
        _show(
            "Running now",
            home_tables.LIVE_COLUMNS,
            rows,
            several=several,
            key="home.live",
            height=room(len(rows), most=_MOST_SHOWN),
            empty="Nothing is running. A run appears here by itself soon after its start.",
        )
    if pages > 1:
        at = min(view.page, pages)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Page {at} of {pages}", width="content")
            st.button("Previous", disabled=at <= 1, on_click=address.changing(HomeView, page=at - 1), key="home.prev")
            st.button("Next", disabled=at >= pages, on_click=address.changing(HomeView, page=at + 1), key="home.next")


def _ended(
    recently_ended: pl.DataFrame,
    shown: pl.DataFrame,
    view: HomeView,
    within: timedelta,
    place: str,
    *,
    several: bool,
) -> None:
    counts = {kind: home_tables.ended_of(recently_ended, kind).height for kind in _ENDED_WORDS}
    code = home_tables.code_of(
        place, "recently_ended", find=view.find, within=within, tail=home_tables.ended_tail(view.ended)
    )
    with section(
        "Recently finished",
        few(shown.height, MOST_ROWS),
        beside=lambda: st.segmented_control(
            "Which",
            tuple(_ENDED_WORDS),
            format_func=lambda kind: f"{_ENDED_WORDS[kind]} {counts[kind]:,}",
            label_visibility="collapsed",
            required=True,
            **address.bound(view, "ended", "home.ended.kind"),
        ),
        export=lambda: export_menu(code, lambda: shown, key="home.ended.take", name="recently finished runs"),
    ):
        _show(
            "Recently finished runs",
            home_tables.ENDED_COLUMNS,
            home_tables.ended_rows(shown.head(MOST_ROWS)),
            several=several,
            key="home.ended",
            height=room(shown.height, most=_MOST_SHOWN),
            empty=f"None in the last {SPAN_WORDS[view.within]}.",
        )


def _records(found: Overview, view: HomeView, place: str, *, several: bool) -> None:
    broken = found.broken()
    code = home_tables.code_of(place, "broken", find=view.find)
    without, how = home_tables.undirected_note(found.undirected())
    note = " · ".join(filter(None, [few(broken.height, MOST_ROWS), escape.plain(without)]))
    with section(
        "Records broken this week",
        note,
        help=escape.plain(how) or None,
        export=lambda: export_menu(code, lambda: broken, key="home.records.take", name="records"),
    ):
        _show(
            "Records broken this week",
            home_tables.RECORD_COLUMNS,
            home_tables.broken_rows(broken.head(MOST_ROWS)),
            several=several,
            key="home.records",
            height=room(broken.height, most=_MOST_RECORDS),
            empty="No record fell in the last 7 days. A project's first value breaks none.",
        )


def _projects(found: Overview, view: HomeView, within: timedelta, place: str) -> None:
    projects = found.projects(within)
    code = home_tables.code_of(place, "projects", find=view.find, within=within)
    with section(
        "Projects",
        few(projects.height, MOST_ROWS),
        export=lambda: export_menu(code, lambda: projects, key="home.projects.take", name="projects"),
    ):
        panel(
            "Projects",
            home_tables.PROJECT_COLUMNS,
            home_tables.project_rows(projects.head(MOST_ROWS)),
            key="home.projects",
            height=room(projects.height, most=_MOST_PROJECTS),
            empty="No project matches.",
        )


def _users(pairs: pl.DataFrame, rows: Sequence[Row], view: HomeView, within: timedelta, place: str) -> None:
    code = home_tables.code_of(place, "users", find=view.find, within=within)
    with section(
        "People",
        few(len(rows), MOST_ROWS),
        export=lambda: export_menu(code, lambda: pairs, key="home.people.take", name="people"),
    ):
        panel(
            "People",
            home_tables.USER_COLUMNS,
            rows[:MOST_ROWS],
            key="home.people",
            height=room(len(rows), most=_MOST_SHOWN),
            empty=f"Nobody in the last {SPAN_WORDS[view.within]}.",
        )
