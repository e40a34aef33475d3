"""The line above the table of runs: what is selected, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import polars as pl
import streamlit as st

from ...feed.feed import ProjectState
from ...feed.joined import by_project
from ...format import escape
from ...format.numbers import count
from ...layout import chrome, editing
from ...run_tables import run_columns
from ...state import links, row_keys
from ...state.views import RunsView

_TURN: Final = "runs.edit.turn"
_MOST_SELECTED: Final = 10_000
_MOST_NAMED: Final = 50
"""Selected runs that a link names one by one, where a filter would do."""
_MOST_NOTES: Final = 50
"""Different notes that one click on Undo brings back: each takes an object of its own."""


def acts(
    state: ProjectState,
    view: RunsView,
    chosen: Sequence[str],
    *,
    hidden: int,
    whole: bool,
    matching: Callable[[], Sequence[str]],
    found: int,
    select: Callable[[Sequence[str]], None],
    export: Callable[[], None],
) -> None:
    """Draw the line. It is always there and always as high, so that nothing moves when something is selected.

    Args:
        state: the project, perhaps joined with others.
        view: what the table shows.
        chosen: row ids of the selected runs.
        hidden: how many of them the table does not show.
        whole: whether they are just those that pass the filters.
        matching: row ids of all runs that pass the filters.
        found: how many they are.
        select: selects other rows.
        export: draws the way to code and files.
    """
    runs = count(len(chosen), "run")
    done = editing.undoable()
    own = by_project(chosen, state.project).get(state.project, [])
    text = f"{runs} selected" + (f", {hidden:,} of them not shown" if hidden else "")
    if 0 < len(own) < len(chosen):
        text += f"; curves and comparisons take the {len(own):,} of {state.project}"
    elif chosen and not own:
        text += f"; curves and comparisons take those of {state.project}"
    if not chosen:
        text = done or "Select runs to act on them"
    elif done:
        text += f" \N{MIDDLE DOT} {done}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", height=40, border=False, wrap=False):
        st.caption(escape.plain(text), width="stretch")
        editing.undo_button("runs.undo")
        if chosen:
            st.button("Clear", on_click=lambda: select([]), type="tertiary", key="runs.clear")
        elif found:
            st.button(
                f"Select all {found:,}" if found <= _MOST_SELECTED else f"Select the first {_MOST_SELECTED:,}",
                on_click=lambda: select(list(matching())[:_MOST_SELECTED]),
                type="tertiary",
                key="runs.all",
            )
        go = {links.PROJECT: state.project, "runs": own}
        chrome.page_link("curves", go, "Curves", icon=":material/show_chart:")
        # Thousands of ids make a link that few servers take; a filter says the same.
        named = own and not (whole and len(own) > _MOST_NAMED)
        same = go if named else {links.PROJECT: state.project, "filter": view.filter, "where": view.where}
        chrome.page_link("compare", same, "Compare", icon=":material/difference:")
        turn = st.session_state.get(_TURN, 0)
        off = not chosen or not editing.may_edit()
        with st.popover("Edit", icon=":material/edit:", disabled=off, key=f"runs.edit.{turn}"):
            if chosen:
                _edit(state, chosen, turn, off=off)
            else:
                st.caption("Nothing is selected any more.")
        editing.confirm_delete(
            f"Move {runs} to the trash? They can be restored.",
            f"Delete {runs}",
            on_click=lambda: _delete(state, chosen, select),
            off=not chosen,
            key="runs.delete",
        )
        export()


def _edit(state: ProjectState, chosen: Sequence[str], turn: int, *, off: bool) -> None:
    """Tag, untag, note, rename: one act each, so one object in the lake each."""
    part = _of(state, chosen)
    counted = part.select(pl.col("tags").explode(empty_as_null=False)).to_series().drop_nulls().value_counts()
    worn = dict(counted.sort(["count", "tags"], descending=[True, False]).iter_rows())
    known = state.once("tags", lambda: run_columns.tags_of(state.runs))
    runs = count(len(chosen), "run")
    st.text(runs if len(chosen) > 1 else part["name"].fill_null(part["run_id"]).to_list()[0])
    editing.ask_name("runs.edit")

    def button(label: str, key: str, act: Callable[[], None], *, no: bool = False) -> None:
        st.button(label, on_click=act, disabled=off or no, key=f"runs.{key}.{turn}", width="stretch")

    def typed(key: str) -> str:
        return str(st.session_state.get(f"runs.{key}.{turn}") or "").strip()

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", width=360):
        st.selectbox(
            "Tag",
            known,
            index=None,
            accept_new_options=True,
            placeholder="A new tag or a known one",
            key=f"runs.tag.{turn}",
        )
        with st.container(width=96):
            button("Add", "tag.do", lambda: _tag(part, typed("tag")))
    if worn:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small", width=360):
            st.selectbox(
                "Tag to take off",
                list(worn),
                index=None,
                format_func=lambda tag: f"{tag} · {count(worn.get(tag, 0), 'run')}",
                placeholder="One of theirs",
                key=f"runs.untag.{turn}",
            )
            with st.container(width=96):
                button("Take off", "untag.do", lambda: _untag(part, typed("untag")))
    notes = part["notes"].to_list()
    st.text_area(
        "Note",
        value=(notes[0] or "") if len(notes) == 1 else "",
        placeholder="Replaces the notes of all of them" if len(notes) > 1 else "What is to be known of this run",
        height=84,
        key=f"runs.note.{turn}",
    )
    button(
        "Set the note" if len(notes) == 1 else f"Set this note on {runs}",
        "note.do",
        lambda: _note(part, str(st.session_state.get(f"runs.note.{turn}") or "")),
    )
    if len(chosen) == 1:
        st.text_input("Name", value=part["name"][0] or "", max_chars=1000, key=f"runs.rename.{turn}")
        button("Rename", "rename.do", lambda: _rename(part, typed("rename")))


def _of(state: ProjectState, chosen: Sequence[str]) -> pl.DataFrame:
    """The selected runs, with what the acts need to know of them."""
    wanted = pl.DataFrame(
        [row_keys.of_key(key, state.project)[::-1] for key in chosen],
        schema={"run_id": pl.String, "project": pl.String},
        orient="row",
    )
    few = state.runs.select("project", "run_id", "name", "tags", "notes")
    return wanted.join(few, on=["project", "run_id"], how="inner", maintain_order="left")


def _by_project(part: pl.DataFrame) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for project, run_id in part.select("project", "run_id").iter_rows():
        out.setdefault(project, []).append(run_id)
    return out


def _done(text: str, undo: Callable[[], object] | None = None) -> None:
    """Close the popover, by another key, and say what was done beside a way back."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    editing.offer_undo(text, undo)


def _note(part: pl.DataFrame, note: str) -> None:
    before = {old: _by_project(part.filter(pl.col("notes").eq_missing(old))) for old in part["notes"].unique()}
    runs = _by_project(part)
    if not editing.decide_all(runs, "note", note):
        return
    if len(before) > _MOST_NOTES:
        _done("")
        return

    def undo() -> None:
        for old, had in before.items():
            if not editing.decide_all(had, "note", old or ""):
                return

    _done(f"Set the note of {_count(runs)}", undo)


def _tag(part: pl.DataFrame, tag: str) -> None:
    if not tag:
        return editing.say("Nothing was changed: give a tag", icon=":material/info:")
    fresh = _by_project(part.filter(~pl.col("tags").fill_null([]).list.contains(tag)))
    if not fresh:
        return editing.say(f"All of them have the tag {tag}", icon=":material/info:")
    if editing.decide_all(fresh, "tag", tag):
        _done(f"Tagged {_count(fresh)} {tag}", lambda: editing.decide_all(fresh, "untag", tag))
    return None


def _untag(part: pl.DataFrame, tag: str) -> None:
    had = _by_project(part.filter(pl.col("tags").list.contains(tag)))
    if tag and had and editing.decide_all(had, "untag", tag):
        _done(f"Took {tag} off {_count(had)}", lambda: editing.decide_all(had, "tag", tag))


def _rename(part: pl.DataFrame, name: str) -> None:
    before, runs = part["name"][0], _by_project(part)
    if name and name != before and editing.decide_all(runs, "rename", name):
        undo = (lambda: editing.decide_all(runs, "rename", before)) if before else None
        _done(f"Renamed to {name}", undo)


def _delete(state: ProjectState, chosen: Sequence[str], select: Callable[[Sequence[str]], None]) -> None:
    runs = by_project(chosen, state.project)
    if editing.decide_all(runs, "delete"):
        select([])

        def undo() -> None:
            if editing.decide_all(runs, "restore"):
                select(chosen)

        _done(f"Moved {_count(runs)} to the trash", undo)


def _count(runs: Mapping[str, Sequence[str]]) -> str:
    return count(sum(map(len, runs.values())), "run")
