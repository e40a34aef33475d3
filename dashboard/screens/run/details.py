"""What stands behind one run: its code and machine, its writers and what they take up, what people decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from ....query.edits.edits import history_frame
from ....query.run.footprint import footprint
from ....query.run.run import RunView
from ....query.run.tables import run_env, run_writers
from ....schema.sizes import dollars, sized
from ...components import table
from ...components.values import Column, Row, Table
from ...feed.feed import ProjectState, feed
from ...format import escape
from ...format.numbers import count
from ...format.snippets import call, literal, recipe
from ...layout.export import export_menu
from . import model as run_model

_HEIGHT: Final = 430
_SHORT: Final = 20
"""Lines of a diff that stand open without a scroll bar."""
_DIFF_LINES: Final = 2_000


def code(state: ProjectState, found: RunView, name: str, **options: object) -> str:
    """The code of one of the frames of `query.runtables`."""
    run = call("lake.run", state.project, found.row.run_id)
    more = "".join(f", {option}={literal(value)}" for option, value in options.items())
    return recipe(feed().lake.url, f"frame = {name}({run}{more})", imports=[f"from lakeboard.query import {name}"])


def origin(state: ProjectState, found: RunView) -> None:
    """How it was started, from which code, on what machine."""
    env = found.row.env
    rest, git, packages = run_model.env_rows(env)
    if not env:
        st.caption("This run recorded nothing about its code and machine.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Command", anchor=False, width="stretch")
        export_menu(
            code(state, found, "run_env"), lambda: run_env(found), key="run.env.take", name=f"{found.row.run_id}-env"
        )
    if env.get("command"):
        st.code(env["command"], language="bash", wrap_lines=True)
    else:
        st.caption("Not recorded.")
    _git(env, git)
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Machine", anchor=False)
        _show("Machine", [row for row in rest if row.id != "command"], key="run.env", empty="Not recorded.")
    with right:
        st.subheader(f"Packages ({len(packages)})", anchor=False)
        _show("Packages", packages, key="run.packages", empty="None recorded.")


def _git(env: Mapping[str, str], rows: Sequence[Row]) -> None:
    diff = run_model.diff_of(env)
    shown = [row for row in rows if row.id not in ("git.diff", "git.patch")]
    st.subheader("Git", anchor=False)
    if not rows:
        st.caption("It did not run from a git repository, or git was not there.")
        return
    _show("Git", shown, key="run.git", height=240)
    if diff:
        lines = diff.splitlines()
        with st.expander(f"Uncommitted changes, {count(len(lines), 'line')}", expanded=True):
            st.code("\n".join(lines[:_DIFF_LINES]), language="diff", height="content" if len(lines) <= _SHORT else 420)
            if len(lines) > _DIFF_LINES:
                st.caption(f"The first {_DIFF_LINES:,} lines.")
    elif env.get("git.dirty") == "true":
        st.caption("The files above differed from the commit. What differed in them was not recorded.")
    elif env.get("git.dirty") == "false":
        st.caption("No tracked file differed from the commit.")


def storage(state: ProjectState, found: RunView) -> None:
    """The processes that wrote it, and the objects that they left."""
    run_id = found.row.run_id
    used = state.once(("footprint", run_id), lambda: footprint(state.snapshot, run_id))
    cost = dollars(used.monthly())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        said = f"**{count(used.objects, 'object')}, {sized(used.bytes)}**, about {escape.plain(cost)} a month"
        st.markdown(
            said,
            width="stretch",
            help="At the list price of Amazon S3 Standard. Its part of packed rows and of edits, which runs share, "
            "is not counted.",
        )
        export_menu(
            code(state, found, "run_writers"),
            lambda: run_writers(found),
            key="run.writers.take",
            name=f"{run_id}-writers",
        )
    n = len(found.writers)
    attempts = len({row.attempt for row in found.writers})
    text = f"{count(n, 'writer')} in {count(attempts, 'attempt')}."
    if n > attempts:
        text += " Several writers of one attempt are the ranks of one job."
    if attempts > 1:
        text += " After a resume, what older attempts logged at the resumed step or later is hidden."
    st.caption(text)
    table.show(
        Table(
            columns=run_model.WRITER_COLUMNS,
            rows=run_model.writer_rows(found),
            caption="Writers",
            empty="No writer.",
            height=_HEIGHT,
            dense=True,
        ),
        key="run.writers",
    )
    if not found.problems:
        st.caption("Every object of this run that was asked for could be read.")


def history(state: ProjectState, found: RunView) -> None:
    """What people decided about it."""
    rows = run_model.history_rows(found.history)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Edits, newest first; times are by the clocks of those who made them.", width="stretch")
        if rows:
            export_menu(
                recipe(feed().lake.url, f"frame = lake.history({literal(state.project)}, {literal(found.row.run_id)})"),
                lambda: history_frame(found.history),
                key="run.history.take",
                name=f"{found.row.run_id}-history",
            )
    _show(
        "History",
        rows,
        key="run.history",
        columns=run_model.HISTORY_COLUMNS,
        empty="Nobody has renamed, tagged, noted or deleted it.",
    )


def _show(
    title: str,
    rows: Sequence[Row],
    *,
    key: str,
    height: int = _HEIGHT,
    empty: str = "",
    columns: Sequence[Column] = run_model.PAIR_COLUMNS,
) -> None:
    table.show(Table(columns=columns, rows=rows, caption=title, empty=empty, height=height, dense=True), key=key)
