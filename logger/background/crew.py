"""Who serves a worker: the background threads of the process or, where the system gives none, who waits for the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from .served import Served

_PAUSE_SECONDS: Final = 0.05


class Crew(Protocol):
    """What a worker may ask for. None of it waits."""

    def ask(self, worker: Served) -> None:
        """Have it visited."""
        ...

    def answer(self, worker: Served) -> None:
        """Have it step, since its request was answered."""
        ...

    def alarm(self, worker: Served, at: float) -> None:
        """Have it step at a time of the monotonic clock."""
        ...

    def carry(self, job: Callable[[], None], *, lane: str, local: bool) -> None:
        """Have something done that may hang; see `Uploads.submit`."""
        ...

    def look(self, worker: Served, lake: str, act: Callable[[Callable[[], bool]], None]) -> None:
        """Have earlier runs of a lake looked for, and `worker.looked` opened after it."""
        ...

    def has_others(self, worker: Served) -> bool:
        """Whether another run of its lake is open, which may do the chores of both when it ends."""
        ...

    def detach(self, worker: Served) -> None:
        """Serve it no longer."""
        ...


class Alone:
    """Serves one worker on the caller's thread."""

    def serve(self, worker: Served) -> None:
        """Until it is over; every request is waited for."""
        while not worker.is_over:
            worker.visit()
            worker.step()
            if not worker.is_over and not worker.is_due(time.monotonic()):
                time.sleep(_PAUSE_SECONDS)

    def ask(self, worker: Served) -> None:
        """It is visited all the time."""

    def answer(self, worker: Served) -> None:
        """It steps all the time."""

    def alarm(self, worker: Served, at: float) -> None:
        """Likewise."""

    def carry(self, job: Callable[[], None], *, lane: str, local: bool) -> None:
        """At once."""
        job()

    def look(self, worker: Served, lake: str, act: Callable[[Callable[[], bool]], None]) -> None:
        """There is no time for that."""
        worker.looked.open()

    def has_others(self, worker: Served) -> bool:
        """Nobody knows."""
        return False

    def detach(self, worker: Served) -> None:
        """It was never attached."""
