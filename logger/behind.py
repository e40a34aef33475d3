"""How far the lake is behind what was logged. Pure; the clock is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(slots=True)
class Behind:
    """Remembers since when points wait, and the worst that was.

    A reader sees only what arrived, so a tail tells what the lake lacked when it was put together: the tail that
    ends an outage says how long that was.
    """

    worst: str | None = None
    """In words, the most points that the lake was behind by; None where it never was."""
    _since: int | None = None
    """When the oldest point came that the lake has not acknowledged."""
    _fresh: int | None = None
    """When the oldest point came that the tail under way does not have."""
    _most: int = 0

    def came(self, now_ms: int) -> None:
        """Points came."""
        if self._since is None:
            self._since = now_ms
        if self._fresh is None:
            self._fresh = now_ms

    def composed(self) -> None:
        """A tail with all points so far is about to be sent."""
        self._fresh = None

    def acknowledged(self) -> None:
        """It arrived."""
        self._since = self._fresh

    def said(self, points: int, now_ms: int, *, after_seconds: float) -> dict[str, Any]:
        """What a tail says of it: nothing, unless the oldest waiting point is older than that.

        Args:
            points: those that the lake has not acknowledged.
            now_ms: milliseconds since 1970.
            after_seconds: an age that is nothing out of the ordinary.
        """
        if not points or self._since is None or now_ms - self._since < 1000 * after_seconds:
            return {}
        seconds = round(max(0.0, (now_ms - self._since) / 1000), 3)
        if points > self._most:
            self._most = points
            at = datetime.fromtimestamp(now_ms / 1000, UTC)
            self.worst = f"at most {points:,} points and {seconds:,.0f} s, at {at:%Y-%m-%d %H:%M:%S} UTC"
        return {"behind_points": points, "behind_seconds": seconds}
