"""The checkout that the tests beside this file look at: its root, its files, its packages."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
ROOMS: Final = ("schema", "store", "logger", "upkeep", "query", "importers", "facades", "dashboard")
"""Folders with layers between them; `examples` is installed too, but stands on the public API alone."""


def tracked(*patterns: str) -> list[Path]:
    """Files that git knows and that are there, links left out, as paths from the root."""
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, check=True, capture_output=True, text=True)
    names = map(Path, filter(None, listed.stdout.split("\0")))
    return [name for name in names if (ROOT / name).is_file() and not (ROOT / name).is_symlink()]


def pyproject() -> dict[str, Any]:
    """All of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def package_files() -> list[Path]:
    """Python files that are installed."""
    return tracked("lakeboard/*.py", "examples/*.py", *(f"{room}/*.py" for room in ROOMS))


def package_name(folder: Path) -> str:
    """The package that a folder of the checkout is installed as, such as `lakeboard.query.boards`."""
    parts = folder.parts if folder.parts[0] == "lakeboard" else ("lakeboard", *folder.parts)
    return ".".join(parts)
