"""A part of a page: a line with its title and what belongs beside it, and below it a table of a height that stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import streamlit as st

from . import table
from .table import Column, Row, Table

_HEADING: Final = 36
ROW: Final = 27
"""Pixels of a dense row."""
HEAD: Final = 32
"""Pixels of the head of a table, with its frame."""


@contextmanager
def section(
    title: str, note: str = "", *, beside: Callable[[], None] | None = None, export: Callable[[], None] | None = None
) -> Iterator[None]:
    """A part of a page; what is drawn inside stands close below its title.

    Args:
        title: what it is about.
        note: a few words after it.
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
            st.caption(note, width="stretch")
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
    """A dense table in a box whose height stays, so that nothing moves at a refresh; long ones scroll inside."""
    with st.container(height=height, border=False, key=key.replace(".", "-")):
        table.show(
            Table(columns=columns, rows=rows, caption=caption, empty=empty, height=height - 4, dense=True), key=key
        )


def few(total: int, most: int) -> str:
    """`the first 50 of 1,234`, or nothing where all are shown."""
    return f"the first {most:,} of {total:,}" if total > most else ""
