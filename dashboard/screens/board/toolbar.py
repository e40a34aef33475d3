"""The line above a board: which board, as of when, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from ....query.boards.versions import BoardVersion
from ...charts.model import cut
from ...feed.feed import ProjectState, feed
from ...format.escape import plain
from ...format.unique import make_unique
from ...layout import editing
from ...layout.export import export_menu
from ...state import address, links
from ...state.views import AUTOMATIC, BoardView
from .shown import Shown, time_of, time_text
from .snippet import board_code

_AUTOMATIC: Final = "Automatic board"
_OPEN: Final[Mapping[str, object]] = {"board": "", "version": "", "at": "", "tool": "", "page": 1, "part": 1}
"""What another board does not keep of the view."""
_LONGEST: Final = 80
"""Characters of what an address says that are said again."""
_TITLES: Final = "board.titles"
"""In the session: what boards were called when their menu was drawn last, and how often it was made anew."""
_OWN: Final = {"metric": "", "by": "", "combine": BoardView().combine, "where": "", "line": "", "more": (), "less": ()}
"""Settings of the automatic board, a filter, the record's column and directions: nor those."""


def bar(state: ProjectState, view: BoardView, shown: Shown) -> None:
    """Draw it."""
    boards = [each for each in feed().boards() if each.of(state.project) or each.slug == view.board]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _choice(view, boards)
        _as_of(view)
        st.space("stretch")
        with st.container(horizontal=True, width="content", gap="small"):
            _acts(state, view, shown)


def _choice(view: BoardView, boards: Sequence[BoardVersion]) -> None:
    by_slug = {each.slug: each for each in boards}
    there = [each.slug for each in boards if not each.deleted]
    gone = [each.slug for each in boards if each.deleted]
    chosen = view.board or AUTOMATIC
    options = [AUTOMATIC, *there, *gone]
    if chosen not in options:
        options.append(chosen)

    def named(slug: str) -> str:
        found = by_slug.get(slug)
        if slug == AUTOMATIC:
            return _AUTOMATIC
        if found is None:
            return f"{slug} (can't be shown)"
        return f"{found.title} (deleted)" if found.deleted else found.title

    # A menu keeps the words of what is chosen until it is made anew: a new title needs another key.
    titles = make_unique({slug: named(slug) for slug in options})
    before, turn = st.session_state.get(_TITLES, (titles, 0))
    turn += any(titles[slug] != before.get(slug, titles[slug]) for slug in titles)
    st.session_state[_TITLES] = (titles, turn)
    key = f"board.choice.{turn}" if turn else "board.choice"
    also = {name: value for name, value in _OPEN.items() if name not in ("board", "at")}
    st.selectbox(
        "Board",
        options,
        format_func=lambda slug: titles[slug],
        label_visibility="collapsed",
        icon=":material/trophy:",
        width=260,
        **address.bound(replace(view, board=chosen), "board", key, also={**also, **_OWN}),
    )


def _as_of(view: BoardView) -> None:
    then = time_of(view.at)
    label = "Now" if then is None else f"As of {_said(then)}"
    with st.popover(label, icon=":material/history:", key="board.at.open"):
        st.caption("Show the board and the record as they were then: the runs there were, and what they had reached.")
        if st.session_state.get("board.at.of", "") != view.at or "board.at" not in st.session_state:
            st.session_state["board.at"] = None if then is None else then.replace(tzinfo=None)
            st.session_state["board.at.of"] = view.at
        st.datetime_input("Date and time (UTC)", value=None, key="board.at", on_change=_then, step=60)
        st.button("Back to now", on_click=_now, disabled=then is None, key="board.now")


def _then() -> None:
    chosen, shown = st.session_state["board.at"], time_of(address.read(BoardView).at)
    # The widget knows minutes alone; the seconds of a link are not to be lost by drawing it.
    if chosen is None or shown is None or shown.replace(second=0, tzinfo=None) != chosen.replace(second=0):
        address.change(BoardView, at=time_text(chosen), page=1)


def _now() -> None:
    address.change(BoardView, at="", page=1)


def _said(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _acts(state: ProjectState, view: BoardView, shown: Shown) -> None:
    may = editing.may_edit()
    if shown.saved is not None:
        st.button(
            "History",
            icon=":material/manage_history:",
            on_click=address.changing(BoardView, tool="" if view.tool == "history" else "history"),
            key="board.history.open",
        )
        st.button(
            "Edit",
            icon=":material/edit:",
            disabled=not may or shown.saved.deleted,
            on_click=address.changing(BoardView, tool="edit"),
            key="board.edit.open",
        )
    st.button(
        "Copy" if shown.saved is not None else "Save as board",
        icon=":material/add:",
        disabled=not may or shown.definition is None,
        on_click=address.changing(BoardView, tool="new"),
        key="board.new.open",
        help="Make a new board that begins as this one" if shown.saved is not None else None,
    )
    board = shown.board
    if board is not None:
        title = board.definition.title or board.measures[0].label
        export_menu(
            board_code(feed().lake.url, state.project, shown, version=view.version),
            lambda: board.frame,
            key="board.take",
            name=f"{state.project}-{title}",
        )


def banners(state: ProjectState, view: BoardView, shown: Shown) -> None:
    """What must not be overlooked: a board that is not today's, not the newest, deleted, or not there."""
    saved, newest = shown.saved, shown.newest
    if shown.problem:
        instead = "" if shown.board is None else "; this is the automatic board instead"
        if saved is not None:
            lost = view.version not in ("", saved.id)
            instead = "; this is the version that counts" if lost and shown.board is not None else ""
        st.error(f"{plain(shown.problem)}{instead}", icon=":material/error:")
    _not_understood(view, shown)
    if saved is not None and newest is not None and newest.deleted:
        _banner(
            f"{plain(newest.title)} was deleted{_by(newest)} on {_said(newest.at)}.",
            "Restore the board",
            lambda: restore(newest.slug, None),
            key="board.undelete",
            off=not editing.may_edit(),
        )
    elif saved is not None and newest is not None and view.version and saved.id != newest.id:
        _banner(
            f"An old version, saved{_by(saved)} on {_said(saved.at)}; {plain(newest.editor or 'someone')} saved "
            f"another on {_said(newest.at)}.",
            "Show the newest",
            address.changing(BoardView, version=""),
            key="board.newest",
        )
    if shown.as_of is not None and shown.as_of > datetime.now(UTC):
        said = f"{_said(shown.as_of)} is still to come; this is the board as of now."
        _banner(said, "Back to now", _now, key="board.back")
    elif shown.as_of is not None:
        runs = "" if shown.board is None else f" {shown.board.n_runs:,} of {state.runs.height:,} runs took part."
        _banner(
            f"**As it was on {_said(shown.as_of)}**, and the record too.{runs}", "Back to now", _now, key="board.back"
        )
    if shown.narrowed and not view.tool:
        _banner(
            "Ranked among those that match the filter alone, which is not what the board says.",
            "Show all",
            address.changing(BoardView, where="", page=1),
            key="board.all",
        )


def _not_understood(view: BoardView, shown: Shown) -> None:
    """What the address asks for and this page can't give: said, with what is shown instead."""
    if view.at and shown.as_of is None:
        _banner(
            f"“{plain(cut(view.at, _LONGEST))}” is no time that can be read, so this is the board as of now. "
            "A time looks like 2026-11-01T12:00 (UTC).",
            "Back to now",
            _now,
            key="board.at.unread",
        )
    shown_by = shown.definition.measures[0].metric if shown.definition is not None else ""
    if view.metric and not view.board and shown_by not in ("", view.metric):
        _banner(
            f"No run here has logged “{plain(cut(view.metric, _LONGEST))}”; ranked by {plain(shown_by)} instead.",
            "All right",
            address.changing(BoardView, metric=""),
            key="board.metric.unknown",
        )


def _banner(text: str, label: str, act: object, *, key: str, off: bool = False) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True, gap="small", key=f"{key}.banner"):
        st.markdown(f":material/info: {text}", width="stretch")
        st.button(label, on_click=act, key=key, disabled=off)  # type: ignore[arg-type]


def _by(version: BoardVersion) -> str:
    return f" by {plain(version.editor)}" if version.editor else ""


def restore(slug: str, version: str | None) -> None:
    """Make a version count again, from a callback."""
    if editing.attempt(
        lambda who: feed().restore_board(slug, version, editor=who), "Restored; this version counts from now on"
    ):
        address.change(BoardView, version="")


def chosen_link(state: ProjectState, version: BoardVersion, *, pinned: bool) -> str:
    """The address of a board, or of one version of it."""
    params = {links.PROJECT: state.project, "board": version.slug}
    return links.link("leaderboard", params | ({"version": version.id} if pinned else {}))
