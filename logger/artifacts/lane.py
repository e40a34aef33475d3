"""Threads that upload: one for each lake that a process uploads to, while there is something to upload.

They are apart from those that carry points, so that a large file holds up neither points nor signs of life.
"""

from __future__ import annotations

import math
import os
import time
from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

from ..native import Bell, RLock, Thread

Task: TypeAlias = Callable[[], float | None]
"""Something to do. Returns None when it is done, else after how many seconds it is to be tried again."""


class Lane:
    """Tasks of one lake, one after the other in their order; a task that is to be tried again keeps its place.

    Args:
        start: begins a thread.
        now: seconds of a clock that only goes on.
    """

    def __init__(
        self,
        *,
        start: Callable[[Callable[[], None], str], object] = Thread,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._start = start
        self._now = now
        # Reentrant: a signal's handler may end runs while a call is under way in its thread.
        self._lock = RLock()
        self._tasks: deque[Task] = deque()
        self._bell = Bell()
        self._running = False

    def put(self, task: Task) -> None:
        """Have a task done. Never waits.

        Raises:
            RuntimeError: the system gives no thread; the task is not kept.
        """
        with self._lock:
            self._tasks.append(task)
            if self._running:
                return
            self._running = True
        try:
            self._start(self._serve, "lakeboard-artifacts")
        except RuntimeError:
            with self._lock:
                self._running = False
                self._tasks.remove(task)
            raise

    def ring(self) -> None:
        """Try again now what waits to be tried again."""
        self._bell.ring()

    def _serve(self) -> None:
        while True:
            with self._lock:
                if not self._tasks:
                    self._running = False
                    return
                task = self._tasks[0]
            again = task()
            if again is None:
                with self._lock:
                    self._tasks.popleft()
            else:
                self._bell.wait(min(again, _LONGEST_SECONDS))


class Lanes:
    """The lanes of this process. There is one instance, `LANES`; a forked child begins with none."""

    def __init__(self) -> None:
        self._hooked = False
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._lock = RLock()
        self._lanes: dict[str, Lane] = {}

    def of(self, lake: str) -> Lane:
        """The lane of a lake."""
        with self._lock:
            if not self._hooked:
                self._hooked = True
                os.register_at_fork(after_in_child=self._begin_anew)
            return self._lanes.setdefault(lake, Lane())


FIRST_PAUSE_SECONDS: Final = 1.0
LAST_PAUSE_SECONDS: Final = 60.0
_LONGEST_SECONDS: Final = 1e6


def pause(failures: int) -> float:
    """Seconds from one failed try to the next: one, then twice as long each time, up to a minute. Pure."""
    return min(LAST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * math.ldexp(1.0, min(failures, 10)))


LANES: Final = Lanes()
"""Of this process."""
