"""When the next part of a console is sent. Pure; the clock is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LOCAL_SECONDS: Final = 60.0
REMOTE_SECONDS: Final = 300.0
_GROWTH: Final = 1.5


@dataclass(slots=True)
class Pace:
    """Parts after 5 s, then x1.5 up to `longest` while there is news. A day of steady printing costs 300 PUTs.

    After a failure the next attempt waits for as long again.
    """

    longest: float
    now: float
    """Time of creation, by a monotonic clock."""
    first: float = 5.0

    _interval: float = 0.0
    _last: float = 0.0
    _failing: bool = False

    def __post_init__(self) -> None:
        self._interval = min(self.first, self.longest)
        self._last = self.now

    def due(self, now: float, *, large: bool = False) -> bool:
        """Whether it is time; what is large need not wait, unless the last attempt failed."""
        return now >= self._last + self._interval or (large and not self._failing)

    def done(self, now: float) -> None:
        """A part was sent."""
        self._last, self._failing = now, False
        self._interval = min(self._interval * _GROWTH, self.longest)

    def failed(self, now: float) -> None:
        """A part could not be sent."""
        self._last, self._failing = now, True
