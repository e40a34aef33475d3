"""Everything once on a server that takes S3's rules lightly: no conditions on PUTs, all bytes in answer to a range."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import lakeboard
from lakeboard.query.points import source as pointsource
from lakeboard.store.opening import open_store
from lakeboard.store.s3 import S3Store
from lakeboard.store.testing import StoreTests
from lakeboard.upkeep.clock import store_now
from lakeboard.upkeep.fsck import fsck
from lakeboard.upkeep.purge import purge_now
from lakeboard.upkeep.recover import recover_host
from lakeboard.upkeep.sync import sync
from lakeboard.upkeep.tidy import execute_all, look_at, plan_tidy
from tests.logger.reading import read_lake
from tests.s3server import S3Server

pytestmark = pytest.mark.s3

DYING = textwrap.dedent(
    """
    import lakeboard, os, sys
    run = lakeboard.init(project="p", id="dead", lake=sys.argv[1], quiet=True, flush_seconds=0.2)
    for n in range(300):
        run.log({"a": n})
    run._carrier.spooled(10)
    os.kill(os.getpid(), 9)
    """
)


def train(lake: str, run_id: str, points: int) -> None:
    run = lakeboard.init(project="p", id=run_id, lake=lake, quiet=True, flush_seconds=0.2)
    for n in range(points):
        run.log({"a": n})
    run.finish()


def tidy(lake: str, *, days: int) -> None:
    store = open_store(lake)
    now = store_now(store, rand="0123456789abcdef") + timedelta(days=days)
    for done in execute_all(store, plan_tidy(look_at(store, "p"), now=now, min_singles=2), now=now):
        assert done.error is None


def test_the_server_is_as_hostile_as_these_tests_need(rclone_lake: str, rclone_server: S3Server) -> None:
    client = rclone_server.client()
    bucket, _, prefix = rclone_lake.removeprefix("s3://").partition("/")
    key = f"{prefix}/x"
    client.put_object(Bucket=bucket, Key=key, Body=b"one", IfNoneMatch="*")
    client.put_object(Bucket=bucket, Key=key, Body=b"two", IfNoneMatch="*")
    assert client.get_object(Bucket=bucket, Key=key)["Body"].read() == b"two", "conditions are ignored"


def test_a_lakes_life(rclone_lake: str, tmp_path: Path) -> None:
    for run_id, count in (("r1", 500), ("r2", 3), ("r3", 40_000)):
        train(rclone_lake, run_id, count)
    died = subprocess.run([sys.executable, "-c", DYING, rclone_lake], check=False, capture_output=True, text=True)
    assert died.returncode == -signal.SIGKILL, died.stderr
    done = recover_host([Path(os.environ["LAKEBOARD_SPOOL"])])
    # The run before this one looks for what others left, too, and may have been first.
    assert [(each.error, each.rows, each.status) for each in done] in ([], [(None, 300, "crashed")])
    deadline = time.monotonic() + 30
    while not (dead := [row for row in read_lake(open_store(rclone_lake)).rows if row.run_id == "dead"]):
        assert time.monotonic() < deadline, "nobody recovered the dead run"
        time.sleep(0.1)
    assert [(row.rows, row.status) for row in dead] == [(300, "crashed")]
    run = lakeboard.init(project="p", id="r2", resume="must", lake=rclone_lake, quiet=True)
    run.log({"a": 3.0})
    run.finish()
    held = read_lake(open_store(rclone_lake))
    assert sorted((r.run_id, r.rows) for r in held.rows) == [
        ("dead", 300), ("r1", 500), ("r2", 1), ("r2", 3), ("r3", 40_000)
    ]  # fmt: skip
    assert held.tails == {}

    for days in (1, 2):
        tidy(rclone_lake, days=days)
    store = open_store(rclone_lake)
    assert sum("/z-" in info.key for info in store.list("runs/")) == 1
    for cache in (True, False):
        lake = lakeboard.open(rclone_lake, cache=cache)
        assert dict(lake.runs("p").select("run_id", "rows").iter_rows()) == {
            "dead": 300, "r1": 500, "r2": 4, "r3": 40_000
        }  # fmt: skip
        found = lake.metrics("p").collect().sort("run_id", "attempt", "seq")
        assert found.height == 40_804
        assert found.filter(pl.col("run_id") == "r3")["value"].to_list() == list(map(float, range(40_000)))
        assert lake.problems("p") == ()
    lake.edit("p", ["r1"], "purge")
    assert purge_now(store, "p", "r1").freed > 0
    assert fsck(store, now=store_now(store, rand="0123456789abcdef")).problems == ()

    copy = open_store(tmp_path / "copy")
    sync(store, copy)
    assert lakeboard.open(copy.url).metrics("p").collect().height == 40_304
    again = open_store(f"{rclone_lake}-again")
    sync(copy, again)
    assert sync(copy, again).copied == 0
    assert lakeboard.open(again.url).metrics("p", runs="r3").collect().height == 40_000


def test_files_that_no_engine_may_read_by_range_are_read_whole(
    rclone_lake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(6):
        train(rclone_lake, f"r{n}", 50)
    scans: list[int] = []
    native = pointsource._native

    def counted(paths: list[str], options: dict[str, str], **more: Any) -> pl.LazyFrame:
        scans.append(len(paths))
        return native(paths, options, **more)

    monkeypatch.setattr(pointsource, "_native", counted)
    lake = lakeboard.open(rclone_lake, cache=False)
    assert lake.metrics("p").collect().height == 300
    assert lake.problems("p") == ()
    assert len(scans) <= 3, "found out once, not for each file"


class TestRclone(StoreTests):
    """The store's contract, as far as keys go that this server can hold: they are paths to it.

    Without the two that hammer one folder from many threads: this server, an experiment by its own word, hung on them
    once in some twenty runs. They are tried on the other one.
    """

    test_nobody_sees_a_part_of_an_object = None  # type: ignore[assignment]
    test_puts_and_deletes_in_one_folder_do_not_disturb_each_other = None  # type: ignore[assignment]

    @pytest.fixture(autouse=True)
    def _raw(self, rclone_server: S3Server) -> None:
        self.client = rclone_server.client()

    @pytest.fixture
    def store(self, rclone_lake: str) -> S3Store:
        return S3Store(rclone_lake)

    def _address(self, store: Any, key: str) -> dict[str, str]:
        bucket, _, prefix = store.url.removeprefix("s3://").partition("/")
        return {"Bucket": bucket, "Key": f"{prefix}/{key}"}

    def raw_put(self, store: Any, key: str, data: bytes) -> None:
        self.client.put_object(**self._address(store, key), Body=data)

    def raw_get(self, store: Any, key: str) -> bytes | None:
        try:
            body: bytes = self.client.get_object(**self._address(store, key))["Body"].read()
        except self.client.exceptions.NoSuchKey:
            return None
        return body
