"""Fail where the built wheel or sdist lacks a file of the package, or holds a link or a stray.

python .ci/contents.py SOURCE DIST
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path, PurePosixPath


def expected(source: Path) -> set[str]:
    """Names below `site-packages` that the wheel must hold: every tracked file of the package's folders."""
    tool = tomllib.loads((source / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {folder: package.replace(".", "/") for package, folder in tool["package-dir"].items()}
    tracked = subprocess.run(
        ["git", "-C", str(source), "ls-files", "-z"],  # noqa: S607
        check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    out = set()
    for name in filter(None, tracked):
        path = PurePosixPath(name)
        if path.parts[0] in folders and not (source / name).is_symlink():
            out.add(str(PurePosixPath(folders[path.parts[0]], *path.parts[1:])))
    return out


def main(source: Path, dist: Path) -> int:
    """Print what is wrong; the number of faults."""
    wanted = expected(source)
    (wheel,) = dist.glob("*.whl")
    (sdist,) = dist.glob("*.tar.gz")
    faults = []
    with zipfile.ZipFile(wheel) as archive:
        held = {n for n in archive.namelist() if not n.endswith("/") and ".dist-info/" not in n}
    faults += [f"wheel lacks {n}" for n in sorted(wanted - held)]
    faults += [f"wheel holds stray {n}" for n in sorted(held - wanted)]
    with tarfile.open(sdist) as tar:
        members = tar.getmembers()
    faults += [f"sdist holds a link: {m.name}" for m in members if not (m.isfile() or m.isdir())]
    names = {m.name.partition("/")[2] for m in members if m.isfile()}
    folders = tomllib.loads((source / "pyproject.toml").read_text())["tool"]["setuptools"]["package-dir"]
    places = {package.replace(".", "/"): folder for package, folder in folders.items()}
    for name in sorted(wanted):
        parent = str(PurePosixPath(name).parent)
        below = next(p for p in (parent, *map(str, PurePosixPath(parent).parents)) if p in places)
        inside = str(PurePosixPath(places[below]) / PurePosixPath(name).relative_to(below))
        if inside not in names:
            faults.append(f"sdist lacks {inside}")
    faults += [f"sdist lacks {n}" for n in ("README.md", "LICENSE", "pyproject.toml") if n not in names]
    for fault in faults:
        print(fault)
    print(f"{wheel.name}: {len(held)} files; {sdist.name}: {len(names)} files; {len(faults)} faults")
    return min(len(faults), 100)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
