"""An end that nobody stated is not told as known: each test is a script of its own, as a user would write it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lakeboard.schema.run.row import RunRow

from .test_process import held, play

pytestmark = pytest.mark.process


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def rows(lake: Path) -> dict[str, RunRow]:
    return {r.run_id: r for r in held(lake).rows}


def ends(lake: Path) -> dict[str, tuple[str, str | None]]:
    return {name: (row.status, row.error) for name, row in sorted(rows(lake).items())}


BEGIN = """
import lakeboard, sys, threading
def begin(name, **options):
    return lakeboard.init(project="p", id=name, quiet=True, **options)
def train(n, good=True):
    run = begin(f"x{n}")
    run.log({"a": 1})
    if not good:
        raise ValueError(f"boom {n}")
"""


def test_a_multirun_whose_second_job_raises_and_that_leaves_with_1(lake: Path) -> None:
    """As Hydra does it: the job's error is kept, the others go on, and it is raised and handled at the end."""
    code, errors = play(
        lake,
        BEGIN
        + """
def launch(jobs):
    kept = []
    for n in jobs:
        try:
            train(n, good=n != 2)
        except ValueError as error:
            kept.append(error)
    for error in kept:
        raise error
try:
    launch([1, 2, 3])
except Exception as error:
    print(error, file=sys.stderr)
    sys.exit(1)
""",
    )
    assert code == 1, errors
    assert ends(lake) == {"x1": ("ended", None), "x2": ("ended", None), "x3": ("finished", None)}
    assert {row.closed_by for name, row in rows(lake).items() if name != "x3"} == {"next"}


def test_a_multirun_that_ends_with_the_kept_error(lake: Path) -> None:
    code, _ = play(
        lake,
        BEGIN
        + """
kept = []
for n in (1, 2, 3):
    try:
        train(n, good=n != 1)
    except ValueError as error:
        kept.append(error)
raise kept[0]
""",
    )
    assert code == 1
    assert ends(lake) == {"x1": ("ended", None), "x2": ("ended", None), "x3": ("finished", None)}


def test_a_multirun_whose_last_job_raises(lake: Path) -> None:
    code, _ = play(
        lake,
        BEGIN
        + """
try:
    for n in (1, 2):
        train(n, good=n != 2)
except Exception:
    sys.exit(1)
""",
    )
    assert code == 1
    assert ends(lake) == {"x1": ("ended", None), "x2": ("failed", "ValueError: boom 2")}


def test_the_parent_of_a_job_that_raises_has_failed_too(lake: Path) -> None:
    """Whoever began it has returned, and the child has ended before the error arrives."""
    code, _ = play(
        lake,
        BEGIN
        + """
def make_parent():
    return begin("parent")
def child():
    with begin("child", parent_run_id="parent") as run:
        run.log({"a": 1})
        raise ValueError("boom")
make_parent()
child()
""",
    )
    assert code == 1
    assert ends(lake) == {"child": ("failed", "ValueError: boom"), "parent": ("failed", "ValueError: boom")}


ZERO = "ZeroDivisionError: division by zero"
HANDLED = "\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    "


@pytest.mark.parametrize(
    ("leaving", "status", "error"),
    [
        (HANDLED + "sys.exit(1)", "failed", ZERO),
        (HANDLED + "sys.exit(0)", "finished", None),
        (HANDLED + "pass\nsys.exit(4)", "failed", "SystemExit: 4"),
        ("\ntry:\n    raise KeyboardInterrupt\nexcept KeyboardInterrupt:\n    sys.exit(130)", "killed",
         "KeyboardInterrupt"),
        (HANDLED + "run.finish(status='failed')", "failed", ZERO),
        (HANDLED + "run.finish(exit_code=3)", "failed", ZERO),
        ("\ntry:\n    1 / 0\nfinally:\n    run.finish()", "finished", None),
        ("\nrun.finish(2)", "failed", "exit code 2"),
        ("\nlakeboard.finish(exit_code=0)", "finished", None),
        ("\nwith run:\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        sys.exit(1)", "failed", ZERO),
    ],
)  # fmt: skip
def test_the_real_error_is_told(lake: Path, leaving: str, status: str, error: str | None) -> None:
    play(lake, BEGIN + "run = begin('a')\nrun.log({'a': 1})" + leaving)
    assert ends(lake) == {"a": (status, error)}


def test_a_failure_keeps_its_traceback_without_secrets_and_within_16_kilobytes(lake: Path) -> None:
    play(
        lake,
        BEGIN
        + """
# A name each, or Python would fold what repeats.
for n in range(400):
    exec(f"def step_{n}_of_a_long_way(): return step_{n + 1}_of_a_long_way()")
def step_400_of_a_long_way(): return 1 / 0
begin("a").log({"a": 1})
step_0_of_a_long_way()
""",
    )
    row = rows(lake)["a"]
    assert row.traceback is not None
    assert row.traceback.startswith("Traceback (most recent call last):\n")
    assert row.traceback.endswith("ZeroDivisionError: division by zero\n")
    assert "bytes are not kept" in row.traceback
    assert len(row.traceback.encode()) <= 16_000


def test_a_traceback_shows_no_secret(lake: Path, tmp_path: Path) -> None:
    script = tmp_path / "job.py"
    script.write_text(
        "import lakeboard\nrun = lakeboard.init(project='p', id='a', quiet=True)\n"
        "def connect(password): raise OSError('s3://key:hunter2@host')\n"
        "connect(password='hunter2-in-code')\n"
    )
    play(lake, f"import runpy\nrunpy.run_path({str(script)!r}, run_name='__main__')")
    row = rows(lake)["a"]
    assert row.error == "OSError: s3://[redacted]@host"
    assert row.traceback is not None
    assert "connect(password='[redacted]')" in row.traceback
    assert "hunter2" not in row.traceback


def test_a_run_without_points_says_how_many_values_were_refused(lake: Path) -> None:
    _, errors = play(
        lake,
        BEGIN + "run = begin('a')\nfor n in range(3):\n    run.log({'a': 'text', 'b': None})\nrun.log(3)\n",
    )
    row = rows(lake)["a"]
    assert (row.rows, row.env["refused_values"]) == (0, "7")
    assert "0 points" in errors
    assert "7 values could not be kept" in errors


def test_a_thread_that_dies_of_an_error_fails_its_run_and_no_other(lake: Path) -> None:
    code, errors = play(
        lake,
        BEGIN
        + """
begin("main")
threads = [threading.Thread(target=train, args=(n, n != 2)) for n in (1, 2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
""",
    )
    assert code == 0
    assert "boom 2" in errors
    assert ends(lake) == {"main": ("finished", None), "x1": ("finished", None), "x2": ("failed", "ValueError: boom 2")}


def test_a_task_that_raises_fails_its_run_though_the_program_goes_on(lake: Path) -> None:
    code, errors = play(
        lake,
        BEGIN
        + """
import asyncio
async def trial(n):
    begin(f"t{n}").log({"a": n})
    await asyncio.sleep(0)
    if n == 1: raise ValueError("boom")
    if n == 2: await asyncio.sleep(60)
async def main():
    tasks = [asyncio.create_task(trial(n)) for n in range(3)]
    await asyncio.sleep(0.1)
    tasks[2].cancel()
    print(await asyncio.gather(*tasks, return_exceptions=True))
asyncio.run(main())
""",
    )
    assert code == 0, errors
    assert ends(lake) == {
        "t0": ("finished", None), "t1": ("failed", "ValueError: boom"), "t2": ("killed", "CancelledError"),
    }  # fmt: skip


def test_an_error_of_a_task_that_nobody_asks_for_is_told_by_asyncio_as_ever(lake: Path) -> None:
    _, errors = play(
        lake,
        BEGIN
        + """
import asyncio
async def trial():
    begin("t")
    raise ValueError("boom")
async def main():
    asyncio.create_task(trial())
    await asyncio.sleep(0.1)
asyncio.run(main())
""",
    )
    assert "Task exception was never retrieved" in errors
    assert ends(lake) == {"t": ("failed", "ValueError: boom")}


def test_ctrl_c_in_asyncio_is_ctrl_c(lake: Path) -> None:
    play(
        lake,
        BEGIN
        + """
import asyncio, os, signal
async def main():
    begin("bare")
    with begin("held"):
        asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), signal.SIGINT)
        await asyncio.sleep(60)
asyncio.run(main())
""",
    )
    assert ends(lake)["held"] == ("killed", "CancelledError")


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_child_of_multiprocessing_that_raises_has_failed(lake: Path, tmp_path: Path, method: str) -> None:
    script = tmp_path / "job.py"
    script.write_text(
        """
import lakeboard, multiprocessing, sys
def work(n):
    run = lakeboard.init(project="p", id=f"{sys.argv[1]}{n}", quiet=True)
    run.log({"a": n})
    if n == 1: raise ValueError("boom")
    if n == 2: sys.exit(3)
if __name__ == "__main__":
    made = multiprocessing.get_context(sys.argv[1])
    children = [made.Process(target=work, args=(n,)) for n in range(3)]
    for child in children: child.start()
    for child in children: child.join()
"""
    )
    done = subprocess.run(
        [sys.executable, str(script), method],
        env={**os.environ, "LAKEBOARD_LAKE": str(lake)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert ends(lake) == {
        f"{method}0": ("finished", None),
        f"{method}1": ("failed", "ValueError: boom"),
        f"{method}2": ("failed", "SystemExit: 3"),
    }


def test_a_daemon_whose_maker_is_gone_ends_as_its_own_end_says(lake: Path) -> None:
    code, errors = play(
        lake,
        BEGIN
        + """
import os, signal, time
run = begin("a")
run.log({"parent": 1})
reading, writing = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.close(reading)
        while os.getppid() != 1 and os.path.exists(f"/proc/{os.getppid()}") and os.getppid() == before: time.sleep(0.01)
        run.log({"daemon": 1})
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
    os._exit(0)
os.close(writing)
os.read(reading, 1)
""".replace("if os.fork() == 0:\n        os.close", "before = os.getpid()\n    if os.fork() == 0:\n        os.close"),
    )
    assert code == 0, errors
    told = sorted((r.status, r.error, r.rows) for r in held(lake).rows)
    assert told == [("finished", None, 1), ("killed", "SIGTERM", 1)]
