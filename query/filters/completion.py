"""What may come next in a half-written filter: names, operators, values or `and`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias

from .syntax import KEYWORDS, WORD_CHARACTERS, quote_name, quote_string

Expected: TypeAlias = Literal["name", "operator", "value", "list", "joint", "nothing"]
_OPERATORS: Final = (
    "=", "!=", "<", "<=", ">", ">=", "in (", "not in (", "contains", "like", "matches", "between", "is null",
    "is not null",
)  # fmt: skip
_CONSTANTS: Final = ("true", "false", "null")
_JOINTS: Final = ("and", "or")
_PIECE: Final = re.compile(
    rf"""\s+|`(?:[^`]|``)*`?(?:\.\w+)?|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|(?:\w|[./@#+-]){WORD_CHARACTERS}*"""
    r"(?:\s*\[[^\[\]]*\](?:\.\w+)?)?|&&|\|\||[<>=!≤≥≠]=?|.",
    re.DOTALL,
)
_COMPARES: Final = frozenset("= == != <> < <= > >= ≤ ≥ ≠ is like contains matches between".split())
_LIMIT: Final = 20


def complete(
    text: str,
    cursor: int,
    names: Iterable[str],
    *,
    values: Mapping[str, Sequence[str]] | None = None,
    limit: int = _LIMIT,
) -> list[str]:
    """Replacements for the word at the cursor, best first: those that start with it, then those that hold it.

    They go in the place of `text[slice(*span_at(text, cursor))]` and are spelled as the language wants them, with
    backticks or quotes where needed. Linear in the text and the names.

    Args:
        text: a filter, finished or not.
        cursor: 0-based offset; what stands after it is not looked at.
        names: of params, metrics and columns as `short_name` gives them.
        values: of text columns by name, for the right side of a comparison.
        limit: how many at most.
    """
    start, end = word_at(text, cursor)
    word, expected, name = text[start:end], *_expected(text[:start])
    match expected:
        case "name":
            wanted = word.strip("`").replace("``", "`")
            found = [quote_name(each) for each in _ranked(wanted, names)]
            return (found + [each for each in ("not",) if word and each.startswith(word.casefold())])[:limit]
        case "operator":
            follow = _OPERATORS + (_JOINTS if word else ())
            return [each for each in follow if each.startswith(word.casefold())][:limit]
        case "value":
            known = (values or {}).get(name, ())
            found = [_spelled(each) for each in _ranked(word.strip("\"'"), known)]
            return (found + [each for each in _CONSTANTS if word and each.startswith(word.casefold())])[:limit]
        case "joint":
            return [each for each in _JOINTS if each.startswith(word.casefold())]
    return []


def word_at(text: str, cursor: int) -> tuple[int, int]:
    """Start and end of the unfinished word before the cursor; an empty span where a new one would begin."""
    cursor = max(0, min(cursor, len(text)))
    start = 0
    for match in _PIECE.finditer(text, 0, cursor):
        start = match.start()
    piece = text[start:cursor]
    if not piece or piece.isspace() or piece in "()[],!" or piece in _COMPARES or piece in ("&&", "||"):
        return cursor, cursor
    return start, cursor


def span_at(text: str, cursor: int) -> tuple[int, int]:
    """Start and end of what a completion takes the place of: `word_at`, and what of the word is after the cursor."""
    start, cursor = word_at(text, cursor)
    found = _PIECE.match(text, start)
    if start == cursor or found is None:
        return start, cursor
    rest = text[cursor : found.end()]
    # A quote that was not closed yet would end at the next one, wherever that is.
    return start, cursor if any(each.isspace() for each in rest) else max(cursor, found.end())


def _expected(text: str) -> tuple[Expected, str]:
    """What comes after `text`, and the name it is about, by a walk over its words."""
    expected: Expected = "name"
    name, between = "", False
    for match in _PIECE.finditer(text):
        piece = match[0]
        word = piece.casefold()
        if piece.isspace():
            continue
        match expected:
            case "name" if word in ("not", "!", "("):
                pass
            case "name":
                expected, name = "operator", piece[1:-1].replace("``", "`") if piece[0] == "`" else piece
            case "operator" if word in ("and", "or", "&&", "||"):
                expected = "name"
            case "operator" if word == ")":
                expected = "joint"
            case "operator" if word in ("in", "(", "["):
                expected = "list" if word == "in" else "value"
            case "operator" if word in _COMPARES:
                expected, between = "value", word == "between"
            case "list" if word in ("(", "["):
                expected = "value"
            case "value" if word == "not":
                pass
            case "value":
                expected = "joint"
            case "joint" if between and word == "and":
                expected, between = "value", False
            case "joint" if word in ("and", "or", "&&", "||"):
                expected = "name"
            case "joint" if word == ",":
                expected = "value"
    return expected, name


def _ranked(word: str, names: Iterable[str]) -> list[str]:
    folded = word.casefold()
    # 0: starts with it; 1: a part after a separator does; 2: holds it somewhere.
    ranked: list[tuple[int, int, str]] = []
    for name in dict.fromkeys(names):
        candidate = name.casefold()
        at = candidate.find(folded)
        if at >= 0:
            ranked.append((0 if at == 0 else 1 if candidate[at - 1] in "./_- [" else 2, len(name) if word else 0, name))
    ranked.sort(key=lambda each: each[:2])
    return [name for _, _, name in ranked]


def _spelled(value: str) -> str:
    plain = re.fullmatch(rf"[^\W\d]{WORD_CHARACTERS}*", value) and value.casefold() not in KEYWORDS
    return value if plain else quote_string(value)
