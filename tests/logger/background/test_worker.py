"""The background threads: nothing that hangs keeps points from the spool, the end from its deadline, or the lake."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import lakeboard
from lakeboard.logger import start as starting
from lakeboard.logger.background import worker as working
from lakeboard.logger.run import Run
from lakeboard.schema.spool import read_segment
from lakeboard.store.local import LocalStore
from lakeboard.store.opening import open_store
from lakeboard.upkeep.recover import recover_host
from tests.logger.reading import read_lake

pytestmark = pytest.mark.process


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    return tmp_path / "lake"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine, `finish` hears from its thread. A thread that hangs says nothing even so."""
    monkeypatch.setattr(working, "_LAST_WORDS_SECONDS", 20.0)


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Once set, every PUT hangs until it is cleared."""
    hanging, put = threading.Event(), LocalStore.put

    def slow(self: LocalStore, key: str, data: bytes, **options: Any) -> None:
        while hanging.is_set():
            time.sleep(0.01)
        put(self, key, data, **options)

    monkeypatch.setattr(LocalStore, "put", slow)
    yield hanging
    hanging.clear()


def spooled(home: Path) -> int:
    """Points that would survive a SIGKILL now."""
    found = [read_segment(p.read_bytes()) for p in (home / "spool").glob("*/*.spool")]
    return sum(s.rows.hi - s.rows.lo for s in found if s is not None)


def until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_points_reach_the_spool_while_a_put_hangs(lake: Path, hang: threading.Event, clean_environment: Path) -> None:
    hang.set()
    run = lakeboard.init(project="p", quiet=True)
    for n in range(3):
        run.log({"a": n})
        assert until(lambda n=n: spooled(clean_environment) == n + 1), "no PUT is ever answered"  # type: ignore[misc]
    hang.clear()
    run.finish()
    assert [r.rows for r in read_lake(open_store(lake)).rows] == [3]


@pytest.mark.usefixtures("patient")
def test_a_put_that_hangs_does_not_outlast_the_deadline_and_leaves_the_spool_free(
    lake: Path, hang: threading.Event, clean_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = lakeboard.init(project="p", quiet=True, finish_seconds=1)
    run.log({"a": 1})
    hang.set()
    began = time.monotonic()
    run.finish()
    assert time.monotonic() - began < 15
    assert "gave no answer in time" in capsys.readouterr().err
    hang.clear()
    (done,) = recover_host([clean_environment / "spool"])
    assert (done.error, done.rows, done.status) == (None, 1, "finished")
    assert [r.rows for r in read_lake(open_store(lake)).rows] == [1]


@pytest.mark.usefixtures("patient")
def test_a_flush_that_hangs_when_the_run_ends_does_not_hide_how_it_ended(
    lake: Path, hang: threading.Event, clean_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hang.set()
    run = lakeboard.init(project="p", quiet=True, finish_seconds=1)
    run.log({"a": 1})
    assert until(lambda: spooled(clean_environment) == 1)
    time.sleep(2.2)
    run.finish()
    assert "gave no answer in time" in capsys.readouterr().err
    hang.clear()
    (done,) = recover_host([clean_environment / "spool"])
    assert (done.error, done.rows, done.status) == (None, 1, "finished")


def test_points_reach_the_spool_while_git_is_slow(
    lake: Path, clean_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = threading.Event()
    monkeypatch.setattr(starting, "_capture_git", lambda settings, run: slow.wait(30))
    run = lakeboard.init(project="p", quiet=True)
    run.log({"a": 1})
    assert until(lambda: spooled(clean_environment) == 1, 4)
    slow.set()
    run.finish()


def test_what_git_says_is_in_the_row_of_the_shortest_run(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(settings: object, run: Run) -> None:
        time.sleep(0.3)
        run.update_env({"git.commit": "abc"})

    monkeypatch.setattr(starting, "_capture_git", late)
    lakeboard.init(project="p", quiet=True).finish()
    (row,) = read_lake(open_store(lake)).rows
    assert row.env["git.commit"] == "abc"


def test_recovering_earlier_runs_holds_up_neither_points_nor_the_end(
    lake: Path, clean_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recovering = threading.Event()

    def slow(*_: Any, stop: Callable[[], bool], **__: Any) -> None:
        recovering.set()
        until(stop, 30)

    monkeypatch.setattr(starting, "recover_host", slow)
    run = lakeboard.init(project="p", quiet=True)
    assert recovering.wait(10)
    run.log({"a": 1})
    assert until(lambda: spooled(clean_environment) == 1, 4)
    began = time.monotonic()
    run.finish()
    assert time.monotonic() - began < 5
    assert [r.rows for r in read_lake(open_store(lake)).rows] == [1]


def test_a_chore_that_fails_is_told_and_the_run_goes_on(
    lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise KeyError("planned")

    monkeypatch.setattr(starting, "_capture_git", broken)
    with lakeboard.init(project="p", quiet=True) as run:
        run.log({"a": 1})
    assert "KeyError" in capsys.readouterr().err
    assert [r.rows for r in read_lake(open_store(lake)).rows] == [1]


def test_a_defect_of_a_flush_is_told_once_and_tried_again(
    lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put, broken = LocalStore.put, threading.Event()
    broken.set()

    def failing(self: LocalStore, key: str, data: bytes, **options: Any) -> None:
        if broken.is_set():
            raise MemoryError("planned")
        put(self, key, data, **options)

    monkeypatch.setattr(LocalStore, "put", failing)
    run = lakeboard.init(project="p", quiet=True)
    run.log({"a": 1})
    said = ""

    def told() -> bool:
        nonlocal said
        said += capsys.readouterr().err
        return "internal error (MemoryError: planned)" in said

    assert until(told)
    broken.clear()
    run.log({"a": 2})
    run.finish()
    assert said.count("MemoryError: planned") == 2, "in the message and in its traceback"
    assert [r.rows for r in read_lake(open_store(lake)).rows] == [2]


def test_a_small_cap_does_not_stop_a_run_whose_store_answers(lake: Path) -> None:
    """The range since the last seal counts against the cap as well; constants compress to nearly nothing."""
    run = lakeboard.init(project="p", quiet=True, spool_cap_bytes=1_000_000)
    for _ in range(12):
        for _ in range(2_000):
            run.log({"a": 1, "b": 1, "c": 1})
        assert run._carrier is not None
        assert run._carrier.spooled(10)
        time.sleep(0.3)
    logged = run.logged
    run.finish()
    (row,) = read_lake(open_store(lake)).rows
    assert row.rows == logged
    assert logged == 72_000, "nothing was dropped"


def test_a_spool_that_fills_up_and_a_dead_lake_promise_nothing(
    lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lake.write_text("not a folder")
    run = lakeboard.init(project="p", quiet=True, finish_seconds=0.3)
    run.log({"a": 1})
    assert run._carrier is not None
    assert run._carrier.spooled(10)
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if bytes(data[:1]) in b"HGBRF":
            raise OSError(28, "No space left on device")
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    run.log({"a": 2})
    run.finish()
    said = capsys.readouterr().err
    assert said.count("can't keep a spool") == 1
    assert "could not be written to the end: up to 2 points are lost" in said
    assert "safe in" not in said


@pytest.mark.parametrize("trouble", ["ENOLCK", "ENOSYS"])
def test_a_spool_folder_that_can_not_be_locked_is_told_and_the_upload_goes_on(
    lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], trouble: str
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(getattr(errno, trouble), os.strerror(getattr(errno, trouble)))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with lakeboard.init(project="p", quiet=True) as run:
        run.log({"a": 1})
    assert capsys.readouterr().err.count("can't keep a spool") == 1
    assert [r.rows for r in read_lake(open_store(lake)).rows] == [1]
