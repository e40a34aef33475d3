"""Deleted runs, which can be restored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl
import streamlit as st

from . import chrome, columns, people, state, table
from .data import Look
from .digits import count
from .frame import frame
from .state import TrashView
from .table import Table

PAGE_ROWS: Final = 100
_TABLE: Final = "trash.table"
_CHOSEN: Final = "trash.chosen"
_COLUMNS: Final = ("deleted_by", "status", "created_at", "user", "dataset", "rows", "run_id")
_TABLE_HEIGHT: Final = 660


def page() -> None:
    """The page."""
    frame(body, page="trash")


def body(look: Look) -> None:
    """Everything below the navigation."""
    gone = look.deleted
    pages = max(1, -(-gone.height // PAGE_ROWS))
    at = min(state.read(TrashView).page, pages)
    chosen = _chosen(gone)
    chrome.head(look.project, look, note=f"{count(gone.height, 'run')} in the trash")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", height=38, border=False):
        st.caption(
            f"{count(len(chosen), 'run')} selected"
            if chosen
            else "Deleted runs keep every point; restoring shows them again",
            width="stretch",
        )
        people.ask_name("trash")
        st.button(
            "Restore",
            icon=":material/restore_from_trash:",
            disabled=not chosen or not people.may_edit(),
            on_click=lambda: _restore(look, chosen),
            key="trash.restore",
        )
    table.show(
        Table(
            columns=[columns.column_for(name, gone) for name in (columns.LEAD, *_COLUMNS)],
            rows=columns.rows_of(
                gone, _COLUMNS, project=look.project, marks={}, shown=gone.slice((at - 1) * PAGE_ROWS, PAGE_ROWS)
            ),
            caption=f"Deleted runs of {look.project}",
            empty="The trash is empty.",
            height=_TABLE_HEIGHT,
            dense=True,
            selected=chosen,
        ),
        key=_TABLE,
        on_select=_select,
    )
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Page {at} of {pages}", width="content")
            st.button("Previous", disabled=at <= 1, on_click=state.changing(TrashView, page=at - 1), key="trash.prev")
            st.button("Next", disabled=at >= pages, on_click=state.changing(TrashView, page=at + 1), key="trash.next")


def _chosen(gone: pl.DataFrame) -> list[str]:
    there = set(gone["run_id"])
    return [run_id for run_id in st.session_state.get(_CHOSEN, []) if run_id in there]


def _select(ids: Sequence[str]) -> None:
    st.session_state[_CHOSEN] = list(ids)


def _restore(look: Look, chosen: list[str]) -> None:
    if people.decide(look.project, chosen, "restore"):
        _select([])
        table.reselect(_TABLE)
