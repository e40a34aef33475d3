"""What a filter is: a frozen tree of comparisons, and its canonical text.

Two filters are equal when they ask the same in the same order; where a word stood in the text does not count.
`parse_filter(to_text(f)) == f` for every filter that the grammar or the widgets make. Nothing here knows columns
or Polars.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

KEYWORDS: Final = frozenset("and or not in is null like contains matches between".split())
NUMBER_WORDS: Final = frozenset({"inf", "infinity", "nan"})
"""Words that are numbers, in any case of letters; as names they stand in backticks."""
"""Words the language keeps for itself, in any case; a name or a value spelled so needs backticks or quotes."""
MAX_TEXT: Final = 4_000
"""Characters in a filter."""
MAX_DEPTH: Final = 50
"""Parentheses and `not` inside each other."""
MAX_TERMS: Final = 500
"""Comparisons in a filter."""

WORD_CHARACTERS: Final = r"[\w./:@#+-]"
PLAIN_WORD: Final = re.compile(rf"(?:[^\W\d]|[./@#]){WORD_CHARACTERS}*")
DATASET: Final = r"[^\[\]`\s](?:[^\[\]`]*[^\[\]`\s])?"
LABEL: Final = re.compile(rf"(?P<word>\S+) \[{DATASET}\](?:\.(?:min|max|mean))?")
NUMBER: Final = re.compile(
    r"[+-]?(?:(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[+-]?\d+)?|(?:inf|infinity)\b)", re.ASCII | re.IGNORECASE
)

ValueKind: TypeAlias = Literal["number", "string", "word", "name", "null"]


@dataclass(frozen=True, slots=True)
class Name:
    """A column as the person wrote it, without backticks: `lr`, `params.lr`, `val/acc [cifar10].max`."""

    text: str
    position: int = field(default=0, compare=False)
    """0-based offset into the filter's text."""


@dataclass(frozen=True, slots=True)
class Value:
    """The right side of a comparison.

    `number` is its digits, `string` was quoted, `word` is bare (text, `true`, `inf` or a column, by the left side's
    type), `name` is a column in backticks, `null` is the missing value.
    """

    kind: ValueKind
    text: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One question about one column. `operator` is a key of `operators.OPERATORS`."""

    name: Name
    operator: str
    values: tuple[Value, ...] = ()
    position: int = field(default=0, compare=False)
    """Of the operator."""


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more terms, none of them an `And`."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more terms, none of them an `Or`."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a term; what is unknown stays unknown."""

    term: Term


Term: TypeAlias = Comparison | And | Or | Not


@dataclass(frozen=True, slots=True)
class Filter:
    """A question about runs; the empty one matches all. `a & b` asks both, `str(a)` is its text."""

    term: Term | None = None

    def __and__(self, other: Filter) -> Filter:
        if self.term is None or other.term is None:
            return self if other.term is None else other
        return Filter(join(And, (self.term, other.term)))

    def __str__(self) -> str:
        return to_text(self)

    def comparisons(self) -> Iterator[Comparison]:
        """Every comparison, from left to right."""
        pending: list[Term] = [] if self.term is None else [self.term]
        while pending:
            match pending.pop():
                case Comparison() as found:
                    yield found
                case Not(term):
                    pending.append(term)
                case And(terms) | Or(terms):
                    pending.extend(reversed(terms))


def join(kind: type[And] | type[Or], terms: tuple[Term, ...]) -> Term:
    """`And` or `Or` of terms, flat: a long chain is one node however it was put together."""
    flat: list[Term] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, kind) else (term,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def to_text(filter: Filter) -> str:
    """The filter in its own language, canonical: lower-case keywords, `=` and `!=`, quotes only where needed."""
    return "" if filter.term is None else write_term(filter.term, _comparison)


def write_term(term: Term, comparison: Callable[[Comparison], str]) -> str:
    """A term in writing, with `comparison` for what is compared, and parentheses where the language needs them."""

    def inner(term: Term) -> str:
        return f"({write_term(term, comparison)})" if isinstance(term, (And, Or)) else write_term(term, comparison)

    match term:
        case Comparison():
            return comparison(term)
        case Not(negated):
            return f"not {inner(negated)}"
        case And(terms):
            return " and ".join(map(inner, terms))
        case Or(terms):
            return " or ".join(map(inner, terms))


def _comparison(comparison: Comparison) -> str:
    name, values = quote_name(comparison.name.text), [value_text(each) for each in comparison.values]
    match comparison.operator:
        case "true":
            return name
        case "in" | "not in" as operator:
            return f"{name} {operator} ({', '.join(values)})"
        case "between" | "not between" as operator:
            return f"{name} {operator} {values[0]} and {values[1]}"
        case operator:
            return " ".join([name, operator, *values])


def quote_name(name: str) -> str:
    """`name` as the language reads it: bare where possible, else in backticks (doubled inside)."""
    bare = _bare(name) and name.casefold() not in NUMBER_WORDS
    return name if bare else "`" + name.replace("`", "``") + "`"


def quote_string(text: str) -> str:
    """`text` in double quotes; backslash and quote escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def value_text(value: Value) -> str:
    """One value as the language reads it."""
    match value.kind:
        case "string":
            return quote_string(value.text)
        case "name":
            return "`" + value.text.replace("`", "``") + "`"
        case _:
            return value.text


def _bare(name: str) -> bool:
    label = LABEL.fullmatch(name)
    word = label["word"] if label else name
    return PLAIN_WORD.fullmatch(word) is not None and word.casefold() not in KEYWORDS and not NUMBER.fullmatch(word)
