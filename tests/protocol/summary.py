"""A large summary rides in few tails: which of them a writer keeps, so that every read finds one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tests.protocol.checker import Step

Keep = Literal["acknowledged", "sent", "none"]


class State(NamedTuple):
    """Tails are pairs (k, whether the summary is in it)."""

    live: tuple[tuple[int, int], ...]
    final: int
    flight: tuple[tuple[int, int], ...]
    doubt: int
    k: int
    acked: int
    """Highest k acknowledged."""
    carrier: int
    """Highest k acknowledged (or sent, where the rule says so) that carries the summary; 0 for none."""
    told: int
    """The summary that a read must find: the k of its tail."""
    ended: int
    reading: int
    """0 no read, 1 lists live, 2 lists runs, 3 over."""
    cursor: int
    due: int
    met: int


FIRST = State((), 0, (), 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
END = FIRST._replace(reading=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryModel:
    """The start is there already. A writer keeps, besides it and the newest tails, the last carrier that was
    acknowledged; or the last that was sent; or none."""

    keep: Keep = "acknowledged"
    flushes: int = 4
    doubt: int = 1

    def initial(self) -> State:
        """Nothing but the start."""
        return FIRST._replace(doubt=self.doubt)

    def violation(self, state: State) -> str | None:
        """A read that ended without the summary that was acknowledged before it began, or with an older one."""
        return "LOST" if state.reading == 3 and state.met < state.due else None

    def successors(self, state: State) -> Iterator[tuple[Step, State]]:
        """The writer, late arrivals, the reader."""
        if state.reading == 3:
            return
        for tail in state.flight:
            rest = tuple(t for t in state.flight if t != tail)
            yield ("lands late", tail[0]), state._replace(flight=rest, live=tuple(sorted({*state.live, tail})))
        if not state.ended:
            yield from self._write(state)
        for tail in state.live:
            kept = self.keep != "none" and tail[0] == state.carrier
            if state.final or (tail[0] < state.acked and not kept):
                yield ("deletes", tail[0]), state._replace(live=tuple(t for t in state.live if t != tail))
        yield self._read(state)

    def _write(self, state: State) -> Iterator[tuple[Step, State]]:
        if state.k <= self.flushes:
            for carries in (0, 1):
                tail = (state.k, carries)
                sent = state._replace(k=state.k + 1)
                after = sent._replace(live=tuple(sorted({*state.live, tail})), acked=state.k)
                if carries:
                    after = after._replace(carrier=state.k, told=state.k)
                yield ("flush", *tail), after
                if state.doubt:
                    sent = sent._replace(flight=tuple(sorted({*state.flight, tail})), doubt=state.doubt - 1)
                    if carries and self.keep == "sent":
                        sent = sent._replace(carrier=state.k)
                    yield ("flush?", *tail), sent
        yield ("finish",), state._replace(final=state.k, ended=1, told=state.k)

    def _read(self, state: State) -> tuple[Step, State]:
        if state.reading == 0:
            return ("read",), state._replace(reading=1, due=state.told)
        if state.reading == 1:
            page = next((t for t in state.live if t[0] >= state.cursor), None)
            if page is None:
                return ("has listed live",), state._replace(reading=2, cursor=0)
            met = page[0] if page[1] else state.met
            return ("lists live", *page), state._replace(cursor=page[0] + 1, met=met)
        met = max(state.met, state.final)
        return ("done", met), END if met >= state.due else state._replace(reading=3, met=met)
