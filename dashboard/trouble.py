"""What a page says when there is nothing to show: the thing, the value, the fix. Never a traceback."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from ..schema.errors import (
    AccessDenied,
    InvalidSetting,
    LakeboardError,
    LakeFormat,
    StoreUnreachable,
    UnknownProject,
    UnknownRun,
)

_TITLES: tuple[tuple[type[LakeboardError], str, str], ...] = (
    (LakeFormat, "This lake is written in a newer format", "Upgrade lakeboard where this dashboard runs."),
    (AccessDenied, "No access", "Check the credentials that the dashboard was started with, and their permissions."),
    (
        StoreUnreachable,
        "The lake can't be reached",
        "Check the address, the endpoint (AWS_ENDPOINT_URL) and the network.",
    ),
    (InvalidSetting, "The lake's address makes no sense", "Start again with `lakeboard ui --lake …`."),
    (UnknownProject, "No such project", "Choose one at the left."),
    (UnknownRun, "No such run", "It may be purged; choose one on the page Runs."),
)


@contextmanager
def told() -> Iterator[None]:
    """Say what is wrong in place of a traceback; what is already on the page stays."""
    try:
        yield
    except LakeboardError as error:
        say(error)


def say(error: LakeboardError) -> None:
    """One error as a card: a title, what the error says, and what to do."""
    logging.getLogger(__name__).warning("%s", error)
    title, fix = next(((t, f) for kind, t, f in _TITLES if isinstance(error, kind)), ("That did not work", ""))
    with st.container(border=True, key="trouble"):
        st.subheader(title, anchor=False)
        st.text(str(error))
        if fix:
            st.caption(fix)


def empty_lake(url: str) -> None:
    """A lake without a project: the lines that would fill it, with its own address in them."""
    with st.container(border=True, key="empty"):
        st.subheader("Nothing logged yet", anchor=False)
        st.caption("Run these lines anywhere that can write to this lake; the run appears here by itself.")
        st.code(first_lines(url), language="python")
        st.caption("Or train a few dozen small models right away:")
        st.code(f"lakeboard demo --lake {shlex.quote(url)}", language="bash")


def first_lines(url: str) -> str:
    """The four lines that log a first run into a lake."""
    return (
        "import lakeboard\n"
        f'with lakeboard.init(project="first", config={{"lr": 1e-3}}, lake={url!r}) as run:\n'
        "    for step in range(100):\n"
        '        run.log({"train/loss": 1 / (step + 1)})'
    )


def unknown_project(asked: str, known: list[str]) -> None:
    """The address names a project that the lake does not have."""
    with st.container(border=True, key="trouble"):
        st.subheader("No such project", anchor=False)
        st.text(f"The lake has no project {asked!r}. It has {', '.join(known[:20])}.")
        st.caption("Choose one at the left; a project appears with its first run.")
