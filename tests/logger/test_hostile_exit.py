"""Ends that nobody planned: signals at the wrong moment, exit codes, impatient people, pools killing workers."""

from __future__ import annotations

import copy
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lakeboard
from lakeboard.schema.errors import InvalidValue
from lakeboard.upkeep.recover import recover_host
from tests.logger.test_process import held, play, start

pytestmark = pytest.mark.process

SLOW_PUTS = """
import lakeboard, os, signal, sys, threading, time
from lakeboard.store.local import LocalStore
put = LocalStore.put
def slow(self, key, data, **options):
    if key.startswith("runs/"):
        print("ending", flush=True)
        time.sleep(2)
    put(self, key, data, **options)
LocalStore.put = slow
run = lakeboard.init(project="p")
run.log({"a": 1})
"""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_sigterm_while_a_run_ends_lets_it_end(lake: Path) -> None:
    process = start(lake, SLOW_PUTS + "run.finish()\ntime.sleep(60)")
    assert line(process) == "ending"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM
    (row,) = held(lake).rows
    assert (row.status, row.rows) == ("finished", 1)


def test_sigterm_reaches_a_process_held_in_foreign_code(lake: Path) -> None:
    script = """
import ctypes, lakeboard
run = lakeboard.init(project="p")
run.log({"a": 1})
lock = ctypes.create_string_buffer(256)
libc = ctypes.CDLL(None)
libc.pthread_mutex_lock(lock)
print("ready", flush=True)
libc.pthread_mutex_lock(lock)
"""
    process = start(lake, script)
    assert line(process) == "ready"
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM
    (row,) = held(lake).rows
    assert (row.status, row.error, row.rows) == ("killed", "SIGTERM", 1)


def test_a_handler_that_came_later_is_the_programs_own(lake: Path) -> None:
    code, _ = play(
        lake,
        """
        import lakeboard, os, signal, time
        run = lakeboard.init(project="p")
        told = []
        signal.signal(signal.SIGTERM, lambda *_: told.append(1))
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1)
        assert told == [1] and not run.finished
        run.log({"a": 1})
        """,
    )
    (row,) = held(lake).rows
    assert (code, row.status, row.rows) == (0, "finished", 1)


def test_ctrl_c_while_a_run_ends_says_where_the_rest_is(lake: Path, clean_environment: Path) -> None:
    process = start(lake, SLOW_PUTS.replace("time.sleep(2)", "time.sleep(60)") + "run.finish()")
    assert line(process) == "ending"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert "interrupted while sending" in errors
    assert f"lakeboard recover --spool {os.environ['LAKEBOARD_SPOOL']}" in errors
    (done,) = recover_host([clean_environment / "spool"])
    assert (done.error, done.status, done.rows) == (None, "finished", 1)


def test_an_end_in_another_thread_is_waited_for_at_exit(lake: Path) -> None:
    code, errors = play(
        lake, SLOW_PUTS + "threading.Thread(target=run.finish, daemon=True).start()\nwhile not run.finished: pass"
    )
    (row,) = held(lake).rows
    assert (code, row.status, row.rows) == (0, "finished", 1), errors


def test_asyncio_programs_log_end_and_keep_their_signal_handlers(lake: Path) -> None:
    code, errors = play(
        lake,
        """
        import asyncio, lakeboard, os, signal
        async def main():
            stop = asyncio.Event()
            run = lakeboard.init(project="p")
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
            async def work(n):
                for i in range(50):
                    run.log({f"a{n}": i})
                    await asyncio.sleep(0)
            await asyncio.gather(*(work(n) for n in range(4)))
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(stop.wait(), 10)
            assert not run.finished
        asyncio.run(main())
        """,
    )
    (row,) = held(lake).rows
    assert (code, row.status, row.rows) == (0, "finished", 200), errors


@pytest.mark.parametrize(
    ("leaving", "code", "status", "error"),
    [
        ("sys.exit(3)", 3, "failed", "SystemExit: 3"),
        ("sys.exit('no data')", 1, "failed", "SystemExit: no data"),
        ("sys.exit(0)", 0, "finished", None),
        ("sys.exit()", 0, "finished", None),
        ("t = threading.Thread(target=sys.exit, args=(5,)); t.start(); t.join()", 0, "finished", None),
        ("\ntry:\n    sys.exit(2)\nexcept SystemExit:\n    run.log({'a': 2})", 0, "finished", None),
        ("raise Exception('x' * 10_000)", 1, "failed", "Exception: " + "x" * 1_989),
        ("raise type('E', (Exception,), {'__str__': lambda self: 1 / 0})()", 1, "failed", "E"),
        ("raise Exception('s3://key:secret@host')", 1, "failed", "Exception: s3://[redacted]@host"),
    ],
)
def test_how_a_script_leaves_is_how_its_run_ended(
    lake: Path, leaving: str, code: int, status: str, error: str | None
) -> None:
    script = "import lakeboard, sys, threading\nrun = lakeboard.init(project='p')\nrun.log({'a': 1})\n" + leaving
    assert play(lake, script)[0] == code
    (row,) = held(lake).rows
    assert (row.status, row.error) == (status, error)


def test_a_pool_that_kills_its_workers_does_not_kill_the_run(lake: Path) -> None:
    code, errors = play(
        lake,
        """
import lakeboard, multiprocessing
def work(i):
    run.log({"child": i})
run = lakeboard.init(project="p")
run.log({"main": 1})
with multiprocessing.get_context("fork").Pool(2) as pool:
    pool.map(work, range(20))
""",
    )
    assert code == 0, errors
    rows = held(lake).rows
    assert sum(r.rows or 0 for r in rows) == 21
    assert {r.status for r in rows} == {"finished"}


def test_a_fork_while_every_lock_is_taken_does_not_hang_its_child(lake: Path) -> None:
    code, errors = play(
        lake,
        """
import lakeboard, os, sys, threading, time
run = lakeboard.init(project="p", flush_seconds=0.1)
stop = False
def busy(n):
    while not stop:
        run.log({f"t{n}": 1})
        run.config[f"c{n}"] = n
for n in range(3):
    threading.Thread(target=busy, args=(n,)).start()
children = []
for i in range(8):
    time.sleep(0.05)
    pid = os.fork()
    if pid == 0:
        run.log({"child": i})
        run.finish()
        os._exit(0)
    children.append(pid)
end = time.monotonic() + 30
codes = []
while children and time.monotonic() < end:
    pid, code = os.waitpid(-1, os.WNOHANG)
    if pid:
        children.remove(pid)
        codes.append(code)
    else:
        time.sleep(0.05)
stop = True
for pid in children:
    os.kill(pid, 9)
assert codes == [0] * 8, (codes, children)
""",
    )
    assert code == 0, errors
    found = held(lake)
    assert sum(1 for w in {r.writer for r in found.rows} for p in found.points(w) if p[1] == "child") == 8


def test_a_run_is_not_copied_and_comes_back_from_a_pickle_as_itself(lake: Path) -> None:
    with lakeboard.init(project="p", lake=lake, quiet=True) as run:
        assert pickle.loads(pickle.dumps({"run": run}))["run"] is run
        assert copy.copy(run) is run
        assert copy.deepcopy({"run": run})["run"] is run


@pytest.mark.parametrize("arguments", [{"timeout": "soon"}, {"timeout": -1}, {"timeout": float("nan")}, {"status": 5}])
def test_a_finish_that_makes_no_sense_leaves_the_run_open(lake: Path, arguments: dict[str, object]) -> None:
    run = lakeboard.init(project="p", lake=lake, quiet=True)
    with pytest.raises(InvalidValue):
        run.finish(**arguments)  # type: ignore[arg-type]
    run.log({"a": 1})
    run.finish(status="failed", error=ValueError("odd"), timeout=float("inf"))
    (row,) = held(lake).rows
    assert (row.status, row.error, row.rows) == ("failed", "odd", 1)


def test_excepthook_and_exit_are_given_back(lake: Path) -> None:
    before = (sys.excepthook, sys.exit)
    run = lakeboard.init(project="p", lake=lake, quiet=True)
    assert sys.exit != before[1]
    run.finish()
    assert (sys.excepthook, sys.exit) == before
    assert signal.set_wakeup_fd(-1) == -1


def test_a_terminal_that_closes_kills_the_run_and_loses_nothing(lake: Path) -> None:
    process = start(
        lake,
        """
        import lakeboard, signal, time
        # Who runs the tests under nohup has it ignored here too.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        run = lakeboard.init(project="p")
        run.log({"a": 1})
        print("ready", flush=True)
        while True:
            time.sleep(0.1)
        """,
    )
    assert line(process) == "ready"
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGHUP
    (row,) = held(lake).rows
    assert (row.status, row.error, row.rows) == ("killed", "SIGHUP", 1)


def test_nohup_is_respected(lake: Path) -> None:
    code, _ = play(
        lake,
        """
        import lakeboard, os, signal, time
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        run = lakeboard.init(project="p")
        os.kill(os.getpid(), signal.SIGHUP)
        time.sleep(0.5)
        run.log({"a": 1})
        """,
    )
    (row,) = held(lake).rows
    assert (code, row.status, row.rows) == (0, "finished", 1)


def test_children_that_left_through_os_exit_are_ended_by_their_parent(lake: Path, clean_environment: Path) -> None:
    code, errors = play(
        lake,
        """
        import lakeboard, os, time
        run = lakeboard.init(project="p")
        run.log({"a": 1})
        if os.fork() == 0:
            run.log({"child": 1})
            assert run._carrier.spooled(20)
            os._exit(0)
        os.wait()
        """,
    )
    assert code == 0, errors
    found = held(lake)
    assert sorted((r.rows or 0, r.closed_by or "") for r in found.rows) == [(1, ""), (1, "recover")]
    assert found.tails == {}
    assert list((clean_environment / "spool").iterdir()) == []


def test_a_system_without_threads_left_sends_at_the_end(lake: Path) -> None:
    code, errors = play(
        lake,
        """
        import lakeboard, threading
        import pyarrow.compute, pyarrow.parquet
        def none(self):
            raise RuntimeError("can't start new thread")
        threading.Thread.start = none
        run = lakeboard.init(project="p")
        for n in range(10):
            run.log({"a": n})
        """,
    )
    (row,) = held(lake).rows
    assert (code, row.status, row.rows) == (0, "finished", 10), errors
    assert errors.count("can't start new thread") == 1


def test_a_child_that_is_ended_the_moment_it_is_forked_ends_alone(lake: Path) -> None:
    """Until Python has told a child that it is one, a signal would find the parent's handler and the parent's pipe."""
    code, errors = play(
        lake,
        """
        import lakeboard, os, signal, time
        # Whoever runs the tests under nohup has us ignore it.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        run = lakeboard.init(project="p")
        run.log({"a": 1})
        ends = []
        for number in (signal.SIGTERM, signal.SIGHUP) * 50:
            child = os.fork()
            if child == 0:
                time.sleep(5)
                os._exit(0)
            os.kill(child, number)
            ends.append(os.waitpid(child, 0)[1] == number)
        time.sleep(0.3)
        assert not run.finished
        assert all(ends), ends.count(False)
        assert not {signal.SIGTERM, signal.SIGHUP} & signal.pthread_sigmask(signal.SIG_BLOCK, ())
        """,
    )
    (row,) = held(lake).rows
    assert (code, row.status, row.rows) == (0, "finished", 1), errors


def test_what_arrow_sets_up_at_its_first_use_is_there_before_a_background_thread_needs_it(lake: Path) -> None:
    """Its locks would stay locked for ever in a child that is forked meanwhile."""
    code, errors = play(
        lake,
        """
        import lakeboard, threading
        import pyarrow.parquet as pq
        threads, init = [], pq.ParquetWriter.__init__
        def noted(self, *arguments, **options):
            init(self, *arguments, **options)
            threads.append(threading.current_thread().name)
        pq.ParquetWriter.__init__ = noted
        run = lakeboard.init(project="p")
        assert threads[:1] == ["MainThread"], threads
        run.log({"a": 1})
        run.finish()
        assert "lakeboard-writer" in threads, threads
        """,
    )
    assert code == 0, errors
