"""A board being edited, in this viewer's session: what the editor's widgets hold, and what it comes to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import polars as pl
import streamlit as st

from ....query.boards.definition import Definition
from ....query.boards.versions import BoardVersion
from ....schema.errors import LakeboardError
from ...feed.feed import ProjectState, feed
from ...state.views import BoardView
from .form import Draft, Group, definition_of, draft_of

KEY: Final = "board.edit."
_SEED: Final = f"{KEY}seed"
_OF: Final = f"{KEY}of"
ROWS: Final = f"{KEY}rows"
TRIED: Final = f"{KEY}tried"
CLASH: Final = f"{KEY}clash"
_BASE: Final = f"{KEY}base"
"""The version that counted when editing began."""
_FIELDS: Final = (
    "title", "slug", "projects", "entry", "param", "pool", "ignore", "where", "baselines", "missing", "combine",
    "opens", "closes", "precision",
)  # fmt: skip
_GROUP_FIELDS: Final = ("metric", "datasets", "goal", "counts", "select_on", "select_goal")


def begin(
    state: ProjectState,
    view: BoardView,
    saved: BoardVersion | None,
    newest: BoardVersion | None,
    definition: Definition | None,
) -> None:
    """Fill the editor with what is to be edited, unless it is being edited already."""
    of = (state.project, view.tool, view.board, view.version, view.at)
    # Widgets that were not drawn in between have forgotten what they held.
    if st.session_state.get(_OF) == of and f"{KEY}title" in st.session_state:
        return
    st.session_state[_OF] = of
    st.session_state[_BASE] = newest.id if newest is not None else None
    if definition is None:
        draft = Draft(projects=(state.project,))
    elif view.tool == "edit" and saved is not None:
        draft = draft_of(saved.definition, saved.slug)
    else:
        draft = replace(draft_of(definition), title="")
        draft = replace(draft, title=f"{definition.title} (copy)") if saved is not None else draft
        draft = draft if draft.projects else replace(draft, projects=(state.project,))
    _fill(draft)
    for key in (TRIED, CLASH):
        st.session_state.pop(key, None)


def _fill(draft: Draft) -> None:
    st.session_state[_SEED] = draft
    st.session_state[ROWS] = list(range(len(draft.groups)))
    for name in _FIELDS:
        _set(name, getattr(draft, name))
    for i, group in enumerate(draft.groups):
        for name in _GROUP_FIELDS:
            _set(f"{i}.{name}", getattr(group, name))


def _set(name: str, value: object) -> None:
    value = value.replace(tzinfo=None) if name in ("opens", "closes") and value is not None else value  # type: ignore[attr-defined]
    st.session_state[KEY + name] = list(value) if isinstance(value, tuple) else value


def draft_now() -> Draft:
    """What the widgets hold; where one is not drawn, what it held last."""
    seed: Draft = st.session_state[_SEED]
    groups = []
    for row in st.session_state[ROWS]:
        old = seed.groups[row] if row < len(seed.groups) else Group()
        groups.append(replace(old, **{name: _got(f"{row}.{name}", getattr(old, name)) for name in _GROUP_FIELDS}))
    fields = {name: _got(name, getattr(seed, name)) for name in _FIELDS}
    return replace(seed, groups=tuple(groups), **fields)


def _got(name: str, default: Any) -> Any:
    value = st.session_state.get(KEY + name, default)
    if isinstance(value, list):
        return tuple(value)
    return default if value is None and isinstance(default, str) else value


def drafted(state: ProjectState, view: BoardView, runs: pl.DataFrame) -> tuple[Definition | None, dict[str, str]]:
    """What the draft comes to, or what is wrong with it."""
    draft = draft_now()
    taken = {each.slug for each in feed().boards()} - ({view.board} if view.tool == "edit" else set())
    key = ("draft", draft, frozenset(taken), view.at)
    return state.once(key, lambda: definition_of(draft, runs.schema, taken=taken))


def add() -> None:
    """One more group of columns, like the last but for its metric."""
    rows: list[int] = st.session_state[ROWS]
    seed: Draft = st.session_state[_SEED]
    row = max([*rows, len(seed.groups) - 1]) + 1
    last = draft_now().groups[-1] if rows else Group()
    st.session_state[ROWS] = [*rows, row]
    for name in _GROUP_FIELDS:
        _set(f"{row}.{name}", "" if name == "metric" else getattr(last, name))


def remove(row: int) -> None:
    """Take a group of columns out."""
    st.session_state[ROWS] = [each for each in st.session_state[ROWS] if each != row]


def clashes(slug: str) -> bool:
    """Whether somebody saved meanwhile, and this viewer was not told yet. One LIST."""
    try:
        last = feed().lake.saved_board(slug, deleted=True)
    except LakeboardError:
        # A new board, or a lake that does not answer, which saving will tell.
        return False
    if last.id in (st.session_state.get(_BASE), (st.session_state.get(CLASH) or ("", ""))[0]):
        return False
    who = last.editor or "Somebody"
    st.session_state[CLASH] = (last.id, f"{who} saved this board too, at {last.at:%H:%M} UTC.")
    feed().forget_boards()
    return True


def forget() -> None:
    """Editing is over."""
    for key in [key for key in st.session_state if str(key).startswith(KEY)]:
        del st.session_state[key]
