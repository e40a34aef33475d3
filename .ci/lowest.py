"""Print the lowest versions that pyproject.toml allows, as requirements for pip.

python .ci/lowest.py pyproject.toml > lowest.txt
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

EXTRAS = ("query", "s3", "dashboard", "test")
_BOUND = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)[>=]=(?P<version>[0-9.]+)(?:,<[0-9.]+)?")


def lowest(project: dict[str, object]) -> list[str]:
    """`name==version.*` for every bound; a version of three parts or more is meant exactly."""
    optional = project["optional-dependencies"]
    assert isinstance(optional, dict)
    core = project["dependencies"]
    assert isinstance(core, list)
    out = []
    for requirement in [*core, *(r for extra in EXTRAS for r in optional[extra])]:
        if requirement.startswith("lakeboard["):
            continue
        match = _BOUND.fullmatch(requirement)
        if match is None:
            raise SystemExit(f"{requirement!r} names no lowest version; write it as name>=version or name==version")
        version = match["version"]
        out.append(f"{match['name']}=={version}{'' if version.count('.') > 1 else '.*'}")
    return out


def main(path: str) -> None:
    """Print them."""
    print("\n".join(lowest(tomllib.loads(Path(path).read_text())["project"])))


if __name__ == "__main__":
    main(sys.argv[1])
