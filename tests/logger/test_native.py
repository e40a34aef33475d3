"""Wake-ups are not lost, and greenlets in the place of threads stop no run."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from lakeboard.logger.native import Bell, Latch, Thread
from lakeboard.store.opening import open_store
from tests.logger.reading import read_lake

PATCHES = {
    "gevent": "from gevent import monkey; monkey.patch_all(); from gevent import spawn, joinall as wait",
    "gevent after the import": (
        "import lakeboard.logger.run; from gevent import monkey; monkey.patch_all(); "
        "from gevent import spawn, joinall as wait"
    ),
    "eventlet": (
        "import eventlet; eventlet.monkey_patch(); from eventlet import spawn\n"
        "def wait(them): [each.wait() for each in them]"
    ),
}

SCRIPT = """
import os, time
from pathlib import Path
import lakeboard
from lakeboard.schema.spool import read_segment
run = lakeboard.init(project="p", quiet=True, finish_seconds=20)
def work(n):
    for i in range(50):
        run.log({"a": n})
        time.sleep(0)
wait([spawn(work, n) for n in range(4)])
end = time.monotonic() + 20
def spooled():
    found = [read_segment(p.read_bytes()) for p in Path(os.environ["LAKEBOARD_SPOOL"]).glob("*/*.spool")]
    return sum(s.rows.hi - s.rows.lo for s in found if s is not None)
while spooled() < 200 and time.monotonic() < end:
    pass  # a training that never gives way
print(spooled())
run.finish()
"""


def test_who_rings_before_the_wait_is_heard() -> None:
    bell = Bell()
    bell.ring()
    bell.ring()
    assert bell.wait(0.0)
    assert not bell.wait(0.0), "it rang once, however many rang it"


def test_a_latch_lets_everybody_through_from_then_on() -> None:
    latch, through = Latch(), []
    assert not latch.wait(0.0)
    threads = [threading.Thread(target=lambda: through.append(latch.wait(30))) for _ in range(3)]
    for thread in threads:
        thread.start()
    latch.open()
    latch.open()
    for thread in threads:
        thread.join()
    assert through == [True] * 3
    assert latch.wait(0.0)


def test_a_thread_is_waited_for_and_seen() -> None:
    go = Latch()

    def wait() -> None:
        go.wait(30)

    thread = Thread(wait, "lakeboard-test")
    assert "lakeboard-test" in [t.name for t in threading.enumerate()]
    thread.join(0.0)
    go.open()
    thread.join(30)
    assert "lakeboard-test" not in [t.name for t in threading.enumerate()]


@pytest.mark.process
@pytest.mark.parametrize("kind", PATCHES)
def test_a_run_under_greenlets_is_spooled_and_ends(
    kind: str, tmp_path: Path, clean_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_spec(kind.split()[0]) is None:
        pytest.skip(f"no {kind.split()[0]} here")
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PATCHES[kind] + SCRIPT],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("200", 0), done.stderr
    assert "failed" not in done.stderr
    (row,) = read_lake(open_store(tmp_path / "lake")).rows
    assert (row.rows, row.status) == (200, "finished")
    assert time.monotonic() - began < 60
