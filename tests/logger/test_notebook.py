"""Notebooks: cells that are run twice, interrupted or raise, and kernels that are restarted in the middle.

The cells run in IPython's shell where it is installed, else in Python's own interpreter of the same kind.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

import lakeboard
from tests.logger.test_process import held, play

pytestmark = pytest.mark.process

SHELL = """
import os, signal, sys, threading, time
try:
    from IPython.core.interactiveshell import InteractiveShell
    shell = InteractiveShell.instance()
    run_cell, spaces = shell.run_cell, shell.user_ns
except ImportError:
    import code
    spaces = {"__name__": "__main__"}
    shell = code.InteractiveInterpreter(spaces)
    run_cell = lambda cell: shell.runcode(compile(cell, "<cell>", "exec"))
sys.ps1 = ">>> "
# IPython shows errors on standard output.
sys.stdout = sys.stderr

def interrupted(cell, after):
    timer = threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    run_cell(cell)
    timer.join()
"""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def notebook(lake: Path, script: str) -> tuple[int, str]:
    return play(lake, SHELL + textwrap.dedent(script))


def test_a_cell_that_is_run_twice_ends_the_first_run_and_begins_another(lake: Path) -> None:
    code, errors = notebook(
        lake,
        """
        cell = "import lakeboard; run = lakeboard.init(project='p'); run.log({'a': 1}); run.log({'a': 2})"
        run_cell(cell)
        first = spaces["run"]
        run_cell(cell)
        assert first.finished and not spaces["run"].finished and first.id != spaces["run"].id
        run_cell("first_again = run; run.finish(); run.finish(); run.log({'a': 3})")
        """,
    )
    assert code == 0, errors
    ends = [(r.status, r.closed_by, r.rows) for r in sorted(held(lake).rows, key=lambda r: r.ended_at or 0)]
    assert ends == [("ended", "next", 2), ("finished", None, 2)]
    assert errors.count("was still open") == 1
    assert errors.count("after the run has finished") == 1


def test_cells_that_are_interrupted_or_raise_leave_a_whole_run_that_goes_on(lake: Path) -> None:
    code, errors = notebook(
        lake,
        """
        run_cell("import lakeboard; n = 0; run = lakeboard.init(project='p', quiet=True)")
        for after in (0.1, 0.15, 0.2, 0.25):
            interrupted("while True:\\n    n += 1; run.log({'a': n, 'b': -n, 'c': 0.5})", after)
        run_cell("raise ValueError('a typo')")
        run_cell("import time; time.sleep(0.7)")
        assert not spaces["run"].finished
        run_cell("run.log({'end': n})")
        """,
    )
    assert code == 0, errors
    assert errors.count("KeyboardInterrupt") >= 4, errors
    (row,) = held(lake).rows
    # A cell that raises is not the end of a session, nor is a Ctrl-C: it ended when the interpreter did.
    assert (row.status, row.error) == ("finished", None)
    points = lakeboard.open(lake).metrics("p").collect()
    columns = {metric: points.filter(points["metric"] == metric)["value"].to_list() for metric in "abc"}
    assert columns["a"] == [-b for b in columns["b"]]
    assert len(columns["a"]) == len(columns["c"]) > 100
    (counted,) = points.filter(points["metric"] == "end")["value"]
    # A number was counted before it was logged: each interrupt may have cost the call that it fell into.
    assert counted - 4 <= len(columns["a"]) <= counted
    assert len(set(columns["a"])) == len(columns["a"])


@pytest.mark.parametrize("restart", ["os.kill(os.getpid(), 9)", "os._exit(0)"])
def test_a_kernel_that_is_restarted_loses_nothing_and_is_resumed(
    lake: Path, clean_environment: Path, restart: str
) -> None:
    notebook(
        lake,
        f"""
        run_cell("import lakeboard, os; run = lakeboard.init(project='p', id='nb', quiet=True)")
        run_cell("for n in range(50): run.log({{'a': n}})")
        assert spaces["run"]._carrier.spooled(20)
        run_cell("{restart}")
        """,
    )
    code, errors = notebook(
        lake,
        """
        run_cell("import lakeboard; run = lakeboard.init(project='p', id='nb', resume='allow', quiet=True)")
        run_cell("run.log({'a': 100})")
        """,
    )
    assert code == 0, errors
    shown = lakeboard.open(lake)
    (row,) = shown.runs("p").iter_rows(named=True)
    assert (row["status"], row["attempts"], row["rows"], row["a"]) == ("finished", 2, 51, 100.0)
    values = shown.metrics("p").collect().sort("attempt", "seq")["value"].to_list()
    assert values == [*map(float, range(50)), 100.0]
    assert list((clean_environment / "spool").iterdir()) == []
