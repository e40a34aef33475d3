"""Rules of the house that only a look at the code can check."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import lakeboard.dashboard

FOLDER = Path(lakeboard.dashboard.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))
BROWSER = FOLDER / "components/browser"


def test_only_the_feed_caches() -> None:
    users = {path.parent.name for path in FILES if "st.cache_" in path.read_text(encoding="utf-8")}
    assert users == {"feed"}


def test_only_the_entry_imports_absolutely() -> None:
    found = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").startswith("lakeboard"):
                found.add(path.name)
    assert found == {"app.py"}


def test_scripts_set_text_and_never_markup() -> None:
    scripts = sorted(BROWSER.rglob("*.js"))
    assert len(scripts) > 50
    for path in scripts:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text), path.name


def test_pages_show_no_raw_markup() -> None:
    allowed = {"shell.py"}
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert "unsafe_allow" not in text, path.name
        assert "st.html" not in text or path.name in allowed, path.name


def test_every_component_has_a_script_and_a_style() -> None:
    named = {
        match[1] for path in FILES for match in re.finditer(r'component\("(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert len(named) >= 8
    assert {path.name for path in BROWSER.iterdir()} == {*named, "shared"}
    for name in named:
        assert (BROWSER / name / f"{name}.js").is_file()
        assert [path.name for path in (BROWSER / name).glob("*.css")] == [f"{name}.css"]


def test_nothing_is_fetched_from_elsewhere() -> None:
    for path in [*BROWSER.rglob("*.js"), *BROWSER.rglob("*.css"), *FILES]:
        text = path.read_text(encoding="utf-8")
        outside = [url for url in re.findall(r"https?://[^\s\"'{}]+", text) if not url.startswith("http://www.w3.org/")]
        assert not outside, (path.name, outside)
