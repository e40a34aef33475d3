"""What imports what inside each folder, drawn as ARCHITECTURE.md has it. `python -m tests.graph` writes it there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import grimp

from tests.checkout import ROOT, package_files, package_name

DOCUMENT: Final = ROOT / "ARCHITECTURE.md"
_BEGIN: Final = "<!-- drawn by `python -m tests.graph` -->\n"
_END: Final = "<!-- end of the drawing -->\n"


def rooms() -> list[str]:
    """Every package of the house that has two children or more, by dotted name."""
    folders = sorted({path.parent for path in package_files()})
    return [package_name(folder) for folder in folders if folder not in (Path("lakeboard"), Path("examples"))]


def load() -> grimp.ImportGraph:
    """The imports of the whole package that run."""
    """The imports of the whole package, those for type checkers too."""
    return grimp.build_graph("lakeboard", cache_dir=None, exclude_type_checking_imports=True)


def levels(graph: grimp.ImportGraph, package: str) -> list[list[str]]:
    """The children of a package from the top down: each imports those of later levels alone, and one of the next.

    Raises:
        ValueError: some import each other in a circle; names them.
    """
    children = sorted(graph.find_children(package))
    imports = {
        child: {
            other
            for module in (child, *graph.find_descendants(child))
            for found in graph.find_modules_directly_imported_by(module)
            for other in children
            if other != child and (found == other or found.startswith(f"{other}."))
        }
        for child in children
    }
    out: list[list[str]] = []
    left = set(children)
    while left:
        lowest = sorted(child for child in left if not imports[child] & left)
        if not lowest:
            raise ValueError(f"{package}: a circle among {', '.join(sorted(left))}")
        out.insert(0, [child.rpartition(".")[2] for child in lowest])
        left -= set(lowest)
    return out


def drawing() -> str:
    """The list: a line for each folder, its files and rooms from the top down."""
    graph = load()
    lines = []
    for package in rooms():
        found = levels(graph, package)
        if sum(map(len, found)) > 1:
            folder = package.removeprefix("lakeboard.").replace(".", "/")
            lines.append(f"- `{folder}/`: " + " > ".join(", ".join(level) for level in found) + "\n")
    return "".join(lines)


def drawn() -> str:
    """The list as the document has it."""
    return DOCUMENT.read_text().partition(_BEGIN)[2].partition(_END)[0]


if __name__ == "__main__":
    text = DOCUMENT.read_text()
    head, _, rest = text.partition(_BEGIN)
    DOCUMENT.write_text(head + _BEGIN + drawing() + _END + rest.partition(_END)[2])
