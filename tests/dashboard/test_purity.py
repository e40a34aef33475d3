"""What a page says is made without Streamlit: by contract, by docstring and in a process that has none."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import lakeboard.dashboard
from tests.checkout import package_name, pyproject

FOLDER = Path(lakeboard.dashboard.__file__).parent
MODULES = {
    package_name(Path("dashboard", *path.relative_to(FOLDER).with_suffix("").parts)): path
    for path in sorted(FOLDER.rglob("*.py"))
    if path.name != "__init__.py"
}
_PROMISE = re.compile(r"\bPure\b|\b[Ww]ithout Streamlit\b")
_KINDS = ("model", "table", "tables", "figures", "snippet", "snippets")
"""Files of a screen that hold no widget."""

_WITHOUT_STREAMLIT = """
import importlib, importlib.abc, sys

class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "streamlit":
            raise ModuleNotFoundError(f"{name} is blocked", name=name)
        return None

sys.meta_path.insert(0, Blocked())
failed = []
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        failed.append(f"{name}: {error}")
assert not any(each.partition(".")[0] == "streamlit" for each in sys.modules)
print("\\n".join(failed) or f"{len(sys.argv) - 1} imported")
"""


def contracted() -> set[str]:
    """The modules that the contract names, those in its packages too."""
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    found = [c for c in contracts if c["type"] == "forbidden" and "lakeboard.dashboard.format" in c["source_modules"]]
    assert len(found) == 1
    assert found[0]["forbidden_modules"] == ["streamlit"]
    assert not found[0].get("allow_indirect_imports", False)
    return {name for name in MODULES for own in found[0]["source_modules"] if f"{name}.".startswith(f"{own}.")}


def imported(names: list[str], folder: Path) -> str:
    command = [sys.executable, "-c", _WITHOUT_STREAMLIT, *names]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_modules_under_contract_can_be_imported_without_streamlit(tmp_path: Path) -> None:
    names = sorted(contracted())
    assert imported(names, tmp_path) == f"{len(names)} imported"


def test_the_block_notices_streamlit_far_down(tmp_path: Path) -> None:
    lines = imported(["lakeboard.dashboard.format.numbers", "lakeboard.dashboard.feed.saved_views"], tmp_path)
    assert lines == "lakeboard.dashboard.feed.saved_views: streamlit is blocked"


def test_modules_that_promise_it_are_under_contract_and_none_else() -> None:
    texts = {name: ast.get_docstring(ast.parse(path.read_text())) or "" for name, path in MODULES.items()}
    assert {name for name, text in texts.items() if _PROMISE.search(text)} == contracted()


def test_what_screens_show_is_under_contract() -> None:
    shown = {n for n in MODULES if ".screens." in n and n.rpartition(".")[2] in _KINDS}
    assert shown
    assert shown <= contracted()


def test_a_package_of_components_imports_no_streamlit() -> None:
    for folder in (FOLDER, FOLDER / "components", FOLDER / "screens", FOLDER / "charts", FOLDER / "state"):
        tree = ast.parse((folder / "__init__.py").read_text())
        assert not [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))], folder
