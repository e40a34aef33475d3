"""The leaderboard: who is best on what, how sure that is, and how the record went up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from ....query.boards.board import Board
from ....query.boards.definition import Definition
from ....query.boards.describe import describe
from ....query.boards.records import board_records
from ....query.names.columns import short_name
from ...charts.figures import record_figure
from ...components import plot, table
from ...components.filter_box import box
from ...components.refresh import LIVE
from ...components.values import Table
from ...feed.feed import ProjectState, feed
from ...feed.run_colours import board_colours
from ...format import escape
from ...format.numbers import count
from ...layout import chrome
from ...layout.export import export_menu
from ...layout.page import frame
from ...layout.section import pair, panel, section
from ...run_tables.run_columns import values_of
from ...state import address
from ...state.views import COMBINES, BoardView
from . import directions as board_directions
from . import draft as board_draft
from . import editor as board_editor
from . import records as record_info
from . import shown as board_shown
from . import table as board_table
from .doubts import find_doubts
from .history import history
from .shown import Shown
from .snippet import board_code
from .table import table_of
from .toolbar import banners, bar

PAGE_ROWS: Final = 100
PAGE_COLUMNS: Final = 40
"""Measures shown side by side; a table of more scrolls too far for anyone."""
_TABLE: Final = "board.table"
_TABLE_HEIGHT: Final = 470
_RECORD_HEIGHT: Final = 230
_CARD: Final = 40
"""Pixels of a chart's card around its plot."""
_ENTRIES: Final = {"config": "Configs", "run": "Runs", "user": "Users", "group": "Groups"}
_COMBINE: Final = {"mean_rank": "by mean rank", "mean_normalised": "by mean score", "mean": "by plain mean"}
_MOST_LABELS: Final = 8


def page() -> None:
    """The page."""
    frame(body, page="leaderboard")


def body(state: ProjectState) -> None:
    """Everything below the navigation."""
    view = board_shown.opened(state, address.read(BoardView))
    shown = board_shown.shown(state, view)
    edits = view.tool == "new" or (view.tool == "edit" and shown.saved is not None)
    if edits:
        board_draft.begin(state, view, shown.saved, shown.newest, shown.definition)
        draft, _ = board_draft.drafted(state, view, state.runs)
        shown = board_shown.shown(state, view, draft) if draft is not None else shown
    chrome.head(
        state.project,
        state,
        note=_note(shown.board, state, shown.as_of) if shown.board else count(state.runs.height, "run"),
        address={"board": view.board} if view.board else {},
        requests=feed().boards_cost(state.asked),
    )
    bar(state, view, shown)
    # A place of its own, always there: what comes and goes in it does not have the table drawn anew.
    with st.container(gap="small"):
        banners(state, view, shown)
        if edits:
            board_editor.editor(state, view, state.runs, shown.saved)
        elif view.tool == "history" and view.board:
            history(state, view.board, shown.saved, shown.newest)
    if shown.definition is None:
        st.caption(
            "No run of this project has logged a metric yet; the board appears with the first one."
            if state.runs.height
            else "No run is here; deleted ones wait on the page Trash."
        )
    elif shown.board is not None:
        with st.container():
            if not edits:
                _toolbar(state, view, shown)
                _directions(state, view, shown, shown.board)
        _board(state, view, shown, shown.board)
        _record(state, view, shown, shown.board)
    chrome.problems(feed().lake.problems(state.project))


def _note(found: Board, state: ProjectState, as_of: datetime | None) -> str:
    entries = found.frame.height
    what = _ENTRIES.get(found.definition.entry, "entries").lower()
    what = what.removesuffix("s") if entries == 1 and what != "entries" else what
    # As of a day, the caption below says how many ran then.
    running = f", {state.live} running" if state.live and as_of is None else ""
    runs = count(found.n_runs, "run")
    return (runs if runs == f"{entries:,} {what}" else f"{entries:,} {what} from {runs}") + running


def _toolbar(state: ProjectState, view: BoardView, shown: Shown) -> None:
    asked = address.read(BoardView)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if shown.saved is None and not view.board and shown.definition is not None:
            _automatic(state, view, shown.definition)
        with st.container(width="stretch"):
            box(
                asked.where,
                key="board.box",
                error=shown.filter_error,
                names=[short_name(name, state.runs.schema) for name in state.runs.columns],
                values=state.once("values", lambda: values_of(state.runs)),
                on_submit=lambda text: _submit(text.strip()),
            )


def _directions(state: ProjectState, view: BoardView, shown: Shown, board: Board) -> None:
    own = shown.saved.definition if shown.saved is not None else None
    found = find_doubts(board, own, view, shown.stated)
    board_directions.strip(view, found, boards=feed().boards(), project=state.project, own=own is not None)


def _automatic(state: ProjectState, view: BoardView, definition: Definition) -> None:
    """What can be changed of a board that nobody saved."""
    view = replace(view, metric=definition.measures[0].metric, by=definition.entry)
    entries = [each for each in _ENTRIES if each != "group" or state.runs["group"].is_not_null().any()]
    st.selectbox(
        "Metric",
        board_table.metrics_on_offer(state.runs),
        label_visibility="collapsed",
        width=210,
        **address.bound(view, "metric", "board.metric", also={"page": 1, "part": 1}),
    )
    st.segmented_control(
        "A row is a",
        entries,
        label_visibility="collapsed",
        format_func=lambda each: _ENTRIES[each].removesuffix("s"),
        required=True,
        **address.bound(view, "by", "board.by", also={"page": 1}),
    )
    if len(definition.measures) > 1:
        st.selectbox(
            "Ranked",
            COMBINES,
            format_func=lambda each: _COMBINE[each],
            label_visibility="collapsed",
            width=180,
            **address.bound(view, "combine", "board.combine"),
        )


def _submit(text: str) -> None:
    address.change(BoardView, where=text, page=1)
    # The box is a fragment of its own; the board below it is not.
    st.rerun(LIVE)


def _board(state: ProjectState, view: BoardView, shown: Shown, found: Board) -> None:
    """The table, what it means in words, and its pages."""
    pages = max(1, -(-found.frame.height // PAGE_ROWS))
    parts = max(1, -(-len(found.measures) // PAGE_COLUMNS))
    page, part = min(view.page, pages), min(view.part, parts)
    columns, rows = state.once(
        ("rows", found.definition, shown.as_of, page, part, tuple(each.version for each in shown.states)),
        lambda: table_of(
            found,
            project=state.project,
            most=PAGE_ROWS,
            page=page,
            part=part,
            columns_most=PAGE_COLUMNS,
            colours=board_colours(shown.states),
        ),
    )
    peeking = [note.text for note in found.notes if note.kind == "peeking"]
    with st.container():
        if peeking:
            st.warning(escape.plain("; ".join(peeking)), icon=":material/visibility:")
    title = found.definition.title or found.measures[0].label
    table.show(
        Table(
            columns=columns,
            rows=rows,
            caption=f"Leaderboard of {state.project} by {title}",
            empty="No run competes.",
            height=_TABLE_HEIGHT,
        ),
        key=_TABLE,
    )
    _pages(found, page, pages, part, parts)
    _words(describe(found.definition), [note.text for note in found.notes if note.kind != "peeking"])


def _words(rules: Sequence[str], notes: Sequence[str]) -> None:
    """What the board says and what a reader must know of its runs, a line for each."""
    with pair("board-words") as (left, right):
        for place, title, said in ((left, "How it ranks", rules), (right, "To keep in mind", notes)):
            if said:
                # Two spaces end a line: a list would take twice the room.
                place.caption("  \n".join([f"**{title}**", *(f"· {escape.plain(each)}" for each in said)]))


def _pages(found: Board, page: int, pages: int, part: int, parts: int) -> None:
    if pages == 1 and parts == 1:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for name, at, most, total, size, what in (
            ("page", page, pages, found.frame.height, PAGE_ROWS, "Rows"),
            ("part", part, parts, len(found.measures), PAGE_COLUMNS, "Columns"),
        ):
            if most == 1:
                continue
            first, last = (at - 1) * size + 1, min(at * size, total)
            st.caption(f"{what} {first:,} to {last:,} of {total:,}", width="content")
            for label, to, off in (("Previous", at - 1, at <= 1), ("Next", at + 1, at >= most)):
                st.button(
                    f"{label} {what.lower()}",
                    disabled=off,
                    on_click=address.changing(BoardView, **{name: to}),
                    key=f"board.{name}.{label.lower()}",
                )


def _record(state: ProjectState, view: BoardView, shown: Shown, found: Board) -> None:
    """How the record of one measure went up, and who broke it with what."""
    labels = [each.label for each in found.measures]
    label = view.line if view.line in labels else labels[0]
    line = state.once(
        ("records", found.definition, shown.as_of, label, tuple(each.version for each in shown.states)),
        lambda: board_records(found, label),
    )
    code = board_code(feed().lake.url, state.project, shown, version=view.version, record_of=label)
    name = f"{state.project}-record-{label}"
    with (
        section(
            "Record",
            beside=(lambda: _choose_record(view, labels, label)) if len(labels) > 1 else None,
            export=lambda: export_menu(code, lambda: line, key="board.record.take", name=name),
        ),
        pair("board", (5, 6)) as (left, right),
    ):
        with left:
            now = shown.as_of or datetime.now(UTC)
            info = record_info.record_info(
                line, found, label, project=state.project, now=now, colours=board_colours(shown.states)
            )
            plot.grid([record_figure(info)], key="board.record", columns=1, height=_RECORD_HEIGHT)
        with right:
            panel(
                f"Who broke the record of {label}",
                record_info.COLUMNS,
                record_info.record_rows(line),
                key="board.records",
                height=_RECORD_HEIGHT + _CARD,
                empty="No record yet.",
            )


def _choose_record(view: BoardView, labels: list[str], label: str) -> None:
    metrics = {each.partition(" [")[0] for each in labels}

    def named(each: str) -> str:
        return each if len(metrics) > 1 else each.partition(" [")[2].removesuffix("]") or each

    given = address.bound(replace(view, line=label), "line", "board.line")
    if len(labels) <= _MOST_LABELS:
        st.segmented_control(
            "Record of", labels, format_func=named, label_visibility="collapsed", required=True, **given
        )
    else:
        st.selectbox("Record of", labels, format_func=named, label_visibility="collapsed", width=320, **given)
