"""The background threads of a process, shared by all its open runs: one that never waits, and one that may hang.

The first takes the points of every run away and spools them twice a second, and between two such rounds does what else
is due, a piece at a time: it encodes a flush here, takes an answer there. Requests to stores, and whatever else may
take its time, are carried out by `Uploads`. 1,000 open runs have two threads, as one has; a store that hangs costs a
third.
"""

from __future__ import annotations

import heapq
import itertools
import os
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable
from typing import Final

from ..console import Console
from ..native import Bell, Thread, lock
from .errands import Stop
from .served import Served
from .uploads import Uploads

TICK_SECONDS: Final = 0.5
"""A killed process loses at most the points of this long (plus the time other code held the interpreter)."""
LANE_FLOWS: Final = 16
"""So many runs of a lake are flushed or ended at once: what is encoded waits in memory, and each is soon through."""
_WIND_DOWN_SECONDS: Final = 0.2


class Background:
    """Serves workers. There is one instance, `BACKGROUND`; it has threads while a run is open, and none otherwise."""

    def __init__(self) -> None:
        self._hooked = False
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Also in a forked child, which has none of the parent's threads and no business with its runs."""
        self._lock = lock()
        self._bell = Bell()
        self._workers: dict[Served, None] = {}
        self._asked: deque[Served] = deque()
        self._answered: deque[Served] = deque()
        self._endings: deque[Served] = deque()
        self._flushes: deque[Served] = deque()
        self._queued: set[Served] = set()
        self._flows: Counter[str] = Counter()
        self._alarms: list[tuple[float, int, Served]] = []
        self._count = itertools.count()
        self._looks: dict[str, list[tuple[Served, Callable[[Stop], None]]]] = {}
        self._thread: Thread | None = None
        self._leaving: list[Thread] = []
        self._uploads = Uploads()

    @property
    def threads(self) -> int:
        """How many there are now."""
        return self._uploads.threads + (self._thread is not None)

    # -- called on any thread ---------------------------------------------------------------------------------

    def attach(self, worker: Served) -> None:
        """Serve a worker until it has ended.

        Raises:
            RuntimeError: the system gives no thread.
        """
        with self._lock:
            if not self._hooked:
                self._hooked = True
                os.register_at_fork(after_in_child=self._begin_anew)
            if self._thread is None:
                self._thread = Thread(self._run, "lakeboard-writer")
            self._workers[worker] = None
        self.ask(worker)

    def ask(self, worker: Served) -> None:
        """Have a worker visited at once: its points taken away, and what else is due seen to."""
        self._asked.append(worker)
        self._bell.ring()

    def answer(self, worker: Served) -> None:
        """A request of a worker was answered."""
        self._answered.append(worker)
        self._bell.ring()

    def wind_down(self) -> None:
        """Where no run is open any more, wait a moment until the threads have ended."""
        end = time.monotonic() + _WIND_DOWN_SECONDS
        with self._lock:
            if self._workers:
                return
            last = self._thread
        if last is not None:
            last.join(max(0.0, end - time.monotonic()))
        for thread in self._leaving:
            thread.join(max(0.0, end - time.monotonic()))

    # -- called on the first thread ---------------------------------------------------------------------------

    def carry(self, job: Callable[[], None], *, lane: str, local: bool) -> None:
        """Have a job done elsewhere; where there is no thread for it, here."""
        try:
            self._uploads.submit(job, lane=lane, local=local)
        except RuntimeError:
            job()

    def alarm(self, worker: Served, at: float) -> None:
        """Have `worker` step at a time of the monotonic clock."""
        heapq.heappush(self._alarms, (at, next(self._count), worker))

    def look(self, worker: Served, lake: str, act: Callable[[Stop], None]) -> None:
        """Have earlier runs of a lake looked for: one look at a time, which all runs share that began before it."""
        with self._lock:
            under_way = lake in self._looks
            self._looks.setdefault(lake, []).append((worker, act))
        if not under_way:
            self.carry(lambda: self._look_for_all(lake), lane=f"earlier runs of {lake}", local=True)

    def _look_for_all(self, lake: str) -> None:
        while True:
            with self._lock:
                together = self._looks.pop(lake)
                if not together:
                    return
                # Whoever comes meanwhile waits for the next one.
                self._looks[lake] = []
            workers = [worker for worker, _ in together]
            if not all(worker.is_ending for worker in workers):
                together[0][1](lambda: all(worker.is_ending for worker in workers))  # noqa: B023 - called in this turn
            for worker in workers:
                worker.looked.open()

    def has_others(self, worker: Served) -> bool:
        """Whether another run of the same lake is served and has not ended yet."""
        with self._lock:
            return any(w is not worker and w.lane == worker.lane and not w.is_over for w in self._workers)

    def detach(self, worker: Served) -> None:
        """`worker` has ended."""
        with self._lock:
            self._workers.pop(worker, None)
        self._bell.ring()

    def _run(self) -> None:
        next_round = 0.0
        try:
            while self._is_needed():
                self._bell.wait(self._pause(next_round))
                # Whoever rings from here on is heard at the next wait; what they rang for before is seen to now.
                self._visit_asked()
                now = time.monotonic()
                if now >= next_round:
                    next_round = now + TICK_SECONDS
                    self._make_round()
                self._ring_alarms()
                self._advance_one()
        except BaseException as error:  # noqa: BLE001 - a defect of ours must be told, and must not stop a training
            with self._lock:
                left, self._workers, self._thread = list(self._workers), {}, None
            for worker in left:
                worker.fail(error)
            if not left:
                Console().warn(f"the background thread failed\n{traceback.format_exc()}")

    def _is_needed(self) -> bool:
        with self._lock:
            if self._workers:
                return True
            # Only now, under the lock: whoever attaches next begins another one.
            self._leaving = [t for t in (self._thread, *self._uploads.close()) if t is not None]
            self._thread = None
            self._flows.clear()
            self._alarms.clear()
            return False

    def _pause(self, next_round: float) -> float:
        if self._asked or self._answered or any(map(self._may_step, itertools.chain(self._endings, self._flushes))):
            return 0.0
        wait = min(next_round - time.monotonic(), self._uploads.grow())
        if self._alarms:
            wait = min(wait, self._alarms[0][0] - time.monotonic())
        return max(0.0, wait)

    def _visit_asked(self) -> None:
        while self._asked:
            worker = self._asked.popleft()
            self._guard(worker, worker.visit)
            self._queue(worker)

    def _make_round(self) -> None:
        for worker in list(self._workers):
            self._guard(worker, worker.visit)
            self._queue(worker)
            if self._asked:
                self._visit_asked()

    def _ring_alarms(self) -> None:
        now = time.monotonic()
        while self._alarms and self._alarms[0][0] <= now:
            self._queue(heapq.heappop(self._alarms)[2])

    def _queue(self, worker: Served) -> None:
        if worker in self._queued or not worker.is_due(time.monotonic()):
            return
        self._queued.add(worker)
        (self._endings if worker.is_ending else self._flushes).append(worker)

    def _advance_one(self) -> None:
        """One piece of work, which encodes one object at most; then points are looked after again."""
        if self._answered:
            worker = self._answered.popleft()
            self._guard(worker, worker.step)
            self._queue(worker)
            return
        for queue in (self._endings, self._flushes):
            for _ in range(len(queue)):
                worker = queue.popleft()
                if not self._may_step(worker):
                    queue.append(worker)
                    continue
                self._queued.discard(worker)
                self._guard(worker, worker.step)
                self._queue(worker)
                return

    def _may_step(self, worker: Served) -> bool:
        return not worker.needs_slot or self._flows[worker.lane] < LANE_FLOWS

    def _guard(self, worker: Served, act: Callable[[], None]) -> None:
        before = worker.in_flow
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - it costs this run alone
            worker.fail(error)
        self._flows[worker.lane] += worker.in_flow - before


BACKGROUND: Final = Background()
"""This process's."""
