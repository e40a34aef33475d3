"""What can be done with one run: rename it, tag it, note on it, delete it, restore it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from ....query.run.run import RunView
from ....schema.edits import Op
from ...format.numbers import count
from ...layout import editing

_TURN: Final = "run.edit.turn"


def edit(project: str, found: RunView, known: Sequence[str]) -> None:
    """A button that opens a form for name, tags and notes; only what was changed is written, one object a change.

    Args:
        project: of the run.
        found: the run.
        known: tags to choose from, beside its own.
    """
    run_id, row = found.row.run_id, found.row
    # Another key closes the popover once it has served.
    turn = st.session_state.get(_TURN, 0)
    panel = st.popover("Edit", icon=":material/edit:", disabled=not editing.may_edit(), key=f"run.edit.{turn}")
    with panel:
        editing.ask_name("run.edit")
        with st.form(f"run.edit.form.{turn}", border=False):
            name = st.text_input("Name", value=row.name or "", max_chars=1000)
            tags = st.multiselect("Tags", sorted({*row.tags, *known}), default=list(row.tags), accept_new_options=True)
            notes = st.text_area("Notes", value=row.notes or "", height=160, help="In Markdown; HTML is shown as text.")
            if st.form_submit_button("Save"):
                changes: list[tuple[Op, str]] = []
                if name.strip() and name != row.name:
                    changes.append(("rename", name))
                if notes != (row.notes or ""):
                    changes.append(("note", notes))
                changes += [("tag", each) for each in tags if each not in row.tags]
                changes += [("untag", each) for each in row.tags if each not in tags]
                # The first refusal is what is said, and the form stays open with what was typed.
                if all(editing.decide(project, [run_id], op, arg) for op, arg in changes):
                    st.session_state[_TURN] = turn + 1
                    if len(changes) > 1:
                        editing.say(f"Saved {count(len(changes), 'change')}")
                st.rerun()


def restore_or_delete(project: str, found: RunView) -> None:
    """The one of the two that makes sense."""
    run_id = found.row.run_id

    def decide(op: Op) -> None:
        editing.decide(project, [run_id], op)

    if found.decisions.deleted:
        st.button(
            "Restore",
            icon=":material/restore_from_trash:",
            on_click=lambda: decide("restore"),
            disabled=not editing.may_edit(),
            key="run.restore",
        )
    else:
        editing.confirm_delete(
            "Move this run to the trash? It can be restored.",
            "Delete the run",
            on_click=lambda: decide("delete"),
            off=False,
            key="run.delete",
        )
