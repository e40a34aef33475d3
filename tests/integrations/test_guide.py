"""docs/integrations.md: the quickstart of each framework runs as it stands and leaves a run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import lakeboard
from tests.checkout import ROOT

DOC = (ROOT / "docs/integrations.md").read_text()
SNIPPETS = dict(re.findall(r"^## (\w[\w-]*)\n\n```python\n(.*?)^```", DOC, re.DOTALL | re.MULTILINE))
PACKAGES = {"scikit-learn": "sklearn"}

pytestmark = [pytest.mark.slow, pytest.mark.process]


def test_every_module_stands_on_the_page() -> None:
    modules = {path.stem for path in (ROOT / "integrations").glob("*.py")} - {"__init__", "session"}
    assert {name for name in modules if f"lakeboard.integrations.{name}" not in DOC} == set()
    assert len(SNIPPETS) == 9


@pytest.mark.parametrize("name", SNIPPETS)
def test_quickstart(name: str, tmp_path: Path, clean_environment: Path) -> None:
    package = PACKAGES.get(name, name.lower())
    if find_spec(package) is None:
        pytest.skip(f"the framework {package} is not installed")
    env = {**os.environ, "LAKEBOARD_LAKE": str(tmp_path / "lake"), "KERAS_BACKEND": "torch"}
    done = subprocess.run(
        [sys.executable, "-c", SNIPPETS[name]],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    runs = lakeboard.open(tmp_path / "lake").runs("docs")
    assert set(runs["status"]) == {"finished"}
    assert runs["last_step"].max() is not None
