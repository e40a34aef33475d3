"""Times as people write them: a moment is the whole span its text names, so `= 2026-11-01` means that day."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_DATE: Final = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})"
    r"(?:[T ](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6}))?)?"
    r"\s?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_AGO: Final = re.compile(r"(?P<amount>\d{1,9}(?:\.\d{1,9})?)\s*(?P<unit>[a-z]+?)s?\s+ago", re.ASCII | re.IGNORECASE)
_SECONDS: Final = {
    "second": 1, "sec": 1, "s": 1, "": 1, "minute": 60, "min": 60, "hour": 3600, "h": 3600, "day": 86400, "d": 86400,
    "week": 604800, "w": 604800, "month": 2629746, "year": 31556952,
}  # fmt: skip
WRITTEN: Final = 'such as "2026-11-01", "2026-11-01 14:30", "yesterday" or "2 days ago"'
"""What a message says about how times are written."""


def span(text: str, now: datetime) -> tuple[datetime, datetime] | None:
    """The first moment of what `text` names and the first after it, in UTC; null when it names no time.

    A year, month, day, minute or second is its whole length; `2 days ago` and `now` are one millisecond. Times
    without a zone are UTC. Months and years ago are average ones.
    """
    text = text.strip()
    try:
        match = _DATE.fullmatch(text)
        if match:
            return _dated(match)
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        match text.casefold():
            case "now":
                return _instant(now)
            case "today":
                return midnight, midnight + timedelta(days=1)
            case "yesterday":
                return midnight - timedelta(days=1), midnight
        match = _AGO.fullmatch(text)
        seconds = _SECONDS.get(match["unit"].casefold()) if match else None
        return _instant(now - timedelta(seconds=seconds * float(match["amount"]))) if match and seconds else None
    except (ValueError, OverflowError):
        # A 31st of February, or further back than the calendar goes.
        return None


def _instant(at: datetime) -> tuple[datetime, datetime]:
    at = at.astimezone(UTC)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    return at, at + timedelta(milliseconds=1)


def _dated(match: re.Match[str]) -> tuple[datetime, datetime]:
    year, month, day = int(match["year"]), int(match["month"] or 1), int(match["day"] or 1)
    if match["month"] is None:
        return datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    if match["day"] is None:
        following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        return datetime(year, month, 1, tzinfo=UTC), following
    start = datetime(year, month, day, tzinfo=UTC)
    if match["hour"] is None:
        return start, start + timedelta(days=1)
    fraction = match["fraction"] or ""
    micro, second = int(fraction.ljust(6, "0")), int(match["second"] or 0)
    start = start.replace(hour=int(match["hour"]), minute=int(match["minute"]), second=second, microsecond=micro)
    zone = match["zone"]
    if zone and zone not in "Zz":
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        start = start - offset if zone[0] == "+" else start + offset
    if match["second"] is None:
        return start, start + timedelta(minutes=1)
    return start, start + (timedelta(milliseconds=1) if fraction else timedelta(seconds=1))
