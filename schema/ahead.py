"""Clock readings that are ahead of the object they stand in: nobody decided anything tomorrow. Pure.

The last decision wins by its author's clock, so a clock that is centuries ahead would have the last word for ever, and
whoever decides afterwards would be stamped later still. What is more than a day after its object's own time, which
the store tells, is passed over and named. A copy of an object is younger than what it holds, never older.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

MAX_AHEAD: Final = timedelta(days=1)
"""Clocks that nobody sets drift by minutes, time zones taken for UTC by hours."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PER_MS: Final = 1_000_000


def latest_hlc(modified: datetime) -> int:
    """The highest clock reading that counts in an object of this time."""
    return ((modified - _EPOCH + MAX_AHEAD) // timedelta(milliseconds=1) + 1) * _PER_MS - 1


def is_ahead(hlc: int, modified: datetime) -> bool:
    """Whether a reading is more than a day after its object's own time."""
    return hlc > latest_hlc(modified)


def said_ahead(key: str, what: str, hlc: int, modified: datetime) -> str:
    """What to say of it.

    Args:
        key: the object's.
        what: stands there, such as `3 decisions of ann`.
        hlc: the reading.
        modified: the object's own time.
    """
    try:
        said = f"{_EPOCH + timedelta(milliseconds=hlc // _PER_MS):%Y-%m-%d %H:%M} UTC"
    except OverflowError:
        said = "a time beyond all calendars"
    return (
        f"{key}: {what} of {said} can't be, since the object is of {modified:%Y-%m-%d %H:%M} UTC: passed over; "
        "set the clock of the machine that wrote it and decide again"
    )
