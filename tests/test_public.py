"""The public names: complete, documented, shown under `lakeboard`."""

from __future__ import annotations

import ast
import importlib
import inspect
from itertools import pairwise

import lakeboard
from tests.checkout import ROOT, package_files, package_name, pyproject


def test_all_names_exactly_what_is_public() -> None:
    assert lakeboard.__all__ == sorted(lakeboard.__all__)
    assert dir(lakeboard) == sorted(lakeboard.__all__)
    for name in lakeboard.__all__:
        # There is no run as yet.
        assert (getattr(lakeboard, name) is None) == (name == "run"), name
    tree = ast.parse((ROOT / "lakeboard/__init__.py").read_text())
    named = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module not in ("__future__", "typing", "lazy", "importlib")
        for alias in node.names
        if not (alias.asname or "").startswith("_")
    }
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    named |= {n.target.id for n in block.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}
    # What type checkers see is what runs.
    assert named == set(lakeboard.__all__) - {"__version__"}


def test_versions_agree() -> None:
    assert lakeboard.__version__ == pyproject()["project"]["version"]
    assert f"## {lakeboard.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_public_names_are_documented() -> None:
    bare = []
    for name in set(lakeboard.__all__) - {"__version__", "run"}:
        value = getattr(lakeboard, name)
        bare += [] if inspect.getdoc(value) else [name]
        if inspect.isclass(value) and not issubclass(value, Exception):
            members = inspect.getmembers(value)
            told = told_fields(value)
            bare += [
                f"{name}.{m}"
                for m, thing in members
                if not m.startswith("_")
                and not (m in told if inspect.ismemberdescriptor(thing) else inspect.getdoc(thing))
            ]
    assert bare == []


def told_fields(kind: type) -> set[str]:
    """The fields of a class that have a text below them: a slot has no docstring of its own."""
    (tree,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(tree, ast.ClassDef)
    return {
        field.target.id
        for field, text in pairwise(tree.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def test_every_module_and_public_function_has_a_docstring() -> None:
    bare = []
    for path in package_files():
        tree = ast.parse((ROOT / path).read_text())
        bare += [] if ast.get_docstring(tree) else [str(path)]
        defined = [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
        bare += [f"{path}:{n.name}" for n in defined if not n.name.startswith("_") and not ast.get_docstring(n)]
    assert bare == []


def test_exports_of_rooms_are_complete() -> None:
    for path in package_files():
        if path.name != "__init__.py" or path.parts[0] == "lakeboard":
            continue
        module = importlib.import_module(package_name(path.parent))
        tree = ast.parse((ROOT / path).read_text())
        imports = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level and n.module != "lazy"]
        named = {a.asname or a.name for n in imports for a in n.names}
        assert named == set(getattr(module, "__all__", ())), path
