"""Find functions that are equal up to names: where two stand, one is enough.

    python .ci/equal_functions.py [ROOT] [--lines 8]

Docstrings and annotations do not count, and what is called what does not either: of names and constants it counts only
which of them are the same. Prints each group and fails where there is one.
"""

from __future__ import annotations

import argparse
import ast
import copy
from collections import defaultdict
from pathlib import Path

FOLDERS = ("query", "dashboard", "schema", "logger", "upkeep", "store", "lakeboard", "examples")
Function = ast.FunctionDef | ast.AsyncFunctionDef


class _Nameless(ast.NodeTransformer):
    """Every name, and every constant, becomes its number in order of appearance."""

    def __init__(self) -> None:
        self._numbers: dict[str, str] = {}

    def _number(self, name: str) -> str:
        return self._numbers.setdefault(name, f"_{len(self._numbers)}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._number(node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        node.attr = self._number(node.attr)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg, node.annotation = self._number(node.arg), None
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        self.generic_visit(node)
        node.arg = self._number(node.arg or "**")
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(self._number(repr(node.value)))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        self.generic_visit(node)
        return node


def shape(function: Function) -> str:
    """The same text for functions that are equal up to names."""
    bare = copy.deepcopy(function)
    bare.name, bare.returns, bare.decorator_list = "_", None, []
    if ast.get_docstring(bare) is not None:
        bare.body = bare.body[1:]
    return ast.dump(_Nameless().visit(bare))


def length(function: Function) -> int:
    """Lines of the body, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def groups(root: Path, lines: int) -> list[list[str]]:
    """Functions of so many lines or more that are equal, as `path:line name`."""
    found = defaultdict(list)
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if any(part.is_symlink() for part in path.parents if part != root and root in part.parents):
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, Function) and length(node) >= lines:
                    found[shape(node)].append(f"{path.relative_to(root)}:{node.lineno} {node.name}")
    return sorted(names for names in found.values() if len(names) > 1)


def main() -> int:
    """Print the groups; fails where there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=Path, default=Path())
    parser.add_argument("--lines", type=int, default=8)
    options = parser.parse_args()
    found = groups(options.root.resolve(), options.lines)
    for names in found:
        print("\n  ".join(["equal up to names:", *names]))
    print(f"{sum(map(len, found))} functions of {options.lines} lines or more in {len(found)} groups")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
