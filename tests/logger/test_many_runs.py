"""Several open runs when their process ends, forks, or is killed: each test is a script of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lakeboard.upkeep.recover import recover_host

from .test_process import held, play, start

pytestmark = pytest.mark.process

FAMILY = """
import lakeboard, os, signal, sys, threading, time
def begin(name, **options):
    return lakeboard.init(project="p", id=name, quiet=True, **options)
parent = begin("parent")
children = [begin(f"child{n}", parent_run_id="parent", reinit="create_new") for n in range(3)]
for run in (parent, *children):
    run.log({"a": 1})
"""
"""A parent and its three children; nobody ends them."""
NAMES = ["child0", "child1", "child2", "parent"]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def ends(lake: Path) -> dict[str, tuple[str, str | None, int | None]]:
    return {r.run_id: (r.status, r.error, r.rows) for r in sorted(held(lake).rows, key=lambda r: r.run_id)}


@pytest.mark.parametrize(
    ("leaving", "code", "status", "error"),
    [
        ("", 0, "finished", None),
        ("sys.exit(3)", 3, "failed", "SystemExit: 3"),
        ("raise ValueError('boom')", 1, "failed", "ValueError: boom"),
        ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)", -signal.SIGTERM, "killed", "SIGTERM"),
        ("os.kill(os.getpid(), signal.SIGHUP); time.sleep(60)", -signal.SIGHUP, "killed", "SIGHUP"),
    ],
)
def test_all_open_runs_end_with_their_process(
    lake: Path, leaving: str, code: int, status: str, error: str | None
) -> None:
    done, errors = play(lake, FAMILY.replace("import lakeboard", NOHUP + "import lakeboard") + leaving)
    assert (done, ends(lake)) == (code, dict.fromkeys(NAMES, (status, error, 1))), errors


NOHUP = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
"""Whoever runs the tests under nohup has us ignore it."""


def test_children_end_before_their_parents_and_the_youngest_first(lake: Path) -> None:
    script = """
from lakeboard.store.local import LocalStore
put = LocalStore.put
def noted(self, key, data, **options):
    put(self, key, data, **options)
    if key.startswith("runs/"):
        print(key.partition("/r-")[2].partition(".")[0], flush=True)
LocalStore.put = noted
"""
    process = start(lake, FAMILY + script)
    out, errors = process.communicate(timeout=60)
    order = out.split()
    assert sorted(order) == NAMES, errors
    assert order[-1] == "parent"
    times = {r.run_id: r.ended_at or 0 for r in held(lake).rows}
    assert times["child2"] <= times["child1"] <= times["child0"] <= times["parent"]


def test_one_deadline_holds_for_all_of_them(lake: Path, clean_environment: Path) -> None:
    script = """
from lakeboard.store.local import LocalStore
from lakeboard.schema.errors import StoreUnreachable
def gone(self, key, data, **options):
    raise StoreUnreachable("planned")
for run in (parent, *children): run.log({"a": 2})
LocalStore.put = gone
"""
    began = time.monotonic()
    code, errors = play(lake, FAMILY.replace("quiet=True", "quiet=True, finish_seconds=3") + script)
    assert code == 0, errors
    # Four runs that each waited as long as it may would take 12 s.
    assert time.monotonic() - began < 10
    done = recover_host([clean_environment / "spool"])
    assert {(r.run_id, r.status, r.rows, r.error) for r in done} == {(n, "finished", 2, None) for n in NAMES}


def test_killed_while_they_end_each_is_recovered(lake: Path, clean_environment: Path) -> None:
    """What had ended has ended, what had not is told as crashed or as it would have ended; no point is lost."""
    script = """
from lakeboard.store.local import LocalStore
put = LocalStore.put
def slow(self, key, data, **options):
    put(self, key, data, **options)
    if key.startswith("runs/"):
        print("one", flush=True)
        time.sleep(60)
for run in (parent, *children): assert run._carrier.spooled(20)
LocalStore.put = slow
"""
    process = start(lake, FAMILY + script)
    assert process.stdout is not None
    assert process.stdout.readline() == "one\n"
    process.kill()
    process.communicate(timeout=30)
    recover_host([clean_environment / "spool"])
    told = ends(lake)
    assert {name: rows for name, (_, _, rows) in told.items()} == dict.fromkeys(NAMES, 1)
    assert {status for status, _, _ in told.values()} <= {"finished", "crashed"}
    assert "finished" in {told[name][0] for name in NAMES[:3]}
    assert told["parent"][0] == "crashed", "it had not begun to end"


def test_a_forked_child_writes_to_each_of_them_and_ends_its_own_part(lake: Path) -> None:
    code, errors = play(
        lake,
        FAMILY
        + """
if os.fork() == 0:
    parent.log({"fork": 1})
    children[0].log({"fork": 1})
    lakeboard.log({"current": 1})
    own = begin("own")
    assert not parent.finished and not children[0].finished
    own.log({"a": 1})
    sys.exit(0)
os.wait()
assert not parent.finished
parent.log({"a": 2})
""",
    )
    assert code == 0, errors
    told = sorted((r.run_id, r.status, r.rows) for r in held(lake).rows)
    assert told == [
        ("child0", "finished", 1), ("child0", "finished", 1), ("child1", "finished", 1), ("child2", "finished", 1),
        ("own", "finished", 1), ("parent", "finished", 2), ("parent", "finished", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_a_pool_end_the_runs_that_they_began(lake: Path, tmp_path: Path, method: str) -> None:
    """They leave through `os._exit`, and nobody calls finish."""
    script = tmp_path / "pool.py"
    script.write_text(
        """
import lakeboard, multiprocessing, sys
def work(n):
    run = lakeboard.init(project="p", id=f"r{n}", quiet=True)
    for step in range(10):
        lakeboard.log({"a": step})
if __name__ == "__main__":
    pool = multiprocessing.get_context(sys.argv[1]).Pool(2)
    pool.map(work, range(6), chunksize=1)
    pool.close()
    pool.join()
"""
    )
    subprocess.run(
        [sys.executable, str(script), method], env={**os.environ, "LAKEBOARD_LAKE": str(lake)}, check=True, timeout=90
    )
    told = held(lake).rows
    assert {r.run_id: r.rows for r in told} == {f"r{n}": 10 for n in range(6)}
    statuses = sorted(r.status for r in told)
    assert set(statuses) == {"ended", "finished"}
    assert statuses.count("finished") in (1, 2), "the last one of each worker"


def test_hooks_stay_until_the_last_run_has_ended(lake: Path) -> None:
    code, errors = play(
        lake,
        NOHUP
        + """
import lakeboard, signal, sys, threading
before = sys.excepthook, sys.exit, threading.excepthook
def hooked():
    return [a != b for a, b in zip((sys.excepthook, sys.exit, threading.excepthook), before)] + [
        signal.getsignal(signal.SIGTERM) != signal.SIG_DFL]
a = lakeboard.init(project="p", quiet=True)
b = lakeboard.init(project="p", quiet=True, reinit="create_new")
a.finish()
assert hooked() == [True] * 4, hooked()
b.finish()
assert hooked() == [False] * 4, hooked()
assert signal.set_wakeup_fd(-1) == -1
""",
    )
    assert code == 0, errors


@pytest.mark.slow
def test_a_thousand_open_runs_lose_nothing(lake: Path, clean_environment: Path) -> None:
    code, errors = play(
        lake,
        """
        import lakeboard, threading
        runs = [lakeboard.init(project="p", id=f"r{n}", reinit="create_new", quiet=True) for n in range(1000)]
        for step in range(3):
            for run in runs:
                run.log({"a": step})
        """,
    )
    assert code == 0, errors
    # On a machine that is busy with other things some may miss the deadline; they wait in the spool, whole.
    recovered = recover_host([clean_environment / "spool"])
    assert all(one.error is None for one in recovered)
    rows = held(lake).rows
    assert len(rows) == 1000
    assert {(r.status, r.rows) for r in rows} == {("finished", 3)}
