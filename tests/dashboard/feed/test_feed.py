"""Looking at a lake: how often, and what it costs."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from lakeboard.dashboard.feed import feed as data
from lakeboard.dashboard.feed.feed import Feed
from lakeboard.dashboard.feed.refresh_policy import PROJECT_LOCAL, PROJECT_REMOTE
from lakeboard.query.lake import Lake, open_lake
from lakeboard.store.counting import CountingStore
from lakeboard.store.local import LocalStore
from tests.dashboard import lake as lakes
from tests.query.lakes import Writer


class Clock:
    """Time that passes when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = time.time()
        monkeypatch.setattr(data, "time", SimpleNamespace(time=lambda: self.now))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def feed_over(url: str) -> tuple[Feed, CountingStore]:
    store = CountingStore(LocalStore(url))
    return Feed(Lake(store)), store


def test_many_viewers_cost_one_look(lake: str, clock: Clock) -> None:
    feed, store = feed_over(lake)
    first = feed.state(lakes.PROJECT)
    asked = store.requests()
    for _ in range(10):
        assert feed.state(lakes.PROJECT) is first
    clock.now += 1.9
    feed.due(lakes.PROJECT)
    again = feed.state(lakes.PROJECT)
    assert again is not first
    feed.due(lakes.PROJECT)
    assert feed.state(lakes.PROJECT) is again
    # Three listings; nothing new to read.
    assert store.requests() - asked == 3


def test_a_first_look_is_six_listings_and_what_there_is(lake: str, clock: Clock) -> None:
    feed, store = feed_over(lake)
    state = feed.state(lakes.PROJECT)
    assert state.live == 1
    assert state.every == PROJECT_LOCAL.live_seconds
    assert state.requests == store.requests()


def test_a_new_flush_is_one_read(lake: str, clock: Clock) -> None:
    feed, store = feed_over(lake)
    writer = lakes.running(LocalStore(lake))
    writer.flush()
    feed.state(lakes.PROJECT)
    asked = store.requests()
    writer.log(lakes.curve(1, 5)[6:]).flush()
    clock.now += 5
    state = feed.state(lakes.PROJECT)
    assert store.requests() - asked == 4
    assert state.runs.filter(run_id="rlive")["last_step"].item() == 7


def test_while_nothing_runs_a_look_is_one_listing_until_something_begins(tmp_path: Path, clock: Clock) -> None:
    url = lakes.make(tmp_path / "idle")
    for path in (Path(url) / "live" / f"project={lakes.PROJECT}").iterdir():
        path.unlink()
    feed, store = feed_over(url)
    feed.state(lakes.PROJECT)
    asked = store.requests()
    for _ in range(3):
        clock.now += PROJECT_REMOTE.idle_seconds
        quiet = feed.state(lakes.PROJECT)
        assert quiet.requests == 1
    assert store.requests() - asked == 3
    lakes.running(LocalStore(url)).flush()
    clock.now += PROJECT_REMOTE.idle_seconds
    assert feed.state(lakes.PROJECT).live == 1


def test_a_run_that_begins_is_seen_though_another_idle_project_was_looked_at_first(
    tmp_path: Path, clock: Clock
) -> None:
    url = lakes.make(tmp_path / "idle")
    for path in (Path(url) / "live" / f"project={lakes.PROJECT}").iterdir():
        path.unlink()
    Writer(LocalStore(url), "quiet", "q1", rand="000000bb").start().finish()
    feed, store = feed_over(url)
    for project in ("quiet", lakes.PROJECT):
        feed.state(project)
    lakes.running(LocalStore(url)).flush()
    clock.now += PROJECT_REMOTE.idle_seconds
    before = feed.state("quiet")
    assert before.projects.rows() == [(lakes.PROJECT, 1), ("quiet", 0)], "of others only how many run is counted anew"
    assert feed.state(lakes.PROJECT).live == 1
    asked = store.requests()
    clock.now += 5
    assert feed.state("quiet").version == before.version
    assert store.requests() - asked == 1


def test_tails_that_a_dead_run_left_behind_do_not_keep_it_busy(lake: str, clock: Clock) -> None:
    for path in (Path(lake) / "live" / f"project={lakes.PROJECT}").iterdir():
        long_ago = time.time() - 7 * 86_400
        os.utime(path, (long_ago, long_ago))
    feed, store = feed_over(lake)
    assert feed.state(lakes.PROJECT).live == 0
    asked = store.requests()
    clock.now += PROJECT_REMOTE.idle_seconds
    feed.state(lakes.PROJECT)
    assert store.requests() - asked == 1


def test_a_run_that_began_and_ended_between_two_looks_is_seen_in_the_end(tmp_path: Path, clock: Clock) -> None:
    url = lakes.make(tmp_path / "idle")
    live = Path(url) / "live" / f"project={lakes.PROJECT}"
    for path in live.iterdir():
        path.unlink()
    feed, _ = feed_over(url)
    feed.state(lakes.PROJECT)
    quick = lakes.running(LocalStore(url))
    quick.flush()
    quick.finish()
    seen = 0
    for _ in range(10):
        clock.now += PROJECT_REMOTE.idle_seconds
        seen = feed.state(lakes.PROJECT).runs.filter(run_id="rlive").height
        if seen:
            break
    assert seen == 1


def test_a_decision_is_seen_at_once(lake: str, clock: Clock) -> None:
    feed, _ = feed_over(lake)
    before = feed.state(lakes.PROJECT)
    feed.edit(lakes.PROJECT, ["r0"], "delete", editor="ada")
    after = feed.state(lakes.PROJECT)
    assert before.runs.height - after.runs.height == 1
    assert after.deleted["deleted_by"].to_list() == ["ada"]


def test_points_of_ended_runs_are_read_once(lake: str, clock: Clock) -> None:
    feed, store = feed_over(lake)
    state = feed.state(lakes.PROJECT)
    monkey = pytest.MonkeyPatch()
    monkey.setattr(data, "feed", lambda: feed)
    first = data.tracks(state, ["r0", "r1"], ["val/acc"])
    asked = store.requests()
    second = data.tracks(state, ["r1", "r0"], ["val/acc"])
    monkey.undo()
    assert [len(track.step) for track in first] == [8, 8]
    assert second == first[::-1]
    assert store.requests() == asked


def test_a_store_that_does_not_answer_is_tried_again(monkeypatch: pytest.MonkeyPatch, lake: str) -> None:
    from lakeboard.schema.errors import StoreUnreachable

    def unreachable(place: str) -> Lake:
        raise StoreUnreachable(f"{place} does not answer")

    monkeypatch.setattr(data, "open_lake", unreachable)
    with pytest.raises(StoreUnreachable):
        data.feed()
    monkeypatch.undo()
    monkeypatch.setenv("LAKEBOARD_LAKE", lake)
    assert data.feed().lake.exists


def test_a_folder_that_vanished_is_not_an_empty_lake(lake: str) -> None:
    feed, place = Feed(open_lake(lake)), Path(lake)
    before = feed.state(lakes.PROJECT)
    wide = feed.watch.state()
    away = place.rename(place.with_name("away"))
    feed.forget_all()
    gone, all_gone = feed.state(lakes.PROJECT), feed.watch.state()
    assert gone.trouble == all_gone.trouble == f"The folder {lake} is not there any more"
    assert gone.runs.equals(before.runs)
    assert all_gone.overview.names == wide.overview.names
    away.rename(place)
    feed.forget_all()
    assert (feed.state(lakes.PROJECT).trouble, feed.watch.state().trouble) == ("", "")
