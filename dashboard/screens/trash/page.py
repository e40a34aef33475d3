"""Deleted runs: who deleted them and when, to be restored, or purged for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl
import streamlit as st

from ....query.edits.trash import trash_frame
from ....schema.errors import AccessDenied, LakeboardError
from ....schema.sizes import sized
from ....upkeep.purge import is_meant, purge_now
from ...components import table
from ...components.values import Column, Table
from ...feed.feed import ProjectState, feed
from ...format import escape
from ...format.numbers import count
from ...format.snippets import literal, recipe
from ...layout import chrome, editing
from ...layout.export import export_menu
from ...layout.page import frame
from ...run_tables import run_columns
from ...state import address
from ...state.views import TrashView

PAGE_ROWS: Final = 100
_TABLE: Final = "trash.table"
_CHOSEN: Final = "trash.chosen"
_TURN: Final = "trash.turn"
_WRONG: Final = "trash.wrong"
_COLUMNS: Final = ("deleted_by", "deleted_at", "status", "bytes", "rows", "created_at", "user", "dataset", "run_id")
_TABLE_HEIGHT: Final = 620


def page() -> None:
    """The page."""
    frame(body, page="trash")


def body(state: ProjectState) -> None:
    """Everything below the navigation."""
    gone = state.once("trash", lambda: trash_frame(state.snapshot))
    pages = max(1, -(-gone.height // PAGE_ROWS))
    at = min(address.read(TrashView).page, pages)
    chosen = _chosen(gone)
    size = sized(int(gone["bytes"].sum() or 0))
    note = f"{count(gone.height, 'run')} in the trash" + (f", {size} of points" if gone.height else "")
    chrome.head(state.project, state, note=note)
    _acts(state, gone, chosen)
    shown = gone.slice((at - 1) * PAGE_ROWS, PAGE_ROWS)
    table.show(
        Table(
            columns=[_column(name, gone) for name in (run_columns.LEAD, *_COLUMNS)],
            rows=run_columns.rows_of(_sized(gone), _COLUMNS, project=state.project, marks={}, shown=_sized(shown)),
            caption=f"Deleted runs of {state.project}",
            empty="The trash is empty. Runs that are deleted on Runs or on their own page come here, with every point.",
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
            st.button("Previous", disabled=at <= 1, on_click=address.changing(TrashView, page=at - 1), key="trash.prev")
            st.button("Next", disabled=at >= pages, on_click=address.changing(TrashView, page=at + 1), key="trash.next")


def code_of(lake: str, project: str) -> str:
    """The lines that give the trash of a project."""
    return recipe(
        lake,
        f"frame = trash_frame(lake.snapshot({literal(project)}))",
        imports=["from lakeboard.query import trash_frame"],
    )


def _column(name: str, gone: pl.DataFrame) -> Column:
    titles = {
        "deleted_at": ("Deleted", "time", "By the clock of who deleted it"),
        "bytes": ("Size", "text", "Sealed points and tails; files that a run keeps beside them are not counted"),
    }
    if name in titles:
        label, kind, title = titles[name]
        return Column(name, label, kind, title=title)  # type: ignore[arg-type]
    found = run_columns.column_for(name, gone)
    return Column(found.id, found.label, found.kind, title=found.title)


def _sized(gone: pl.DataFrame) -> pl.DataFrame:
    """With sizes in words."""
    return gone.with_columns(
        bytes=pl.Series([None if size is None else sized(size) for size in gone["bytes"]], dtype=pl.String)
    )


def _acts(state: ProjectState, gone: pl.DataFrame, chosen: list[str]) -> None:
    """The line above the table: always there, so that nothing moves when something is selected."""
    off = not chosen or not editing.may_edit()
    picked = gone.filter(pl.col("run_id").is_in(chosen))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", height=38, border=False):
        st.caption(
            f"{count(len(chosen), 'run')} selected, {sized(int(picked['bytes'].sum() or 0))}"
            if chosen
            else "Deleted runs keep every point; restoring shows them again",
            width="stretch",
        )
        editing.ask_name("trash")
        st.button(
            "Restore",
            icon=":material/restore_from_trash:",
            disabled=off,
            on_click=lambda: _restore(state, chosen),
            key="trash.restore",
        )
        # Another key closes the popover once it has served.
        turn = st.session_state.get(_TURN, 0)
        with st.popover("Purge", icon=":material/delete_forever:", disabled=off, key=f"trash.purge.{turn}"):
            if not off:
                with st.container(key="trash-asked"):
                    _confirm(state, picked)
            elif not chosen:
                st.caption("Nothing is selected any more: it was restored or purged meanwhile.")
        export_menu(code_of(feed().lake.url, state.project), lambda: gone, key="trash.take", name="trash")


def _confirm(state: ProjectState, picked: pl.DataFrame) -> None:
    """What a purge means, and the words that show that it is meant."""
    names = {run_id: name or run_id for run_id, name in picked.select("run_id", "name").iter_rows()}
    running = int((picked["status"] == "running").sum())
    one = next(iter(names.values())) if len(names) == 1 else None
    st.markdown(f"**Purge {count(len(names), 'run')} for ever?**")
    st.text(
        f"Nobody sees {'it' if len(names) == 1 else 'them'} again, in no copy of this lake that hears of it: "
        "points, files, names, notes. "
        "The decision itself, and who made it, is kept."
    )
    if running:
        st.text(f"{count(running, 'run')} running: the job goes on writing, and tidying clears that away.")
    asked = "the run's name or id" if one is not None else "their number, or the project's name"
    with st.form("trash.confirm", border=False, clear_on_submit=True):
        st.text_input(
            f"Type {asked}",
            key="trash.typed",
            placeholder=one if one is not None else f"{len(names)} or {state.project}",
            autocomplete="off",
        )
        st.checkbox(
            "Free the bytes at once",
            value=True,
            key="trash.now",
            help="Otherwise they go with the first tidying after 10 minutes, when no reader is in the middle of them.",
        )
        st.form_submit_button(
            f"Purge {count(len(names), 'run')}",
            icon=":material/delete_forever:",
            on_click=lambda: _purge(state, names),
            key="trash.really",
        )
    wrong = st.session_state.pop(_WRONG, None)
    if wrong is not None:
        st.error(escape.plain(wrong))


def _chosen(gone: pl.DataFrame) -> list[str]:
    there = set(gone["run_id"])
    return [run_id for run_id in st.session_state.get(_CHOSEN, []) if run_id in there]


def _select(ids: Sequence[str]) -> None:
    st.session_state[_CHOSEN] = list(ids)


def _restore(state: ProjectState, chosen: list[str]) -> None:
    if editing.decide(state.project, chosen, "restore"):
        _select([])
        table.reselect(_TABLE)


def _purge(state: ProjectState, names: Mapping[str, str]) -> None:
    typed = str(st.session_state.get("trash.typed") or "")
    now = bool(st.session_state.get("trash.now"))
    if not is_meant(typed, project=state.project, names=names):
        said = f"“{typed}” is not what was asked for" if typed.strip() else "Type it first"
        st.session_state[_WRONG] = f"{said}; nothing was done."
        return
    ids = list(names)
    if not editing.decide(state.project, ids, "purge"):
        return
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    _select([])
    table.reselect(_TABLE)
    what = next(iter(names.values())) if len(names) == 1 else count(len(names), "run")
    if not now:
        editing.say(f"Purged {what}. The bytes go with the first tidying after 10 minutes")
        return
    try:
        freed = purge_now(feed().lake.store, state.project, ids)
    except AccessDenied as error:
        editing.say(f"Purged {what}, but the bytes could not be removed ({error}); tidying frees them")
    except LakeboardError as error:
        editing.say(f"Purged {what}, but not all bytes are gone yet ({error}); tidying frees them")
    else:
        editing.say(f"Purged {what}: {count(freed.objects, 'object')}, {sized(freed.freed)} freed")
        feed().forget(state.project)
