"""Long work on a lake, one piece at a time, for all viewers of a server: counting, checking, planning, tidying."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import Final, Literal, TypeAlias

from ...query.lake import Lake
from ...query.overview.inventory import Inventory, take_inventory
from ...schema.errors import AccessDenied, LakeboardError, StoreError
from ...schema.problems import Problem
from ...store.counting import CountingStore
from ...upkeep.clock import store_now
from ...upkeep.fsck import Report, fsck
from ...upkeep.listing import project_names
from ...upkeep.tidy import Done, Task, execute, look_at, plan_tidy

Kind: TypeAlias = Literal["check", "quick check", "plan", "tidy"]
INVENTORY_SECONDS: Final = 600.0
"""A count of the whole lake stays good for so long, unless somebody asks for another."""
_LOG: Final = logging.getLogger(__name__)


class Stopped(Exception):
    """Somebody stopped the work."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to tidy."""

    tasks: tuple[Task, ...]
    problems: tuple[Problem, ...]
    """What was left alone."""
    now: datetime
    """The store's time when it was made."""
    may_write: bool
    """Whether this server may do it."""


@dataclass(slots=True)
class Work:
    """One piece of long work: how far it is, and what came of it."""

    kind: Kind
    began: float
    done: int = 0
    total: int = 0
    ended: float | None = None
    report: Report | None = None
    plan: Plan | None = None
    results: tuple[Done, ...] = ()
    error: str = ""
    requests: int = 0
    stop: Event = field(default_factory=Event)

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.ended is None


class Caretaker:
    """Does long work in a thread of its own, one at a time, and keeps what came of each kind.

    Safe to share between threads.

    Args:
        lake: which.
        after: called when something was changed.
    """

    def __init__(self, lake: Lake, *, after: Callable[[], None]) -> None:
        self._lake = lake
        self._after = after
        self._lock = Lock()
        self._counting = Lock()
        self._inventory: tuple[float, Inventory] | None = None
        self._works: dict[str, Work] = {}

    def inventory(self, known_runs: Mapping[str, Collection[str]] | None = None, *, fresh: bool = False) -> Inventory:
        """The lake counted, not more than ten minutes ago. One LIST per 1,000 objects when it must be done.

        Args:
            known_runs: see `take_inventory`.
            fresh: count again in any case.

        Raises:
            StoreError: the lake can't be listed, and never was; else the last count stays.
        """
        with self._counting:
            known = self._inventory
            if known is None or fresh or time.time() - known[0] > INVENTORY_SECONDS:
                try:
                    known = (time.time(), take_inventory(self._lake.store, known_runs=known_runs))
                except StoreError:
                    if known is None:
                        raise
                    return known[1]
                self._inventory = known
            return known[1]

    def counted(self) -> Inventory | None:
        """The last count, however old."""
        return self._inventory[1] if self._inventory is not None else None

    def work(self, kind: Kind) -> Work | None:
        """The last piece of this kind, at work or done."""
        return self._works.get(kind)

    @property
    def busy(self) -> Work | None:
        """What is at work now."""
        return next((work for work in self._works.values() if work.running), None)

    def check(self, *, quick: bool = False) -> None:
        """Begin to read every object; see `fsck`. Repairs nothing. Does nothing while other work goes on."""
        self._begin("quick check" if quick else "check", lambda work: self._check(work, quick=quick))

    def make_plan(self) -> None:
        """Begin to look at every project for what there is to tidy. Changes nothing but a probe of the clock."""
        self._begin("plan", self._make_plan)

    def tidy(self, plan: Plan) -> None:
        """Begin to do what was planned, task by task; what fails is told beside what was done."""
        self._begin("tidy", lambda work: self._tidy(work, plan))

    def stop(self) -> None:
        """Stop what is at work, between two steps."""
        work = self.busy
        if work is not None:
            work.stop.set()

    def _begin(self, kind: Kind, act: Callable[[Work], None]) -> None:
        with self._lock:
            if self.busy is not None:
                return
            work = self._works[kind] = Work(kind, time.time())
        Thread(target=self._run, args=(work, act), name=f"lakeboard-{kind}", daemon=True).start()

    def _run(self, work: Work, act: Callable[[Work], None]) -> None:
        try:
            act(work)
        except Stopped:
            work.error = "stopped"
        except LakeboardError as error:
            work.error = str(error)
        except Exception as error:  # noqa: BLE001 - the thread has nobody else to tell; the log has the traceback
            _LOG.exception("%s failed", work.kind)
            work.error = f"{type(error).__name__}: {error}"
        finally:
            work.ended = time.time()

    def _now(self) -> tuple[datetime, bool]:
        """The store's time, and whether it may be written to; without permission, this machine's time."""
        try:
            return store_now(self._lake.store, rand=secrets.token_hex(8)), True
        except AccessDenied:
            return datetime.now(UTC), False

    def _check(self, work: Work, *, quick: bool) -> None:
        counting = CountingStore(self._lake.store)

        def progress(done: int, total: int) -> None:
            work.done, work.total, work.requests = done, total, counting.requests()
            if work.stop.is_set():
                raise Stopped

        now, _ = self._now()
        work.report = fsck(counting, now=now, quick=quick, progress=progress)
        work.requests = counting.requests()

    def _make_plan(self, work: Work) -> None:
        counting = CountingStore(self._lake.store)
        now, may_write = self._now()
        names = project_names(counting)
        work.total = len(names)
        tasks: list[Task] = []
        problems: list[Problem] = []
        for name in names:
            if work.stop.is_set():
                raise Stopped
            seen = look_at(counting, name)
            tasks += plan_tidy(seen, now=now)
            problems += seen.problems
            work.done += 1
            work.requests = counting.requests()
        work.plan = Plan(tuple(tasks), tuple(sorted(set(problems))), now, may_write)

    def _tidy(self, work: Work, plan: Plan) -> None:
        counting = CountingStore(self._lake.store)
        work.total = len(plan.tasks)
        try:
            for task in plan.tasks:
                if work.stop.is_set():
                    raise Stopped
                work.results = (*work.results, execute(counting, task, now=plan.now))
                work.done += 1
                work.requests = counting.requests()
        finally:
            self._works.pop("plan", None)
            if self._inventory is not None:
                self._inventory = (0.0, self._inventory[1])
            self._after()
