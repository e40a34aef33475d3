"""What all viewers share: one look at a time, the last one while the lake does not answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

import pytest

from lakeboard.dashboard.feed.refresh_policy import RefreshPolicy
from lakeboard.dashboard.feed.refresher import Refresher, Seen
from lakeboard.query.objects.lru import MemoryCache
from lakeboard.schema.errors import StoreUnreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Seen):
    number: int


class Lake:
    """Counts looks; nothing ever runs in it."""

    def __init__(self, budget: int = 10_000) -> None:
        self.now = 1000.0
        self.looks = self.glances = 0
        self.begun = self.away = False
        self.retired: list[int] = []
        self.memory = MemoryCache(budget)
        self.part = self.memory.part("pages")
        self.refresher = Refresher(
            read=self.read,
            glance=self.glance,
            policy=RefreshPolicy(live_seconds=2.0, idle_seconds=30.0),
            clock=lambda: self.now,
            part=self.part,
            key="lake",
            size=lambda _: 1_000,
            retire=lambda seen: self.retired.append(seen.number),
        )

    def read(self, last: Count | None) -> Count:
        if self.away:
            raise StoreUnreachable("no answer")
        self.looks += 1
        self.begun = False
        return Count(number=self.looks, taken=self.now, asked=self.now, whole=self.now, requests=3, local=True)

    def glance(self, last: Count) -> Count | None:
        self.glances += 1
        if self.begun:
            return None
        return Count(number=last.number, taken=self.now, asked=self.now, whole=last.whole, requests=1, local=True)


def test_viewers_who_come_together_share_one_look() -> None:
    lake, ready = Lake(), Barrier(8)

    def view() -> int:
        ready.wait(10)
        return lake.refresher.current().number

    with ThreadPoolExecutor(8) as pool:
        assert {each.result() for each in [pool.submit(view) for _ in range(8)]} == {1}
    assert lake.looks == 1


def test_a_glance_keeps_what_is_there_and_a_look_retires_it() -> None:
    lake = Lake()
    assert lake.refresher.last is None
    first = lake.refresher.current()
    lake.now += 30
    assert (lake.refresher.current().number, lake.glances, lake.looks) == (1, 1, 1)
    lake.now += 30
    lake.begun = True
    assert (lake.refresher.current().number, lake.glances, lake.looks) == (2, 2, 2)
    assert lake.retired == [first.number]


def test_a_change_and_a_viewers_clock_are_heard_once() -> None:
    lake = Lake()
    lake.refresher.current()
    lake.refresher.forget()
    assert [lake.refresher.current().number for _ in range(2)] == [2, 2]
    lake.now += 14
    lake.refresher.tick()
    lake.refresher.current()
    assert lake.glances == 0, "another viewer's clock just did"
    lake.now += 1
    lake.refresher.tick()
    for _ in range(2):
        lake.refresher.current()
    assert lake.glances == 1


def test_while_the_lake_is_away_the_last_look_stays_and_tries_grow_rare() -> None:
    lake = Lake()
    lake.away = True
    with pytest.raises(StoreUnreachable):
        lake.refresher.current()
    lake.away = False
    lake.refresher.current()
    lake.away, tried = True, []
    lake.refresher.forget()
    for _ in range(200):
        seen = lake.refresher.current()
        tried += [lake.now - 1000] if seen.asked == lake.now else []
        lake.now += 1
    assert tried == [0, 10, 30, 70, 130, 190]
    assert (seen.number, seen.trouble, seen.failures, seen.taken) == (1, "no answer", 6, 1000.0)
    lake.away = False
    lake.now += 60
    seen = lake.refresher.current()
    assert (seen.number, seen.trouble, seen.failures) == (2, "", 0)


def test_what_there_was_no_room_for_is_looked_at_again() -> None:
    lake = Lake(budget=1_500)
    assert lake.refresher.current().number == 1
    lake.memory.part("points").put("a", 1, 1_000)
    assert lake.refresher.last is None
    assert lake.refresher.current().number == 2
