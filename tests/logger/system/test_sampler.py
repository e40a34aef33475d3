"""One thread for all runs; whom it gives what, and that nobody waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import lakeboard
from lakeboard.logger.process import PROCESS
from lakeboard.logger.settings import resolve
from lakeboard.logger.system.host import Reading
from lakeboard.logger.system.sampler import THREAD, Sampler
from lakeboard.schema.errors import InvalidSetting
from lakeboard.store.opening import open_store
from tests.logger.openruns import background_threads
from tests.logger.reading import read_lake


class Told:
    """Stands for a run."""

    def __init__(self) -> None:
        self.got: list[tuple[int | None, dict[str, float], bool]] = []

    def log(self, metrics: Mapping[str, Any], step: int | None = None, *, aside: bool = False) -> None:
        self.got.append((step, dict(metrics), aside))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def sampler(self, readings: Mapping[str, Reading], gpus: Callable[[], Reading | None] = lambda: None) -> Sampler:
        made = Sampler(readings=lambda: readings, gpus=lambda: gpus, now=lambda: self.now)
        # Samples are taken by hand here.
        made._thread = object()  # type: ignore[assignment]
        return made


def test_each_run_is_given_values_at_its_own_seconds() -> None:
    clock = Clock()
    values = iter(range(100))
    sampler = clock.sampler({"x": lambda: {"x": float(next(values))}})
    first, second = Told(), Told()
    assert sampler.begin(first, 10.0)
    sampler.sample()
    clock.now = 4.0
    sampler.begin(second, 5.0)
    sampler.sample()
    for at in (9.0, 10.0, 14.0, 20.4):
        clock.now = at
        sampler.sample()
    assert first.got == [(10, {"system/x": 3.0}, True), (20, {"system/x": 5.0}, True)]
    assert second.got == [(5, {"system/x": 2.0}, True), (10, {"system/x": 4.0}, True), (16, {"system/x": 5.0}, True)]
    assert (sampler.points(first), sampler.points(second)) == (2, 3)


def test_what_cannot_be_read_costs_itself_and_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    clock, run = Clock(), Told()

    def broken() -> dict[str, float]:
        raise OSError("gone")

    sampler = clock.sampler({"the disk": broken, "memory": lambda: {"memory": 1.0, "nan": float("nan")}})
    sampler.begin(run, 1.0)
    for at in range(4):
        clock.now = float(at)
        sampler.sample()
    assert run.got == [(at, {"system/memory": 1.0}, True) for at in (1, 2, 3)]
    assert capsys.readouterr().err == "lakeboard: can't read the disk of this machine (OSError: gone); it is left out\n"


def test_gpus_are_looked_for_once() -> None:
    clock, run = Clock(), Told()
    looks: list[int] = []

    def look() -> Reading:
        looks.append(1)
        return lambda: {"gpu/0/util": 50.0}

    sampler = clock.sampler({"x": dict}, look)
    sampler.begin(run, 1.0)
    for at in range(3):
        clock.now = float(at)
        sampler.sample()
    assert (len(looks), [got[1] for got in run.got]) == (1, [{"system/gpu/0/util": 50.0}] * 2)


def test_after_a_pause_there_is_one_sample_and_none_after_the_end() -> None:
    clock, run = Clock(), Told()
    sampler = clock.sampler({"x": lambda: {"x": 1.0}})
    sampler.begin(run, 1.0)
    sampler.sample()
    clock.now = 3600.0
    sampler.sample()
    sampler.sample()
    sampler.end(run)
    clock.now = 7200.0
    sampler.sample()
    assert [step for step, _, _ in run.got] == [3600]


def test_without_anything_to_read_there_is_no_thread() -> None:
    assert not Sampler(readings=dict).begin(Told(), 1.0)
    assert threads() == 0


def threads() -> int:
    return sum(thread.name == THREAD for thread in threading.enumerate())


def wait_for(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def sampler(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Reading]]:
    """Readings of the process's sampler; a test puts its own there."""
    readings: dict[str, Reading] = {}
    made = Sampler(readings=lambda: readings, gpus=lambda: lambda: None)
    monkeypatch.delenv("LAKEBOARD_SYSTEM")
    monkeypatch.setattr(PROCESS, "sampler", made)
    yield readings
    wait_for(lambda: threads() == 0)


def test_a_run_has_them_aside_of_its_own_steps(tmp_path: Path, sampler: dict[str, Reading]) -> None:
    sampler["x"] = lambda: {"cpu": 12.5}
    run = lakeboard.init("p", lake=tmp_path, system=0.1, quiet=True)
    run.log({"loss": 1.0})
    wait_for(lambda: PROCESS.sampler.points(run) >= 2)
    run.log({"loss": 0.5})
    assert run.step == 1
    run.finish()
    (row,) = read_lake(open_store(tmp_path)).rows
    assert row.summary["loss"].last_step == 1
    found = row.summary["system/cpu"]
    assert (found.last, found.mean) == (12.5, 12.5)
    assert found.n >= 2
    assert "system/cpu" in row.env["aside_metrics"].split("\n")
    opened = lakeboard.open(tmp_path)
    assert opened.runs("p")["last_step"].to_list() == [1]
    assert opened.board("p").definition.title == "loss"


def test_a_reading_that_hangs_holds_up_nothing(tmp_path: Path, sampler: dict[str, Reading]) -> None:
    hanging, go_on = threading.Event(), threading.Event()

    def hang() -> dict[str, float]:
        hanging.set()
        go_on.wait(60)
        return {"late": 1.0}

    sampler["x"] = hang
    run = lakeboard.init("p", lake=tmp_path, system=0.1, quiet=True)
    try:
        assert hanging.wait(20)
        run.log({"loss": 1.0})
        began = time.monotonic()
        run.finish()
        assert time.monotonic() - began < 10
        with lakeboard.init("p", lake=tmp_path, system=0.1, quiet=True) as second:
            second.log({"loss": 2.0})
        assert threads() == 1, "no further one was begun"
    finally:
        go_on.set()
    rows = read_lake(open_store(tmp_path)).rows
    assert [set(row.summary) for row in rows] == [{"loss"}, {"loss"}]


def test_many_runs_share_one_thread(tmp_path: Path, sampler: dict[str, Reading]) -> None:
    sampler["x"] = lambda: {"x": 1.0}
    runs = [lakeboard.init("p", lake=tmp_path, system=0.1, quiet=True, reinit="create_new") for _ in range(20)]
    wait_for(lambda: all(PROCESS.sampler.points(run) for run in runs))
    assert threads() == 1
    assert background_threads() == ["lakeboard-upload", "lakeboard-writer"]
    for run in runs:
        run.finish()
    wait_for(lambda: threads() == 0)


@pytest.mark.parametrize(
    ("given", "env", "wanted"),
    [
        (15.0, {}, 15.0),
        (None, {}, None),
        (15.0, {"LAKEBOARD_SYSTEM": "0"}, None),
        (15.0, {"LAKEBOARD_SYSTEM": "off"}, None),
        (15.0, {"LAKEBOARD_SYSTEM": "2.5"}, 2.5),
        (7, {"LAKEBOARD_SYSTEM": "on"}, 7.0),
        (15.0, {"LOCAL_RANK": "0"}, 15.0),
        (15.0, {"LOCAL_RANK": "1"}, None),
        (15.0, {"SLURM_LOCALID": "3"}, None),
        (15.0, {"LAKEBOARD_MODE": "disabled"}, None),
    ],
)
def test_how_often(given: float | None, env: dict[str, str], wanted: float | None) -> None:
    assert resolve(lake="x", mode=None, env=env, system=given).system == wanted


@pytest.mark.parametrize(
    ("given", "env", "said"),
    [
        (0.0, {}, "system=0.0"),
        (-1, {}, "system=-1"),
        (float("nan"), {}, "system=nan"),
        (True, {}, "system=True"),
        ("fast", {}, "system='fast'"),
        (15.0, {"LAKEBOARD_SYSTEM": "fast"}, "LAKEBOARD_SYSTEM='fast'"),
        (15.0, {"LAKEBOARD_SYSTEM": "0.001"}, "LAKEBOARD_SYSTEM='0.001'"),
    ],
)
def test_what_makes_no_sense_is_named(given: Any, env: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidSetting, match=r"must be seconds between samples, 0\.1 to 86400") as caught:
        resolve(lake="x", mode=None, env=env, system=given)
    assert said in str(caught.value)
