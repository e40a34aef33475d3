"""Artifacts of a run that are still on their way when it ends: made once each, and named by its row in the end.

A job notes what it is to store in the run's spool. Whoever holds the spool, the run or a recovery, carries jobs out:
the version is begun and that is noted, it is made, and that is noted. How a version is made is the model of the files'
business, and how rows of points end is the tail model's. A row is put once for each rank; the highest one counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from tests.protocol.checker import Step

Fault: TypeAlias = Literal[
    "", "one row at the end", "spool goes with the points", "noted before it is made", "begun is not noted",
    "recovery's row comes first", "a row of the run is enough",
]  # fmt: skip

WAITING, BEGUN, MADE, NOTED = range(4)
"""A job, as the spool and the lake have it."""
RUNS, UPLOADS, OVER, DEAD = range(4)
"""The process: logging; its points are through and artifacts are on their way; through; killed."""
JANITOR, RECOVERY, OWNER = 1, 2, 3


class State(NamedTuple):
    """The jobs of a run, its rows, who is at work."""

    jobs: tuple[int, ...]
    versions: tuple[int, ...]
    """Of each job: how many versions the lake has."""
    rows: tuple[tuple[int, int], ...]
    """Rank, and the jobs that it names, as bits."""
    process: int
    spool: int
    """1 while it is there."""
    kills: int
    """How many more times whoever holds the spool may be killed."""
    silent: int
    """1: a janitor takes the run for dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadsModel:
    """So many artifacts of one run; the run, recoveries and a janitor that may be wrong."""

    jobs: int = 2
    kills: int = 2
    fault: Fault = ""

    def initial(self) -> State:
        """All jobs are noted and none is begun."""
        return State((WAITING,) * self.jobs, (0,) * self.jobs, (), RUNS, 1, self.kills, 0)

    def violation(self, state: State) -> str | None:
        """A job was carried out twice; or nobody will come any more, and a version or its name in the row lacks."""
        if max(state.versions) > 1:
            return "TWICE"
        if state.spool:
            return None
        if min(state.versions) < 1:
            return "LOST"
        return None if max(state.rows)[1] == (1 << self.jobs) - 1 else "UNNAMED"

    def successors(self, state: State) -> Iterator[tuple[Step, State]]:
        """Each step of whoever holds the spool, of a kill and of a janitor."""
        if not state.spool:
            return
        yield from self._carry_out(state)
        if state.process == RUNS:
            yield from self._end(state)
        elif state.process == UPLOADS:
            yield from self._end_later(state)
        elif state.process == DEAD:
            yield from self._recover(state)
        if state.kills:
            yield ("is killed",), state._replace(process=DEAD, kills=state.kills - 1)
        if not _has_row(state, JANITOR) and not state.silent:
            yield ("janitor promises",), _put(state._replace(silent=1), JANITOR, 0)

    def _carry_out(self, state: State) -> Iterator[tuple[Step, State]]:
        for i, job in enumerate(state.jobs):
            if job == WAITING:
                yield ("begins", i), state._replace(jobs=_at(state.jobs, i, BEGUN))
            elif job == BEGUN:
                made = state._replace(versions=_at(state.versions, i, state.versions[i] + 1))
                yield ("makes", i), made._replace(jobs=_at(state.jobs, i, MADE))
                if self.fault == "noted before it is made":
                    yield ("notes", i), state._replace(jobs=_at(state.jobs, i, NOTED))
            elif job == MADE:
                yield ("notes", i), state._replace(jobs=_at(state.jobs, i, NOTED))
                if self.fault == "begun is not noted" and state.process == DEAD:
                    yield ("begins again", i), state._replace(jobs=_at(state.jobs, i, BEGUN))

    def _end(self, state: State) -> Iterator[tuple[Step, State]]:
        through = all(job == NOTED for job in state.jobs)
        early = not through and self.fault != "one row at the end"
        ended = _put(state, JANITOR if early else OWNER, _named(state))
        gone = through or self.fault == "spool goes with the points"
        yield (
            ("ends early" if not through else "ends",),
            ended._replace(process=OVER if gone else UPLOADS, spool=0 if gone else 1),
        )

    def _end_later(self, state: State) -> Iterator[tuple[Step, State]]:
        if all(job == NOTED for job in state.jobs):
            after = state if _has_row(state, OWNER) else _put(state, OWNER, _named(state))
            yield ("adds to its row",), after._replace(process=OVER, spool=0)

    def _recover(self, state: State) -> Iterator[tuple[Step, State]]:
        through = all(job == NOTED for job in state.jobs)
        if not through and self.fault != "recovery's row comes first":
            return
        enough = (JANITOR,) if self.fault == "a row of the run is enough" else ()
        after = state
        if not any(_has_row(state, rank) for rank in (RECOVERY, OWNER, *enough)):
            after = _put(state, RECOVERY, _named(state))
        if through:
            yield ("recovers",), after._replace(spool=0)
        elif after is not state:
            yield ("promises",), after


def _named(state: State) -> int:
    return sum(1 << i for i, job in enumerate(state.jobs) if job == NOTED)


def _has_row(state: State, rank: int) -> bool:
    return any(row[0] == rank for row in state.rows)


def _put(state: State, rank: int, names: int) -> State:
    others = [row for row in state.rows if row[0] != rank]
    return state._replace(rows=tuple(sorted([*others, (rank, names)])))


def _at(values: tuple[int, ...], place: int, value: int) -> tuple[int, ...]:
    return (*values[:place], value, *values[place + 1 :])
