"""All of upkeep once on a real S3 server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import lakeboard
from lakeboard.store.counting import CountingStore
from lakeboard.store.opening import open_store
from lakeboard.upkeep.clock import store_now
from lakeboard.upkeep.fsck import fsck
from lakeboard.upkeep.purge import purge_now
from lakeboard.upkeep.sync import sync
from lakeboard.upkeep.tidy import execute_all, look_at, plan_tidy
from lakeboard.upkeep.usage import lake_usage
from tests.upkeep.worlds import P, ended, feed, writer

pytestmark = pytest.mark.s3


def test_a_lakes_life(s3_lake: str, tmp_path: Path) -> None:
    here = open_store(tmp_path / "here")
    for i in range(5):
        ended(here, f"r{i}", 20)
    there = open_store(s3_lake)
    assert sync(here, there).copied == 10
    assert sync(here, there).copied == 0
    dead = writer(there, "dead")
    feed(dead, 7)
    dead.flush(due_seconds=30)
    now = store_now(there, rand="0123456789abcdef")
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=5)
    tomorrow = now + timedelta(days=2)
    for _ in range(2):
        done = list(execute_all(there, plan_tidy(look_at(there, P), now=tomorrow, min_singles=2), now=tomorrow))
        assert [d.error for d in done] == [None] * len(done)
    lake = lakeboard.open(s3_lake)
    rows = {r["run_id"]: r for r in lake.runs(P).iter_rows(named=True)}
    assert (len(rows), rows["dead"]["status"], rows["dead"]["rows"]) == (6, "crashed", 7)
    assert lake.metrics(P).collect().height == 107
    assert not any(i.key.startswith(("live/", "_clock/")) for i in there.list(""))
    assert fsck(there, now=now).problems == ()
    size = sum(u.bytes for u in lake_usage(there) if u.run_id == "r1")
    lake.edit(P, ["r1"], "purge")
    assert purge_now(there, P, "r1").freed == size
    assert fsck(there, now=tomorrow).problems == ()
    back = CountingStore(here)
    assert sync(there, back).copied >= 2, "the purge and the run that died there"
    assert "r1" not in lakeboard.open(here.url).runs(P)["run_id"].to_list()
