"""The house stands as ARCHITECTURE.md says: folders, links, sizes, where Streamlit may be named."""

from __future__ import annotations

import ast
import re
import stat
import sys
from collections import Counter
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.checkout import ROOMS, ROOT, package_files, package_name, pyproject, tracked

LINE_LIMIT = 400
LONG_FILES: dict[str, str] = {}
"""Package files over the limit, each with its reason."""
ROOM_LIMIT = 30
"""Python files of one folder: more than that is a hall again."""
TEST_LINE_LIMIT = 600
"""Tests may be longer: tables of cases are."""


def test_every_folder_of_the_package_is_installed() -> None:
    setup = pyproject()["tool"]["setuptools"]
    found = {path.parent for path in tracked("*/__init__.py")}
    folders = {folder for folder in found if folder.parts[0] not in ("tests", "benchmarks")}
    assert folders == {path.parent for path in package_files()}
    names = {package_name(folder) for folder in folders}
    assert set(setup["packages"]) == names
    assert len(setup["packages"]) == len(names)
    top = {folder.parts[0] for folder in folders}
    assert setup["package-dir"] == {package_name(Path(folder)): folder for folder in top}


def test_halls_have_rooms_and_rooms_are_small() -> None:
    files = [path for path in package_files() if path.parts[0] in ROOMS]
    counts = Counter(str(path.parent) for path in files)
    assert {name for name, n in counts.items() if n > ROOM_LIMIT} == set()
    for hall in ("query", "dashboard"):
        assert counts[hall] <= 4, "what a hall holds belongs in a room"
    # One file a tool needs no rooms.
    assert {path.parts[0] for path in files if len(path.parts) > 2} == set(ROOMS) - {"importers", "facades"}


def test_every_kind_of_file_in_a_room_is_installed() -> None:
    data = pyproject()["tool"]["setuptools"]["package-data"]
    for room in ("lakeboard", "examples", *ROOMS):
        for path in tracked(f"{room}/*"):
            assert path.suffix == ".py" or path in _as_data(path, data), path


def _as_data(path: Path, data: dict[str, list[str]]) -> set[Path]:
    """Files that the nearest package around this one installs beside its modules."""
    package = next(folder for folder in path.parents if (ROOT / folder / "__init__.py").is_file())
    found = {each for pattern in data.get(package_name(package), []) for each in (ROOT / package).glob(pattern)}
    return {each.relative_to(ROOT) for each in found}


def test_links_serve_type_checkers() -> None:
    links = {p.name: str(p.readlink()) for p in (ROOT / "lakeboard").iterdir() if p.is_symlink()}
    assert links == {room: f"../{room}" for room in (*ROOMS, "examples")}


def test_ruff_reads_each_file_once() -> None:
    skipped = set(pyproject()["tool"]["ruff"]["extend-exclude"])
    assert skipped == {f"lakeboard/{room}" for room in (*ROOMS, "examples")}


_BARE = re.compile(rf"^\s*(?:from|import) ({'|'.join(ROOMS)})\b", re.MULTILINE)


def test_nothing_imports_a_room_by_its_bare_name() -> None:
    # From the root it would work, and make a second copy of every class.
    assert [str(p) for p in tracked("*.py") if _BARE.search((ROOT / p).read_text())] == []


def test_the_rule_against_bare_imports_can_fail() -> None:
    assert _BARE.search("import os\nfrom schema.keys import X\n")
    assert _BARE.search("    import store\n")
    assert not _BARE.search(
        "from ..schema.keys import X\nfrom lakeboard.schema import keys\nfrom storefront import x\n"
    )


def test_rooms_import_relatively() -> None:
    # Streamlit runs app.py as a script, which belongs to no package.
    rooms = [p for p in package_files() if p.parts[0] in ROOMS and p != Path("dashboard/app.py")]
    assert [(str(p), n) for p in rooms for n in _imports(p) if n.partition(".")[0] == "lakeboard"] == []


def _imports(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.append(node.module or "")
    return names


def test_only_the_dashboard_names_streamlit() -> None:
    imports = {str(p): {n.partition(".")[0] for n in _imports(p)} for p in package_files()}
    users = {name for name, names in imports.items() if "streamlit" in names}
    assert users
    assert {name for name in users if not name.startswith("dashboard/")} == set()


def test_files_are_short() -> None:
    lengths = {str(p): len((ROOT / p).read_text().splitlines()) for p in package_files()}
    assert {name for name, n in lengths.items() if n > LINE_LIMIT} == set(LONG_FILES)
    tests = {str(p): len((ROOT / p).read_text().splitlines()) for p in tracked("tests/*.py", "benchmarks/*.py")}
    assert {name: n for name, n in tests.items() if n > TEST_LINE_LIMIT} == {}


def test_no_grab_bags() -> None:
    assert [str(p) for p in tracked("*.py") if re.search(r"util|helper|misc|common", p.stem)] == []


def test_no_folder_or_file_hides_a_library_from_streamlit() -> None:
    # The folder of the script that Streamlit runs comes first on the path.
    names = {path.parts[1].removesuffix(".py") for path in tracked("dashboard/*")} - {"__init__"}
    installed = set(packages_distributions()) - {"lakeboard"}
    assert {"streamlit", "plotly", "polars"} <= installed
    assert not names & (sys.stdlib_module_names | installed | {"pages"})


def test_scripts_can_be_run() -> None:
    assert (ROOT / ".ci/run").stat().st_mode & stat.S_IXUSR
