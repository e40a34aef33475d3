"""One process with several open runs: how they end, together or one by the next, within one deadline.

A run's points are logged, taken into its spool, and flushed; the writer's own protocol is the tail model's business, so
that a flush and a final row are one step here, of what the spool holds. What is asked is what the process does with all
of its runs: exit and a signal, perhaps both at once, end whatever is open; another `init` may end one; the store may
stop answering; the process may be killed at any moment, and recovery finishes what it finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from tests.protocol.checker import Step

Fault: TypeAlias = Literal[
    "", "current run alone", "parents first", "all at once", "no wait for others", "a deadline each", "no note",
    "row before its points", "log goes on", "next is finished", "hooks of the first",
]  # fmt: skip
LOST, ORDER, WRONG, FORGOTTEN, LATE, UNHANDLED = "LOST", "ORDER", "WRONG", "FORGOTTEN", "LATE", "UNHANDLED"
"""A run's row lacks a point that was acknowledged, or one that was logged before an orderly end. A parent's row was put
before that of its child, whose end was under way. A run is told to have ended otherwise than it did. An orderly end
left a run without one. All runs together waited longer than one may. A signal found no handler though
a run was open."""

OPEN, ASKED, NOTED, OVER = range(4)
"""Asked to end: nothing more is logged. Noted: its spool knows its last point and how it ended. Over: no longer waited
for; its row is in the lake, or the spool is left for recovery."""
NO_END, FINISHED, ENDED, KILLED, CRASHED = range(5)
ALIVE, GONE, DEAD = range(3)
"""Gone: it ended by itself. Dead: it was killed."""
EXIT, SIGNAL = 0, 1
IDLE, BUSY, DONE = range(3)


class RunState(NamedTuple):
    """One run."""

    logged: int
    spooled: int
    flushed: int
    """Acknowledged by the lake."""
    phase: int
    end: int
    """How it was asked to end."""
    noted: int
    """What its spool says of its end."""
    by: int
    """Who waits for its end: EXIT, SIGNAL, or 2 for the init that ended it."""
    row: int
    """How its row in the lake says that it ended; NO_END without a row."""
    rows: int
    """How many points that row promises."""


NEW = RunState(0, 0, 0, OPEN, NO_END, NO_END, 0, NO_END, 0)


class World(NamedTuple):
    """The process, its runs, the store."""

    runs: tuple[RunState, ...]
    process: int
    enders: tuple[int, int]
    """Of exit and signal: idle, busy, done."""
    expired: int
    """Whether the deadline is past."""
    spent: int
    """How often somebody waited for a deadline."""
    silent: int
    """Whether the store has stopped answering."""
    wrong: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessModel:
    """What the process does, and what is wrong with it."""

    parents: tuple[int, ...]
    """Of each run: which one it belongs under, or -1. Parents come first."""
    rows: int = 1
    fault: Fault = ""
    killed: bool = True
    signal: bool = True
    following: bool = False
    """Whether another `init` may end a run."""

    def initial(self) -> World:
        """All runs are open; nothing is logged."""
        return World((NEW,) * len(self.parents), ALIVE, (IDLE, IDLE), 0, 0, 0, "")

    def violation(self, world: World) -> str | None:
        """What went wrong."""
        return world.wrong or None

    def successors(self, world: World) -> Iterator[tuple[Step, World]]:
        """Each step of the training, the background, whoever ends runs, the store, and recovery."""
        if world.process == ALIVE:
            if not world.silent:
                yield ("store falls silent",), world._replace(silent=1)
            yield from self._training(world)
            yield from self._background(world)
            for who in (EXIT, SIGNAL):
                yield from self._ender(world, who)
            if self.killed:
                yield ("is killed",), world._replace(process=DEAD)
        else:
            yield from self._recovery(world)

    # -- the training, and the background ----------------------------------------------------------------------

    def _training(self, world: World) -> Iterator[tuple[Step, World]]:
        for i, run in enumerate(world.runs):
            takes = run.phase == OPEN or (self.fault == "log goes on" and run.phase < OVER)
            # Other threads go on while the process ends.
            if takes and run.logged < self.rows:
                yield ("logs", i), _with(world, i, run._replace(logged=run.logged + 1))
            has_child = any(parent == i for parent in self.parents)
            if self.following and run.phase == OPEN and not has_child and world.enders == (IDLE, IDLE):
                end = FINISHED if self.fault == "next is finished" else ENDED
                asked = run._replace(phase=ASKED, end=end, by=2)
                yield ("next init ends", i), _with(world, i, asked)

    def _background(self, world: World) -> Iterator[tuple[Step, World]]:
        for i, run in enumerate(world.runs):
            if run.phase == OPEN and run.spooled < run.logged:
                yield ("takes", i), _with(world, i, run._replace(spooled=run.logged))
            if run.phase < OVER and run.flushed < run.spooled and not world.silent:
                yield ("flushes", i), _with(world, i, run._replace(flushed=run.spooled))
            if run.phase == ASKED:
                noted = NO_END if self.fault == "no note" else run.end
                taken = run.spooled if self.fault == "row before its points" else run.logged
                yield ("notes", i), _with(world, i, run._replace(phase=NOTED, spooled=taken, noted=noted))
            if run.phase == NOTED and not world.silent:
                yield ("puts the row of", i), self._over(world, i, put=True)
            if run.phase == NOTED and world.silent:
                yield from self._give_up(world, i)

    def _give_up(self, world: World, i: int) -> Iterator[tuple[Step, World]]:
        each = self.fault == "a deadline each" or world.runs[i].by == 2
        if not world.expired or each:
            # An init that ends a run has a deadline of its own.
            later = world if world.runs[i].by == 2 else world._replace(expired=1, spent=world.spent + 1)
            if later.spent > 1:
                later = later._replace(wrong=LATE)
            yield ("waits in vain for", i), self._over(later, i, put=False)
        else:
            yield ("leaves", i), self._over(world, i, put=False)

    def _over(self, world: World, i: int, *, put: bool) -> World:
        run = world.runs[i]._replace(phase=OVER)
        if put:
            run = run._replace(row=run.end, rows=run.spooled)
        return self._checked(_with(world, i, run), i)

    # -- whoever ends them -------------------------------------------------------------------------------------

    def _ender(self, world: World, who: int) -> Iterator[tuple[Step, World]]:
        state = world.enders[who]
        name = ("exit", "signal")[who]
        if state == IDLE:
            if who == SIGNAL and (not self.signal or world.enders[EXIT] == DONE):
                return
            if who == EXIT and world.enders[SIGNAL] == DONE:
                return
            begun = world._replace(enders=_at(world.enders, who, BUSY))
            if who == SIGNAL and not self._hooked(world):
                unended = any(run.phase < OVER for run in world.runs)
                begun = world._replace(process=DEAD, wrong=UNHANDLED if unended else world.wrong)
            yield (f"{name} begins",), begun
        elif state == BUSY:
            yield from self._ends(world, who, name)
        elif world.process == ALIVE:
            after = world._replace(process=GONE)
            if any(run.phase in (OPEN, ASKED) for run in world.runs):
                after = after._replace(wrong=FORGOTTEN)
            yield ("process is gone",), after

    def _ends(self, world: World, who: int, name: str) -> Iterator[tuple[Step, World]]:
        unended = [i for i, run in enumerate(world.runs) if run.phase == OPEN]
        mine = [i for i, run in enumerate(world.runs) if run.phase in (ASKED, NOTED) and run.by == who]
        others = [i for i, run in enumerate(world.runs) if run.phase in (ASKED, NOTED) and run.by != who]
        if self.fault == "current run alone":
            unended = [i for i in unended if i == len(world.runs) - 1]
        deepest = max((self._depth(i) for i in unended), default=-1)
        if self.fault == "parents first":
            deepest = min((self._depth(i) for i in unended), default=-1)
        # The youngest first, each generation once the one before it is through.
        ready = [i for i in unended if self._depth(i) == deepest or self.fault == "all at once"]
        asked = {self._depth(i) for i in mine}
        free = not asked or asked == {deepest} or self.fault == "all at once"
        held_up = bool(others) and self.fault != "no wait for others"
        if ready and free and not held_up:
            i = ready[-1]
            end = FINISHED if who == EXIT else KILLED
            yield (f"{name} asks", i), _with(world, i, world.runs[i]._replace(phase=ASKED, end=end, by=who))
        elif not ready and not mine and not others:
            yield (f"{name} is done",), world._replace(enders=_at(world.enders, who, DONE))

    def _depth(self, i: int) -> int:
        depth = 0
        while (i := self.parents[i]) >= 0:
            depth += 1
        return depth

    def _hooked(self, world: World) -> bool:
        if self.fault == "hooks of the first":
            return all(run.phase < OVER for run in world.runs)
        return any(run.phase < OVER for run in world.runs)

    # -- afterwards --------------------------------------------------------------------------------------------

    def _recovery(self, world: World) -> Iterator[tuple[Step, World]]:
        for i, run in enumerate(world.runs):
            if run.row == NO_END:
                told = run._replace(phase=OVER, row=run.noted or CRASHED, rows=run.spooled)
                yield ("recovers", i), self._checked(_with(world, i, told), i)

    def _checked(self, world: World, i: int) -> World:
        """What is wrong about run `i`, whose row may just have been put."""
        run = world.runs[i]
        if run.row == NO_END:
            return world
        orderly = world.process != DEAD
        wanted = run.logged if orderly or run.noted else run.flushed
        stated = run.end if (orderly or run.noted) and run.end else CRASHED
        if run.by == 2 and run.end and run.row == FINISHED:
            return world._replace(wrong=WRONG)
        if run.rows < max(wanted, run.flushed):
            return world._replace(wrong=LOST)
        if run.row != stated:
            return world._replace(wrong=WRONG)
        under_way = [c for c, parent in enumerate(self.parents) if parent == i and world.runs[c].phase < OVER]
        if under_way and world.process == ALIVE:
            return world._replace(wrong=ORDER)
        return world


def _with(world: World, i: int, run: RunState) -> World:
    return world._replace(runs=(*world.runs[:i], run, *world.runs[i + 1 :]))


def _at(pair: tuple[int, int], place: int, value: int) -> tuple[int, int]:
    return (value, pair[1]) if place == 0 else (pair[0], value)
