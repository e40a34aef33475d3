"""What imports what: layers, and how little a training job has to load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT, pyproject

_STDLIB_ONLY = """
import sys
before = set(sys.modules)
import lakeboard
lakeboard.LakeboardError, lakeboard.__version__, dir(lakeboard)
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(loaded - sys.stdlib_module_names - {"lakeboard"}))
rooms = sorted(n for n in sys.modules if n.startswith("lakeboard."))
assert rooms == ["lakeboard.lazy", "lakeboard.schema", "lakeboard.schema.errors"], rooms
"""

_TRAINING_IMAGE = """
import importlib.abc, sys

class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"{{name}} is not in a training image", name=name)
        return None

sys.meta_path.insert(0, Blocked())
import lakeboard
from pathlib import Path
with lakeboard.init(project="p", lake="lake", config={{"lr": 0.1}}) as run:
    for step in range(400):
        run.log({{"loss": step, "acc": float("nan")}})
from lakeboard.upkeep import recover_host
recover_host([Path("nowhere")])
loaded = {{n.partition(".")[0] for n in sys.modules}} & {blocked!r}
assert not loaded, loaded
print(sorted(p.name for p in Path("lake").rglob("*.parquet")).__len__())
"""
_BLOCKED = {
    "numpy", "polars", "streamlit", "plotly", "pandas", "sklearn", "scipy", "s3fs", "aiohttp", "duckdb", "tsdownsample",
    "tqdm",
}  # fmt: skip


def _run(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_lakeboard_loads_the_standard_library_alone(tmp_path: Path) -> None:
    assert _run(_STDLIB_ONLY, tmp_path) == "[]"


def test_a_run_needs_pyarrow_and_fsspec_alone(tmp_path: Path) -> None:
    # One file of points, one row.
    assert _run(_TRAINING_IMAGE.format(blocked=_BLOCKED), tmp_path) == "2"


@pytest.mark.parametrize("missing", ["polars", "numpy"])
def test_reading_without_its_packages_names_the_extra(tmp_path: Path, missing: str) -> None:
    code = f"""
import sys
sys.modules[{missing!r}] = None
import lakeboard
try:
    lakeboard.open("lake").runs()
except ModuleNotFoundError as error:
    print(error)
"""
    assert 'pip install "lakeboard[query]"' in _run(code, tmp_path)


def test_an_unknown_name_is_an_attribute_error(tmp_path: Path) -> None:
    code = "import lakeboard\ntry:\n    lakeboard.logg\nexcept AttributeError as error:\n    print(error)"
    assert _run(code, tmp_path) == "module 'lakeboard' has no attribute 'logg'"


def test_imports_go_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_every_room_has_its_layer() -> None:
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    layers = {c["name"]: c["layers"] for c in contracts if c["type"] == "layers"}
    named = {name.strip() for names in layers.values() for layer in names for name in layer.split("|")}
    packages = set(pyproject()["tool"]["setuptools"]["packages"])
    # Examples and integrations stand on the public face, and nothing on them.
    assert (
        packages
        - {"lakeboard", "lakeboard.examples", "lakeboard.integrations"}
        - {n for n in packages if ".screens." in n}
        <= named
    )
    order = ["schema", "store", "upkeep", "query", "dashboard", "cli"]
    house = layers["one way down"]
    below = [next(i for i, layer in enumerate(reversed(house)) if f"lakeboard.{room}" in layer) for room in order]
    assert below == sorted(below)
    assert len(set(below)) == len(below)
