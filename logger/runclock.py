"""A run's clock: the machine's, but a run never ends before it began."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ..schema.run.row import RunRow

CLOCK_ENV: Final = "clock"
"""The name in a row's `env` under which stands that the clock was set while the run was under way."""
_TOLERANCE_MS: Final = 2_000
_TOLERANCE_PART: Final = 0.001
"""A clock that is corrected slowly gains or loses half of this at most."""


def now_ms() -> int:
    """Milliseconds since 1970, by the machine's clock, which anybody may set."""
    return time.time_ns() // 1_000_000


def steady_seconds() -> float:
    """Seconds by a clock that nobody can set; on Linux it goes on while the machine sleeps."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class RunClock:
    """Tells what time it is for a run.

    Args:
        started_ms: when the run began by the machine's clock, now.
        wall_ms: the machine's clock.
        steady: seconds by one that can't be set.
    """

    def __init__(
        self,
        started_ms: int,
        *,
        wall_ms: Callable[[], int] = now_ms,
        steady: Callable[[], float] = steady_seconds,
    ) -> None:
        self._started_ms = started_ms
        self._wall_ms = wall_ms
        self._steady = steady
        self._began = steady()

    def now_ms(self) -> int:
        """What the machine's clock says; where it was set back, the start and the time that has passed since."""
        return max(self._wall_ms(), self._counted_ms())

    def end(self, row: RunRow) -> RunRow:
        """The row of a run that ends now: `ended_at` is never before the start, and `env` says if the clock was set."""
        counted = self._counted_ms()
        ahead = self._wall_ms() - counted
        if row.ended_at is None:
            return row
        ended = max(row.ended_at, self._started_ms)
        if abs(ahead) <= max(_TOLERANCE_MS, _TOLERANCE_PART * (counted - self._started_ms)):
            return replace(row, ended_at=ended)
        if ahead < 0:
            said = f"set back by {-ahead / 1000:,.0f} s during the run; its end is its start and the time that passed"
            ended = max(ended, counted)
        else:
            said = f"set ahead by {ahead / 1000:,.0f} s during the run, which is in its duration"
        return replace(
            row, ended_at=ended, updated_at=max(row.updated_at or 0, ended), env={**row.env, CLOCK_ENV: said}
        )

    def _counted_ms(self) -> int:
        return self._started_ms + int(1000 * (self._steady() - self._began))
