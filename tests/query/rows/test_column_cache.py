"""Columns of many runs: the same whether there is room to keep them or not."""

from __future__ import annotations

import polars as pl
import pytest

from lakeboard.query.lake import Lake
from lakeboard.query.objects.lru import MemoryCache
from lakeboard.query.rows.column_cache import ColumnCache
from lakeboard.store.memory import MemoryStore
from tests.query.lakes import ended_run, note_lake, put_pack

RUNS = 300


@pytest.fixture(scope="module")
def lake() -> Lake:
    store = MemoryStore()
    note_lake(store)
    put_pack(store, [ended_run(f"r{n}", {"lr": 0.1 * n, "depth": n}, {"acc": [0.1 * n, 0.5]}) for n in range(RUNS)])
    return Lake(store, memory=MemoryCache(10**8))


def columns_of(lake: Lake, memory: MemoryCache) -> tuple[ColumnCache, list[pl.Series]]:
    runs = lake.snapshot("digits").runs
    made = ColumnCache("digits", runs.settled.blocks, runs.settled.shown, {}, deleted=False, memory=memory)

    def drawn() -> list[pl.Series]:
        keep = pl.Series([3, 1])
        types = {"params.lr": pl.Float64(), "params.depth": pl.Int64()}
        params = [made.given(column, dtype, k) for column, dtype in types.items() for k in (None, keep)]
        return params + [made.metric("acc", i, k) for i in range(4) for k in (None, keep)]

    first, second = drawn(), drawn()
    assert all(a.equals(b, null_equal=True) for a, b in zip(first, second, strict=True))
    return made, first


def test_columns_are_the_same_with_and_without_room(lake: Lake) -> None:
    roomy, tight = MemoryCache(10**7), MemoryCache(1)
    kept, wide = columns_of(lake, roomy)
    made, narrow = columns_of(lake, tight)
    assert all(a.equals(b, null_equal=True) for a, b in zip(wide, narrow, strict=True))
    assert [(use.kind, use.entries) for use in roomy.use()] == [("columns", 6)]
    assert roomy.size == 6 * RUNS * 8
    assert [use.entries for use in tight.use()] == [1], "the last one stays"
    assert kept.own.equals(made.own)


def test_columns_go_with_the_runs_that_they_are_of(lake: Lake) -> None:
    memory = MemoryCache(10**7)
    kept, _ = columns_of(lake, memory)
    assert memory.size
    del kept
    assert memory.size == 0
