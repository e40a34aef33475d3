"""How far the lake is behind: silent while all is well, exact after an outage, and the worst is remembered."""

from __future__ import annotations

import polars as pl
import pytest

import lakeboard
from lakeboard.logger.behind import Behind
from lakeboard.query.lake import Lake
from lakeboard.schema.run.row import BEHIND_ENV
from lakeboard.store.testing import Fault, FaultyStore, MemoryStore
from tests.upkeep.worlds import T0, P, ended, feed, finish, memory, writer


def test_nothing_is_said_of_what_just_came() -> None:
    behind = Behind()
    assert behind.said(0, 1_000, after_seconds=0) == {}
    behind.came(1_000)
    assert behind.said(3, 60_999, after_seconds=60) == {}
    assert behind.said(3, 61_000, after_seconds=60) == {"behind_points": 3, "behind_seconds": 60.0}


def test_what_came_after_a_tail_was_composed_waits_from_then_on() -> None:
    behind = Behind()
    behind.came(1_000)
    behind.composed()
    behind.came(5_000)
    behind.came(6_000)
    behind.acknowledged()
    assert behind.said(2, 9_000, after_seconds=0) == {"behind_points": 2, "behind_seconds": 4.0}
    behind.composed()
    assert behind.said(2, 10_000, after_seconds=0)["behind_seconds"] == 5.0, "it did not arrive"
    behind.composed()
    behind.acknowledged()
    assert behind.said(0, 99_000, after_seconds=0) == {}
    assert behind.worst == "at most 2 points and 4 s, at 1970-01-01 00:00:09 UTC"


def test_a_clock_that_goes_back_says_no_negative_seconds() -> None:
    behind = Behind()
    behind.came(90_000)
    assert behind.said(1, 10_000, after_seconds=-1_000)["behind_seconds"] == 0.0


def test_the_row_says_it_after_an_outage_and_no_longer_when_all_is_well() -> None:
    inner, _ = memory()
    away: list[bool] = []
    w = writer(FaultyStore(inner, lambda verb, key, n: Fault("before") if away else None), "r1")
    feed(w, 5)
    w.flush(due_seconds=30)

    def shown() -> tuple[object, ...]:
        columns = ("status", "behind_points", "behind_seconds")
        lake = Lake(inner, sleep=lambda seconds: None, wall=lambda: T0)
        return lake.runs(P, where='run_id = "r1"').select(columns).row(0)

    assert shown() == ("running", None, None)
    away.append(True)
    feed(w, 7)
    for _ in range(3):
        try:
            w.flush(due_seconds=30, late_after_seconds=0)
        except lakeboard.LakeboardError:
            continue
    assert shown() == ("running", None, None), "a reader sees only what arrived"
    away.clear()
    feed(w, 2)
    w.flush(due_seconds=30, late_after_seconds=0)
    status, points, seconds = shown()
    assert (status, points) == ("running", 9)
    assert isinstance(seconds, float)
    w.flush(due_seconds=30, late_after_seconds=0)
    assert shown() == ("running", None, None)
    finish(w)
    assert shown() == ("finished", None, None)
    view = Lake(inner, wall=lambda: T0).run(P, "r1")
    assert view.row.env[BEHIND_ENV].startswith("at most 9 points")
    ended(inner, "r2")
    assert BEHIND_ENV not in Lake(inner, wall=lambda: T0).run(P, "r2").row.env


def test_a_hostile_tail_says_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore(clock=lambda: T0)
    w = writer(store, "r1")
    feed(w, 1)
    said = {"behind_points": "many", "behind_seconds": [1]}
    monkeypatch.setattr(Behind, "said", lambda *_, **__: said)
    w.flush(due_seconds=30)
    frame = Lake(store, wall=lambda: T0).runs(P)
    assert frame.select("behind_points", "behind_seconds").row(0) == (None, None)
    assert frame.schema["behind_points"] == pl.Int64
