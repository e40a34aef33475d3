"""What a server holds in memory while runs end under an open board, and while many look at much."""

from __future__ import annotations

import gc
from collections.abc import Sequence

import polars as pl
import pytest

from lakeboard.dashboard.feed.feed import Feed
from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.query.boards.make import make_board
from lakeboard.query.lake import Lake
from lakeboard.query.objects.lru import MemoryCache
from lakeboard.query.points.tracks import table_of
from lakeboard.store.memory import MemoryStore
from tests.query.lakes import Point, Writer, note_lake

BOARD = Definition((Measure("test", goal="maximize", counts="at_best", select_on="val"),))
RUNS, STEPS = 50, 200


def use_of(memory: MemoryCache) -> dict[str, int]:
    gc.collect()
    return {use.kind: use.bytes for use in memory.use()}


@pytest.mark.slow
def test_runs_that_end_under_an_open_board_leave_memory_as_it_was() -> None:
    store = MemoryStore()
    note_lake(store)
    writers = [Writer(store, "p", f"r{n}", rand=f"{n:08x}").start() for n in range(RUNS)]
    for n, writer in enumerate(writers):
        writer.log([Point(name, step, n + step / STEPS) for name in ("val", "test") for step in range(STEPS)]).flush()
    memory = MemoryCache(10**9)
    feed = Feed(Lake(store, memory=memory))

    def shown() -> int:
        state = feed.state("p")

        def read(project: str, run_ids: Sequence[str], metrics: Sequence[str]) -> pl.LazyFrame:
            return table_of(feed.tracks.get(state.snapshot, run_ids, metrics)).lazy()

        made = state.once(("board", BOARD), lambda: make_board(state.runs, BOARD, points=read))
        return made.frame["value:test"].drop_nulls().len()

    assert shown() == RUNS
    first, points, sizes = use_of(memory), [], []
    for writer in writers:
        writer.finish()
        feed.forget("p")
        assert shown() == RUNS
        use = use_of(memory)
        points.append(use["points"])
        sizes.append(sum(use.values()) - use.get("tails", 0))
    assert set(points) == {RUNS * 2 * STEPS * 24}, "each point once, whichever runs have ended"
    assert first["points"] == points[0]
    assert max(sizes) < sizes[0] * 1.25, "rows of ended runs take some more than those of running ones"
    assert memory.size < 20_000_000


@pytest.mark.slow
def test_a_small_budget_holds_whatever_is_looked_at() -> None:
    store = MemoryStore()
    note_lake(store)
    for n in range(30):
        writer = Writer(store, f"p{n}", "r1", rand=f"{n:08x}").start()
        writer.log([Point("val", step, 0.5) for step in range(2_000)]).finish()
    memory = MemoryCache(400_000)
    feed = Feed(Lake(store, memory=memory))
    for _ in range(2):
        for n in range(30):
            state = feed.state(f"p{n}")
            (track,) = feed.tracks.get(state.snapshot, ["r1"], ["val"])
            assert len(track.step) == 2_000
            assert memory.size <= 400_000


def test_tails_that_are_gone_are_let_go_of() -> None:
    store = MemoryStore()
    note_lake(store)
    writer = Writer(store, "p", "r1").start()
    memory = MemoryCache(10**9)
    feed = Feed(Lake(store, memory=memory))
    entries = []
    for n in range(30):
        writer.log([Point("val", 100 * n + step, 0.5) for step in range(100)]).flush()
        feed.forget("p")
        (track,) = feed.tracks.get(feed.state("p").snapshot, ["r1"], ["val"])
        assert len(track.step) == 100 * (n + 1)
        entries.append(next(use.entries for use in memory.use() if use.kind == "tails"))
    assert max(entries) == 4, "the start, the newest two, and the one that went last"
