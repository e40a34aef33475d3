"""A program that is left by `raise SystemExit(…)` has not finished its run, whatever raised it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import lakeboard
from lakeboard.logger.exits import UNTOLD, ExitWatch, left_at

HEAD = """
import sys, lakeboard
run = lakeboard.init(project="p", id="r1", lake=sys.argv[1], quiet=True)
run.log({"x": 1})
"""
SEES = sys.version_info >= (3, 12)
"""Whether Python shows the exception itself."""
BEHIND = "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    "
ENDS = {
    "raise SystemExit(1)": (1, "failed", "SystemExit: 1"),
    "raise SystemExit('no data found')": (1, "failed", "SystemExit: no data found"),
    "raise SystemExit(0)": (0, "finished", None),
    "raise SystemExit": (0, "finished", None),
    "raise SystemExit(None)": (0, "finished", None),
    "raise SystemExit((lambda: 0)())": (0, "finished", None),
    "raise SystemExit((lambda: 3)())": (3, *(("failed", "SystemExit: 3") if SEES else ("finished", None))),
    BEHIND + "raise SystemExit(2) from e": (
        2, "failed", "ZeroDivisionError: division by zero" if SEES else "SystemExit: 2",
    ),
    BEHIND + "raise SystemExit(2)": (2, "failed", "ZeroDivisionError: division by zero" if SEES else "SystemExit: 2"),
    BEHIND + "raise SystemExit(2) from None": (2, "failed", "SystemExit: 2"),
    "def main():\n    raise SystemExit(4)\nmain()": (
        4, *(("failed", "SystemExit: 4") if SEES else ("ended", UNTOLD)),
    ),
    "try:\n    raise SystemExit(1)\nexcept SystemExit:\n    pass": (0, "finished", None),
    "def main():\n    raise SystemExit(4)\ntry:\n    main()\nexcept SystemExit:\n    run.log({'x': 2})": (
        0, "finished", None,
    ),
    BEHIND + "sys.exit(1)": (1, "failed", "ZeroDivisionError: division by zero"),
    "run.finish()\nraise SystemExit(1)": (1, "finished", None),
    "sys.excepthook = lambda *told: None\nraise ValueError('hooked')": (1, "failed", "ValueError: hooked"),
    "sys.excepthook = lambda *told: None\ndef f():\n    raise ValueError('deep')\nf()": (
        1, "failed", "ValueError: deep",
    ),
    "sys.last_value = ValueError('of a prompt')": (0, "finished", None),
}  # fmt: skip


@pytest.mark.process
@pytest.mark.parametrize("end", ENDS)
def test_what_a_run_says_of_it(tmp_path: Path, end: str) -> None:
    script, lake = tmp_path / "train.py", str(tmp_path / "lake")
    script.write_text(f"{HEAD}\n{end}\n")
    env = {**os.environ, "LAKEBOARD_GIT_DIFF": "0", "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, str(script), lake], env=env, capture_output=True, timeout=60, check=False)
    (row,) = lakeboard.open(lake).runs("p").iter_rows(named=True)
    assert (done.returncode, row["status"], row["error"]) == ENDS[end]


def where(source: str, name: str, argument: int | None = None) -> tuple[object, ...]:
    """What is said of code that was left at the last instruction of a name."""
    import dis

    code = compile(source, "train.py", "exec")
    at = [i.offset for i in dis.get_instructions(code) if i.opname == name and argument in (None, i.arg)][-1]
    found = left_at(code, at)
    return (type(found).__name__, found.code) if isinstance(found, SystemExit) else (found,)


@pytest.mark.skipif(SEES, reason="Python shows the exception itself")
def test_what_an_instruction_tells() -> None:
    assert where("raise SystemExit(3)", "RAISE_VARARGS") == ("SystemExit", 3)
    assert where("raise SystemExit('x')", "RAISE_VARARGS") == ("SystemExit", "x")
    assert where("raise SystemExit(3) from e", "RAISE_VARARGS") == ("SystemExit", 3)
    assert where("raise SystemExit(main())", "RAISE_VARARGS") == (None,)
    assert where("raise Other(3)", "RAISE_VARARGS") == (None,)
    assert where("raise SystemExit", "RAISE_VARARGS") == (None,)
    assert where("main(1)", "CALL") == (UNTOLD,)
    assert where("main(1)", "RETURN_VALUE") == (None,)
    assert left_at(compile("pass", "x", "exec"), 9_999) is None


def test_watching_leaves_nothing_behind() -> None:
    watch = ExitWatch(lambda error: pytest.fail(str(error)))
    watch.start()
    watch.start()
    with pytest.raises(SystemExit):
        raise SystemExit(1)
    watch.stop()
    watch.stop()
    if SEES:
        monitoring = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        assert [monitoring.get_tool(tool) for tool in (3, 4)] == [None, None]
    assert watch.left() is None
