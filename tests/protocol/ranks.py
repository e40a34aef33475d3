"""Two writers of one run: ranks of a job, forked workers, a resume, or one run id that two processes were given.

Each writer, whoever ends it in its place, and the store's answer to its PUTs are those of the tail protocol's model;
here they share one run, one store and one reader, whose listings show the first writer's objects and then the
second's. What one does to the other's objects follows from the names alone: planted faults let it reach too far.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, TypeAlias

from tests.protocol.checker import Step
from tests.protocol.closer import closer_steps
from tests.protocol.lake import DELETING as CLOSER_DELETES
from tests.protocol.lake import (
    DOUBLE,
    ENDED,
    FIRST,
    KINDS,
    LOST,
    NO_ROW,
    NOBODY,
    VANISHED,
    Bounds,
    Row,
    Rules,
    Spans,
    State,
)
from tests.protocol.spans import covered, rows_in, span
from tests.protocol.tail import store_violation
from tests.protocol.writer import landings, writer_steps

Pair: TypeAlias = tuple[int, int]
Fault: TypeAlias = Literal[
    "", "one name", "row without writer", "end deletes the run's tails", "recovery deletes the run's tails",
    "covered by anyone", "promised by anyone", "ended by the first", "final row hides the others", "cover by run",
    "newest of the run",
]  # fmt: skip
EARLY, STUCK = "EARLY", "STUCK"
"""A read says that the run has ended while a writer that it could see goes on; or that it runs, long after its end."""


class RunReader(NamedTuple):
    """A read of the run under way."""

    stage: int
    """0 before, 1 lists `live/`, 2 lists `runs/`, 3 has the named files, 4 lists the run's folder, 5 over."""
    side: int
    """Whose objects the listing has come to."""
    cursor: int
    told: Pair
    """Of each writer: rows acknowledged when the read began."""
    visible: int
    """Writers that were to be seen when it began, as bits."""
    over: int
    """Whether all of them had ended then."""
    found: int
    """Writers it has met, as bits."""
    tails: Pair
    named: Pair
    rows: tuple[Row, Row]


NO_READ = RunReader(0, 0, 0, (0, 0), 0, 0, 0, (0, 0), (0, 0), (NO_ROW, NO_ROW))
OVER = 5


class World(NamedTuple):
    """Everything. The sides' own readers, and what they may still doubt, are not used."""

    sides: tuple[State, State]
    doubt: int
    deaths: int
    reader: RunReader
    wrong: str


END = World((FIRST, FIRST), 0, 0, NO_READ._replace(stage=OVER), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RanksModel:
    """The two writers' bounds (their doubts and deaths are shared), and what is wrong with the protocol."""

    bounds: tuple[Bounds, Bounds]
    doubt: int = 0
    deaths: int = 0
    fault: Fault = ""
    rules: Rules = field(default_factory=Rules)
    paged: bool = True
    """Whether anything may happen between two pages of one writer's objects (what the model of one writer goes
    through), or between the two writers' alone."""

    def initial(self) -> World:
        """Nothing in the store; neither has started."""
        one, other = (FIRST._replace(closers=(NOBODY,) * len(b.closers)) for b in self.bounds)
        return World((one, other), self.doubt, self.deaths, NO_READ, "")

    def successors(self, world: World) -> Iterator[tuple[Step, World]]:
        """Each step of either writer, of those who end it, of late PUTs, and of the reader."""
        if world.reader.stage == OVER:
            return
        for me in (0, 1):
            side = world.sides[me]._replace(doubt=world.doubt, deaths=world.deaths)
            for steps in (
                landings(side, self.rules),
                writer_steps(side, self.rules, self.bounds[me]),
                closer_steps(side, self.rules, self.bounds[me]),
            ):
                for step, after in steps:
                    yield (step[0], me, *step[1:]), self._joined(world, me, after)
            if self.fault:
                yield from self._reaches_too_far(world, me)
        yield from self._read(world)

    def violation(self, world: World) -> str | None:
        """What a read got wrong, or what the store has lost of either writer."""
        if world.wrong or world.reader.stage:
            return world.wrong or None
        for side in world.sides:
            kind = side.wrong or store_violation(side, self.rules)
            if kind:
                return KINDS[kind]
        return None

    # -- one store ---------------------------------------------------------------------------------------------

    def _joined(self, world: World, me: int, after: State) -> World:
        """The world after one writer's side changed: its PUTs replace what had the same name."""
        other = world.sides[1 - me]
        if self.fault in ("one name", "row without writer"):
            new_rows = {r.version for r in after.runs} - {r.version for r in world.sides[me].runs}
            other = other._replace(runs=tuple(r for r in other.runs if r.version not in new_rows))
        if self.fault == "one name":
            before = world.sides[me]
            new = {t[:3] for t in after.live} - {t[:3] for t in before.live}
            other = other._replace(
                live=tuple(t for t in other.live if t[:3] not in new),
                metrics=other.metrics & ~(after.metrics & ~before.metrics),
            )
        mine = after._replace(doubt=0, deaths=0)
        sides = (mine, other) if me == 0 else (other, mine)
        return world._replace(sides=sides, doubt=after.doubt, deaths=after.deaths)

    def _reaches_too_far(self, world: World, me: int) -> Iterator[tuple[Step, World]]:
        """What the planted fault lets be deleted of the other writer."""
        mine, theirs = world.sides[me], world.sides[1 - me]
        for tail in theirs.live:
            rows = rows_in(span(tail.lo, tail.hi))
            if self.fault == "end deletes the run's tails":
                gone = mine.writer.phase == ENDED
            elif self.fault == "recovery deletes the run's tails":
                gone = any(c.stage == CLOSER_DELETES for c in mine.closers)
            elif self.fault == "covered by anyone":
                gone = bool(theirs.runs) and not rows & ~rows_in(mine.metrics | theirs.metrics)
            elif self.fault == "promised by anyone":
                promised = max((r.rows for r in mine.runs + theirs.runs), default=-1)
                gone = tail.hi <= promised and not rows & ~rows_in(theirs.metrics)
            else:
                return
            if gone:
                after = theirs._replace(live=tuple(t for t in theirs.live if t != tail))
                sides = (mine, after) if me == 0 else (after, mine)
                yield ("reaches too far", 1 - me, tail.k), world._replace(sides=sides)

    # -- one reader --------------------------------------------------------------------------------------------

    def _read(self, world: World) -> Iterator[tuple[Step, World]]:
        """The reader's next step; a tail is read with its page, as in the model of one writer."""
        r = world.reader
        if r.stage == 0:
            seen = sum(1 << i for i, s in enumerate(world.sides) if s.runs or any(t.k == 0 for t in s.live))
            if seen:
                over = all(world.sides[i].runs for i in (0, 1) if seen >> i & 1)
                told = (world.sides[0].told, world.sides[1].told)
                begun = NO_READ._replace(stage=1, told=told, visible=seen, over=int(over))
                yield ("read",), world._replace(reader=begun)
        elif r.stage in (1, 2):
            yield self._page(world, r)
        else:
            yield self._end(world, r)

    def _page(self, world: World, r: RunReader) -> tuple[Step, World]:
        area = "live" if r.stage == 1 else "runs"
        met = self._meets(world, r)
        while met is not None and not self.paged:
            r, met = met, self._meets(world, met)
        if met is not None:
            return (f"lists {area}", r.side, r.cursor), world._replace(reader=met)
        r = r._replace(cursor=0, side=1) if r.side == 0 else r._replace(cursor=0, side=0, stage=r.stage + 1)
        return (f"has listed {area}", 1 - r.side), world._replace(reader=r)

    def _meets(self, world: World, r: RunReader) -> RunReader | None:
        """The reader after the next object of the writer that its listing has come to; None after the last one."""
        side = world.sides[r.side]
        if r.stage == 2:
            row = next((x for x in side.runs if x.version >= r.cursor), None)
            if row is None:
                return None
            rows = (row, r.rows[1]) if r.side == 0 else (r.rows[0], row)
            return r._replace(cursor=row.version + 1, found=r.found | 1 << r.side, rows=rows)
        tail = next((t for t in side.live if t.k >= r.cursor), None)
        if tail is None:
            return None
        if self.fault == "newest of the run":
            r = r._replace(tails=(0, 0), named=(0, 0))
        # That no rows exist is no news.
        fresh = span(tail.lo, tail.hi) if tail.hi else 0
        return r._replace(
            cursor=tail.k + 1,
            found=r.found | (tail.k == 0) << r.side,
            tails=_with(r.tails, r.side, r.tails[r.side] | fresh),
            named=_with(r.named, r.side, r.named[r.side] | tail.files),
        )

    def _end(self, world: World, r: RunReader) -> tuple[Step, World]:
        wrong, short = "", False
        tails = r.tails
        if self.fault == "final row hides the others" and any(row.version for row in r.rows):
            tails = (0, 0)
        for i, side in enumerate(world.sides):
            named = r.named[i] | r.rows[i].files
            sealed = side.metrics & (named if r.stage == 3 else side.metrics)
            given, complete, known, twice = covered(tails[i], sealed)
            if self.fault == "cover by run" and i == 1:
                # Row 0 of the first writer stands for row 0 of the second.
                first = world.sides[0].metrics & (r.named[0] | r.rows[0].files)
                given &= ~(covered(tails[0], first).given)
            short = short or complete < max(known, r.rows[i].rows)
            if twice:
                wrong = KINDS[DOUBLE]
            elif ~given & (1 << r.told[i]) - 1:
                wrong = wrong or KINDS[LOST]
            elif r.visible & ~r.found:
                wrong = wrong or KINDS[VANISHED]
        if short:
            if r.stage == 3:
                return ("falls short",), world._replace(reader=r._replace(stage=4))
            return ("gives up",), END
        wrong = wrong or self._status(world, r)
        return ("done",), world._replace(wrong=wrong) if wrong else END

    def _status(self, world: World, r: RunReader) -> str:
        """What is wrong about the run's status, as the read tells it."""
        runs = any(r.found >> i & 1 and not r.rows[i].version for i in (0, 1))
        if self.fault == "ended by the first":
            runs = not any(row.version for row in r.rows)
        if not runs and any(r.visible >> i & 1 and not world.sides[i].runs for i in (0, 1)):
            return EARLY
        return STUCK if runs and r.over and r.found == r.visible else ""


def _with(pair: tuple[Spans, Spans], place: int, value: Spans) -> tuple[Spans, Spans]:
    return (value, pair[1]) if place == 0 else (pair[0], value)


def ranks(
    one: Bounds, other: Bounds | None = None, *, doubt: int = 0, deaths: int = 0, fault: Fault = "", paged: bool = False
) -> RanksModel:
    """Two writers, of equal bounds unless told otherwise."""
    pair = (replace(one, read=False), replace(one if other is None else other, read=False))
    return RanksModel(bounds=pair, doubt=doubt, deaths=deaths, fault=fault, paged=paged)
