"""The filter that keeps runs with the same value as one of them, or leaves them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from ...schema.errors import FilterError
from ..names.columns import column_kind, short_name
from .language import parse_filter
from .syntax import MAX_TEXT, And, Comparison, Filter, Name, Or, Term, Value, join, to_text
from .widgets import Choices, from_widgets

KINDS: Final = frozenset({"text", "number", "bool", "list"})
"""Of columns whose values can be asked for."""


def alike(column: str, value: object, schema: Mapping[str, pl.DataType], *, without: bool = False) -> Filter:
    """The runs whose value in a column is this one; or, `without`, all others, those that have none included.

    Of lists, such as tags, all items must be there. Null and the empty list stand for runs that have none.

    Args:
        column: of the frame.
        value: as the frame has it.
        schema: of the frame, `runs.schema`.
        without: leave them out instead.

    Raises:
        FilterError: the filter would be too long, or the language has no word for the value.
    """
    name = Name(short_name(column, schema))
    if value is None or value == []:
        return Filter(Comparison(name, "is not null" if without else "is null"))
    if not isinstance(value, (str, bool, int, float, list)):
        raise FilterError(f"a filter can't ask for the {column_kind(schema[column])} in {column}")
    several = isinstance(value, list)
    same, other = ("in", "not in") if several else ("=", "!=")
    values = [_written(name, item) for item in dict.fromkeys(value if isinstance(value, list) else [value])]
    if not without:
        found = Filter(join(And, tuple(Comparison(name, same, each) for each in values)))
    else:
        others: list[Term] = [Comparison(name, other, each) for each in values]
        # What is unknown passes no comparison, and who leaves out one value means to keep all else.
        found = Filter(join(Or, (*others, Comparison(name, "is null"))))
    if len(to_text(found)) > MAX_TEXT:
        raise FilterError(f"the value has {len(to_text(found)):,} characters, a filter {MAX_TEXT:,} at most")
    return found


def narrowed(text: str, more: Filter) -> str:
    """A filter's text that asks for `more` as well, or as it was where it does so already.

    Raises:
        FilterError: both together are too long, or `text` is no filter.
    """
    old = parse_filter(text)
    terms = old.term.terms if isinstance(old.term, And) else (old.term,)
    if more.term is None or more.term in terms:
        return text
    joined = to_text(old & more)
    if len(joined) > MAX_TEXT:
        raise FilterError(f"the filter would have {len(joined):,} characters, {MAX_TEXT:,} at most")
    return joined


def _written(name: Name, item: object) -> tuple[Value, ...]:
    assert isinstance(item, (str, bool, int, float))
    term = from_widgets({name.text: Choices((item,))}).term
    assert isinstance(term, Comparison)
    return term.values
