"""The drawing in ARCHITECTURE.md is what the code does, and nothing dodges a circle of imports."""

from __future__ import annotations

import ast
import re

import grimp
import pytest

from tests.checkout import ROOT, package_files
from tests.graph import DOCUMENT, drawing, drawn, levels, load

INSIDE_FUNCTIONS: dict[str, str] = {
    "dashboard/app.py": "Streamlit runs it as a script: the page's imports stand behind the one that sets up delivery",
}
"""Files of query/ and dashboard/ that import our own package inside a function or a branch, each with its reason."""


def test_the_drawing_is_what_the_code_imports() -> None:
    # After a change that is meant: python -m tests.graph
    assert drawn() == drawing()


def test_a_circle_is_named() -> None:
    graph = grimp.ImportGraph()
    for name in ("lakeboard", "lakeboard.x", "lakeboard.x.a", "lakeboard.x.b", "lakeboard.x.c"):
        graph.add_module(name)
    graph.add_import(importer="lakeboard.x.a", imported="lakeboard.x.b")
    graph.add_import(importer="lakeboard.x.b", imported="lakeboard.x.c")
    assert levels(graph, "lakeboard.x") == [["a"], ["b"], ["c"]]
    graph.add_import(importer="lakeboard.x.b", imported="lakeboard.x.a")
    with pytest.raises(ValueError, match=r"circle among lakeboard\.x\.a, lakeboard\.x\.b"):
        levels(graph, "lakeboard.x")


def _ways() -> list[list[str]]:
    """The files that each way through the house names, in order; one list for each descent."""
    text = DOCUMENT.read_text().partition("## Four ways through the house")[2].partition("\n## ")[0]
    descents = [part for way in text.split("\n**")[1:] for part in way.split("On the other side")]
    return [re.findall(r"`([\w/]+\.py)`", each) for each in descents]


def test_each_way_through_the_house_goes_down() -> None:
    graph = load()
    ways = _ways()
    assert len(ways) == 5, "four ways, one of them through the store"
    assert all(len(way) >= 6 for way in ways)
    for way in ways:
        modules = [f"lakeboard.{name.removesuffix('.py').replace('/', '.')}" for name in way]
        assert [name for name in modules if name not in graph.modules] == []
        pairs = [(low, high) for n, high in enumerate(modules) for low in modules[n + 1 :]]
        up = [(low, high) for low, high in pairs if graph.chain_exists(low, high)]
        assert up == []


def _late_imports(source: str) -> list[str]:
    """Imports of our own package that do not run when the module is loaded, or run for type checkers alone."""
    found = []
    tree = ast.parse(source)
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and id(node) not in top:
            if node.level or (node.module or "").partition(".")[0] == "lakeboard":
                found.append(f"{'.' * node.level}{node.module or ''}")
        elif isinstance(node, ast.Import) and id(node) not in top:
            found += [alias.name for alias in node.names if alias.name.partition(".")[0] == "lakeboard"]
    return found


def test_no_import_dodges_a_circle() -> None:
    # The public names of query/__init__.py are imported when they are asked for: that is what they are for.
    files = [p for p in package_files() if p.parts[0] in ("query", "dashboard") and str(p) != "query/__init__.py"]
    late = {str(path) for path in files if _late_imports((ROOT / path).read_text())}
    assert late == set(INSIDE_FUNCTIONS)
    assert all(INSIDE_FUNCTIONS.values())


def test_the_rule_against_late_imports_can_fail() -> None:
    assert _late_imports("def f():\n    from ..lake import Lake\n") == ["..lake"]
    assert _late_imports("if TYPE_CHECKING:\n    from lakeboard.query import lake\n") == ["lakeboard.query"]
    assert _late_imports("from ..lake import Lake\n\ndef f():\n    import plotly\n") == []


def test_no_value_is_declared_to_be_a_lake() -> None:
    # What needs a lake takes `LakeReader`, or is given one.
    sources = {path: (ROOT / path).read_text() for path in package_files() if path.parts[0] in ("query", "dashboard")}
    calls = [
        str(path)
        for path, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "cast"
        and "Lake" in ast.unparse(node.args[0])
    ]
    assert calls == []
