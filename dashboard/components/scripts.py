"""Scripts that import each other, joined into the one module that a browser component is given. Without Streamlit."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from typing import Final

_IMPORT: Final = re.compile(r'^import \{([^{}]*)\} from "(\.{1,2}/[\w./-]+\.js)";\n', re.MULTILINE)
_NAMED: Final = re.compile(r"^export ((?:async )?function\*?|const|class) ([A-Za-z_]\w*)", re.MULTILINE)
_DEFAULT: Final = re.compile(r"^export default ", re.MULTILINE)
_NAME: Final = re.compile(r"([A-Za-z_]\w*)(?: as ([A-Za-z_]\w*))?")
_OTHER: Final = re.compile(r"^(?:import|export)\b.*|\bimport\s*\(.*|\bimport\.meta\b.*", re.MULTILINE)
_COMMENT: Final = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)$", re.MULTILINE)
"""Comments that take whole lines: the page needs none."""
_DECLARED: Final = re.compile(r"^(?:(?:async )?function\*?|const|let|var|class) ([A-Za-z_$][\w$]*)", re.MULTILINE)
"""Names at a script's top level that stand alone, not in a pattern."""
_ALLOWED: Final = (
    'a script says `import { a, b as c } from "./x.js";` and `export function`, `export const`, `export class` or '
    "`export default` at the beginning of a line"
)


class ScriptError(ValueError):
    """Scripts that can't be joined: what is wrong, and in which of them."""


@dataclass(frozen=True, slots=True)
class _Script:
    """One script on its way into the joined one."""

    body: str
    exports: frozenset[str]
    imports: tuple[tuple[str, frozenset[str]], ...]
    """Paths of other scripts, in order, and the names that this one takes of each."""


def joined(folder: Traversable, entry: str) -> str:
    """The script at `entry` and all that it imports, each once and after what it imports, as one module.

    Each script keeps a scope of its own, so two of them may use one name for two things; a function around each bears
    its path in stack traces. The module exports what `entry` exports as default. Reads each file once; a text that was
    joined before, for another component say, is not worked through again.

    Args:
        folder: that paths begin in.
        entry: a path below it, such as `table/table.js`.

    Raises:
        ScriptError: a script is missing, imports in a circle or what another does not export, has one name for two
            things, or uses a form of `import` and `export` that is not read here.
    """
    scripts: dict[str, _Script] = {}
    order: list[str] = []
    _visit(folder, entry, (), scripts, order)
    if "default" not in scripts[entry].exports:
        raise ScriptError(f"{entry} has no `export default`, which draws the component")
    variables = {path: _variable(path) for path in order}
    if len(set(variables.values())) < len(order):
        raise ScriptError(f"two paths of {', '.join(order)} differ in signs alone; rename one")
    parts = [_scoped(path, scripts[path], variables) for path in order]
    return "".join([*parts, f"export default {variables[entry]}.default;\n"])


def _visit(
    folder: Traversable, path: str, above: tuple[str, ...], scripts: dict[str, _Script], order: list[str]
) -> None:
    if path in above:
        raise ScriptError(f"scripts import in a circle: {' → '.join([*above[above.index(path) :], path])}")
    if path in scripts:
        return
    script = scripts[path] = _read(folder, path, above)
    for other, names in script.imports:
        _visit(folder, other, (*above, path), scripts, order)
        if missing := sorted(names - scripts[other].exports):
            raise ScriptError(f"{path} imports {', '.join(missing)} from {other}, which does not export it")
    order.append(path)


def _read(folder: Traversable, path: str, above: tuple[str, ...]) -> _Script:
    try:
        text = folder.joinpath(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ScriptError(f"{above[-1] if above else 'a component'} needs {path}, which can't be read") from error
    return _parsed(path, text)


@cache
def _parsed(path: str, text: str) -> _Script:
    exports: set[str] = set()
    imports: dict[str, set[str]] = {}
    bound: list[str] = []

    def taken(found: re.Match[str]) -> str:
        other = posixpath.normpath(posixpath.join(posixpath.dirname(path), found[2]))
        pairs = [_NAME.fullmatch(each.strip()) for each in found[1].split(",") if each.strip()]
        if other.startswith("..") or not pairs or None in pairs:
            raise ScriptError(f"{path} holds `{found[0].strip()}`; {_ALLOWED}")
        names = [(pair[1], pair[2]) for pair in pairs if pair]
        imports.setdefault(other, set()).update(name for name, _ in names)
        bound.extend(local or name for name, local in names)
        inside = ", ".join(name if local is None else f"{name}: {local}" for name, local in names)
        return f"const {{ {inside} }} = {_variable(other)};" + "\n" * found[0].count("\n")

    def given(found: re.Match[str]) -> str:
        exports.add(found[2])
        return f"{found[1]} {found[2]}"

    # As many lines as before: a line of the joined script is as far below its heading as in its file.
    body = _NAMED.sub(given, _IMPORT.sub(taken, _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)))
    body, n = _DEFAULT.subn("const _default = ", body)
    if n > 1 or (left := _OTHER.search(body)):
        line = "two `export default`" if n > 1 else f"`{left[0].strip()}`" if left else ""
        raise ScriptError(f"{path} holds {line}; {_ALLOWED}")
    counts = Counter(bound + _DECLARED.findall(body))
    if twice := sorted(name for name, times in counts.items() if times > 1):
        raise ScriptError(f"{path} has two things called {', '.join(twice)} at its top level; rename one")
    return _Script(
        body,
        frozenset(exports | ({"default"} if n else set())),
        tuple((other, frozenset(names)) for other, names in imports.items()),
    )


def _variable(path: str) -> str:
    """What holds the exports of a script: `table/ages.js` is `$table_ages`."""
    return "$" + re.sub(r"\W", "_", path.removesuffix(".js"))


def _scoped(path: str, script: _Script, variables: dict[str, str]) -> str:
    names = sorted(script.exports - {"default"}) + (["default: _default"] if "default" in script.exports else [])
    variable = variables[path]
    # The name of the function stands in stack traces.
    return (
        f"// {path}\nconst {variable} = (function {variable.removeprefix('$')}() {{\n{script.body}\n"
        f"return {{ {', '.join(names)} }};\n}})();\n"
    )
