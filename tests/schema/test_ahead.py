"""Clock readings that can't be: more than a day after their object's own time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lakeboard.schema.ahead import MAX_AHEAD, is_ahead, said_ahead
from lakeboard.schema.ids import next_hlc

_MODIFIED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _hlc(moment: datetime) -> int:
    return next_hlc(round(moment.timestamp() * 1000))


@pytest.mark.parametrize(
    ("after", "ahead"),
    [
        (-timedelta(days=4000), False),
        (timedelta(), False),
        (MAX_AHEAD, False),
        (MAX_AHEAD + timedelta(milliseconds=1), True),
        (timedelta(days=365 * 300), True),
    ],
)
def test_a_day_is_let_pass(after: timedelta, ahead: bool) -> None:
    assert is_ahead(_hlc(_MODIFIED + after), _MODIFIED) is ahead


def test_the_counter_within_a_millisecond_counts_as_that_millisecond() -> None:
    assert not is_ahead(_hlc(_MODIFIED + MAX_AHEAD) + 999_999, _MODIFIED)


@pytest.mark.parametrize(("hlc", "named"), [(2**63 - 1, "2262"), (10**25, "beyond all calendars")])
def test_it_is_told_with_both_times(hlc: int, named: str) -> None:
    told = said_ahead("edits/x", "one decision", hlc, _MODIFIED)
    assert told.startswith("edits/x: one decision of ")
    assert named in told
    assert "2026-03-01 12:00 UTC" in told
    assert "set the clock" in told
