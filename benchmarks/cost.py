"""What a bucket's owner pays: requests of runs and of dashboards, counted, and dollars at S3's prices."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from unittest.mock import patch

import lakeboard
from benchmarks.lakes import PROJECT, flush, many_runs
from benchmarks.measure import Report
from lakeboard import Lake
from lakeboard.dashboard.feed import feed as data
from lakeboard.logger.buffer import Buffer
from lakeboard.logger.schedule import Schedule
from lakeboard.logger.writer import Writer
from lakeboard.schema.run.row import RunRow
from lakeboard.store.counting import CountingStore
from lakeboard.store.local import LocalStore
from lakeboard.store.memory import MemoryStore

PRICES = {"put": 5.0, "list": 5.0, "list_dirs": 5.0, "get": 0.4, "get_tail": 0.4, "delete": 0.0}
"""Dollars for a million requests: S3 Standard, us-east-1, list prices of November 2025."""
_HOUR = 3600


class _Remote(MemoryStore):
    """In memory, but judged like a bucket."""

    @property
    def is_local(self) -> bool:
        return False


def dollars(counts: Counter[str]) -> float:
    """What these requests cost."""
    return sum(PRICES[verb] * number for verb, number in counts.items()) / 1e6


def cost(report: Report) -> None:
    """Requests of a short run, of a run that is live, and of a dashboard, by the code that makes them."""
    counts = _short_run()
    report.add("a short run", "requests", float(counts.total()))
    report.add("of which PUTs", "requests", float(counts["put"]), at_most=4)
    report.add("a million short runs", "dollars", dollars(counts) * 1e6)
    counts = _live_hour()
    report.add("a run live for an hour, a flush in 30 s", "requests", float(counts.total()))
    report.add("a day of such a run", "dollars", dollars(counts) * 24, target="about 1.5 cents", at_most=0.0155)
    busy = _dashboard(live=10)
    report.add("an open dashboard, 10 live runs, an hour", "requests", float(busy.total()))
    report.add("8 hours of it", "dollars", 8 * dollars(busy), at_most=0.06)
    idle = _dashboard(live=0)
    report.add("an open dashboard, nothing running, an hour", "requests", float(idle.total()))
    report.add("8 hours of it, nothing running", "dollars", 8 * dollars(idle))


def _short_run() -> Counter[str]:
    made: list[CountingStore] = []

    def counting(where: str, *, options: object) -> CountingStore:
        assert not options
        made.append(CountingStore(LocalStore(where)))
        return made[-1]

    with tempfile.TemporaryDirectory() as folder, patch("lakeboard.logger.carrier.open_store", counting):
        for _ in range(20):
            with lakeboard.init(project=PROJECT, lake=folder, quiet=True) as run:
                run.log({"loss": 0.5})
    every = sum((store.counts for store in made[10:]), Counter[str]())
    return Counter({verb: number / 10 for verb, number in every.items()})


def _live_hour() -> Counter[str]:
    """The writer's own steps at the times of its own schedule, without waiting for them."""
    store = CountingStore(MemoryStore())
    writer = Writer(store, PROJECT, RunRow("bench", "w001-00000000"), None, now_ms=lambda: 0)
    buffer = Buffer(complain=print, hurry=lambda: None)
    schedule = Schedule(flush_seconds=30.0, now=0.0)
    writer.begin()
    for half_second in range(2 * _HOUR):
        now = half_second / 2
        buffer.append({"loss": 0.5, "acc": 0.5}, None, None)
        writer.take(*buffer.take())
        if schedule.due(now, news=True, urgent=False):
            writer.flush(due_seconds=schedule.promise_seconds(news=True))
            schedule.done(now, news=True)
    return store.counts


def _dashboard(*, live: int) -> Counter[str]:
    """A sixth of an hour of looks, by the clock that the pages use, times six."""
    store = CountingStore(_Remote())
    many_runs(store, 100, live=live)
    clock = [1.8e9]
    with patch.object(time, "time", lambda: clock[0]):
        feed = data.Feed(Lake(store, sleep=lambda _: None))
        feed.state(PROJECT)
        store.reset()
        end, flushed = clock[0] + _HOUR / 6, 1
        while clock[0] < end:
            look = feed.state(PROJECT)
            clock[0] += look.every
            if clock[0] - 1.8e9 >= 30 * flushed:
                flushed += 1
                before = store.counts.copy()
                for n in range(live):
                    flush(store, n, flushed)
                store.counts = before
            feed.due(PROJECT)
    return Counter({verb: 6 * number for verb, number in store.counts.items()})
