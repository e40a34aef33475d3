"""Home: what runs, what ended lately, who works on what, which records fell, in all projects of the lake."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import streamlit as st

from ..query.overview import Overview, shown_of
from . import chrome, home_info, state
from .data import Feed
from .digits import count
from .frame import wide_frame
from .home_info import SPAN_WORDS, SPANS
from .pulse import wide_beat
from .section import HEAD, ROW, few, panel, section
from .state import WITHIN, HomeView
from .takeaway import takeaway
from .watch import WideLook

MOST_LIVE = 25
"""Live runs on a page of their table; only their points are read."""
MOST_HITS = 8
MOST_ROWS = 50
_LIVE_ROOM = (4, 9)
"""Rows that the table of live runs has room for: few or many, so that one more run moves nothing below it."""
_HEIGHT = 330
_OLD_LINKS = (chrome.PROJECT, "metric", "by", "combine", "where", "line")
"""What addresses of the leaderboard said while it was the first page."""
_ENDED_WORDS = {"": "All", "finished": "Finished", "failed": "Failed", "silent": "Silent"}


def page() -> None:
    """The page."""
    asked = st.query_params
    if any(name in asked for name in _OLD_LINKS):
        # The leaderboard was here once; its links live on.
        chrome.go("leaderboard", {name: asked.get_all(name) for name in asked})
    wide_frame(body, page="leaderboard")


def body(feed: Feed, look: WideLook) -> None:
    """Everything below the navigation."""
    view = state.read(HomeView)
    found = look.overview.find(view.find)
    within = SPANS[view.within]
    live, pages = shown_of(found.live(), MOST_LIVE, view.page)
    curves = feed.watch.curves.of(look.overview, live)
    chrome.head_line(
        "Home", wide_beat(look), feed.watch.due, note=home_info.note_of(look.overview), trouble=look.trouble
    )
    _toolbar(view, look.overview, found)
    if not found.names and view.find:
        st.caption(chrome.plain(f"Nothing mentions “{view.find.strip()}”."))
        return
    place = feed.lake.url
    _live(live, curves, found, pages, view, place)
    left, right = st.columns([6, 5], gap="medium")
    with left:
        _ended(found, view, within, place)
    with right:
        _records(found, view, place)
    left, right = st.columns([6, 5], gap="medium")
    with left:
        _projects(found, view, within, place)
    with right:
        _people(found, view, within, place)
    chrome.problems([problem for name in look.overview.told for problem in feed.lake.problems(name)])


def _toolbar(view: HomeView, overview: Overview, found: Overview) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            "Find runs, projects, people",
            type="search",
            placeholder="Find runs, projects, people, tags",
            label_visibility="collapsed",
            live=True,
            width=340,
            **state.bound(view, "find", "home.find", also={"page": 1}),
        )
        st.segmented_control(
            "Lately means",
            WITHIN,
            format_func=lambda each: f"Last {SPAN_WORDS[each]}",
            label_visibility="collapsed",
            required=True,
            **state.bound(view, "within", "home.within"),
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
            rows = home_info.ended_rows(shown)
            panel("Runs found", home_info.ENDED_COLUMNS, rows, key="home.hits", height=HEAD + ROW * MOST_HITS)


def _live(live: pl.DataFrame, curves: pl.DataFrame, found: Overview, pages: int, view: HomeView, place: str) -> None:
    every = found.live()
    room = next((each for each in _LIVE_ROOM if live.height <= each), _LIVE_ROOM[-1])
    code = home_info.code_of(place, "live", find=view.find)
    with section(
        "Live now",
        home_info.pages_note(live.height, every.height, "live run"),
        export=lambda: takeaway(code, found.live, key="home.live.take", name="live runs"),
    ):
        if every.height:
            rows = home_info.live_rows(live, curves, now=found.now)
            panel("Live runs", home_info.LIVE_COLUMNS, rows, key="home.live", height=HEAD + ROW * room)
        else:
            st.caption("Nothing is running. A run appears here by itself soon after its start.")
    if pages > 1:
        at = min(view.page, pages)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Page {at} of {pages}", width="content")
            st.button("Previous", disabled=at <= 1, on_click=state.changing(HomeView, page=at - 1), key="home.prev")
            st.button("Next", disabled=at >= pages, on_click=state.changing(HomeView, page=at + 1), key="home.next")


def _ended(found: Overview, view: HomeView, within: timedelta, place: str) -> None:
    lately = found.lately(within)
    counts = {kind: home_info.ended_of(lately, kind).height for kind in _ENDED_WORDS}
    shown = home_info.ended_of(lately, view.ended)
    code = home_info.code_of(place, "lately", find=view.find, within=within, tail=home_info.ended_tail(view.ended))
    with section(
        "Ended lately",
        few(shown.height, MOST_ROWS),
        beside=lambda: st.segmented_control(
            "Which",
            tuple(_ENDED_WORDS),
            format_func=lambda kind: f"{_ENDED_WORDS[kind]} {counts[kind]:,}",
            label_visibility="collapsed",
            required=True,
            **state.bound(view, "ended", "home.ended.kind"),
        ),
        export=lambda: takeaway(code, lambda: shown, key="home.ended.take", name="runs that ended lately"),
    ):
        panel(
            "Runs that ended lately",
            home_info.ENDED_COLUMNS,
            home_info.ended_rows(shown.head(MOST_ROWS)),
            key="home.ended",
            height=_HEIGHT,
            empty=f"None in the last {SPAN_WORDS[view.within]}.",
        )


def _records(found: Overview, view: HomeView, place: str) -> None:
    broken = found.broken()
    code = home_info.code_of(place, "broken", find=view.find)
    with section(
        "Records broken this week",
        few(broken.height, MOST_ROWS),
        export=lambda: takeaway(code, lambda: broken, key="home.records.take", name="records"),
    ):
        panel(
            "Records broken this week",
            home_info.RECORD_COLUMNS,
            home_info.broken_rows(broken.head(MOST_ROWS)),
            key="home.records",
            height=_HEIGHT,
            empty="No record fell in the last 7 days. A project's first value breaks none.",
        )


def _projects(found: Overview, view: HomeView, within: timedelta, place: str) -> None:
    projects = found.projects(within)
    code = home_info.code_of(place, "projects", find=view.find, within=within)
    with section(
        "Projects",
        few(projects.height, MOST_ROWS),
        export=lambda: takeaway(code, lambda: projects, key="home.projects.take", name="projects"),
    ):
        panel(
            "Projects",
            home_info.PROJECT_COLUMNS,
            home_info.project_rows(projects.head(MOST_ROWS)),
            key="home.projects",
            height=_HEIGHT,
            empty="No project matches.",
        )


def _people(found: Overview, view: HomeView, within: timedelta, place: str) -> None:
    pairs = found.people(within)
    rows = home_info.people_rows(pairs)
    code = home_info.code_of(place, "people", find=view.find, within=within)
    with section(
        "People",
        few(len(rows), MOST_ROWS),
        export=lambda: takeaway(code, lambda: pairs, key="home.people.take", name="people"),
    ):
        panel(
            "People",
            home_info.PEOPLE_COLUMNS,
            rows[:MOST_ROWS],
            key="home.people",
            height=_HEIGHT,
            empty=f"Nobody in the last {SPAN_WORDS[view.within]}.",
        )
