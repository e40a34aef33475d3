"""Which way is better, as runs declare it and as saved boards state it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...schema.text.labels import split_label
from ..names.direction import Goal, find_direction
from ..snapshots.snapshot import Snapshot
from .versions import BoardVersion


def declared_goals(snapshots: Sequence[Snapshot]) -> dict[str, str]:
    """The directions that `define_metric` declared, by label."""
    return {label: info.goal for each in snapshots for label, info in each.metrics().items() if info.goal}


def stated_goals(boards: Iterable[BoardVersion], project: str) -> dict[str, Goal]:
    """The directions that saved boards state for metrics of whose names none tells, by metric and label. Pure.

    A statement counts for pages beside its own board where all boards of the project agree; deleted ones say nothing.
    """
    said: dict[str, set[Goal]] = {}
    for board in boards:
        for each in board.definition.measures if board.of(project) and not board.deleted else ():
            if each.goal is not None and not find_direction(each.metric).is_known:
                for name in (each.metric, each.label):
                    said.setdefault(name, set()).add(each.goal)
    return {name: next(iter(goals)) for name, goals in said.items() if len(goals) == 1}


def with_stated(declared: Mapping[str, str], stated: Mapping[str, str]) -> dict[str, str]:
    """What was declared, and where neither that nor a name tells, what boards state."""
    more = {name: goal for name, goal in stated.items() if not _declares(name, declared)}
    return {**more, **declared}


def _declares(label: str, goals: Mapping[str, str]) -> bool:
    return find_direction(*split_label(label), goals=goals).is_known
