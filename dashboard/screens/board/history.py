"""A board's history: every version, who saved it, what it changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from ....query.boards.describe import what_changed
from ....query.boards.versions import BoardVersion
from ....schema.errors import LakeboardError
from ...components import table
from ...components.values import Act, Cell, Column, Row, Table, run_cell
from ...feed.feed import ProjectState, feed
from ...format.escape import plain
from ...layout import editing
from ...run_tables.cells import milliseconds
from .toolbar import chosen_link, restore

_HEIGHT: Final = 230
_RESTORE: Final = "restore"


def history(state: ProjectState, slug: str, shown: BoardVersion | None, newest: BoardVersion | None) -> None:
    """Draw it. The requests of `Lake.board_history`, once a look."""
    found = state.once(("history", slug, newest), lambda: _versions(slug))
    if isinstance(found, str):
        st.error(plain(found))
        return
    editing.ask_name("board.history")
    columns, rows = rows_of(state, found, shown, may_edit=editing.may_edit())
    table.show(
        Table(columns=columns, rows=rows, caption=f"Versions of the board {slug}", height=_HEIGHT, dense=True),
        key="board.history",
        on_act=lambda act: _act(slug, act),
    )


def _versions(slug: str) -> tuple[BoardVersion, ...] | str:
    try:
        return feed().lake.board_history(slug)
    except LakeboardError as error:
        return str(error)


def rows_of(
    state: ProjectState, versions: Sequence[BoardVersion], shown: BoardVersion | None, *, may_edit: bool
) -> tuple[list[Column], list[Row]]:
    """Columns and rows, newest first."""
    columns = [
        Column("version", "Version", "run"),
        Column("at", "Saved", "time"),
        Column("editor", "By"),
        Column("changed", "What changed", "wrap"),
    ]
    if may_edit:
        columns.append(Column(_RESTORE, "", "action"))
    rows = []
    for n, version in enumerate(versions):
        last = n == len(versions) - 1
        is_shown = shown is not None and shown.id == version.id
        sub = ", ".join(["counts"] * (last and not version.deleted) + ["shown"] * is_shown)
        name = f"Version {n + 1}"
        before = versions[n - 1] if n else None
        cells: list[Cell] = [
            run_cell(version.id, name, chosen_link(state, version, pinned=not last), sub=sub),
            {"text": milliseconds(version.at)},
            version.editor or "unknown",
            "; ".join(what_changed(version, before)),
        ]
        if may_edit:
            counts = last and not version.deleted
            cells.append(None if counts or version.deleted else "Restore")
        rows.append(Row(version.id, cells, label=name, tint="quiet" if version.deleted else ""))
    return columns, rows[::-1]


def _act(slug: str, act: Act) -> None:
    if act.kind == _RESTORE:
        restore(slug, act.id)
