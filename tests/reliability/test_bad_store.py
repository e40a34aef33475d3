"""A store that dies, lies, stalls or forgets while a training runs: nothing is lost, nothing doubles, nothing stops."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import lakeboard
from lakeboard.store.opening import open_store
from lakeboard.upkeep.clock import store_now
from lakeboard.upkeep.recover import recover_host
from lakeboard.upkeep.tidy import execute_all, look_at, plan_tidy
from tests.logger.reading import read_lake
from tests.s3proxy import Request, S3Proxy, Spoil, s3_error

pytestmark = pytest.mark.s3


def drop(request: Request) -> Spoil:
    return "drop"


def passing(request: Request) -> Spoil:
    return None


def train(
    lake: str,
    seconds: float,
    meanwhile: Callable[[float], None] = lambda at: None,
    *,
    enough: Callable[[], bool] = lambda: True,
) -> tuple[str, int]:
    """Log for some seconds, and on until it is enough; (writer, points logged)."""
    points = 0
    run = lakeboard.init(project="p", lake=lake, quiet=True, flush_seconds=0.3)
    began = time.monotonic()
    while (at := time.monotonic() - began) < seconds or not enough():
        assert at < 60, "what the test waits for does not happen"
        meanwhile(at)
        for _ in range(10):
            run.log({"a": points, "b": points + 1})
            points += 2
        time.sleep(0.005)
    writer = run.row.writer
    run.finish()
    return writer, points


def check(lake: str, proxy: S3Proxy, writer: str, points: int) -> None:
    """Read past the proxy: every point once, in our reader's way and in a plain glob's."""
    proxy.spoil = passing
    held = read_lake(open_store(lake))
    assert [p[0] for p in held.points(writer)] == list(range(points))
    assert [p[0] for p in held.sealed_points(writer)] == list(range(points))
    (row,) = held.rows
    assert (row.status, row.rows) == ("finished", points)


def test_an_outage_is_told_once_and_made_up_for(
    s3_lake: str, s3_proxy: S3Proxy, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []

    def is_told(words: str) -> bool:
        said.append(capsys.readouterr().err)
        return words in "".join(said)

    def dead_for_long(at: float) -> None:
        # On a busy machine one request may be at it for all of the four seconds.
        s3_proxy.spoil = drop if at > 1 and (at < 5 or not is_told("training goes on")) else passing

    writer, points = train(s3_lake, 7, dead_for_long, enough=lambda: is_told("answers again"))
    check(s3_lake, s3_proxy, writer, points)
    said.append(capsys.readouterr().err)
    assert "".join(said).count("training goes on") == 1
    assert "".join(said).count("answers again") == 1


@pytest.mark.parametrize("kind", ["503", "lost answers", "hang-ups", "all of it"])
def test_bursts_of_trouble(s3_lake: str, s3_proxy: S3Proxy, kind: str) -> None:
    chance = random.Random(7)
    troubles: dict[str, list[Spoil]] = {
        "503": [s3_error(503, "SlowDown")],
        "lost answers": ["lose"],
        "hang-ups": ["drop"],
        "all of it": [s3_error(503, "SlowDown"), s3_error(500, "InternalError"), "lose", "drop"],
    }

    def spoil(request: Request) -> Spoil:
        return chance.choice(troubles[kind]) if chance.random() < 0.4 else None

    s3_proxy.spoil = spoil

    def calm(at: float) -> None:
        if at > 4:
            s3_proxy.spoil = passing

    writer, points = train(s3_lake, 5, calm)
    check(s3_lake, s3_proxy, writer, points)


def test_a_slow_store_does_not_slow_log(s3_lake: str, s3_proxy: S3Proxy) -> None:
    def slow(request: Request) -> None:
        time.sleep(1.5)

    s3_proxy.spoil = slow
    spans: list[float] = []
    run = lakeboard.init(project="p", lake=s3_lake, quiet=True, flush_seconds=0.2)
    for n in range(400):
        began = time.perf_counter()
        run.log({"a": n})
        spans.append(time.perf_counter() - began)
        time.sleep(0.005)
    s3_proxy.spoil = passing
    writer = run.row.writer
    run.finish()
    check(s3_lake, s3_proxy, writer, 400)
    # A PUT takes 1.5 s here; a call that waited for one would be thousands of times slower than this.
    assert sorted(spans)[int(0.99 * len(spans))] < 0.1


def test_puts_that_time_out_and_land_later_change_nothing(s3_lake: str, s3_proxy: S3Proxy) -> None:
    """Nobody hears of them; they arrive in any order, some of them after the run's end."""
    chance = random.Random(3)
    delayed = landed = 0

    def late(request: Request) -> Spoil:
        """Half of the PUTs, until three are held; once these have landed until three more are, for after the end."""
        nonlocal delayed
        wanted = 3 if landed < 3 else 6
        if request.verb != "PUT" or delayed >= wanted or chance.random() < 0.5:
            return None
        delayed += 1
        return "late"

    def landing(at: float) -> None:
        nonlocal landed
        if delayed >= 3 and landed < 3:
            landed += s3_proxy.land()

    s3_proxy.spoil = late
    writer, points = train(s3_lake, 2, landing, enough=lambda: delayed == 6)
    assert (landed, s3_proxy.land()) == (3, 3)
    store = open_store(s3_lake)
    lake = lakeboard.open(s3_lake, cache=False)
    assert lake.runs("p").select("status", "rows").rows() == [("finished", points)]
    assert sorted(lake.metrics("p").collect()["value"]) == [float(n) for n in range(points)]
    held = read_lake(store)
    assert [p[0] for p in held.sealed_points(writer)] == list(range(points))
    # What landed after the end lies in live/ until somebody tidies; nothing of it counts.
    now = store_now(store, rand="0123456789abcdef") + timedelta(days=2)
    for done in execute_all(store, plan_tidy(look_at(store, "p"), now=now), now=now):
        assert done.error is None
    check(s3_lake, s3_proxy, writer, points)
    assert read_lake(store).tails == {}


def test_answers_that_break_off_are_read_again_or_named(s3_lake: str, s3_proxy: S3Proxy) -> None:
    for n in range(4):
        run = lakeboard.init(project="p", id=f"r{n}", lake=s3_lake, quiet=True)
        for i in range(100):
            run.log({"a": i})
        run.finish()
    chance = random.Random(5)
    shares = {"r0", "r1", "r2", "r3"}
    for share in (0.2, 0.5, 1.0):

        def tear(request: Request, share: float = share) -> Spoil:
            return "tear" if request.verb == "GET" and ".parquet" in request.key and chance.random() < share else None

        lake = lakeboard.open(s3_lake, cache=False)
        s3_proxy.spoil = tear
        snapshot = lake.snapshot("p")
        runs = set(lake.runs("p", snapshot=snapshot)["run_id"])
        points = lake.metrics("p", snapshot=snapshot).collect()
        told = " ".join(p.key for p in (*snapshot.problems, *lake.problems("p")))
        s3_proxy.spoil = passing
        assert all(f"{r}." in told for r in shares - runs)
        for run_id in runs:
            values = sorted(points.filter(points["run_id"] == run_id)["value"])
            assert values == [float(i) for i in range(100)] or (values == [] and f"run_id={run_id}/" in told)
        assert set(lake.runs("p")["run_id"]) == shares, "what broke off once is asked for again"


@pytest.mark.slow
def test_five_seconds_for_every_answer(s3_lake: str, s3_proxy: S3Proxy) -> None:
    def slow(request: Request) -> None:
        time.sleep(5)

    run = lakeboard.init(project="p", lake=s3_lake, quiet=True, flush_seconds=0.2, finish_seconds=60)
    run.log({"a": 0})
    time.sleep(2)
    s3_proxy.spoil = slow
    spans: list[float] = []
    end, n = time.monotonic() + 12, 0
    while time.monotonic() < end:
        n += 1
        began = time.perf_counter()
        run.log({"a": n})
        spans.append(time.perf_counter() - began)
        time.sleep(0.005)
    s3_proxy.spoil = passing
    (row,) = lakeboard.open(s3_lake, cache=False).runs("p").iter_rows(named=True)
    assert row["status"] == "running"
    assert row["behind_points"] > 100, "the row says that the lake is behind"
    assert row["behind_seconds"] > 5
    writer = run.row.writer
    run.finish()
    check(s3_lake, s3_proxy, writer, n + 1)
    assert sorted(spans)[int(0.99 * len(spans))] < 0.1


def test_credentials_that_are_revoked_meanwhile_keep_the_points(
    s3_lake: str, s3_proxy: S3Proxy, clean_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def denied(request: Request) -> Spoil:
        return s3_error(403, "AccessDenied")

    tails = 0

    def revoked(at: float) -> None:
        nonlocal tails
        tails += sum("/live/" in r.key and r.verb == "PUT" for r in s3_proxy.take())
        if tails >= 3:
            s3_proxy.spoil = denied

    writer, points = train(s3_lake, 2, revoked, enough=lambda: s3_proxy.spoil is denied)
    said = capsys.readouterr().err
    assert "lakeboard recover" in said
    assert "403" in said or "AccessDenied" in said or "not allow" in said or "permission" in said.lower()
    s3_proxy.spoil = passing
    (done,) = recover_host([clean_environment / "spool"])
    assert (done.error, done.rows) == (None, points)
    check(s3_lake, s3_proxy, writer, points)


def test_two_threads_of_training_share_a_run_through_an_outage(s3_lake: str, s3_proxy: S3Proxy) -> None:
    run = lakeboard.init(project="p", lake=s3_lake, quiet=True, flush_seconds=0.3)

    def work(name: str) -> None:
        for n in range(2_000):
            run.log({name: n})
            if n % 100 == 0:
                time.sleep(0.05)

    threads = [threading.Thread(target=work, args=(f"t{i}",)) for i in range(3)]
    s3_proxy.spoil = drop
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    s3_proxy.spoil = passing
    writer = run.row.writer
    run.finish()
    check(s3_lake, s3_proxy, writer, 6_000)
