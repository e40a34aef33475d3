"""The real server is killed in the middle of a training and started again: nothing is lost, doubled or told twice."""

from __future__ import annotations

import re
import threading
import time

import pytest

import lakeboard
from lakeboard.schema.run.row import BEHIND_ENV
from lakeboard.store.opening import open_store
from tests.effort import EXHAUSTIVE
from tests.logger.reading import read_lake
from tests.s3server import StoppableS3

pytestmark = pytest.mark.s3


def train_through(server: StoppableS3, lake: str, *, before: float, down: float, after: float) -> tuple[str, int, int]:
    """Log all along; the writer, how many points, and how many were logged while the server was away."""
    away = threading.Event()
    back = threading.Event()

    def outage() -> None:
        time.sleep(before)
        server.stop()
        away.set()
        time.sleep(down)
        server.start()
        back.set()

    helper = threading.Thread(target=outage)
    run = lakeboard.init(project="p", lake=lake, quiet=True, flush_seconds=0.5)
    helper.start()
    points = meanwhile = 0
    end = None
    while end is None or time.monotonic() < end:
        run.log({"a": points, "b": points + 1})
        points += 2
        meanwhile += 2 * (away.is_set() and not back.is_set())
        if end is None and back.is_set():
            end = time.monotonic() + after
        time.sleep(0.002)
    helper.join()
    writer = run.row.writer
    run.finish()
    return writer, points, meanwhile


def check(lake: str, writer: str, points: int, meanwhile: int, said: str, *, at_least: float) -> None:
    held = read_lake(open_store(lake))
    assert [p[0] for p in held.sealed_points(writer)] == list(range(points))
    assert [p[4] for p in held.sealed_points(writer)] == [float(n) for n in range(points)]
    (row,) = held.rows
    assert (row.status, row.rows) == ("finished", points)
    assert held.tails == {}
    assert said.count("training goes on") == 1
    assert said.count("answers again") == 1
    told = re.fullmatch(r"at most ([\d,]+) points and ([\d,]+) s, at .* UTC", row.env[BEHIND_ENV])
    assert told is not None
    assert int(told[1].replace(",", "")) >= meanwhile // 2
    assert int(told[2].replace(",", "")) >= at_least


def test_a_server_that_dies_for_seconds(
    stoppable_s3: tuple[StoppableS3, str], capsys: pytest.CaptureFixture[str]
) -> None:
    server, lake = stoppable_s3
    writer, points, meanwhile = train_through(server, lake, before=1.5, down=2, after=3)
    check(lake, writer, points, meanwhile, capsys.readouterr().err, at_least=2)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_server_that_dies_for_long(stoppable_s3: tuple[StoppableS3, str], capsys: pytest.CaptureFixture[str]) -> None:
    server, lake = stoppable_s3
    down = 60 if EXHAUSTIVE else 20
    writer, points, meanwhile = train_through(server, lake, before=2, down=down, after=3)
    check(lake, writer, points, meanwhile, capsys.readouterr().err, at_least=down - 5)


@pytest.mark.slow
def test_a_run_that_ends_while_the_server_is_away_is_sent_when_it_is_back(
    stoppable_s3: tuple[StoppableS3, str], capsys: pytest.CaptureFixture[str]
) -> None:
    server, lake = stoppable_s3
    run = lakeboard.init(project="p", lake=lake, quiet=True, flush_seconds=0.5, finish_seconds=60)
    for n in range(200):
        run.log({"a": n})
        time.sleep(0.005)
    server.stop()
    for n in range(200, 400):
        run.log({"a": n})
    starter = threading.Timer(1.5, server.start)
    starter.start()
    writer = run.row.writer
    run.finish()
    starter.join()
    held = read_lake(open_store(lake))
    assert [p[4] for p in held.sealed_points(writer)] == [float(n) for n in range(400)]
    assert [(r.status, r.rows) for r in held.rows] == [("finished", 400)]
    assert "recover" not in capsys.readouterr().err
