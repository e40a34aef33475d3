"""Ends of processes: each test is a script of its own, as a user would write it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from lakeboard.store.opening import open_store
from lakeboard.upkeep.recover import recover_host
from tests.logger.reading import Held, read_lake

pytestmark = pytest.mark.process


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def start(lake: Path | str, script: str) -> subprocess.Popen[str]:
    code = textwrap.dedent(script)
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "LAKEBOARD_LAKE": str(lake)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def play(lake: Path | str, script: str) -> tuple[int, str]:
    process = start(lake, script)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


def held(lake: Path) -> Held:
    return read_lake(open_store(lake))


def test_a_script_that_never_finishes_its_run_is_finished(lake: Path) -> None:
    code, errors = play(lake, "import lakeboard; run = lakeboard.init(project='p'); run.log({'a': 1})")
    (row,) = held(lake).rows
    assert (code, row.status, row.rows) == (0, "finished", 1)
    assert len(errors.splitlines()) == 2, errors


def test_an_uncaught_exception_fails_the_run_and_keeps_its_traceback(lake: Path) -> None:
    code, errors = play(
        lake, "import lakeboard; run = lakeboard.init(project='p'); run.log({'a': 1}); raise ValueError('boom')"
    )
    (row,) = held(lake).rows
    assert (code, row.status, row.error, row.rows) == (1, "failed", "ValueError: boom", 1)
    assert "Traceback" in errors


@pytest.mark.parametrize(("number", "error"), [(signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "KeyboardInterrupt")])
def test_signals_kill_the_run_and_lose_nothing(lake: Path, number: signal.Signals, error: str) -> None:
    process = start(
        lake,
        """
        import lakeboard, sys, time
        run = lakeboard.init(project="p")
        for i in range(300):
            run.log({"a": i})
        print("ready", flush=True)
        while True:
            # In slices: Python misses a signal that comes just as a sleep begins.
            time.sleep(0.1)
        """,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    process.communicate(timeout=30)
    (row,) = held(lake).rows
    assert (row.status, row.error, row.rows) == ("killed", error, 300)
    assert process.returncode == -number


def test_a_program_with_its_own_sigterm_handler_keeps_it(lake: Path) -> None:
    code, _ = play(
        lake,
        """
        import lakeboard, os, signal, sys
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
        run = lakeboard.init(project="p")
        run.log({"a": 1})
        os.kill(os.getpid(), signal.SIGTERM)
        """,
    )
    (row,) = held(lake).rows
    assert (code, row.rows) == (7, 1)


def test_sigkill_loses_at_most_the_last_second(lake: Path, clean_environment: Path) -> None:
    """In calls that are a millisecond apart at least: on a slow machine fewer of them make a second."""
    process = start(
        lake,
        """
        import lakeboard, os, time
        run = lakeboard.init(project="p")
        n = 0
        while True:
            run.log({"n": n})
            n += 1
            os.write(1, b".")
            time.sleep(0.001)
        """,
    )
    assert process.stdout is not None
    logged = len(process.stdout.read(2_500))
    process.kill()
    logged += len(process.communicate()[0])
    (done,) = recover_host([clean_environment / "spool"])
    assert done.error is None
    found = held(lake)
    (row,) = found.rows
    points = found.sealed_points(row.writer)
    assert (row.status, row.closed_by, row.rows) == ("crashed", "recover", len(points))
    assert [(p[0], p[4]) for p in points] == [(n, n) for n in range(len(points))]
    assert logged - 1_000 < len(points) <= logged + 1, "half a second between visits; the rest is the machine's noise"


def test_os_exit_leaves_a_spool_that_recovers(lake: Path, clean_environment: Path) -> None:
    play(
        lake,
        """
        import lakeboard, os, time
        run = lakeboard.init(project="p")
        run.log({"a": 1})
        time.sleep(1.2)
        os._exit(0)
        """,
    )
    (done,) = recover_host([clean_environment / "spool"])
    assert (done.error, done.rows) == (None, 1)
    assert held(lake).tails == {}


@pytest.mark.parametrize("method", ["fork", "os.fork"])
def test_forked_children_write_as_writers_of_their_own(lake: Path, method: str) -> None:
    body = {
        "fork": """
            children = [multiprocessing.get_context("fork").Process(target=work, args=(i,)) for i in range(3)]
            [c.start() for c in children]; [c.join() for c in children]
        """,
        "os.fork": """
            for i in range(3):
                if os.fork() == 0:
                    work(i)
                    sys.exit(0)
            for i in range(3):
                os.wait()
        """,
    }[method]
    script = f"""
import lakeboard, multiprocessing, os, sys
def work(i):
    for k in range(10):
        run.log({{f"child{{i}}": k}})
run = lakeboard.init(project="p")
run.log({{"main": 1}})
{textwrap.dedent(body)}
run.log({{"main": 2}})
"""
    code, errors = play(lake, script)
    found = held(lake)
    assert code == 0, errors
    assert len({r.run_id for r in found.rows}) == 1
    assert sorted(r.rows or 0 for r in found.rows) == [2, 10, 10, 10]
    assert {r.status for r in found.rows} == {"finished"}
    assert errors.count("finished") == 1


def test_a_fork_that_logs_nothing_changes_nothing(lake: Path) -> None:
    code, _ = play(
        lake,
        """
        import lakeboard, os, sys
        with lakeboard.init(project="p") as run:
            run.log({"a": 1})
            if os.fork() == 0:
                sys.exit(0)
            os.wait()
            run.log({"a": 2})
        """,
    )
    (row,) = held(lake).rows
    assert (code, row.rows, row.status) == (0, 2, "finished")


def test_threads_that_outlive_the_main_thread_are_waited_for(lake: Path) -> None:
    play(
        lake,
        """
        import lakeboard, threading, time
        run = lakeboard.init(project="p")
        def work():
            for i in range(20):
                run.log({"a": i})
                time.sleep(0.05)
        for _ in range(3):
            threading.Thread(target=work).start()
        """,
    )
    (row,) = held(lake).rows
    assert (row.status, row.rows) == ("finished", 60)


def test_spawned_children_of_a_pool_end_their_own_runs(lake: Path, tmp_path: Path) -> None:
    script = tmp_path / "pool.py"
    script.write_text(
        textwrap.dedent(
            """
            import lakeboard, multiprocessing
            def work(i):
                run = lakeboard.init(project="p", quiet=True)
                run.log({"a": i})
                run.finish()
            if __name__ == "__main__":
                with multiprocessing.get_context("spawn").Pool(2) as pool:
                    pool.map(work, range(4))
            """
        )
    )
    subprocess.run([sys.executable, str(script)], env={**os.environ, "LAKEBOARD_LAKE": str(lake)}, check=True)
    assert [r.status for r in held(lake).rows] == ["finished"] * 4


@pytest.mark.s3
def test_an_unfinished_script_completes_on_s3(s3_lake: str) -> None:
    code, errors = play(s3_lake, "import lakeboard; run = lakeboard.init(project='p'); run.log({'a': 1})")
    (row,) = read_lake(open_store(s3_lake)).rows
    assert (code, row.status, row.rows) == (0, "finished", 1), errors


@pytest.mark.s3
@pytest.mark.slow
def test_a_late_exit_reaches_an_s3_host_by_name(s3_lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", os.environ["AWS_ENDPOINT_URL"].replace("127.0.0.1", "localhost"))
    code, errors = play(
        s3_lake,
        """
        import lakeboard, time
        run = lakeboard.init(project="p", flush_seconds=300)
        run.log({"a": 1})
        time.sleep(18)
        run.log({"a": 2})
        """,
    )
    (row,) = read_lake(open_store(s3_lake)).rows
    assert (code, row.status, row.rows) == (0, "finished", 2), errors


@pytest.mark.s3
def test_a_dead_store_bounds_the_exit_and_prints_the_way_out(s3_lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    alive = os.environ["AWS_ENDPOINT_URL"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    began = time.monotonic()
    code, errors = play(
        s3_lake,
        "import lakeboard; run = lakeboard.init(project='p', finish_seconds=2); run.log({'a': 1})",
    )
    assert code == 0
    assert time.monotonic() - began < 20
    assert "1 point safe in" in errors
    assert f"lakeboard recover --spool {os.environ['LAKEBOARD_SPOOL']}" in errors
    monkeypatch.setenv("AWS_ENDPOINT_URL", alive)
    (done,) = recover_host([Path(os.environ["LAKEBOARD_SPOOL"])])
    assert (done.error, done.rows, done.status) == (None, 1, "finished")


def test_nothing_is_imported_in_the_background(lake: Path) -> None:
    """An import holds the interpreter for tens of milliseconds, and pandas, which pyarrow looks for, for 500."""
    code, errors = play(
        lake,
        """
        import sys, time, pandas
        for name in [n for n in sys.modules if n.partition(".")[0] == "pandas"]:
            del sys.modules[name]
        import lakeboard
        run = lakeboard.init(project="p", config={"lr": 1, "x": [1]}, tags=["t"], dataset="d")
        late = []
        sys.addaudithook(lambda event, args: late.append(args[0]) if event == "import" else None)
        for i in range(1000):
            run.log({"a": i, "b": float("nan")})
            run.log({"a": i}, dataset="other")
        time.sleep(3.2)
        run.finish()
        assert late == [], late
        """,
    )
    assert code == 0, errors
