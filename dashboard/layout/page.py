"""What all pages have in common: they need a lake and a project, are drawn anew at each look, and never break."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import polars as pl
import streamlit as st

from ..components.refresh import LIVE, Beat, refresh_timer
from ..feed import feed as data
from ..feed.feed import Feed, ProjectState
from ..feed.lake_watch import LakeState
from ..feed.refresh_policy import PROJECT_REMOTE
from ..format import escape
from ..state import links, widget_values
from . import chrome, editing, errors

_SKELETON_PIXELS: Final = 480
_EMPTY_SECONDS: Final = 3.0
"""Between looks at a lake without projects: somebody is about to log a first run."""


@contextmanager
def _waiting(*, known: bool) -> Iterator[None]:
    """A shape in the page's place while a lake is read for the first time; later looks never hide what is there.

    Its place is always taken, so that what follows is the same element at the first look as at the next.
    """
    place = st.empty()
    if known:
        yield
        return
    # Not as the context that it also is: that one appears from a thread of its own, late, amid other elements.
    place.skeleton(height=_SKELETON_PIXELS)
    try:
        yield
    finally:
        place.empty()


def frame(body: Callable[[ProjectState], None], *, page: str) -> None:
    """Draw a page: `body` gets the project as it was lately, again at every look.

    Args:
        body: draws what is below the navigation.
        page: where the list of projects leads to.
    """
    # Nothing is drawn beside it, so its place is the same on every page and at every drawing: a browser that missed
    # one for another finds it all the same.
    _narrow(body, page)


def wide_frame(body: Callable[[Feed, LakeState], None], *, page: str) -> None:
    """Draw a page about all projects: `body` gets the lake as it was lately, again at every look.

    Args:
        body: draws what is below the navigation.
        page: where the list of projects leads to.
    """
    _wide(body, page)


@st.fragment(key=LIVE)
def _wide(body: Callable[[Feed, LakeState], None], page: str) -> None:
    widget_values.begin()
    with errors.show_errors():
        feed = data.feed()
        with _waiting(known=feed.watch.known):
            state = feed.watch.state()
        with st.sidebar:
            chrome.rail(state.overview.live_counts(), None, page=page, place=feed.lake.url)
        editing.news()
        if state.overview.names:
            body(feed, state)
            return
        now = time.time()
        every = _EMPTY_SECONDS if state.local else PROJECT_REMOTE.live_seconds
        beat = Beat("Waiting for a first run", live=False, taken=state.taken, asked=now, every=every, requests=3)
        refresh_timer(beat, feed.watch.forget)
        if state.trouble:
            st.warning(escape.plain(state.trouble), icon=":material/cloud_off:")
        errors.empty_lake(feed.lake.url, local=feed.lake.store.is_local)


@st.fragment(key=LIVE)
def _narrow(body: Callable[[ProjectState], None], page: str) -> None:
    widget_values.begin()
    with errors.show_errors():
        feed = data.feed()
        asked = st.query_params.get(links.PROJECT, "")
        with _waiting(known=feed.knows() and (not asked or feed.knows(asked))):
            projects = feed.projects()
            project = chrome.choose_project(projects["project"].to_list())
            state = feed.state(project) if project is not None else None
        with st.sidebar:
            shown = state.projects if state is not None else projects
            live = state.live if state is not None else 0
            chrome.rail(shown, project, page=page, place=feed.lake.url, live=live)
        editing.news()
        if state is not None:
            body(state)
        else:
            _nothing(feed, projects, asked)


def _nothing(feed: Feed, projects: pl.DataFrame, asked: str) -> None:
    """No project to show; as soon as there is one, it is shown."""
    names = projects["project"].to_list()
    every = _EMPTY_SECONDS if feed.lake.store.is_local else PROJECT_REMOTE.live_seconds
    now = time.time()
    beat = Beat("Waiting for a first run", live=False, taken=now, asked=now, every=every, requests=3)
    refresh_timer(beat, feed.forget_projects)
    if names:
        errors.unknown_project(asked, names)
    else:
        errors.empty_lake(feed.lake.url, local=feed.lake.store.is_local)
