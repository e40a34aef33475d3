"""How a call of `log` that waits, the background thread and a thread that answers wake each other: nobody sleeps on.

A caller logs points, stands in line, rings and waits. The thread waits for the bell, silences it, calls those who
stand in line, takes the points away and lets the called ones through; an answer is posted and rung for likewise. Every
act on what they share is a step of its own, in any order. No step knows a clock: a wait that only a timeout ends is an
error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from tests.protocol.checker import Step

Fault: TypeAlias = Literal["silenced after the look", "rings before it stands in line", "called after the take"]

LOGS, STANDS, RINGS, WAITS = range(4)
"""What a caller does next."""
SLEEPS, CALLS, TAKES, OPENS, HEARS = range(5)
"""What the thread does next."""


class State(NamedTuple):
    """Everybody's next act, and what they share."""

    callers: tuple[int, ...]
    left: tuple[int, ...]
    """Calls that each caller still makes."""
    rings: bool = False
    line: int = 0
    """Who stands in line, as bits."""
    called: int = 0
    """Who is let through when the points are taken."""
    open: int = 0
    """Who was let through, and goes on when it comes to wait."""
    untaken: int = 0
    """Whose points are not taken yet."""
    thread: int = SLEEPS
    posting: int = LOGS
    """What the answering thread does next: LOGS posts the answer, RINGS rings."""
    answers: int = 1
    """Answers still to come."""
    posted: bool = False
    early: bool = False
    """Somebody was let through before the points were taken."""


@dataclass(frozen=True, slots=True)
class HandoverModel:
    """So many callers, each calling so often, and one answer of a store."""

    callers: int = 2
    calls: int = 2
    fault: Fault | None = None

    def initial(self) -> State:
        """Everybody is about to log; the thread sleeps."""
        return State((LOGS,) * self.callers, (self.calls,) * self.callers)

    def successors(self, state: State) -> Iterator[tuple[Step, State]]:
        """Each act of anyone."""
        for who in range(self.callers):
            yield from self._caller(state, who)
        if state.posting == RINGS:
            yield ("answer rings",), state._replace(rings=True, posting=LOGS)
        elif state.answers:
            yield ("answer is posted",), state._replace(posted=True, answers=state.answers - 1, posting=RINGS)
        yield from self._thread(state)

    def violation(self, state: State) -> str | None:
        """What went wrong, or None."""
        if state.early:
            return "EARLY"
        # Nobody has anything left to do, the bell is silent, and somebody waits all the same.
        if state.rings or state.thread != SLEEPS or state.posting == RINGS or state.answers:
            return None
        waiting = [who for who, act in enumerate(state.callers) if act == WAITS and not state.open >> who & 1]
        resting = [who for who, act in enumerate(state.callers) if act == LOGS and not state.left[who]]
        if len(waiting) + len(resting) < self.callers:
            return None
        return "LOST" if waiting or state.posted else None

    def _caller(self, state: State, who: int) -> Iterator[tuple[Step, State]]:
        act, bit = state.callers[who], 1 << who

        def goes_on(act: int, **changes: int | bool) -> State:
            return state._replace(callers=_put(state.callers, who, act), **changes)  # type: ignore[arg-type]

        first_rings = self.fault == "rings before it stands in line"
        if act == LOGS and state.left[who]:
            after = goes_on(RINGS if first_rings else STANDS, untaken=state.untaken | bit)
            yield ("logs", who), after._replace(left=_put(state.left, who, state.left[who] - 1))
        elif act == STANDS:
            yield ("stands in line", who), goes_on(WAITS if first_rings else RINGS, line=state.line | bit)
        elif act == RINGS:
            yield ("rings", who), goes_on(STANDS if first_rings else WAITS, rings=True)
        elif act == WAITS and state.open & bit:
            yield ("goes on", who), goes_on(LOGS, open=state.open & ~bit)

    def _thread(self, state: State) -> Iterator[tuple[Step, State]]:
        late = self.fault == "silenced after the look"
        if state.thread == SLEEPS and state.rings:
            yield ("wakes",), state._replace(rings=late, thread=CALLS)
        elif state.thread == CALLS:
            if self.fault == "called after the take":
                yield ("takes",), state._replace(untaken=0, thread=TAKES)
            else:
                yield ("calls",), state._replace(called=state.line, line=0, thread=TAKES)
        elif state.thread == TAKES:
            if self.fault == "called after the take":
                yield ("calls",), state._replace(called=state.line, line=0, thread=OPENS)
            else:
                yield ("takes",), state._replace(untaken=0, thread=OPENS)
        elif state.thread == OPENS:
            early = bool(state.called & state.untaken)
            yield ("lets through",), state._replace(open=state.open | state.called, called=0, early=early, thread=HEARS)
        elif state.thread == HEARS:
            yield ("hears",), state._replace(posted=False, rings=False if late else state.rings, thread=SLEEPS)


def _put(values: tuple[int, ...], place: int, value: int) -> tuple[int, ...]:
    return (*values[:place], value, *values[place + 1 :])
