"""The value beside a column, read by the column's kind; every misfit is told with its place and the fix."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NoReturn

from ...schema.errors import FilterError
from ..names.columns import Kind
from .syntax import NUMBER_WORDS, Name, Value, quote_name, quote_string
from .times import WRITTEN, span

KIND_WORDS: Final[Mapping[Kind, str]] = {
    "number": "a number", "text": "text", "bool": "true or false", "time": "a time", "list": "a list of words",
    "none": "empty", "other": "of a kind that can't be compared",
}  # fmt: skip
_INT64: Final = 2**63


def is_column(value: Value, kind: Kind) -> bool:
    """Whether the value names another column: backticks always do, a bare word does beside a number."""
    return value.kind == "name" or (
        kind == "number"
        and value.kind == "word"
        and value.text.casefold() not in NUMBER_WORDS | {"true", "false"}
        and not value.text[0].isdigit()
    )


def number_of(name: Name, value: Value) -> float:
    """The number; an int where the text is one and int64 holds it, since float64 rounds those above 2**53."""
    if value.kind == "number":
        if value.text.lstrip("-").isdecimal():
            exact = int(value.text)
            return exact if -_INT64 <= exact < _INT64 else float(value.text)
        return float(value.text)
    if value.kind == "word" and value.text.casefold() in NUMBER_WORDS:
        return float(value.text)
    if value.kind == "string":
        hint = f"write {value.text.strip()} without quotes" if is_number(value.text) else "no number equals it"
        _misfit(name, "number", value, f"text; {hint}")
    hint = "; there is no arithmetic in filters" if value.text[:1].isdigit() else ""
    return _misfit(name, "number", value, "not" + hint)


def text_of(name: Name, value: Value) -> str:
    """The text, quoted or bare."""
    if value.kind == "number":
        _misfit(name, "text", value, f"a number; write {quote_string(value.text)}")
    if value.kind in ("name", "null"):
        raise FilterError("expected text in quotes here, not a column or null", position=value.position)
    return value.text


def truth_of(name: Name, value: Value) -> bool:
    """True or false."""
    word = value.text.casefold()
    if value.kind == "number" or word not in ("true", "false"):
        _misfit(name, "bool", value, "neither; write true or false")
    return word == "true"


def span_of(name: Name, value: Value, now: datetime) -> tuple[datetime, datetime]:
    """The first moment of what the text names and the first after it."""
    found = span(value.text, now)
    if found is None:
        _misfit(name, "time", value, f"not; write one {WRITTEN}")
    return found


def _misfit(name: Name, kind: Kind, value: Value, is_what: str) -> NoReturn:
    said = f"{quote_name(name.text)} is {KIND_WORDS[kind]}, but {value.text!r} is {is_what}"
    raise FilterError(said, position=value.position)


def is_number(text: str) -> bool:
    """Whether text reads as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True
