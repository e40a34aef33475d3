"""The tail protocol: one writer, whoever ends it in its place, one reader, one store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.protocol.checker import Step
from tests.protocol.closer import closer_steps
from tests.protocol.lake import DANGLING, DOUBLE, FIRST, GONE, KINDS, NOBODY, OVER, VANISHED, Bounds, Rules, State
from tests.protocol.reader import reader_steps
from tests.protocol.spans import overlapping, rows_in
from tests.protocol.writer import landings, writer_steps


@dataclass(frozen=True, slots=True)
class TailModel:
    """The protocol under `rules`, within `bounds`. Every request is atomic; no step knows a clock."""

    rules: Rules
    bounds: Bounds

    def initial(self) -> State:
        """Nothing in the store, nobody at work."""
        nobody = (NOBODY,) * len(self.bounds.closers)
        return FIRST._replace(
            doubt=self.bounds.doubt, deaths=self.bounds.deaths, stale=self.bounds.stale, closers=nobody
        )

    def successors(self, state: State) -> Iterator[tuple[Step, State]]:
        """Each step of anyone."""
        if state.reader.stage == OVER:
            return
        yield from landings(state, self.rules)
        yield from writer_steps(state, self.rules, self.bounds)
        yield from closer_steps(state, self.rules, self.bounds)
        yield from reader_steps(state, self.rules, self.bounds)

    def violation(self, state: State) -> str | None:
        """What a read got wrong, or what the store itself has lost."""
        # A read changes nothing: the store was looked at in the same state without the read.
        return KINDS[state.wrong or (0 if state.reader.stage else store_violation(state, self.rules))] or None


def store_violation(state: State, rules: Rules) -> int:
    """What the store has lost of a writer, as a place in `KINDS`; 0 where nothing is wrong."""
    files, rows = 0, rows_in(state.metrics)
    for tail in state.live:
        files |= tail.files
        rows |= (1 << tail.hi) - (1 << tail.lo)
    for row in state.runs:
        files |= row.files
    if ~rows & ((1 << state.held) - 1):
        return GONE
    if files & ~state.metrics:
        return DANGLING
    if state.writer.acked and not state.runs and not any(t.k == 0 for t in state.live):
        return VANISHED
    return DOUBLE if rules.glob_is_exact and overlapping(state.metrics) else 0
