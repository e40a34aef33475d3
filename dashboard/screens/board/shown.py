"""Which board a view asks for: the automatic one or a saved one, as of now or of any time, and made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import polars as pl

from ....query.boards.board import Board
from ....query.boards.caveats import Note, too_late
from ....query.boards.definition import Definition
from ....query.boards.directions import declared_goals, stated_goals, with_stated
from ....query.boards.make import make_board, runs_at
from ....query.boards.versions import BoardVersion
from ....query.filters.language import compile_filter, parse_filter, to_text
from ....query.points.tracks import table_of
from ....schema.errors import FilterError, InvalidSetting, LakeboardError
from ...feed import feed as data
from ...feed.feed import ProjectState, feed
from ...state.views import AUTOMATIC, BoardView, directions_in
from .doubts import directed
from .model import ShownBoard
from .table import definition_for

_MINUTE: Final = "%Y-%m-%dT%H:%M"
_SECOND: Final = "%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(ShownBoard):
    """What the page has to show: a board, and the state of each project that it was made of."""

    states: tuple[ProjectState, ...]
    """The projects whose runs may compete."""


def time_of(text: str) -> datetime | None:
    """The time in an address, UTC; null for none, or for what is none."""
    try:
        moment = datetime.fromisoformat(text) if text else None
        return None if moment is None else (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def time_text(moment: datetime | None) -> str:
    """The time for an address; the inverse of `time_of`, to the second."""
    if moment is None:
        return ""
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime(_SECOND if moment.second else _MINUTE)


def opened(state: ProjectState, view: BoardView) -> BoardView:
    """A view with the board that it opens: the one it names, else the saved one that was edited last.

    Empty stands for the automatic one from here on, which is also what its own settings ask for.
    """
    if view.board:
        return replace(view, board="" if view.board == AUTOMATIC else view.board)
    if view.metric or view.by or view.combine != BoardView().combine:
        return view
    saved = [each for each in feed().boards() if each.of(state.project) and not each.deleted]
    return replace(view, board=max(saved, key=lambda each: each.id).slug) if saved else view


def shown(state: ProjectState, view: BoardView, draft: Definition | None = None) -> Shown:
    """The board that a view asks for; `draft` is shown instead, where somebody edits one."""
    as_of = time_of(view.at)
    problem, saved, newest = "", None, None
    if view.board:
        newest = next((each for each in feed().boards() if each.slug == view.board), None)
        saved, problem = state.once(
            ("saved", view.board, view.version, as_of, newest), lambda: _saved(view, as_of, newest)
        )
        if saved is None and view.version and newest is not None:
            # Of the board itself more is known than of that version.
            saved = newest
    wanted = draft or (saved.definition if saved is not None else None)
    names = (wanted.projects if wanted is not None else ()) or (state.project,)
    states = tuple(state if name == state.project else feed().state(name) for name in names)
    key = (names, tuple(each.version for each in states), as_of)
    runs = state.once(("runs at", key), lambda: _runs(state, states, as_of))
    goals = state.once(("goals", key), lambda: declared_goals([each.snapshot for each in states]))
    filter_error = state.once(("fault", key, view.where), lambda: fault_in(view.where, runs))
    where = "" if filter_error else view.where
    definition, stated = wanted, {}
    if wanted is None:
        asked = BoardView(metric=view.metric, by=view.by, combine=view.combine, where=where)
        stated = dict(with_stated(goals, stated_goals(feed().boards(), state.project)).items() - goals.items())
        definition = state.once(
            ("definition", key, asked, tuple(stated.items())),
            lambda: definition_for(runs, asked, goals={**stated, **goals}),
        )
    elif where and draft is None:
        definition = narrowed(wanted, where)
    if definition is not None and draft is None:
        definition = directed(definition, {**stated, **directions_in(view)})
    made, wrong = None, ""
    if definition is not None:
        notes = too_late(saved.at, as_of) if saved is not None and not view.version else []
        made, wrong = state.once(
            ("board", key, definition, tuple(notes)), lambda: _made(runs, definition, states, goals, as_of, notes)
        )
    return Shown(
        states=states,
        as_of=as_of,
        saved=saved,
        newest=newest,
        definition=definition,
        board=made,
        problem=problem or wrong,
        filter_error=filter_error,
        stated=stated,
    )


def narrowed(definition: Definition, where: str) -> Definition:
    """The board with fewer competing; baselines stay."""
    try:
        both = parse_filter(definition.where) & parse_filter(where)
    except FilterError:
        return definition
    return replace(definition, where=to_text(both))


def _saved(view: BoardView, as_of: datetime | None, newest: BoardVersion | None) -> tuple[BoardVersion | None, str]:
    if newest is not None and not view.version and (as_of is None or newest.at <= as_of):
        return newest, ""
    try:
        lake = feed().lake
        return lake.saved_board(view.board, as_of=as_of, version=view.version or None, deleted=True), ""
    except LakeboardError as error:
        return None, str(error)


def _runs(state: ProjectState, states: Sequence[ProjectState], as_of: datetime | None) -> pl.DataFrame:
    if as_of is None and tuple(states) == (state,):
        return state.runs
    return runs_at([each.snapshot for each in states], as_of)


def fault_in(where: str, runs: pl.DataFrame) -> FilterError | None:
    """What is wrong with a filter of these runs; null for nothing."""
    try:
        compile_filter(where, runs.schema)
    except FilterError as error:
        # Kept as long as this state is; the frames that it came through need not be.
        return error.with_traceback(None)
    return None


def _made(
    runs: pl.DataFrame,
    definition: Definition,
    states: Sequence[ProjectState],
    goals: Mapping[str, str],
    as_of: datetime | None,
    notes: Sequence[Note],
) -> tuple[Board | None, str]:
    by_project = {each.project: each for each in states}

    def read(project: str, run_ids: Sequence[str], metrics: Sequence[str]) -> pl.LazyFrame:
        return table_of(data.tracks(by_project[project], run_ids, metrics)).lazy()

    try:
        return make_board(runs, definition, points=read, goals=goals, as_of=as_of, notes=notes), ""
    except (FilterError, InvalidSetting) as error:
        return None, str(error)
