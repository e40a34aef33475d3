"""Waiting for what may still come: a few times, ever longer, and never twice in vain for the same thing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from threading import Lock
from typing import Final, TypeAlias

RELISTS: Final = 5
"""So often a reader lists again when something it expects is not there."""
_FIRST_WAIT_SECONDS: Final = 0.05
_MOST_REMEMBERED: Final = 10_000

Sleep: TypeAlias = Callable[[float], None]


def backoff(attempt: int) -> float:
    """Seconds to wait before the listing that follows `attempt` failed ones: from 0.05 on, doubling."""
    return _FIRST_WAIT_SECONDS * 2.0 ** (attempt - 1)


class Patience:
    """Remembers what was waited for in vain. Safe to share between threads."""

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep
        self._lock = Lock()
        self._vain: set[Hashable] = set()

    def wait(self, attempt: int) -> None:
        """Wait before listing again after `attempt` failed listings."""
        self._sleep(backoff(attempt))

    def worthwhile(self, things: Iterable[Hashable]) -> bool:
        """Whether any of these was not yet waited for in vain."""
        with self._lock:
            return any(thing not in self._vain for thing in things)

    def give_up(self, things: Iterable[Hashable]) -> None:
        """These did not come."""
        with self._lock:
            if len(self._vain) > _MOST_REMEMBERED:
                self._vain.clear()
            self._vain.update(things)
