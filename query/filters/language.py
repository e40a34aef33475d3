"""Filters over frames of runs: `lr < 1e-3 and model = resnet and val/acc > 0.9`.

A filter is a value with four faces: its text (also its URL), a Polars expression (`to_expr`), widgets
(`query.widgets`) and a sentence (`to_sentence`). The language is described in `docs/filters.md`. Nothing here
evaluates code, opens files or talks to a network, whatever the text says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl

from ...schema.errors import FilterError
from .comparison import compile_comparison
from .grammar import parse_filter
from .patterns import MAX_PATTERNS
from .sentence import to_sentence
from .syntax import And, Comparison, Filter, Not, Or, Term, to_text

__all__ = ["Filter", "compile_filter", "error_marker", "parse_filter", "to_expr", "to_sentence", "to_text"]


def compile_filter(text: str, schema: Mapping[str, pl.DataType], *, now: datetime | None = None) -> pl.Expr:
    """The filter as a boolean expression without nulls, for `frame.filter(…)`; blank text keeps every row.

    Costs time linear in the text, and no I/O.

    Args:
        text: at most 4,000 characters in the language of `docs/filters.md`.
        schema: the frame's columns, `frame.schema`.
        now: what `2 days ago` counts from, with a time zone; the clock's time when null.

    Raises:
        FilterError: not a filter, an unknown name, or a value that does not fit its column; with `position`
            and `suggestions`.
    """
    return to_expr(parse_filter(text), schema, now=now)


def to_expr(filter: Filter, schema: Mapping[str, pl.DataType], *, now: datetime | None = None) -> pl.Expr:
    """A parsed filter as a boolean expression without nulls.

    Missing values never match, also under `not`; only `is null` and `null` in a list find them. NaN has no order,
    so `<` and its kin treat it as missing, while `= nan` finds it. A run without tags is one with no tags.

    Raises:
        FilterError: an unknown name, or a value that does not fit its column.
    """
    if filter.term is None:
        return pl.lit(value=True)
    patterns = [each for each in filter.comparisons() if each.operator.endswith(("like", "matches"))]
    if len(patterns) > MAX_PATTERNS:
        # Each may cost a tenth of a second to refuse.
        position = patterns[MAX_PATTERNS].position
        raise FilterError(f"more than {MAX_PATTERNS} uses of `like` and `matches` in one filter", position=position)
    return _term(filter.term, schema, now or datetime.now(UTC)).fill_null(value=False)


def error_marker(text: str, error: FilterError) -> str:
    """The filter's line where the trouble is, and under it a caret below the character; for monospaced output."""
    position = min(error.position, len(text))
    start = text.rfind("\n", 0, position) + 1
    line = text[start:].split("\n", 1)[0]
    return f"{line}\n{' ' * (position - start)}^"


def _term(term: Term, schema: Mapping[str, pl.DataType], now: datetime) -> pl.Expr:
    match term:
        case Comparison():
            return compile_comparison(term, schema, now)
        case Not(inner):
            return ~_term(inner, schema, now)
        # Chains of thousands of | hang the planner; the horizontal forms do not, and keep three-valued logic.
        case And(terms):
            return pl.all_horizontal([_term(each, schema, now) for each in terms])
        case Or(terms):
            return pl.any_horizontal([_term(each, schema, now) for each in terms])
