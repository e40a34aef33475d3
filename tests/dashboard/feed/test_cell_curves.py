"""Curves in cells: whose points they are of, and what they cost."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from lakeboard.dashboard.feed.cell_curves import cell_curves
from lakeboard.dashboard.feed.feed import Feed
from lakeboard.query.lake import Lake
from lakeboard.query.objects.lru import MemoryCache
from lakeboard.store.memory import MemoryStore
from tests.query.lakes import Point, Writer, note_lake


@pytest.fixture
def store() -> MemoryStore:
    """Two ended runs: one with a dataset of its own and points on another, one without."""
    made = MemoryStore("lake")
    note_lake(made)
    one = Writer(made, "p", "r1", rand="00000001", fields={"dataset": "cifar"}).start()
    one.log([Point("acc", s, 0.1 * s) for s in range(3)] + [Point("acc", s, 0.5, "mnist") for s in range(2)])
    one.flush()
    one.finish()
    two = Writer(made, "p", "r2", rand="00000002").start().log([Point("acc", s, 1.0 - s) for s in range(2)])
    two.flush()
    two.finish()
    return made


def test_each_label_has_the_points_of_its_dataset(store: MemoryStore) -> None:
    feed = Feed(Lake(store, memory=MemoryCache(10**8)))
    state = feed.state("p")
    assert cell_curves(feed, state, state.runs, "acc") == {"r1": (0.0, 0.1, 0.2), "r2": (1.0, 0.0)}
    assert cell_curves(feed, state, state.runs, "acc [mnist]") == {"r1": (0.5, 0.5)}
    assert cell_curves(feed, state, state.runs, "bogus") == {}


def test_a_run_that_grows_is_read_again_and_others_are_not(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    metrics = Lake.metrics

    def noted(lake: Lake, project: str, **more: Any) -> pl.LazyFrame:
        asked.append(list(more["runs"]))
        return metrics(lake, project, **more)

    monkeypatch.setattr(Lake, "metrics", noted)
    live = Writer(store, "p", "r3", rand="00000003").start().log([Point("acc", 0, 0.25)])
    live.flush()
    feed = Feed(Lake(store, memory=MemoryCache(10**8)))
    state = feed.state("p")
    assert cell_curves(feed, state, state.runs, "acc")["r3"] == (0.25,)
    assert [sorted(each) for each in asked] == [["r1", "r2", "r3"]]
    live.log([Point("acc", 1, 0.5)])
    live.flush()
    feed.forget("p")
    state = feed.state("p")
    assert cell_curves(feed, state, state.runs, "acc")["r3"] == (0.25, 0.5)
    assert asked[1:] == [["r3"]]


def test_a_run_that_ended_is_drawn_to_its_end(store: MemoryStore) -> None:
    live = Writer(store, "p", "r3", rand="00000003").start().log([Point("acc", s, 0.25) for s in range(100)])
    live.flush()
    feed = Feed(Lake(store, memory=MemoryCache(10**8)))
    state = feed.state("p")
    assert max(cell_curves(feed, state, state.runs, "acc")["r3"]) == 0.25
    live.log([Point("acc", 100, 0.5)]).flush()
    feed.forget("p")
    state = feed.state("p")
    assert max(cell_curves(feed, state, state.runs, "acc")["r3"]) == 0.25, "one point in a hundred is not worth reading"
    live.finish()
    feed.forget("p")
    state = feed.state("p")
    assert cell_curves(feed, state, state.runs, "acc")["r3"][-1] == 0.375, "the mean of the last two points"
