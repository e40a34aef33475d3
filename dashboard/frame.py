"""What all pages have in common: they need a lake and a project, are drawn anew at each look, and never break."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from . import chrome, data, people, trouble
from .data import Feed, Look
from .pulse import LIVE, Beat, pulse
from .watch import WideLook

_SKELETON_PIXELS: Final = 480
_EMPTY_SECONDS: Final = 3.0
"""Between looks at a lake without projects: somebody is about to log a first run."""


@contextmanager
def _waiting(*, known: bool) -> Iterator[None]:
    """A shape in the page's place while a lake is read for the first time; later looks never hide what is there."""
    if known:
        yield
        return
    # Not as the context that it also is: that one appears from a thread of its own, late, amid other elements.
    shape = st.skeleton(height=_SKELETON_PIXELS)
    try:
        yield
    finally:
        shape.empty()


def frame(body: Callable[[Look], None], *, page: str) -> None:
    """Draw a page: `body` gets the project as it was lately, again at every look.

    Args:
        body: draws what is below the navigation.
        page: where the list of projects leads to.
    """
    with trouble.told():
        feed = data.feed()
        with _waiting(known=feed.knows()):
            names = feed.projects()["project"].to_list()
        project = chrome.choose_project(names)
        if project is None:
            _nothing(feed, st.query_params.get(chrome.PROJECT, ""), page)
        else:
            _live(body, project, page)


def wide_frame(body: Callable[[Feed, WideLook], None], *, page: str) -> None:
    """Draw a page about all projects: `body` gets the lake as it was lately, again at every look.

    Args:
        body: draws what is below the navigation.
        page: where the list of projects leads to.
    """
    with trouble.told():
        _wide(data.feed(), body, page)


@st.fragment(key=LIVE)
def _wide(feed: Feed, body: Callable[[Feed, WideLook], None], page: str) -> None:
    with trouble.told():
        with _waiting(known=feed.watch.known):
            look = feed.watch.look()
        with st.sidebar:
            chrome.rail(look.overview.live_counts(), None, page=page, place=feed.lake.url)
        people.news()
        if look.overview.names:
            body(feed, look)
            return
        now = time.time()
        every = _EMPTY_SECONDS if look.local else data.LIVE_REMOTE_SECONDS
        beat = Beat("Waiting for a first run", live=False, taken=look.taken, asked=now, every=every, requests=3)
        pulse(beat, feed.watch.forget)
        if look.trouble:
            st.warning(chrome.plain(look.trouble), icon=":material/cloud_off:")
        trouble.empty_lake(feed.lake.url)


@st.fragment(key=LIVE)
def _live(body: Callable[[Look], None], project: str, page: str) -> None:
    with trouble.told():
        feed = data.feed()
        with _waiting(known=feed.knows(project)):
            look = feed.look(project)
        with st.sidebar:
            chrome.rail(look.projects, project, page=page, place=feed.lake.url, live=look.live)
        people.news()
        body(look)


@st.fragment(key=LIVE)
def _nothing(feed: Feed, asked: str, page: str) -> None:
    """No project to show; as soon as there is one, show it."""
    with trouble.told():
        projects = feed.projects()
        names = projects["project"].to_list()
        if names and (asked in names or not asked):
            st.rerun()
        with st.sidebar:
            chrome.rail(projects, None, page=page, place=feed.lake.url)
        every = _EMPTY_SECONDS if feed.lake.store.is_local else data.LIVE_REMOTE_SECONDS
        now = time.time()
        pulse(
            Beat("Waiting for a first run", live=False, taken=now, asked=now, every=every, requests=3),
            feed.forget_projects,
        )
        if names:
            trouble.unknown_project(asked, names)
        else:
            trouble.empty_lake(feed.lake.url)
