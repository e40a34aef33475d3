"""The checker itself: what it finds, in how many steps, and what it must not call a proof."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import pytest

from tests.protocol.checker import Model, Step, explore
from tests.protocol.questions import questions

State = tuple[int, int]


@dataclass(frozen=True)
class Grid:
    """A walk on a square: one step right, one step up, or, from the origin, a jump to the middle of the diagonal."""

    size: int
    bad: State | None = None

    def initial(self) -> State:
        return (0, 0)

    def successors(self, state: State) -> Iterator[tuple[Step, State]]:
        x, y = state
        if x + 1 < self.size:
            yield ("right", x + 1), (x + 1, y)
        if y + 1 < self.size:
            yield ("up", y + 1), (x, y + 1)
        if state == (0, 0):
            yield ("jump",), (self.size // 2, self.size // 2)

    def violation(self, state: State) -> str | None:
        return "BAD" if state == self.bad else None


def test_every_state_is_visited_once() -> None:
    # The jump helps only above and right of the middle, so (9, 19) and (19, 9) are the farthest.
    result = explore(Grid(20))
    assert (result.verdict, result.kind, result.states, result.depth) == ("ok", None, 400, 28)
    assert result.fired == {"right": 380, "up": 380, "jump": 1}


def test_a_violation_comes_with_a_shortest_trace_that_replays() -> None:
    model = Grid(20, bad=(12, 11))
    result = explore(model)
    assert (result.verdict, result.kind) == ("violation", "BAD")
    assert len(result.trace) == 1 + 2 + 1 == result.depth
    assert result.trace[0] == (("jump",), (10, 10))
    state = model.initial()
    for step, after in result.trace:
        assert (step, after) in list(model.successors(state))
        state = after
    assert state == (12, 11)
    assert result.story().splitlines()[0] == "  1. jump"


def test_a_violation_at_the_start_needs_no_step() -> None:
    result = explore(Grid(3, bad=(0, 0)))
    assert (result.verdict, result.trace, result.states) == ("violation", (), 1)


@pytest.mark.parametrize("limit", [2, 50, 399])
def test_the_state_limit_is_said_and_never_a_proof(limit: int) -> None:
    result = explore(Grid(20), limit=limit)
    assert (result.verdict, result.states) == ("bound", limit)


def test_hash_compaction_mistakes_no_state_for_another() -> None:
    """The quick models, searched once more with whole states remembered."""
    models = [q.model for q in questions() if q.quick and q.answer == "ok"]
    assert models
    for model in models:
        assert explore(model).states == _count_whole(model)


def _count_whole(model: Model[Hashable]) -> int:
    known = {model.initial()}
    frontier = list(known)
    while frontier:
        reached = []
        for state in frontier:
            for _, after in model.successors(state):
                if after not in known:
                    known.add(after)
                    reached.append(after)
        frontier = reached
    return len(known)
