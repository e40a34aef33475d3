"""Directions that a board is given, and metrics whose direction stands on weak ground. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ....query.boards.board import Board
from ....query.boards.definition import Definition, Measure
from ....query.boards.versions import BoardVersion
from ....query.names.direction import Goal, find_direction
from ....schema.text.labels import split_label
from ...state.views import BoardView, directions_in


@dataclass(frozen=True, slots=True)
class Doubt:
    """A metric of a board whose direction neither the board nor a run nor its name tells."""

    metric: str
    goal: Goal
    by: Literal["assumed", "link", "board"]
    """Who says so: nobody, the address, or a saved board."""


def directed(definition: Definition, goals: Mapping[str, str]) -> Definition:
    """The definition with directions for those of its measures that state none.

    Args:
        definition: what it states itself stays.
        goals: by metric or label.
    """
    return replace(definition, measures=tuple(_directed(each, goals) for each in definition.measures))


def _directed(measure: Measure, goals: Mapping[str, str]) -> Measure:
    goal = measure.goal or _goal(measure.label, goals)
    select = measure.select_goal or (_goal(measure.select_on, goals) if measure.select_on else None)
    return replace(measure, goal=goal, select_goal=select)


def _goal(label: str, goals: Mapping[str, str]) -> Goal | None:
    if not any(name in goals for name in (label, split_label(label)[0])):
        return None
    return find_direction(*split_label(label), goals=goals).goal


def find_doubts(board: Board, own: Definition | None, view: BoardView, stated: Mapping[str, str]) -> list[Doubt]:
    """The metrics of a board, those that select a step too, whose direction stands on weak ground.

    Args:
        board: as it is shown.
        own: the saved definition, whose own statements are beyond doubt.
        view: whose address may say more.
        stated: by other boards.
    """
    settled = {each.metric for each in own.measures if each.goal} if own is not None else set()
    settled |= {each.select_on or "" for each in own.measures if each.select_goal} if own is not None else set()
    asked = directions_in(view)
    found: dict[str, Doubt] = {}
    for each in board.measures:
        ways = {each.measure.metric: each.direction}
        if each.select is not None:
            ways.setdefault(each.measure.select_on or "", each.select)
        for metric, way in ways.items():
            if metric in settled:
                continue
            if metric in asked:
                found[metric] = Doubt(metric, way.goal, "link")
            elif not way.is_known:
                found[metric] = Doubt(metric, way.goal, "assumed")
            elif own is None and _goal(metric, stated):
                found[metric] = Doubt(metric, way.goal, "board")
    return list(found.values())


def who_states(metric: str, boards: Sequence[BoardVersion], project: str) -> str:
    """The title of a board that states which way of a metric is better."""
    there = (each for each in boards if each.of(project) and not each.deleted)
    return next((b.title for b in there if any(m.metric == metric and m.goal for m in b.definition.measures)), "")


def switched(view: BoardView, metric: str, to: str | None) -> dict[str, object]:
    """What to change of a view so that `more` or `less` of a metric is better; null: its address says nothing."""
    left: dict[str, object] = {name: _without(view, name, metric) for name in ("more", "less")}
    return left if to is None else {**left, to: (*_without(view, to, metric), metric)}


def _without(view: BoardView, name: str, metric: str) -> tuple[str, ...]:
    return tuple(each for each in getattr(view, name) if each != metric)
