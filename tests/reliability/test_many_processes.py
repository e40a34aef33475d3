"""Many processes on few runs, and processes killed at any moment: counts are exact."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import lakeboard
from lakeboard.store.opening import open_store
from lakeboard.upkeep.recover import recover_host
from lakeboard.upkeep.tidy import execute_all, look_at, plan_tidy
from tests.effort import EXHAUSTIVE
from tests.logger.reading import read_lake
from tests.s3proxy import S3Proxy

pytestmark = pytest.mark.process

WORKER = textwrap.dedent(
    """
    import lakeboard, sys, time
    lake, run_id, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    run = lakeboard.init(project="p", id=run_id, lake=lake, quiet=True, flush_seconds=0.5)
    logged, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        run.log({"a": logged, "b": -logged})
        logged += 1
        time.sleep(0.002)
    print(run.row.writer, 2 * logged)
    """
)


def start(lake: str, run_id: str, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, lake, run_id, str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def many(lake: str, processes: int, runs: int, seconds: float) -> None:
    started = [start(lake, f"run{i % runs}", seconds) for i in range(processes)]
    told = dict(p.communicate(timeout=seconds + 120)[0].split() for p in started)
    assert [p.returncode for p in started] == [0] * processes
    held = read_lake(open_store(lake))
    assert {r.writer: str(r.rows) for r in held.rows} == told
    assert len({r.run_id for r in held.rows}) == runs
    for writer, points in told.items():
        assert [p[0] for p in held.sealed_points(writer)] == list(range(int(points)))
    assert held.tails == {}


@pytest.mark.s3
def test_eight_processes_on_two_runs(s3_lake: str) -> None:
    many(s3_lake, processes=8, runs=2, seconds=3)


@pytest.mark.s3
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_thirty_two_processes_on_eight_runs(s3_lake: str) -> None:
    many(s3_lake, processes=32, runs=8, seconds=120 if EXHAUSTIVE else 40)


def killed(lake: Path, spool: Path, after: float) -> None:
    """SIGKILL a run at some moment; every spooled row must then be there once, at most the last second missing."""
    script = textwrap.dedent(
        """
        import lakeboard, sys, time
        print("go", flush=True)
        run = lakeboard.init(project="p", lake=sys.argv[1], quiet=True, flush_seconds=0.3)
        while True:
            for _ in range(20):
                run.log({"t": time.time(), "u": 1})
            time.sleep(0.01)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(lake)],
        env={**os.environ, "LAKEBOARD_SPOOL": str(spool)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(after)
    died = time.time()
    process.kill()
    process.communicate()
    acknowledged = read_lake(open_store(lake)) if lake.exists() else None
    for done in recover_host([spool]):
        assert done.error is None, done.error
    assert list(spool.iterdir()) == [] if spool.exists() else True
    held = read_lake(open_store(lake))
    for row in held.rows:
        points = held.sealed_points(row.writer)
        assert [p[0] for p in points] == list(range(row.rows or 0))
        if acknowledged is not None:
            assert len(points) >= len(acknowledged.points(row.writer))
        if row.closed_by == "recover" and points:
            last = max(p[4] for p in points if p[1] == "t")
            assert died - last < 1.5
    assert held.tails == {}


@pytest.mark.parametrize("seed", range(3))
def test_sigkill_at_a_random_moment(tmp_path: Path, clean_environment: Path, seed: int) -> None:
    killed(tmp_path / "lake", clean_environment / "spool", random.Random(seed).uniform(0.1, 2))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_sigkill_at_fifty_random_moments(tmp_path: Path) -> None:
    chance = random.Random(50)
    moments = [chance.uniform(0.0, 2.5) for _ in range(50)]
    with ThreadPoolExecutor(2) as pool:
        # Most of each is waiting.
        done = [pool.submit(killed, tmp_path / f"lake{n}", tmp_path / f"spool{n}", t) for n, t in enumerate(moments)]
    for each in done:
        each.result()


def test_sigkill_while_finishing(tmp_path: Path, clean_environment: Path) -> None:
    """Killed between the points' seal and the end: recovery ends the run as it would have."""
    script = textwrap.dedent(
        """
        import lakeboard, os, sys
        from lakeboard.store.local import LocalStore
        run = lakeboard.init(project="p", lake=sys.argv[1], quiet=True)
        run.log({"a": 1})
        put, point = LocalStore.put, sys.argv[2]
        def dying(self, key, data, **options):
            if key.startswith(point):
                os.kill(os.getpid(), 9)
            put(self, key, data, **options)
            if key.startswith(point.removeprefix("after ")):
                os.kill(os.getpid(), 9)
        LocalStore.put = dying
        run.finish()
        """
    )
    for n, point in enumerate(("metrics/", "after metrics/", "runs/", "after runs/")):
        lake = tmp_path / f"lake{n}"
        process = subprocess.run([sys.executable, "-c", script, str(lake), point], check=False)
        assert process.returncode == -signal.SIGKILL
        for done in recover_host([Path(os.environ["LAKEBOARD_SPOOL"])]):
            assert done.error is None
        held = read_lake(open_store(lake))
        (row,) = held.rows
        assert (row.status, row.rows, len(held.sealed_points(row.writer))) == ("finished", 1, 1), point
        assert held.tails == {}


@pytest.mark.s3
def test_sigkill_while_a_put_is_under_way(s3_lake: str, s3_proxy: S3Proxy, clean_environment: Path) -> None:
    """The PUT may arrive or not; every point that was spooled is there once, and so is what landed late."""
    process = start(s3_lake, "r1", 60)
    end = time.monotonic() + 20
    store = open_store(s3_lake)
    while not store.list("live/") and time.monotonic() < end:
        time.sleep(0.1)
    s3_proxy.spoil = lambda request: "late" if request.verb == "PUT" else None
    s3_proxy.take()
    while not any(r.verb == "PUT" for r in s3_proxy.take()) and time.monotonic() < end:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    s3_proxy.spoil = lambda request: None
    (done,) = recover_host([clean_environment / "spool"])
    assert (done.error, done.status) == (None, "crashed")
    assert done.rows > 0
    assert s3_proxy.land() > 0
    held = read_lake(store)
    (row,) = held.rows
    assert row.rows == done.rows
    assert [p[0] for p in held.sealed_points(row.writer)] == list(range(done.rows))
    shown = lakeboard.open(s3_lake, cache=False)
    assert shown.runs("p").select("status", "rows").rows() == [("crashed", done.rows)]
    assert shown.metrics("p").collect().height == done.rows


def test_a_packed_run_is_resumed(tmp_path: Path, clean_environment: Path) -> None:
    lake = str(tmp_path / "lake")
    for run_id in ("r1", "r2"):
        run = lakeboard.init(project="p", id=run_id, lake=lake, quiet=True, config={"lr": 0.1})
        for n in range(10):
            run.log({"a": n})
        run.finish()
    store = open_store(lake)
    for days in (1, 2):
        now = datetime.now(UTC) + timedelta(days=days)
        for done in execute_all(store, plan_tidy(look_at(store, "p"), now=now, min_singles=1), now=now):
            assert done.error is None
    assert [info.key.split("/")[-1][:2] for info in store.list("runs/")] == ["z-"]
    run = lakeboard.init(project="p", id="r1", lake=lake, resume="must", resume_step=8, quiet=True)
    assert run.step == 7
    for n in range(3):
        run.log({"a": 100 + n})
    run.finish()
    shown = lakeboard.open(lake)
    (row,) = shown.runs("p", where='run_id = "r1"').iter_rows(named=True)
    assert (row["attempts"], row["rows"], row["a"], row["params.lr"]) == (2, 13, 102.0, 0.1)
    points = shown.metrics("p", runs="r1").collect().sort("step")
    assert points["value"].to_list() == [float(n) for n in range(8)] + [100.0, 101.0, 102.0]
