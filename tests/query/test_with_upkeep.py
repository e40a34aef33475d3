"""Tidying up changes nothing that is shown, but for what it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from lakeboard.query.lake import Lake
from lakeboard.store.testing import MemoryStore
from lakeboard.upkeep.tidy import execute_all, look_at, plan_tidy
from tests.query.lakes import Writer, loss, put_edit

START = datetime(2024, 1, 1, tzinfo=UTC)


def tidy(store: MemoryStore, now: datetime) -> int:
    """Do all there is to do; how many tasks that was."""
    tasks = plan_tidy(look_at(store, "digits"), now=now, min_singles=3)
    done = list(execute_all(store, tasks, now=now))
    assert [d.error for d in done] == [None] * len(tasks)
    return len(tasks)


def test_tidying_again_and_again() -> None:
    now = [START]
    store = MemoryStore(clock=lambda: now[0])
    for i in range(12):
        w = Writer(store, run_id=f"r{i:02d}", rand=f"{i:08x}", config={"i": i}).start().log(loss(5 + i))
        w.seal(0, 3)
        w.finish()
    again = Writer(store, run_id="r00", attempt=2, rand="000000aa", config={"i": 7}).start().log(loss(2, first=5))
    again.finish("failed")
    dead = Writer(store, run_id="dead", rand="000000bb").start().log(loss(6))
    dead.flush()
    dead.seal(0, 4, forget=True)
    put_edit(store, ["r01", "r02"], "tag", "kept", hlc=1)
    put_edit(store, ["r03"], "delete", hlc=2)
    put_edit(store, ["r04"], "purge", hlc=3)
    for i in range(5):
        put_edit(store, ["r05"], "rename", f"name {i}", hlc=10 + i)
    lake = Lake(store, wall=lambda: now[0])
    runs = lake.runs("digits", deleted=True).sort("run_id")
    points = lake.metrics("digits").collect().sort("run_id", "writer", "seq")
    assert runs.filter(pl.col("run_id") == "r00").select("attempts", "status", "params.i").row(0) == (2, "failed", 7)
    did = 0
    for days in range(1, 60, 7):
        now[0] = START + timedelta(days=days)
        did += tidy(store, now[0])
        for reader in (lake, Lake(store, wall=lambda: now[0])):
            after = reader.runs("digits", deleted=True).sort("run_id")
            assert after.filter(pl.col("run_id") != "dead").equals(runs.filter(pl.col("run_id") != "dead"))
            row = after.filter(pl.col("run_id") == "dead").row(0, named=True)
            assert (row["status"], row["rows"], row["last_step"]) == ("crashed", 6, 5)
            assert reader.metrics("digits").collect().sort("run_id", "writer", "seq").equals(points)
            assert reader.problems("digits") == ()
    assert did > 3
    assert len(store.list("runs/")) < 12
    assert store.list("live/") == []
    assert store.list("metrics/project=digits/run_id=r04/") == []
