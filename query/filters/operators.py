"""The comparisons of the filter language as a table: one source for parsing, menus, sentences and the docs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from ..names.columns import Kind

Takes: TypeAlias = Literal["nothing", "one", "two", "many"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One comparison."""

    key: str
    """How canonical text writes it."""
    label: str
    """How a menu writes it."""
    sentence: str
    """A template with `{name}`, `{a}`, `{b}` for the values, `{list}` for all of them."""
    kinds: frozenset[Kind]
    """The kinds of columns it works on; columns without any value take all of them."""
    takes: Takes = "one"
    negates: str | None = None
    """The operator whose opposite it is; what is unknown for one is unknown for both."""
    also: tuple[str, ...] = ()
    """Other ways to write it."""


_ALL: Final[frozenset[Kind]] = frozenset({"number", "text", "bool", "time", "list", "none", "other"})
_EQUAL: Final[frozenset[Kind]] = frozenset({"number", "text", "bool", "time", "none"})
_ORDERED: Final[frozenset[Kind]] = frozenset({"number", "text", "time", "none"})
_LISTED: Final[frozenset[Kind]] = _EQUAL | {"list"}
_TEXT: Final[frozenset[Kind]] = frozenset({"text", "none"})
_HELD: Final[frozenset[Kind]] = _TEXT | {"list"}

_ROWS: Final = (
    Operator("=", "is", "{name} is {a}", _EQUAL, also=("==", "is")),
    Operator("!=", "is not", "{name} is not {a}", _EQUAL, negates="=", also=("<>", "≠", "is not")),
    Operator("<", "is below", "{name} < {a}", _ORDERED),
    Operator("<=", "is at most", "{name} ≤ {a}", _ORDERED, also=("≤",)),
    Operator(">", "is above", "{name} > {a}", _ORDERED),
    Operator(">=", "is at least", "{name} ≥ {a}", _ORDERED, also=("≥",)),
    Operator("between", "is between", "{name} is between {a} and {b}", _ORDERED, "two"),
    Operator("not between", "is not between", "{name} is not between {a} and {b}", _ORDERED, "two", "between"),
    Operator("in", "is one of", "{name} is {list}", _LISTED, "many"),
    Operator("not in", "is none of", "{name} is not {list}", _LISTED, "many", "in"),
    Operator("contains", "contains", "{name} contains {a}", _HELD),
    Operator("not contains", "does not contain", "{name} does not contain {a}", _HELD, negates="contains"),
    Operator("like", "is like", "{name} is like {a}", _TEXT),
    Operator("not like", "is not like", "{name} is not like {a}", _TEXT, negates="like"),
    Operator("matches", "matches", "{name} matches {a}", _TEXT),
    Operator("not matches", "does not match", "{name} does not match {a}", _TEXT, negates="matches"),
    Operator("is null", "is missing", "{name} is missing", _ALL, "nothing", also=("= null",)),
    Operator("is not null", "is there", "{name} is there", _ALL, "nothing", "is null", also=("!= null",)),
    Operator("true", "is true", "{name}", frozenset({"bool", "none"}), "nothing"),
)
OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType({row.key: row for row in _ROWS})
"""Every comparison by its key, in the order a menu shows them."""


def operators_for(kind: Kind) -> tuple[Operator, ...]:
    """The comparisons that make sense for a kind of column, in menu order."""
    return tuple(row for row in _ROWS if kind in row.kinds and row.key != "true")
