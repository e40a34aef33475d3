"""When the lake hears of a run: soon at first, then at a pace that costs little. Pure; the clock is passed in."""

from __future__ import annotations

from dataclasses import dataclass

_GROWTH = 1.5


@dataclass(slots=True)
class Schedule:
    """Flushes after 2 s, then x1.5 up to `flush_seconds`; heartbeats after 60 s, x1.5 up to 5 minutes.

    After a failure the next attempt comes after 2 s, x1.5 up to `flush_seconds`, whatever is waiting.
    """

    flush_seconds: float
    """Longest time between two flushes while there is something new."""
    now: float
    """Time of creation, by a monotonic clock."""
    first_seconds: float = 2.0
    heartbeat_seconds: float = 60.0
    max_heartbeat_seconds: float = 300.0

    _interval: float = 0.0
    _heartbeat: float = 0.0
    _last: float = 0.0
    _retry: float = 0.0
    _started: bool = False

    def __post_init__(self) -> None:
        self._interval = min(self.first_seconds, self.flush_seconds)
        self._heartbeat = self.heartbeat_seconds
        self._last = self.now

    def due(self, now: float, *, news: bool, urgent: bool = False) -> bool:
        """Whether to flush now. The start is due at once; so is what is urgent, unless an attempt just failed."""
        if self._retry:
            return now >= self._last + self._retry
        if urgent or not self._started:
            return True
        return now >= self._last + (self._interval if news else self._heartbeat)

    def done(self, now: float, *, news: bool) -> None:
        """A flush was acknowledged."""
        if self._started:
            if news:
                self._interval = min(self._interval * _GROWTH, self.flush_seconds)
                self._heartbeat = self.heartbeat_seconds
            else:
                self._heartbeat = min(self._heartbeat * _GROWTH, self.max_heartbeat_seconds)
        self._started, self._last, self._retry = True, now, 0.0

    def failed(self, now: float) -> None:
        """A flush failed."""
        self._last = now
        self._retry = min(max(2.0, self._retry * _GROWTH), max(self.flush_seconds, 2.0))

    @property
    def late_seconds(self) -> float:
        """A point that is older than this when it is uploaded was held up by a slow store."""
        return 2 * self._interval + 3.0

    def promise_seconds(self, *, news: bool) -> float:
        """Within which time after the flush that is due now the next one comes, if all is well.

        Args:
            news: whether this one carries any; without, the next heartbeat is further away.
        """
        if news or not self._started:
            return self.heartbeat_seconds
        return min(self._heartbeat * _GROWTH, self.max_heartbeat_seconds)
