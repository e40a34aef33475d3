"""Snippets, documents and examples import public names alone, so that everything else may move."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT, tracked
from tests.face import DOORS, FACES, PACKAGES, private_imports

_LINE = re.compile(r"^\s*(?:from lakeboard\S* import .+|import lakeboard\S*)$", re.MULTILINE)
_PATH = re.compile(r"\blakeboard\.(?:query|upkeep|dashboard|schema|store|logger)\.\w+")
"""A dotted name inside a room, wherever it is written."""


def _texts(path: Path) -> list[str]:
    """Every text in a module, f-strings with a name for each value; docstrings left out."""
    tree = ast.parse((ROOT / path).read_text())
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in told]
    return [node.value for node in texts if isinstance(node.value, str)]


def _private(text: str) -> list[str]:
    """Private imports in lines of a text, and dotted paths into rooms."""
    lines = [line.strip() for line in _LINE.findall(text)]
    paths = [each for each in _PATH.findall(text) if not _public(each)]
    return [name for line in lines if not line.endswith(" import ") for name in private_imports(line)] + paths


def _public(dotted: str) -> bool:
    package, _, name = dotted.rpartition(".")
    return package in FACES and name in importlib.import_module(package).__all__


def test_what_pages_hand_out_is_public() -> None:
    sources = [path for path in tracked("dashboard/*.py") if path.name != "app.py"]
    texts = {str(path): _texts(path) for path in sources}
    handed = [name for name, found in texts.items() if any("from lakeboard" in text for text in found)]
    assert len(handed) >= 7, "the pages that export code"
    assert {name: bad for name, found in texts.items() if (bad := [b for text in found for b in _private(text)])} == {}


# A decision tells how something was made, not how to use it.
_READ = [path for path in tracked("docs/*.md", "README.md", "examples/*.py") if "decisions" not in path.parts]


@pytest.mark.parametrize("path", _READ, ids=str)
def test_documents_and_examples_import_public_names(path: Path) -> None:
    assert _private((ROOT / path).read_text()) == []


def test_python_in_documents_parses_and_imports_public_names() -> None:
    blocks = [
        (str(path), block)
        for path in tracked("docs/*.md", "README.md")
        for block in re.findall(r"^```python\n(.*?)^```", (ROOT / path).read_text(), re.DOTALL | re.MULTILINE)
    ]
    assert len(blocks) >= 10
    assert [(path, bad) for path, block in blocks if (bad := private_imports(block))] == []


@pytest.mark.parametrize(
    "source",
    [
        "from lakeboard.query.tables.run_table import run_table",
        "from lakeboard.query import tables",
        "import lakeboard.query.lake",
        "from lakeboard.store import open_store",
        "from lakeboard import schema",
    ],
)
def test_the_rule_can_fail(source: str) -> None:
    assert private_imports(source)
    assert _private(source)


def test_the_rule_passes_what_is_public() -> None:
    source = "import lakeboard\nfrom lakeboard import query\nfrom lakeboard.query import run_table\nimport polars"
    assert private_imports(source) == []
    assert _private("call `lakeboard.query.run_table` or lakeboard.upkeep.store_now") == []
    assert _private("call lakeboard.query.lake") == ["lakeboard.query.lake"]


@pytest.mark.parametrize("face", PACKAGES)
def test_a_face_names_what_it_has(face: str) -> None:
    module = importlib.import_module(face)
    assert module.__all__ == sorted(module.__all__)
    assert dir(module) == module.__all__
    assert set(module._WHERE) <= set(module.__all__)
    for name in module.__all__:
        value = getattr(module, name)
        assert name == "__version__" or name in getattr(module, "_CURRENT", ()) or inspect.getdoc(value), name
    if face != "lakeboard":
        assert set(module._WHERE) == set(module.__all__)
        told = module.__doc__ or ""
        assert [name for name in module.__all__ if f"`{name}`" not in told] == []
    with pytest.raises(AttributeError, match=f"module '{face}' has no attribute 'run_tabel'"):
        _ = module.run_tabel


@pytest.mark.parametrize("face", PACKAGES)
def test_type_checkers_see_what_runs(face: str) -> None:
    module = importlib.import_module(face)
    tree = ast.parse(inspect.getsource(module))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        alias.asname or alias.name: f"{'.' * (node.level - 1)}{node.module}"
        + (f":{alias.name}" if alias.asname else "")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if not (alias.asname or alias.name).startswith("_")
    }
    assert seen == module._WHERE


@pytest.mark.parametrize("face", PACKAGES)
def test_no_public_name_is_also_a_module(face: str) -> None:
    # An import of the module would put it in place of the name.
    path = importlib.import_module(face).__path__[0]
    modules = {each.stem for each in Path(path).iterdir()}
    assert modules & set(importlib.import_module(face)._WHERE) == set()


@pytest.mark.parametrize("door", DOORS)
def test_a_door_names_what_it_has(door: str) -> None:
    module = importlib.import_module(door)
    assert module.__all__ == sorted(module.__all__)
    for name in module.__all__:
        value = getattr(module, name)
        assert inspect.ismodule(value) or not callable(value) or inspect.getdoc(value), name


def test_the_names_that_were_promised() -> None:
    from lakeboard import launch
    from lakeboard.query import Definition, Measure, SavedViews, run_table
    from lakeboard.upkeep import execute_all, fsck_lake, plan_tidy, recover_host

    for each in (launch, Definition, Measure, SavedViews, run_table, execute_all, fsck_lake, plan_tidy, recover_host):
        assert callable(each)


@pytest.mark.parametrize(
    ("missing", "statement", "extra"),
    [
        ("polars", "from lakeboard.query import run_table", "query"),
        ("numpy", "from lakeboard.query import band", "query"),
        ("polars", "from lakeboard import launch", "dashboard"),
    ],
)
def test_a_missing_package_names_its_extra(tmp_path: Path, missing: str, statement: str, extra: str) -> None:
    code = f"import sys\nsys.modules[{missing!r}] = None\ntry:\n    {statement}\nexcept ImportError as e:\n    print(e)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f'pip install "lakeboard[{extra}]"' in done.stdout


def test_naming_the_packages_loads_no_engine(tmp_path: Path) -> None:
    code = (
        "import sys, lakeboard.query, lakeboard.upkeep\n"
        "print(sorted({'polars', 'numpy', 'pyarrow', 'fsspec', 'streamlit'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
