"""The lines of Python that give, in a notebook, the frame that a page shows. Pure: text in, text out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

_WIDTH: Final = 100


def recipe(lake: str, *lines: str, imports: Sequence[str] = ()) -> str:
    """A script that opens `lake` as `lake` and runs `lines`, which bind the answer to `frame`.

    Args:
        lake: its address; never one with a secret in it (`Lake.url` has none).
        lines: what to do with `lake`. Values that were typed go in through `literal` or `call`.
        imports: lines of import that `lines` need besides `import lakeboard`. Polars is imported where it is used.
    """
    body = "\n".join(lines)
    needed = _merged([*imports, *(["import polars as pl"] if "pl." in body else [])])
    return "\n".join([*needed, "import lakeboard", "", f"lake = lakeboard.open({literal(lake)})", body]) + "\n"


def _merged(imports: Sequence[str]) -> list[str]:
    """Lines of import, one for each module, sorted."""
    lines: set[str] = set()
    names: dict[str, set[str]] = {}
    for line in imports:
        start, _, named = line.partition(" import ")
        if named:
            names.setdefault(start, set()).update(named.split(", "))
        else:
            lines.add(line)
    for start, listed in names.items():
        lines.add(f"{start} import {', '.join(sorted(listed, key=_by_kind))}")
    return sorted(lines)


def _by_kind(name: str) -> tuple[bool, str]:
    """Constants and classes before functions."""
    return not name[0].isupper(), name


def call(name: str, *values: object, **options: object) -> str:
    """A call as source, such as `lake.runs("digits", where="lr < 0.1")`; options that are null are left out.

    One line where it fits, else one line an argument.
    """
    given = [literal(value) for value in values]
    given += [f"{option}={literal(value)}" for option, value in options.items() if value is not None]
    flat = f"{name}({', '.join(given)})"
    if len(flat) <= _WIDTH and "\n" not in flat:
        return flat
    return f"{name}(\n" + "".join(f"    {each},\n" for each in given) + ")"


def literal(value: object) -> str:
    """Source that evaluates to `value`: text, numbers, booleans, null, times, and lists, tuples and dicts of them.

    What does not print (control characters, marks that turn the direction of writing) is escaped, so the source
    reads as it runs.

    Raises:
        TypeError: something else; its source would be a guess.
    """
    match value:
        case str():
            plain = value.isprintable() and '"' not in value and "\\" not in value
            return f'"{value}"' if plain else ascii(value) if not value.isprintable() else repr(value)
        case bool() | int() | None:
            return repr(value)
        case float():
            return repr(value) if value == value and abs(value) != float("inf") else f'float("{value}")'
        case datetime():
            return f'datetime.fromisoformat("{value.isoformat()}")'
        case date():
            return f'date.fromisoformat("{value.isoformat()}")'
        case Mapping():
            return "{" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items()) + "}"
        case list() | tuple():
            inner = ", ".join(map(literal, value))
            if isinstance(value, list):
                return f"[{inner}]"
            return f"({inner},)" if len(value) == 1 else f"({inner})"
    raise TypeError(f"no source for a {type(value).__name__}")
