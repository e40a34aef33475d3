"""What a page says when there is nothing to show: the thing, the value, the fix. Never a traceback."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import streamlit as st

from ...schema.errors import (
    AccessDenied,
    DamagedObject,
    FilterError,
    InvalidSetting,
    LakeboardError,
    LakeFormat,
    StoreUnreachable,
    UnknownProject,
    UnknownRun,
)

_LOG: Final = logging.getLogger(__name__)
_TITLES: Final[tuple[tuple[type[LakeboardError], str, str], ...]] = (
    (LakeFormat, "This lake is written in a newer format", ""),
    (AccessDenied, "No access", ""),
    (StoreUnreachable, "The lake can't be reached", ""),
    (DamagedObject, "This is not a lake, or a damaged one", ""),
    (InvalidSetting, "That does not fit together", ""),
    (FilterError, "That filter does not fit", ""),
    (UnknownProject, "No such project", "Choose one at the left."),
    (UnknownRun, "No such run", "It may be purged; choose one on the page Runs."),
)
"""By error: a title, and what to do where the error itself does not say."""


@contextmanager
def show_errors() -> Iterator[None]:
    """Say what is wrong in place of a traceback; what is already on the page stays."""
    try:
        yield
    except LakeboardError as error:
        _LOG.warning("%s", error)
        say(error)
    except Exception as error:  # noqa: BLE001 - a page must never end in a traceback; the log has it
        _LOG.exception("a page failed")
        with st.container(border=True, key="trouble"):
            st.subheader("This page failed", anchor=False)
            st.text(f"{type(error).__name__}: {error}")
            st.caption("That is a fault of lakeboard's; its log has the details. Other pages may still work.")


def say(error: LakeboardError) -> None:
    """One error as a card: a title, what the error says, what to do, and another try."""
    title, fix = next(((t, f) for kind, t, f in _TITLES if isinstance(error, kind)), ("That did not work", ""))
    with st.container(border=True, key="trouble"):
        st.subheader(title, anchor=False)
        st.text(str(error))
        if fix:
            st.caption(fix)
        st.button("Try again", key="trouble.again")


def empty_lake(url: str, *, local: bool) -> None:
    """A lake without a project: the lines that would fill it, with its own address in them.

    Args:
        url: the lake's address.
        local: whether it is a folder; then one that is not there is said to be so, for the address may be mistyped.
    """
    absent = local and not Path(url).exists()
    with st.container(border=True, key="empty"):
        st.subheader("There is no such folder yet" if absent else "Nothing logged yet", anchor=False)
        if absent:
            st.text(f"{url} does not exist. If you expect runs here, check the address; a first run makes the folder.")
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
