"""Who carries out what may hang: requests to stores, git, recoveries. One thread, and more only while it is held up."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ..native import Bell, Thread, lock

Job: TypeAlias = Callable[[], None]
"""Something to do; raises nothing."""

LANE_THREADS: Final = 8
"""A store that hangs, or is slow, takes no more threads than this."""
MAX_THREADS: Final = 64
REMOTE_PATIENCE_SECONDS: Final = 0.05
LOCAL_PATIENCE_SECONDS: Final = 0.5
"""A job that waited this long for a thread gets a further one: an object store is quick when asked several things at
once, a disk is not, and there only a request that hangs should cost a thread."""
IDLE_SECONDS: Final = 5.0
"""A further thread that had nothing to do for this long ends."""


@dataclass(slots=True)
class _Lane:
    """What waits for one store."""

    patience: float
    waiting: deque[tuple[float, Job]] = field(default_factory=deque)
    busy: int = 0


@dataclass(slots=True, eq=False)
class _Hand:
    """A thread."""

    bell: Bell = field(default_factory=Bell)
    thread: Thread | None = None


class Uploads:
    """Carries out jobs by lane, in order within a lane and in turns between lanes.

    Threads: one while there is work or `close` was not called; another one when a job has waited too long for its
    turn, at most `LANE_THREADS` of a lane and `MAX_THREADS` in all. So a lane that hangs holds up no other.
    """

    def __init__(
        self,
        *,
        start: Callable[[Callable[[], None], str], Thread] = Thread,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._start = start
        self._now = now
        self._lock = lock()
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()
        self._hands: set[_Hand] = set()
        self._idle: list[_Hand] = []
        self._grown = -math.inf
        self._closed = False

    @property
    def threads(self) -> int:
        """How many there are."""
        return len(self._hands)

    def submit(self, job: Job, *, lane: str, local: bool) -> None:
        """Have `job` carried out. Never waits for it.

        Args:
            job: what to do.
            lane: whose turn it takes.
            local: whether the lane leads to a disk.

        Raises:
            RuntimeError: there is no thread, and the system gives none.
        """
        with self._lock:
            self._closed = False
            if not self._hands:
                self._add()
            found = self._lanes.get(lane)
            if found is None:
                patience = LOCAL_PATIENCE_SECONDS if local else REMOTE_PATIENCE_SECONDS
                found = self._lanes[lane] = _Lane(patience)
            found.waiting.append((self._now(), job))
            if self._idle:
                self._idle.pop().bell.ring()

    def grow(self) -> float:
        """Begin a further thread where a job has waited too long; after how many seconds to ask again.

        Infinity where nothing waits that a further thread could do.
        """
        with self._lock:
            open_lanes = [lane for lane in self._lanes.values() if lane.waiting and lane.busy < LANE_THREADS]
            if not open_lanes or len(self._hands) >= MAX_THREADS:
                return math.inf
            now = self._now()
            patience = min(lane.patience for lane in open_lanes)
            due = min(lane.waiting[0][0] + lane.patience for lane in open_lanes)
            # One at a time: what the last one takes off the queue shows only after a while.
            wait = max(due, self._grown + patience) - now
            if wait > 0:
                return wait
            self._grown = now
            try:
                self._add()
            except RuntimeError:
                # Those that there are will come to it.
                return math.inf
            return patience

    def close(self) -> list[Thread]:
        """End all threads, each when nothing is left to do; the next `submit` begins anew. The threads."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().bell.ring()
            return [hand.thread for hand in self._hands if hand.thread is not None]

    def _add(self) -> None:
        hand = _Hand()
        hand.thread = self._start(lambda: self._serve(hand), "lakeboard-upload")
        self._hands.add(hand)

    def _serve(self, hand: _Hand) -> None:
        rested = False
        while True:
            with self._lock:
                found = self._next()
                if found is None:
                    if self._closed or (rested and len(self._hands) > 1):
                        self._hands.discard(hand)
                        return
                    self._idle.append(hand)
            if found is None:
                hand.bell.wait(IDLE_SECONDS)
                with self._lock:
                    # Nobody called it, or it would not be among the idle any more.
                    rested = hand in self._idle
                    if rested:
                        self._idle.remove(hand)
                continue
            lane, job = found
            try:
                job()
            finally:
                # The answer's data must not live on until the next job comes.
                del job, found
                with self._lock:
                    lane.busy -= 1
            rested = False

    def _next(self) -> tuple[_Lane, Job] | None:
        for name in list(self._lanes):
            lane = self._lanes[name]
            if lane.waiting and lane.busy < LANE_THREADS:
                lane.busy += 1
                self._lanes.move_to_end(name)
                return lane, lane.waiting.popleft()[1]
            if not lane.waiting and not lane.busy:
                del self._lanes[name]
        return None
