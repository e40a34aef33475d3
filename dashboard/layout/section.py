"""A part of a page: a line with its title and what belongs beside it, and below it a table of a height that stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import streamlit as st

from ..adapters.container import Container
from ..components import table
from ..components.values import Column, Row, Table

_HEADING: Final = 34
ROW: Final = 26
"""Pixels of a dense row."""
HEAD: Final = 30
"""Pixels of the head of a table, with its frame."""
_STEPS: Final = (3, 6, 9, 12, 16, 24)


@contextmanager
def section(
    title: str,
    note: str = "",
    *,
    help: str | None = None,  # noqa: A002 - as Streamlit calls it
    beside: Callable[[], None] | None = None,
    export: Callable[[], None] | None = None,
) -> Iterator[None]:
    """A part of a page; what is drawn inside stands close below its title.

    Args:
        title: what it is about.
        note: a few words after it.
        help: more of it, shown on hover.
        beside: draws controls between the title and the note.
        export: draws what stands at the right end.
    """
    with st.container(gap="xsmall"):
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", height=_HEADING, border=False, wrap=False
        ):
            st.subheader(title, anchor=False, width="content")
            if beside is not None:
                beside()
            st.caption(note, width="stretch", help=help)
            if export is not None:
                export()
        yield


def panel(
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    key: str,
    height: int,
    empty: str = "",
) -> None:
    """A dense table of a height that stays, so that nothing moves at a refresh; long ones scroll inside."""
    with st.container(height=height, border=False, key=key.replace(".", "-")):
        shown = Table(columns=columns, rows=rows, caption=caption, empty=empty, height=height, fill=True, dense=True)
        table.show(shown, key=key)


def room(*rows: int, most: int) -> int:
    """The height of tables side by side of so many rows: in steps, so that one more row seldom moves what is below."""
    wanted = max(rows, default=0)
    return HEAD + ROW * min(most, next((step for step in _STEPS if step >= wanted), most))


@contextmanager
def pair(key: str, shares: tuple[int, int] = (1, 1)) -> Iterator[tuple[Container, Container]]:
    """Two parts side by side; below each other where the window is narrow."""
    with st.container(key=f"lb-pair-{key}"):
        left, right = st.columns(shares, gap="medium")
        yield left, right


def few(total: int, most: int) -> str:
    """`the first 50 of 1,234`, or nothing where all are shown."""
    return f"the first {most:,} of {total:,}" if total > most else ""
