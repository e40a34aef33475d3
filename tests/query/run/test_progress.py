"""How far a run has come: one value for all pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lakeboard.query.run.progress import Progress, progress_of

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ROW = {"last_step": 49, "started_at": BEGIN, "created_at": None, "total": 200.0, "total_param": "max_steps"}


def test_what_is_left_is_told_by_the_pace_so_far() -> None:
    assert progress_of(ROW, now=BEGIN + timedelta(hours=1)) == Progress(49, 200.0, "max_steps", 0.25, 3 * 3600.0)
    created = ROW | {"started_at": None, "created_at": BEGIN + timedelta(minutes=30)}
    assert progress_of(created, now=BEGIN + timedelta(hours=1)) == Progress(49, 200.0, "max_steps", 0.25, 1.5 * 3600)


@pytest.mark.parametrize("more", [{"last_step": 1}, {"last_step": 199}, {"last_step": 300}, {"started_at": None}])
def test_at_its_very_start_and_at_its_end_no_pace_is_told(more: dict[str, object]) -> None:
    told = progress_of(ROW | more, now=BEGIN + timedelta(hours=1))
    assert told is not None
    assert told.seconds_left is None
    assert told.part is not None
    assert told.part <= 1


def test_without_a_param_that_tells_only_the_step_is_known() -> None:
    assert progress_of(ROW | {"total": None, "total_param": None}, now=BEGIN) == Progress(49)
    assert progress_of(ROW | {"last_step": None}, now=BEGIN) is None
