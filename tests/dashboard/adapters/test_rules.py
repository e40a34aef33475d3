"""Streamlit's insides are named in one folder, and in one file of the tests."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import lakeboard.dashboard
import tests.dashboard
from lakeboard.dashboard.adapters.page_parts import APP

FOLDER = Path(lakeboard.dashboard.__file__).parent
TESTS = Path(tests.dashboard.__file__).parent
_PUBLIC = {"streamlit", "streamlit.testing.v1"}
_MODULES = ("runtime", "web", "proto", "elements", "config", "delta_generator", "logger", "commands")
_TEXT = re.compile(r"data-testid|test-?script-?state|\bstreamlit\.[a-z_]+\.", re.IGNORECASE)


def insides(path: Path) -> list[str]:
    """What a Python file names of Streamlit that no document promises."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found += [each.name for each in names if each.name.startswith("streamlit.")]
            case ast.ImportFrom(level=0, module=str(module), names=names) if module.partition(".")[0] == "streamlit":
                found += [f"{module}.{each.name}" for each in names if module != "streamlit.testing.v1"]
            case ast.Attribute(value=ast.Name(id="st"), attr=name) if name.startswith("_") or name in _MODULES:
                found.append(f"st.{name}")
            case ast.Constant(value=str(text)) if _TEXT.search(text):
                found.append(text)
    return found


def test_the_package_names_them_in_adapters_alone() -> None:
    found = {path.relative_to(FOLDER) for path in sorted(FOLDER.rglob("*.py")) if insides(path)}
    assert {str(path) for path in found} == {
        "adapters/container.py",
        "adapters/message_queue.py",
        "adapters/page_parts.py",
    }


def test_tests_name_them_in_one_file_alone() -> None:
    folders = (TESTS, TESTS.parent / "browser")
    own = {"insides.py", Path(__file__).name, "test_browser.py", "test_message_queue.py"}
    found = {path.name: insides(path) for folder in folders for path in sorted(folder.rglob("*.py"))}
    assert {name: names for name, names in found.items() if names and name not in own} == {}


def test_scripts_name_them_once_each() -> None:
    texts = [path.read_text(encoding="utf-8") for path in [*FOLDER.rglob("*.js"), *FOLDER.rglob("*.css")]]
    assert [named for text in texts for named in re.findall(r"data-testid=['\"`]?(\w+)", text)] == [APP]
    assert sum("popstate" in text for text in texts) == 1
    assert sum("MutationObserver" in text for text in texts) == 1


@pytest.mark.parametrize(
    "line",
    [
        "import streamlit.runtime",
        "from streamlit import config",
        "from streamlit.delta_generator import DeltaGenerator",
        "import streamlit as st\nst._config.get_option('x')",
        "import streamlit as st\nst.runtime.exists()",
        "x = '[data-testid=stApp]'",
        "x = importlib.import_module('streamlit.runtime.state')",
    ],
)
def test_the_rule_can_fail(line: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(line)
    assert insides(tmp_path / "a.py")


def test_the_rule_lets_pass_what_is_public(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import streamlit as st\nst.get_option('x')\nst.components.v2.component('a')\n")
    assert insides(tmp_path / "a.py") == []
