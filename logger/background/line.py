"""Where calls of `log` stand that wait for the background thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ..native import Latch


class Line:
    """Callers that wait to be let through. Nobody in it is overlooked (`tests/protocol/handover.py`)."""

    __slots__ = ("_closed", "_latches")

    def __init__(self) -> None:
        self._latches: deque[Latch] = deque()
        self._closed = False

    def wait(self, ask: Callable[[], None], timeout: float) -> bool:
        """Stand in line, ask to be served and wait, `timeout` seconds at most; whether one was let through."""
        latch = Latch()
        # In this order: who asked first and stood in line then could come too late for the visit that was asked for.
        self._latches.append(latch)
        if self._closed:
            return True
        ask()
        return latch.wait(timeout)

    def called(self) -> list[Latch]:
        """Those who stand here now, taken out: to be let through when what they wait for was done *after* this."""
        return [self._latches.popleft() for _ in range(len(self._latches))]

    def close(self) -> None:
        """Let everybody through, and let nobody wait from now on."""
        self._closed = True
        let_through(self.called())


def let_through(latches: list[Latch]) -> None:
    """Let them go on."""
    for latch in latches:
        latch.open()
