"""Change the code in small ways and see whether the tests notice. By hand, and some at a time: it takes hours.

    python .ci/mutants.py --count 40 --seed 1 [--under query/filters] [--at query/filters/times.py:41]

Each mutant is one change of one operator, constant or condition in a copy of the checkout. First the tests that mirror
its folder are run, then, where they pass, all quick ones of its top-level folder. Verdicts are kept in
`.ci/mutants.json`, so that several sittings add up: a mutant that was judged for the same text is not judged again.
What survives is printed as a diff; one that changes nothing that can be seen goes, with why, into
`.ci/mutants_alike.txt`.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("query", "schema", "logger", "upkeep")
VERDICTS = Path(".ci/mutants.json")
ALIKE = Path(".ci/mutants_alike.txt")
SECONDS = 420
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
_COUNTED: dict[type[ast.operator], str] = {ast.Add: "-", ast.Sub: "+", ast.Mult: "//", ast.FloorDiv: "*", ast.Div: "*"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: `text[start:end]` of a file, in bytes, becomes `new`."""

    path: Path
    line: int
    start: int
    end: int
    new: str

    def apply(self, source: bytes) -> bytes:
        """The changed file."""
        return source[: self.start] + self.new.encode() + source[self.end :]

    def key(self, source: bytes) -> str:
        """Names the mutant as long as its line and its place in the line stay as they are."""
        begin = source.rfind(b"\n", 0, self.start) + 1
        line = source[begin : source.find(b"\n", self.end)]
        seen = hashlib.sha256(line + f"{self.start - begin}".encode()).hexdigest()[:12]
        return f"{self.path}:{seen}:{self.new}"


def mutants(path: Path, source: bytes) -> Iterator[Mutant]:
    """Every change that is known for a file."""
    offsets = [0]
    for line in source.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))

    def begin(node: ast.expr) -> int:
        return offsets[node.lineno - 1] + node.col_offset

    def end(node: ast.expr) -> int:
        return offsets[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    def whole(node: ast.expr, new: str) -> Mutant:
        return Mutant(path, node.lineno, begin(node), end(node), new)

    def between(left: ast.expr, right: ast.expr, old: str, new: str) -> Iterator[Mutant]:
        gap = source[end(left) : begin(right)]
        if gap.count(old.encode()) == 1:
            at = end(left) + gap.index(old.encode())
            yield Mutant(path, left.lineno, at, at + len(old), new)

    signs = {"Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Eq": "==", "NotEq": "!=", "Is": "is", "IsNot": "is not"}
    signs |= {"In": "in", "NotIn": "not in", "Add": "+", "Sub": "-", "Mult": "*", "FloorDiv": "//", "Div": "/"}
    for node in _code(ast.parse(source)):
        if isinstance(node, ast.Compare):
            for left, op, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
                if type(op) in _COMPARED:
                    yield from between(left, right, signs[type(op).__name__], _COMPARED[type(op)])
        elif isinstance(node, ast.BoolOp):
            old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            for left, right in zip(node.values, node.values[1:], strict=False):
                yield from between(left, right, old, new)
        elif isinstance(node, ast.BinOp) and type(node.op) in _COUNTED:
            yield from between(node.left, node.right, signs[type(node.op).__name__], _COUNTED[type(node.op)])
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield Mutant(path, node.lineno, begin(node), begin(node), "not ")
        elif isinstance(node, ast.Constant) and node.value in (True, False) and isinstance(node.value, bool):
            yield whole(node, str(not node.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, int) and abs(node.value) < 1000:
            yield whole(node, str(node.value + 1))
        elif isinstance(node, ast.IfExp):
            yield whole(node.test, f"(not ({ast.get_source_segment(source.decode(), node.test)}))")
        elif isinstance(node, ast.Constant) and node.value in ("maximize", "minimize", "min", "max"):
            other = {"maximize": "minimize", "minimize": "maximize", "min": "max", "max": "min"}[str(node.value)]
            yield whole(node, repr(other))


def _code(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but annotations: they are not run."""
    for name, field in ast.iter_fields(tree):
        if name in ("annotation", "returns", "type_params"):
            continue
        for child in field if isinstance(field, list) else [field]:
            if isinstance(child, ast.AST):
                yield child
                yield from _code(child)


def tests_of(path: Path) -> list[list[str]]:
    """Which tests are asked, the nearest first."""
    nearest = Path("tests") / path.parent
    while not nearest.is_dir():
        nearest = nearest.parent
    top = Path("tests") / path.parts[0]
    beside = ["tests/query", "tests/upkeep"] if path.parts[0] == "schema" else []
    return [[str(nearest)], [str(top), *beside]]


def ask(tests: list[str], tree: Path) -> str:
    """`killed` or `hung` where a test notices something, else `survived`."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-n", "0", "-m", "not slow"]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tree)}
    try:
        asked = subprocess.run(
            [*command, *tests], cwd=tree, env=environment, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return "hung"
    return "killed" if asked.returncode else "survived"


def judge(mutant: Mutant, source: bytes, tree: Path) -> str:
    """What the tests say; the copy of the checkout in `tree` is as before afterwards."""
    target = tree / mutant.path
    target.write_bytes(mutant.apply(source))
    try:
        return next((said for tests in tests_of(mutant.path) if (said := ask(tests, tree)) != "survived"), "survived")
    finally:
        target.write_bytes(source)


def show(mutant: Mutant, source: bytes) -> str:
    """The change as a diff of one line or two."""
    before, after = (text.decode().splitlines() for text in (source, mutant.apply(source)))
    lines = difflib.unified_diff(before, after, str(mutant.path), str(mutant.path), lineterm="", n=1)
    return "\n".join(list(lines)[2:])


def main() -> int:
    """Judge a sample; fails where one survived that is not known to change nothing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--under", default="", help="only files whose path begins so")
    parser.add_argument("--at", default="", help="all mutants of a line, as path:line")
    options = parser.parse_args()
    sources = {p: p.read_bytes() for folder in FOLDERS for p in sorted(Path(folder).rglob("*.py"))}
    found = [m for p, source in sources.items() if str(p).startswith(options.under) for m in mutants(p, source)]
    if options.at:
        chosen = [m for m in found if f"{m.path}:{m.line}" == options.at]
    else:
        chosen = random.Random(options.seed).sample(found, min(options.count, len(found)))  # noqa: S311
    verdicts: dict[str, str] = json.loads(VERDICTS.read_text()) if VERDICTS.exists() else {}
    alike = ALIKE.read_text() if ALIKE.exists() else ""
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "-q", "--detach", str(tree)], check=True)  # noqa: S607
        try:
            nearest = {tests_of(m.path)[0][0] for m in chosen}
            if broken := [tests for tests in sorted(nearest) if ask([tests], tree) != "survived"]:
                raise SystemExit(f"these tests fail as it is, and would tell nothing: {', '.join(broken)}")
            for mutant in chosen:
                source = sources[mutant.path]
                key = mutant.key(source)
                if verdicts.get(key) not in ("killed", "hung"):
                    verdicts[key] = judge(mutant, source, tree)
                    VERDICTS.write_text(json.dumps(dict(sorted(verdicts.items())), indent=0) + "\n")
                lives = verdicts[key] == "survived" and key not in alike
                survived += lives
                if lives:
                    print(f"survived: {key}\n{show(mutant, source)}", flush=True)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], check=True)  # noqa: S607
    print(f"{len(chosen)} mutants of {len(found)}, {survived} survived; {len(verdicts)} judged so far")
    return survived > 0


if __name__ == "__main__":
    raise SystemExit(main())
