"""What a run's threads print, as it was written, until the background takes it away."""

from __future__ import annotations

from collections import deque
from typing import Final

BACKLOG_CHARS: Final = 2_000_000
"""What waits at most; what is printed faster than it can be taken away is counted and left out."""


class Transcript:
    """Written to by any thread, without a lock and without waiting; read by one."""

    __slots__ = ("_dropped", "_size", "_waiting")

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, str]] = deque()
        self._size = 0
        self._dropped = 0

    def take_in(self, stream: int, text: str) -> None:
        """Keep what was written to a stream. About a third of a microsecond; never raises, never waits."""
        if len(text) > BACKLOG_CHARS:
            self._dropped += len(text) - BACKLOG_CHARS
            text = text[:BACKLOG_CHARS]
        if self._size < BACKLOG_CHARS:
            self._waiting.append((stream, text))
            self._size += len(text)
        else:
            self._dropped += len(text)

    def leave_out(self, count: int) -> None:
        """Count so many characters as printed and not kept."""
        self._dropped += count

    def take(self, most: int) -> tuple[list[tuple[int, str]], int]:
        """Take away about `most` characters, in the order in which they came, and how many were left out since then.

        What was left out came after all that is taken here.
        """
        out: list[tuple[int, str]] = []
        taken = 0
        while self._waiting and taken < most:
            stream, text = self._waiting.popleft()
            out.append((stream, text))
            taken += len(text)
        if self._waiting:
            self._size -= taken
            return out, 0
        # Threads that count at once may miscount: an empty one is empty.
        self._size = 0
        dropped, self._dropped = self._dropped, 0
        return out, dropped

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting and not self._dropped

    def forget(self) -> None:
        """In a forked child: what waited is the parent's."""
        self._waiting.clear()
        self._size = self._dropped = 0
