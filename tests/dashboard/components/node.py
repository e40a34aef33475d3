"""Node and what `npm ci` installs, for tests of the browser's scripts; skipped where they are missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pytest

from tests.checkout import ROOT

REQUIRE: Final = "LAKEBOARD_REQUIRE_NODE"
"""Set to 1, a missing Node is a failure."""
_ASK: Final = ROOT / "tests/dashboard/components/browser/answer.js"
TOOLS: Final = ROOT / "node_modules/.bin"


def checkout() -> None:
    """Skip the test where tests stand without the checkout: beside an installed wheel, say."""
    if not (ROOT / "package.json").is_file():
        pytest.skip("no checkout: there is no package.json")


def node() -> str:
    """Where Node is; without it, the test is skipped."""
    checkout()
    found = shutil.which("node")
    return found or _without("no Node is installed (version 20 or later)")


def tool(name: str) -> str:
    """A tool that `package-lock.json` names; without it, the test is skipped."""
    node()
    path = TOOLS / name
    return str(path) if path.exists() else _without(f"{name} is not installed; run: npm ci")


def _without(reason: str) -> str:
    if os.environ.get(REQUIRE) == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def run(command: Sequence[str]) -> None:
    """Run a check in the checkout's root; what it printed, where it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


class Browser:
    """The scripts' own functions, in one process of Node's."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, name: str, *given: object) -> Any:
        """What a function of `answer.js` makes of this."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([name, *given]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def answering() -> Iterator[Browser]:
    """One process for many questions; gone in the end."""
    with subprocess.Popen(
        [node(), str(_ASK)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        yield Browser(process)
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=20) == 0
