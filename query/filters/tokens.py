"""A filter's text cut into tokens, each with its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ...schema.errors import FilterError
from .syntax import DATASET, KEYWORDS, MAX_TEXT, NUMBER, WORD_CHARACTERS

TokenKind: TypeAlias = Literal["number", "string", "name", "word", "keyword", "sign", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a filter; `text` has quotes, backticks and escapes taken off, keywords and signs are canonical."""

    kind: TokenKind
    text: str
    start: int
    """0-based offset of its first character."""
    end: int
    """Offset after its last character."""


_SIGNS: Final = {
    "==": "=", "=": "=", "!=": "!=", "<>": "!=", "≠": "!=", "<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=",
    "≥": ">=",     "(": "(", ")": ")", "[": "[", "]": "]", ",": ",", "&&": "and", "||": "or", "!": "not",
}  # fmt: skip
_TOKEN: Final = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<number>(?:{NUMBER.pattern})(?!{WORD_CHARACTERS}))
    | (?P<sign>==|!=|<>|<=|>=|&&|\|\||[=<>≤≥≠!(),\[\]])
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<name>`(?:[^`]|``)+`(?P<tail>\.(?:min|max|mean)\b)?)
    | (?P<word>(?:\w|[./@#]){WORD_CHARACTERS}*)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_DATASET: Final = re.compile(
    rf"\s*\[\s*(?P<dataset>{DATASET})\s*\](?P<statistic>\.(?:min|max|mean)\b)?(?!{WORD_CHARACTERS})"
)
_ESCAPE: Final = re.compile(r"""\\([\\"'])""")
_PREFIXED: Final = re.compile(r"(?:params|metrics|run|summary|tags)\.", re.IGNORECASE)
_STRAY: Final = {
    "*": "there is no arithmetic in filters",
    "-": "there is no arithmetic in filters",
    "%": "there is no arithmetic in filters; % stands for any text inside like \"…\"",
    "&": "write `and`",
    "|": "write `or`",
    ";": "one filter is one expression; join parts with `and`",
    "{": "lists are written (a, b) or [a, b]",
    '"': "this quote is never closed",
    "'": "this quote is never closed",
    "`": "this backtick is never closed, or nothing is inside",
}  # fmt: skip


def tokenize(text: str) -> list[Token]:
    """Cut `text`; the last token is always `end`. Linear time.

    Raises:
        FilterError: longer than 4,000 characters, a character with no meaning, or a quote that is never closed.
    """
    if len(text) > MAX_TEXT:
        raise FilterError(
            f"the filter has {len(text):,} characters, {MAX_TEXT:,} are allowed; shorten it", position=MAX_TEXT
        )
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            hint = _STRAY.get(text[at], "names with such characters go in `backticks`, text in quotes")
            raise FilterError(f"{text[at]!r} at character {at + 1} means nothing here: {hint}", position=at)
        start, at = at, match.end()
        if match.lastgroup != "space":
            token = _token(match, start, text)
            at = token.end
            tokens.append(token)
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


def _token(match: re.Match[str], start: int, text: str) -> Token:
    raw, end = match[0], match.end()
    if match["number"]:
        # An explicit plus says nothing, and +inf is the word inf.
        digits = raw.replace("_", "").lstrip("+").lower()
        return Token("word" if digits[0] == "i" else "number", digits, start, end)
    if match["sign"]:
        sign = _SIGNS[raw]
        return Token("keyword" if sign.isalpha() else "sign", sign, start, end)
    if match["string"]:
        return Token("string", _ESCAPE.sub(r"\1", raw[1:-1]), start, end)
    if match["name"]:
        tail = match["tail"] or ""
        return Token("name", raw[1 : len(raw) - len(tail) - 1].replace("``", "`") + tail, start, end)
    if raw.casefold() in KEYWORDS:
        return Token("keyword", raw.casefold(), start, end)
    if _PREFIXED.fullmatch(raw):
        # params.`odd name`: the backticks go on with the word.
        quoted = _TOKEN.match(text, end)
        if quoted is not None and quoted["name"]:
            rest = _token(quoted, end, text)
            return Token("name", raw + rest.text, start, rest.end)
    dataset = _DATASET.match(text, end)
    if dataset is not None:
        return Token("word", f"{raw} [{dataset['dataset']}]{dataset['statistic'] or ''}", start, dataset.end())
    return Token("word", raw, start, end)
