"""What many open runs of one process take, and what a process loses that gets little of the processor."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from lakeboard.logger.carrier import new_writer, now_ms
from lakeboard.logger.console import Console
from lakeboard.logger.process import PROCESS
from lakeboard.logger.run import Run
from lakeboard.logger.settings import resolve
from lakeboard.schema.run.row import RunRow
from lakeboard.schema.spool import read_segment

from .measure import Report

_RUNS = 1_000
_KILLS = 10


def open_runs(report: Report) -> None:
    """1,000 runs that are open at once: threads, memory, descriptors, the processor's time."""
    with tempfile.TemporaryDirectory() as folder, _spool_in(Path(folder)):
        first = _open(Path(folder), "first")
        time.sleep(1)
        memory, descriptors = _memory(), _descriptors()
        start = time.perf_counter()
        runs = [_open(Path(folder), f"r{number}") for number in range(_RUNS)]
        report.add("begin one", "ms", (time.perf_counter() - start) / _RUNS * 1e3)
        threads = []
        for step in range(10):
            for run in runs:
                run.log({"loss": 0.5, "acc": 0.5}, step=step)
            time.sleep(0.5)
            threads.append(float(sum(t.name.startswith("lakeboard") for t in threading.enumerate())))
        report.add("threads of all", "threads", threads, at_most=2)
        report.add("memory of one", "kB", (_memory() - memory) / _RUNS, at_most=100)
        report.add("descriptors of all", "files", _descriptors() - descriptors, at_most=80)
        # Until all flushes are through, and heartbeats are all there is.
        time.sleep(8)
        cpu, start = time.process_time(), time.perf_counter()
        time.sleep(5)
        idle = (time.process_time() - cpu) / (time.perf_counter() - start) * 100
        report.add("processor, nothing logged", "%", idle, at_most=5)
        start = time.perf_counter()
        for run in [*runs, first]:
            run.finish()
        report.add("end one", "ms", (time.perf_counter() - start) / _RUNS * 1e3)


def starved(report: Report) -> None:
    """SIGKILL for a process that gets a tenth of a processor: age of the last point that is in the spool."""
    lost = [_starve(20_000) for _ in range(_KILLS)]
    report.add("lost, short steps", "s", lost, target="under 1 s, all", met=max(lost) < 1)
    lost = [_starve(1_000_000) for _ in range(_KILLS)]
    report.add("lost, steps of 10 ms of processor", "s", lost, target="under 1 s, all", met=max(lost) < 1)


def _open(folder: Path, name: str) -> Run:
    settings = resolve(lake=folder / "lake", mode=None, env=os.environ, quiet=True, finish_seconds=100)
    now = now_ms()
    row = RunRow(run_id=name, writer=new_writer(1), created_at=now, started_at=now, updated_at=now)
    return Run(settings, "bench", row, {"lr": 0.1}, console=Console(quiet=True), keeper=PROCESS)


class _spool_in:  # noqa: N801 - used as a function
    """The spool in a folder of the benchmark's own."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._before = folder, os.environ.get("LAKEBOARD_SPOOL")

    def __enter__(self) -> None:
        os.environ["LAKEBOARD_SPOOL"] = str(self._folder / "spool")

    def __exit__(self, *_: object) -> None:
        if self._before is None:
            del os.environ["LAKEBOARD_SPOOL"]
        else:
            os.environ["LAKEBOARD_SPOOL"] = self._before


def _memory() -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    return float(found[1]) if found else 0.0


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _starve(work: int) -> float:
    """Seconds between the last point in the spool and the kill; stopped for 90 ms of every 100."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "LAKEBOARD_SPOOL": f"{folder}/spool", "LAKEBOARD_GIT_DIFF": "0"}
        command = [sys.executable, "-c", _TRAINING, f"{folder}/lake", str(work)]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as training:  # noqa: S603
            assert training.stdout is not None
            training.stdout.readline()
            end = time.monotonic() + 4 + 2 * random.random()
            while time.monotonic() < end:
                training.send_signal(signal.SIGSTOP)
                time.sleep(0.09)
                training.send_signal(signal.SIGCONT)
                time.sleep(0.01)
            training.kill()
            killed = time.time()
        found = [read_segment(path.read_bytes()) for path in Path(folder, "spool").glob("*/*.spool")]
        values = [v for s in found if s is not None for g in s.rows.groups.values() for v in g.values]
        return killed - max(values, default=0.0)


_TRAINING = """
import sys, time, lakeboard
run = lakeboard.init(project="bench", lake=sys.argv[1], quiet=True)
print("begun", flush=True)
while True:
    sum(range(int(sys.argv[2])))
    run.log({"at": time.time()})
"""
