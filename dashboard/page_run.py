"""Everything of one run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl
import streamlit as st

from ..query.runview import RunView as View
from ..schema.edits import Op
from . import chrome, people, run_info, state, table
from .charts import charts, controls, labels_of, request
from .data import Look, feed
from .frame import frame
from .state import RunView
from .table import Column, Row, Table

_PARAMS_HEIGHT: Final = 420
_METRICS_HEIGHT: Final = 330


def page() -> None:
    """The page."""
    frame(body, page="runs")


def body(look: Look) -> None:
    """Everything below the navigation."""
    view = state.read(RunView)
    if not view.run:
        chrome.head("No run chosen", look)
        st.caption("Choose one on the page Runs.")
        return
    found = feed().lake.run(look.project, view.run, snapshot=look.snapshot)
    name = found.row.name or view.run
    chrome.head(name, look)
    _facts(look, found)
    if found.row.error:
        with st.container(border=True, key="run-error"):
            st.markdown(":red[**What went wrong**]")
            st.code(found.row.error, language=None, wrap_lines=True)
    left, right = st.columns([2.9, 7.1], gap="medium")
    with left:
        _pairs(
            "Params", run_info.param_rows(found.row.params), key="run.params", height=_PARAMS_HEIGHT, empty="No params."
        )
        if found.row.notes:
            st.subheader("Notes", anchor=False)
            st.text(found.row.notes)
        _origin(found)
    with right:
        _metrics(found)
        _curves(look, view, found)
    chrome.problems(found.problems)


def _facts(look: Look, found: View) -> None:
    """The line under the name, with what can be done."""
    told = run_info.facts(found)
    run_id, project, off = found.row.run_id, look.project, not people.may_edit()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", height=40, border=False):
        st.badge(told.status, color=told.colour)
        st.caption(chrome.plain(" · ".join(told.parts)), width="stretch")
        st.caption(f"`{run_id}`", width="content")
        go = {chrome.PROJECT: project, "runs": [run_id]}
        chrome.page_link("curves", go, "Compare", icon=":material/show_chart:")
        with st.popover("Edit", icon=":material/edit:", disabled=off):
            _edit(look, found)
        if found.decisions.deleted:
            st.button(
                "Restore",
                icon=":material/restore_from_trash:",
                on_click=lambda: _decide(project, run_id, "restore"),
                disabled=off,
                key="run.restore",
            )
        else:
            people.confirm_delete(
                "Move this run to the trash? It can be restored.",
                "Delete the run",
                on_click=lambda: _decide(project, run_id, "delete"),
                off=False,
                key="run.delete",
            )


def _decide(project: str, run_id: str, op: Op) -> None:
    people.decide(project, [run_id], op)


def _edit(look: Look, found: View) -> None:
    run_id, project, row = found.row.run_id, look.project, found.row
    people.ask_name("run.edit")
    with st.form("run.edit", border=False):
        name = st.text_input("Name", value=row.name or "", max_chars=1000)
        tags = st.multiselect("Tags", sorted(set(row.tags)), default=list(row.tags), accept_new_options=True)
        notes = st.text_area("Notes", value=row.notes or "", height=120)
        if st.form_submit_button("Save"):
            done = True
            if name.strip() and name != row.name:
                done &= people.decide(project, [run_id], "rename", name)
            if notes != (row.notes or ""):
                done &= people.decide(project, [run_id], "note", notes)
            for tag in [each for each in tags if each not in row.tags]:
                done &= people.decide(project, [run_id], "tag", tag)
            for tag in [each for each in row.tags if each not in tags]:
                done &= people.decide(project, [run_id], "untag", tag)
            st.rerun()


def _metrics(found: View) -> None:
    rows = run_info.metric_rows(found.row)
    table.show(
        Table(
            columns=run_info.METRIC_COLUMNS,
            rows=rows,
            caption=f"Metrics of {found.row.name or found.row.run_id}",
            empty="No metric yet.",
            height=_METRICS_HEIGHT,
            dense=True,
        ),
        key="run.metrics",
    )


def _curves(look: Look, view: RunView, found: View) -> None:
    every = pl.concat([look.runs, look.deleted])
    # One value needs no curve: it stands in the table above.
    single = {label for label, each in found.row.summary.items() if each.n == 1}
    labels = [each for each in labels_of(every.filter(pl.col("run_id") == view.run)) if each not in single]
    if not labels:
        return
    controls(view, labels, key="run")
    asked = request(labels, find=view.find, page=view.page)
    if asked.labels:
        charts(look, [view.run], view, asked, key=f"run.grid.{view.run}")
    else:
        st.caption("No metric matches.")


def _origin(found: View) -> None:
    env, git, packages = run_info.env_rows(found.row.env)
    _pairs("Git", git, key="run.git", height=240)
    _pairs("Environment", env, key="run.env", height=300)
    if packages:
        with st.expander(f"{len(packages)} packages"):
            _show("Packages", packages, key="run.packages", height=320)
    history = run_info.history_rows(found.history)
    if history:
        st.subheader("History", anchor=False)
        _show("History", history, key="run.history", height=260, columns=run_info.HISTORY_COLUMNS)
    if len(found.writers) > 1:
        st.caption(f"{len(found.writers)} writers: resumes or ranks of one job.")


def _pairs(title: str, rows: Sequence[Row], *, key: str, height: int, empty: str = "") -> None:
    if rows or empty:
        st.subheader(title, anchor=False)
        _show(title, rows, key=key, height=height, empty=empty)


def _show(
    title: str,
    rows: Sequence[Row],
    *,
    key: str,
    height: int,
    empty: str = "",
    columns: Sequence[Column] = run_info.PAIR_COLUMNS,
) -> None:
    table.show(Table(columns=columns, rows=rows, caption=title, empty=empty, height=height, dense=True), key=key)
