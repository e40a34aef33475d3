"""Cells of a real notebook's kernel, where each may be a task of its own: they are one context."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from .test_process import held

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(find_spec("ipykernel") is None, reason="pip install ipykernel"),
    pytest.mark.skipif(find_spec("jupyter_client") is None, reason="pip install jupyter_client"),
]

CELLS = [
    (("import lakeboard, asyncio, threading\ndef begin(name): return lakeboard.init(project='p', id=name, quiet=True)\n"
     "a = begin('a'); lakeboard.run is a"), "True"),
    ("lakeboard.log({'x': 2}); lakeboard.run is a", "True"),
    ("async def seen(): return lakeboard.run is a\nawait seen()", "True"),
    # Tasks that a cell begins have runs of their own, and end none of the cells'.
    (("async def trial(n):\n    with begin(f'trial{n}') as run:\n        await asyncio.sleep(0)\n"
     "        return lakeboard.run is run\nawait asyncio.gather(trial(1), trial(2))"), "[True, True]"),
    ("async def bare():\n    begin('bare')\n    return a.finished\nawait asyncio.create_task(bare())", "False"),
    ("lakeboard.run is a, a.finished", "(True, False)"),
    ("t = threading.Thread(target=lakeboard.log, args=({'t': 1},)); t.start(); t.join(); a.logged", "1"),
    ("b = begin('b'); a.finished, a.row.status, lakeboard.run is b", "(True, 'ended', True)"),
    ("await asyncio.sleep(0); c = begin('c'); b.row.status, lakeboard.run is c", "('ended', True)"),
    ("lakeboard.run is c", "True"),
]  # fmt: skip
"""Cells, and what each shows."""

DRIVER = """
import sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
def run(cell):
    shown = []
    def hook(message):
        content = message["content"]
        if message["msg_type"] == "error":
            shown.append(content["evalue"])
        elif message["msg_type"] == "execute_result":
            shown.append(content["data"]["text/plain"])
    client.execute_interactive(cell, output_hook=hook, timeout=60)
    return "".join(shown)
try:
    for cell, wanted in CELLS:
        got = run(cell)
        assert got == wanted, (cell, got)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=False)
"""


def test_all_cells_of_a_kernel_are_one_context(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"CELLS = {CELLS!r}\n{DRIVER}"],
        env={**os.environ, "LAKEBOARD_LAKE": str(lake), "LAKEBOARD_GIT_DIFF": "0"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = {r.run_id: r.status for r in held(lake).rows}
    assert told == {
        "a": "ended", "b": "ended", "bare": "finished", "c": "finished", "trial1": "finished", "trial2": "finished",
    }  # fmt: skip
