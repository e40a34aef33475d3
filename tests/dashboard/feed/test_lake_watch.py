"""Looking at all projects: how often, and what it costs."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from lakeboard.dashboard.feed import lake_watch
from lakeboard.dashboard.feed.lake_watch import Watch
from lakeboard.dashboard.feed.refresh_policy import LAKE_LOCAL, LAKE_REMOTE
from lakeboard.schema.errors import StoreUnreachable
from tests.query.lakes import Writer
from tests.query.worlds import HOUR, World, curve, team


class Clock:
    """Time that passes when told to, for the watch and for the lake."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, world: World) -> None:
        self.now = time.time()
        self.world = world
        monkeypatch.setattr(lake_watch, "time", SimpleNamespace(time=lambda: self.now))

    def advance(self, seconds: float) -> None:
        self.now += seconds
        self.world.clock.now += timedelta(seconds=seconds)


@pytest.fixture
def world() -> World:
    return team()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, world: World) -> Clock:
    return Clock(monkeypatch, world)


def test_a_refresh_is_three_listings_however_many_projects_and_viewers(world: World, clock: Clock) -> None:
    seen = Watch(world.lake)
    first = seen.state()
    assert (first.live, first.requests) == (2, world.counting.requests())
    world.counting.reset()
    for _ in range(10):
        assert seen.state() is first
    assert world.counting.requests() == 0
    clock.advance(first.every + 0.1)
    second = seen.state()
    assert second.requests == world.counting.requests() == 3
    seen.due()
    assert seen.state() is second, "another viewer just looked"


def test_a_flush_is_one_read_more(world: World, clock: Clock) -> None:
    seen = Watch(world.lake)
    writer = Writer(world.store, "quiet", "q2", rand="00000022").start()
    writer.log(curve(0.1)).flush()
    seen.state()
    world.counting.reset()
    writer.log(curve(0.2, first=1)).flush()
    clock.advance(20)
    state = seen.state()
    assert (state.requests, state.live) == (4, 3)
    assert state.overview.runs.filter(run_id="q2")["last"].item() == 0.2


def test_while_nothing_runs_a_look_is_one_listing_until_something_begins(world: World, clock: Clock) -> None:
    seen = Watch(world.lake)
    seen.state()
    clock.advance(2 * HOUR.total_seconds())
    assert seen.state().live == 0
    world.counting.reset()
    for _ in range(3):
        clock.advance(LAKE_REMOTE.idle_seconds + 1)
        assert seen.state().requests == 1
    assert world.counting.requests() == 3
    Writer(world.store, "brand-new", "n1", rand="00000077").start()
    clock.advance(LAKE_REMOTE.idle_seconds + 1)
    state = seen.state()
    assert state.live == 1
    assert "brand-new" in state.overview.names


def test_what_runs_is_looked_at_more_often_and_less_where_looking_takes_long(world: World, clock: Clock) -> None:
    state = Watch(world.lake).state()
    assert state.every == LAKE_REMOTE.live_seconds
    assert replace(state, local=True).every == LAKE_LOCAL.live_seconds
    assert replace(state, local=True, took=1.0).every == 10.0
    assert replace(state, trouble="no answer").every == LAKE_REMOTE.unreachable_seconds


def test_many_unread_projects_come_bit_by_bit(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake_watch, "UNREAD", 1)
    seen = Watch(world.lake)
    pending = []
    for _ in range(3):
        state = seen.state()
        pending.append(state.overview.pending)
        clock.advance(state.every + 0.1)
    assert pending == [("quiet", "vision"), ("quiet",), ()]


def test_a_lake_that_stops_answering_leaves_what_was_there(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Watch(world.lake)
    before = seen.state()

    def refuse(prefix: str) -> None:
        raise StoreUnreachable("no answer")

    monkeypatch.setattr(world.counting, "list", refuse)
    clock.advance(60)
    after = seen.state()
    assert after.trouble == "no answer"
    assert after.overview is before.overview
    assert after.taken == before.taken
    monkeypatch.undo()
    clock_again = Clock(monkeypatch, world)
    clock_again.now = clock.now + 60
    assert seen.state().trouble == ""


def test_a_lake_that_never_answered_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(prefix: str) -> None:
        raise StoreUnreachable("no answer")

    monkeypatch.setattr(world.counting, "list", refuse)
    with pytest.raises(StoreUnreachable):
        Watch(world.lake).state()


def test_a_decision_is_seen_at_once(world: World, clock: Clock) -> None:
    seen = Watch(world.lake)
    assert seen.state().live == 2
    world.lake.delete("vision", ["v4"])
    assert seen.state().live == 2
    seen.forget()
    assert seen.state().live == 1
