"""Breadth-first search of every state a model can reach."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar

S = TypeVar("S", bound=Hashable)

Step: TypeAlias = tuple[str | int, ...]
"""What happened: a verb, then what it was done to."""


class Model(Protocol[S]):
    """A transition system. States are equal exactly when nothing that follows can tell them apart."""

    def initial(self) -> S:
        """The state to begin with."""
        ...

    def successors(self, state: S) -> Iterable[tuple[Step, S]]:
        """Every step that may come next, and where it leads. Deterministic: a trace is found by repeating it."""
        ...

    def violation(self, state: S) -> str | None:
        """The kind of property that `state` breaks, or None. Asked once for each distinct state."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Generic[S]):
    """What a search found."""

    verdict: Literal["ok", "bound", "violation"]
    """`ok` is a proof within the model. `bound` says that the state limit ended the search: it proves nothing."""
    kind: str | None
    """The broken property, for a violation."""
    trace: tuple[tuple[Step, S], ...]
    """For a violation, a shortest way there: each step with the state after it."""
    states: int
    depth: int
    """Steps from the initial state to the farthest one that was reached."""
    fired: Counter[str]
    """How often each verb was taken: a verb at zero was never tried, and what depends on it was not checked."""

    def story(self) -> str:
        """The trace, one step a line."""
        return "\n".join(f"{n:3d}. {' '.join(map(str, step))}" for n, (step, _) in enumerate(self.trace, 1))


def explore(model: Model[S], *, limit: int = 2_000_000) -> Result[S]:
    """Visit every reachable state in order of distance, up to `limit` of them.

    States are remembered as 64-bit hashes (hash compaction): at a million states the chance that any state was
    mistaken for another is below 1 in 30 million, about 100 bytes are held for each, and only the frontier is whole.
    States must hash alike in every process, so they are built of ints and tuples alone.
    """
    first = model.initial()
    parent: dict[int, int] = {hash(first): 0}
    fired: Counter[str] = Counter()
    frontier = [first]
    depth = 0
    kind = model.violation(first)
    if kind is not None:
        return Result(verdict="violation", kind=kind, trace=(), states=1, depth=0, fired=fired)
    while frontier:
        reached: list[S] = []
        for state in frontier:
            origin = hash(state)
            for step, after in model.successors(state):
                fired[str(step[0])] += 1
                code = hash(after)
                if code in parent:
                    continue
                parent[code] = origin
                kind = model.violation(after)
                if kind is not None:
                    trace = _retrace(model, first, parent, code)
                    return Result(
                        verdict="violation", kind=kind, trace=trace, states=len(parent), depth=depth + 1, fired=fired
                    )
                if len(parent) >= limit:
                    return Result(
                        verdict="bound", kind=None, trace=(), states=len(parent), depth=depth + 1, fired=fired
                    )
                reached.append(after)
        frontier = reached
        depth += bool(reached)
    return Result(verdict="ok", kind=None, trace=(), states=len(parent), depth=depth, fired=fired)


def wander(model: Model[S], *, walks: int, steps: int, seed: int) -> Result[S]:
    """Go where chance leads, `walks` times from the start: for bounds beyond what `explore` can exhaust.

    `bound` where nothing was found, which proves nothing. `states` counts those that were entered, repeats included.
    """
    chance = random.Random(seed)
    fired: Counter[str] = Counter()
    entered = deepest = 0
    for _ in range(walks):
        state, trace = model.initial(), list[tuple[Step, S]]()
        while len(trace) < steps and (ways := list(model.successors(state))):
            # By what is done first: else the many ways to do one thing would crowd out the others.
            verb = chance.choice(sorted({str(step[0]) for step, _ in ways}))
            step, state = chance.choice([way for way in ways if way[0][0] == verb])
            trace.append((step, state))
            fired[verb] += 1
            kind = model.violation(state)
            if kind is not None:
                return Result(
                    verdict="violation",
                    kind=kind,
                    trace=tuple(trace),
                    states=entered + len(trace),
                    depth=len(trace),
                    fired=fired,
                )
        entered += len(trace)
        deepest = max(deepest, len(trace))
    return Result(verdict="bound", kind=None, trace=(), states=entered, depth=deepest, fired=fired)


def _retrace(model: Model[S], first: S, parent: dict[int, int], code: int) -> tuple[tuple[Step, S], ...]:
    codes = [code]
    while parent[codes[-1]]:
        codes.append(parent[codes[-1]])
    state, trace = first, []
    for wanted in reversed(codes[:-1]):
        step, state = next((step, after) for step, after in model.successors(state) if hash(after) == wanted)
        trace.append((step, state))
    return tuple(trace)
