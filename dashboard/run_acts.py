"""What can be done with one run: rename it, tag it, note on it, delete it, restore it."""

from __future__ import annotations

import streamlit as st

from ..query.runview import RunView as View
from ..schema.edits import Op
from . import people


def edit(project: str, found: View) -> None:
    """A form for name, tags and notes; only what was changed is written."""
    run_id, row = found.row.run_id, found.row
    people.ask_name("run.edit")
    with st.form("run.edit", border=False):
        name = st.text_input("Name", value=row.name or "", max_chars=1000)
        tags = st.multiselect("Tags", sorted(set(row.tags)), default=list(row.tags), accept_new_options=True)
        notes = st.text_area("Notes", value=row.notes or "", height=160, help="In Markdown; HTML is shown as text.")
        if st.form_submit_button("Save"):
            if name.strip() and name != row.name:
                people.decide(project, [run_id], "rename", name)
            if notes != (row.notes or ""):
                people.decide(project, [run_id], "note", notes)
            for tag in [each for each in tags if each not in row.tags]:
                people.decide(project, [run_id], "tag", tag)
            for tag in [each for each in row.tags if each not in tags]:
                people.decide(project, [run_id], "untag", tag)
            st.rerun()


def restore_or_delete(project: str, found: View) -> None:
    """The one of the two that makes sense."""
    run_id = found.row.run_id

    def decide(op: Op) -> None:
        people.decide(project, [run_id], op)

    if found.decisions.deleted:
        st.button(
            "Restore",
            icon=":material/restore_from_trash:",
            on_click=lambda: decide("restore"),
            disabled=not people.may_edit(),
            key="run.restore",
        )
    else:
        people.confirm_delete(
            "Move this run to the trash? It can be restored.",
            "Delete the run",
            on_click=lambda: decide("delete"),
            off=False,
            key="run.delete",
        )
