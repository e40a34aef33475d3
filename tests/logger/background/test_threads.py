"""All open runs of a process share two threads, and what hangs in one lake holds up no other."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import lakeboard
from lakeboard.logger.background.threads import BACKGROUND, Background
from lakeboard.logger.carrier import Carrier
from lakeboard.schema.spool import read_segment
from lakeboard.store.local import LocalStore
from lakeboard.store.opening import open_store
from lakeboard.upkeep.recover import recover_host
from tests.logger.openruns import background_threads, open_run
from tests.logger.reading import read_lake

pytestmark = pytest.mark.process


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """PUTs into these lakes hang for as long as they stand here."""
    hanging, put = set[str](), LocalStore.put

    def slow(self: LocalStore, key: str, data: bytes, **options: Any) -> None:
        while self.url in hanging:
            time.sleep(0.01)
        put(self, key, data, **options)

    monkeypatch.setattr(LocalStore, "put", slow)
    yield hanging
    hanging.clear()


def until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def ended(lake: Path) -> dict[str, tuple[str, int | None]]:
    return {row.run_id: (row.status, row.rows) for row in read_lake(open_store(lake)).rows}


def started(lake: Path) -> int:
    """How many runs the lake knows of."""
    return len({path.name.split(".")[0] for path in (lake / "live" / "project=p").iterdir()})


def test_a_hundred_runs_share_two_threads_which_end_with_the_last(tmp_path: Path) -> None:
    runs = [open_run(tmp_path / "lake", f"r{n}") for n in range(100)]
    for step in range(3):
        for n, run in enumerate(runs):
            run.log({"a": step}, step=n)
    assert until(lambda: (tmp_path / "lake/live/project=p").exists() and started(tmp_path / "lake") == 100)
    assert background_threads() == ["lakeboard-upload", "lakeboard-writer"]
    for run in runs[:99]:
        run.finish()
    assert background_threads() == ["lakeboard-upload", "lakeboard-writer"], "one is open still"
    runs[99].finish()
    assert background_threads() == []
    assert ended(tmp_path / "lake") == {f"r{n}": ("finished", 3) for n in range(100)}


def test_all_runs_are_ended_within_one_deadline(tmp_path: Path) -> None:
    runs = [open_run(tmp_path / "lake", f"r{n}") for n in range(50)]
    for run in runs:
        run.log({"a": 1})
    ending = [threading.Thread(target=run.finish, kwargs={"timeout": 30}) for run in runs]
    for thread in ending:
        thread.start()
    for thread in ending:
        thread.join()
    assert ended(tmp_path / "lake") == {f"r{n}": ("finished", 1) for n in range(50)}


def test_a_lake_that_hangs_holds_up_neither_the_flushes_nor_the_end_of_runs_elsewhere(
    tmp_path: Path, hang: set[str]
) -> None:
    hang.add(str(tmp_path / "hangs"))
    stuck = open_run(tmp_path / "hangs", "stuck", finish_seconds=1)
    stuck.log({"a": 1})
    time.sleep(0.2)
    for n in range(3):
        run = open_run(tmp_path / "well", f"r{n}")
        run.log({"a": n})
        began = time.monotonic()
        run.finish()
        assert time.monotonic() - began < 10
    assert ended(tmp_path / "well") == {f"r{n}": ("finished", 1) for n in range(3)}
    stuck.finish()
    hang.clear()
    assert until(lambda: background_threads() == [])


def test_an_end_that_hangs_is_over_by_its_deadline_and_the_runs_beside_it_go_on(
    tmp_path: Path, hang: set[str], clean_environment: Path
) -> None:
    runs = [open_run(tmp_path / "lake", f"r{n}", finish_seconds=2) for n in range(3)]
    for run in runs:
        run.log({"a": 1})
    assert until(lambda: (tmp_path / "lake/live/project=p").exists() and started(tmp_path / "lake") == 3)
    hang.add(str(tmp_path / "lake"))
    began = time.monotonic()
    runs[0].finish()
    assert time.monotonic() - began < 15
    hang.clear()
    (done,) = recover_host([clean_environment / "spool"])
    assert (done.run_id, done.status, done.rows) == ("r0", "finished", 1), "its spool alone is free"
    for run in runs[1:]:
        run.log({"a": 2})
        run.finish()
    assert ended(tmp_path / "lake") == {"r0": ("finished", 1), "r1": ("finished", 2), "r2": ("finished", 2)}


def test_a_run_that_floods_does_not_keep_others_from_the_spool(tmp_path: Path, clean_environment: Path) -> None:
    flooding, calm = open_run(tmp_path / "lake", "flood"), open_run(tmp_path / "lake", "calm")
    over = threading.Event()

    def flood() -> None:
        metrics = {f"m{i}": 0.5 for i in range(20)}
        while not over.is_set():
            flooding.log(metrics)

    def spooled() -> int:
        found = [read_segment(p.read_bytes()) for p in (clean_environment / "spool").glob("calm.*/*.spool")]
        return sum(s.rows.hi - s.rows.lo for s in found if s is not None)

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        for n in range(1, 4):
            calm.log({"a": n})
            assert until(lambda n=n: spooled() == n), "however much the other one logs"  # type: ignore[misc]
    finally:
        over.set()
        thread.join()
    calm.finish()
    logged = flooding.logged
    flooding.finish(timeout=60)
    assert ended(tmp_path / "lake") == {"calm": ("finished", 3), "flood": ("finished", logged)}


def test_a_defect_of_one_run_stops_that_run_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken, well = open_run(tmp_path / "lake", "broken"), open_run(tmp_path / "lake", "well")
    assert broken._carrier is not None

    def defect(*_: Any) -> None:
        raise ZeroDivisionError("planned")

    broken._carrier._writer.take = defect  # type: ignore[method-assign, assignment]
    for run in (broken, well):
        run.log({"a": 1})
    assert not broken._carrier.spooled(20)
    well.finish()
    broken.finish()
    assert capsys.readouterr().err.count("stopped writing because of an internal error (ZeroDivisionError") == 1
    assert ended(tmp_path / "lake") == {"well": ("finished", 1)}
    assert background_threads() == []


def test_runs_that_begin_together_look_for_earlier_ones_once_or_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, go = list[str](), threading.Event()

    def after_start(stop: Callable[[], bool]) -> None:
        looked.append("looked")
        go.wait(30)

    started_ = Carrier.__init__

    def with_a_look(self: Carrier, *args: Any, **options: Any) -> None:
        started_(self, *args, **{**options, "after_start": after_start})

    monkeypatch.setattr(Carrier, "__init__", with_a_look)
    runs = [open_run(tmp_path / "lake", f"r{n}") for n in range(20)]
    assert until(lambda: (tmp_path / "lake/live/project=p").exists() and started(tmp_path / "lake") == 20)
    go.set()
    for run in runs:
        run.finish()
    assert 1 <= len(looked) <= 2, "the first one, and one for all that began during it"


def test_where_the_system_gives_no_thread_points_wait_and_the_end_takes_them_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("lakeboard.logger.background.threads.Thread", none)
    run = open_run(tmp_path / "lake", "r0")
    run.log({"a": 1})
    assert "points stay in memory until the run ends" in capsys.readouterr().err
    run.finish()
    assert ended(tmp_path / "lake") == {"r0": ("finished", 1)}
    assert background_threads() == []


def test_a_child_that_is_forked_has_threads_of_its_own(tmp_path: Path) -> None:
    runs = [open_run(tmp_path / "lake", f"r{n}") for n in range(3)]
    for run in runs:
        run.log({"a": 1})
    child = os.fork()
    if child == 0:
        code = 1
        try:
            for run in runs:
                run.after_fork()
            assert BACKGROUND.threads == 0
            own = open_run(tmp_path / "lake", "child")
            own.log({"a": 1})
            own.finish()
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    for run in runs:
        run.log({"a": 2})
        run.finish()
    assert ended(tmp_path / "lake") == {"child": ("finished", 1), **{f"r{n}": ("finished", 2) for n in range(3)}}


def test_without_a_run_there_is_nothing() -> None:
    alone = Background()
    assert alone.threads == 0
    alone.wind_down()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_thousand_open_runs_take_two_threads_and_few_descriptors(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    runs = [open_run(tmp_path / "lake", f"r{n}", finish_seconds=100) for n in range(1_000)]
    for step in range(2):
        for run in runs:
            run.log({"a": step})
    assert until(lambda: (tmp_path / "lake/live/project=p").exists() and started(tmp_path / "lake") == 1_000, 60)
    # A disk that took half a second for something got a further thread, which goes when it has had nothing to do.
    assert until(lambda: len(background_threads()) == 2, 60)
    assert len(list(Path("/proc/self/fd").iterdir())) - before < 80
    for run in runs:
        run.finish()
    # The last one waits a moment for them; a busy machine may take longer.
    assert until(lambda: background_threads() == [], 10)
    frame = lakeboard.open(tmp_path / "lake").runs("p")
    assert frame["rows"].to_list() == [2] * 1_000
    assert frame["status"].unique().to_list() == ["finished"]
