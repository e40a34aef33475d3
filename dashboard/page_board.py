"""The leaderboard: who is best on what, how sure that is, and how the record went up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import polars as pl
import streamlit as st

from ..query.board import Board, board
from ..query.columns import short_name
from ..query.definition import Definition
from ..query.filters import compile_filter
from ..query.records import records
from ..schema.errors import FilterError
from . import board_table, chrome, plot, record_info, state, table
from .board_table import definition_for, table_of
from .box import box
from .columns import values_of
from .data import Look, feed
from .digits import count
from .figures import record_figure
from .frame import frame
from .pulse import LIVE
from .state import COMBINES, BoardView
from .table import Table

MOST_ROWS: Final = 200
"""Of a board; who stands further down is found by a filter."""
_TABLE: Final = "board.table"
_TABLE_HEIGHT: Final = 470
_RECORD_HEIGHT: Final = 250
_ENTRIES: Final = {"config": "Configs", "run": "Runs", "user": "Users", "group": "Groups"}
_COMBINE: Final = {"mean_rank": "by mean rank", "mean_normalised": "by mean score", "mean": "by plain mean"}


def page() -> None:
    """The page."""
    frame(body, page="leaderboard")


def body(look: Look) -> None:
    """Everything below the navigation."""
    view = state.read(BoardView)
    runs = look.runs
    view, error = _checked(view, runs)
    goals = look.once("goals", lambda: _goals(look))
    definition = look.once(("definition", view), lambda: definition_for(runs, view, goals=goals))
    if definition is None:
        chrome.head(look.project, look, note=count(look.runs.height, "run"))
        st.caption("No run of this project has logged a metric yet; the board appears with the first one.")
        chrome.problems(feed().lake.problems(look.project))
        return
    found = look.once(("board", definition), lambda: board(runs, definition, goals=goals))
    chrome.head(look.project, look, note=_note(found, look))
    _toolbar(look, view, definition, error)
    columns, rows = look.once(("rows", definition), lambda: table_of(found, project=look.project, most=MOST_ROWS))
    table.show(
        Table(
            columns=columns,
            rows=rows,
            caption=f"Leaderboard of {look.project} by {definition.title}",
            empty="No run competes.",
            height=_TABLE_HEIGHT,
        ),
        key=_TABLE,
    )
    notes = [note.text for note in found.notes]
    if found.frame.height > len(rows):
        notes.insert(0, f"the first {len(rows):,} of {found.frame.height:,} rows are shown; filter for others")
    if notes:
        st.caption(chrome.plain(" · ".join(notes)))
    _record(look, found, view)
    chrome.problems(feed().lake.problems(look.project))


def _goals(look: Look) -> dict[str, str]:
    """The directions that `define_metric` declared, by label."""
    return {label: info.goal for label, info in look.snapshot.metrics().items() if info.goal}


def _checked(view: BoardView, runs: pl.DataFrame) -> tuple[BoardView, FilterError | None]:
    """The view, without a filter that does not fit the runs; and what is wrong with it."""
    try:
        compile_filter(view.where, runs.schema)
    except FilterError as error:
        return replace(view, where=""), error
    return view, None


def _note(found: Board, look: Look) -> str:
    entries = found.frame.height
    what = _ENTRIES.get(found.definition.entry, "entries").lower()
    what = what.removesuffix("s") if entries == 1 else what
    return f"{entries:,} {what} from {count(found.n_runs, 'run')}" + (f", {look.live} live" if look.live else "")


def _toolbar(look: Look, view: BoardView, definition: Definition, error: FilterError | None) -> None:
    asked = state.read(BoardView)
    shown = replace(view, metric=definition.measures[0].metric, by=definition.entry)
    entries = [each for each in _ENTRIES if each != "group" or look.runs["group"].is_not_null().any()]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.selectbox(
            "Metric",
            board_table.metrics_on_offer(look.runs),
            label_visibility="collapsed",
            width=210,
            **state.bound(shown, "metric", "board.metric"),
        )
        st.segmented_control(
            "A row is a",
            entries,
            label_visibility="collapsed",
            format_func=lambda each: _ENTRIES[each].removesuffix("s"),
            required=True,
            **state.bound(shown, "by", "board.by"),
        )
        if len(definition.measures) > 1:
            st.selectbox(
                "Ranked",
                COMBINES,
                format_func=lambda each: _COMBINE[each],
                label_visibility="collapsed",
                width=180,
                **state.bound(view, "combine", "board.combine"),
            )
        with st.container(width="stretch"):
            box(
                asked.where,
                key="board.box",
                error=error,
                names=[short_name(name, look.runs.schema) for name in look.runs.columns],
                values=look.once("values", lambda: values_of(look.runs)),
                on_submit=lambda text: _submit(text.strip()),
            )


def _submit(text: str) -> None:
    state.change(BoardView, where=text)
    # The box is a fragment of its own; the board below it is not.
    st.rerun(LIVE)


def _record(look: Look, found: Board, view: BoardView) -> None:
    """How the record of one measure went up, and who broke it with what."""
    labels = [each.label for each in found.measures]
    label = view.line if view.line in labels else labels[0]
    goal = next(each.goal for each in found.measures if each.label == label)
    competing = look.runs.filter(compile_filter(found.definition.where, look.runs.schema))
    line = look.once(("records", found.definition.where, label), lambda: records(competing, label, goal=goal))
    left, right = st.columns([5, 6], gap="small")
    with right, st.container(border=False):
        if len(labels) > 1:
            st.segmented_control(
                "Record of",
                labels,
                format_func=lambda each: each.partition(" [")[2].removesuffix("]") or each,
                label_visibility="collapsed",
                required=True,
                **state.bound(replace(view, line=label), "line", "board.line"),
            )
        table.show(
            Table(
                columns=record_info.COLUMNS,
                rows=record_info.record_rows(line, project=look.project),
                caption=f"Who broke the record of {label}",
                empty="No record yet.",
                height=_RECORD_HEIGHT,
                dense=True,
            ),
            key="board.records",
        )
    with left:
        info = record_info.record_info(line, competing, label, goal, project=look.project, now=datetime.now(UTC))
        plot.grid(
            [record_figure(info)],
            key="board.record",
            columns=1,
            height=_RECORD_HEIGHT,
        )
