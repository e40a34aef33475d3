"""One comparison as a Polars expression, by the kind of its column; null where the answer is unknown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import polars as pl

from ...schema.errors import FilterError
from ...schema.names import same_run_id
from ..names.columns import Kind, column_kind, given_prefix
from ..names.mixed import numbers_of
from .literals import KIND_WORDS, is_column, is_number, number_of, span_of, text_of, truth_of
from .lookup import require_column
from .operators import OPERATORS, operators_for
from .patterns import like_pattern, regex_pattern
from .syntax import NUMBER_WORDS, Comparison, Name, Value, quote_name, quote_string

_WORDS = pl.List(pl.String)
_RUN_IDS: Final = ("run_id", "parent_run_id")


@dataclass(frozen=True, slots=True)
class _Side:
    """A column taking part in a comparison, brought to the type its kind compares in."""

    name: Name
    column: pl.Expr
    kind: Kind
    is_float: bool
    number: pl.Expr | None = None
    """Of what runs were given, where the column is text: the number of each value that is one, else null."""

    @classmethod
    def of(cls, name: Name, schema: Mapping[str, pl.DataType]) -> _Side:
        found = require_column(name, schema)
        dtype, column = schema[found], pl.col(found)
        kind = column_kind(dtype)
        match kind:
            case "number" if dtype.is_integer():
                column = column.cast(pl.Int64, strict=False)
            case "number" if not dtype.is_float():
                column = column.cast(pl.Float64)
            case "text":
                column = column.cast(pl.String)
                if given_prefix(found):
                    return cls(name, column, kind, is_float=False, number=numbers_of(column))
            case "list":
                # A run without tags has no tag at all: that is known, not missing.
                column = column.cast(_WORDS).fill_null(pl.lit([], dtype=_WORDS))
            case "time":
                column = _utc(column, dtype)
        return cls(name, column, kind, dtype.is_float())

    def absent(self) -> pl.Expr:
        return self.column.list.len() == 0 if self.kind == "list" else self.column.is_null()

    def ordered(self) -> pl.Expr:
        """The column without NaN, which Polars would put above every number."""
        return self.column.fill_nan(None) if self.is_float else self.column


def compile_comparison(comparison: Comparison, schema: Mapping[str, pl.DataType], now: datetime) -> pl.Expr:
    """The comparison as a boolean expression, null where a value is missing or has no order.

    Raises:
        FilterError: an unknown name, an operator that does not apply to the column, or a value that does not fit.
    """
    side = _Side.of(comparison.name, schema)
    operator = OPERATORS[comparison.operator]
    if require_column(comparison.name, schema) in _RUN_IDS and (operator.negates or operator.key) in ("=", "in"):
        comparison = replace(comparison, values=tuple(map(_run_id, comparison.values)))
    if side.kind not in operator.kinds:
        raise FilterError(_misfit(comparison, side.kind), position=comparison.position)
    found = _asked(operator.negates or operator.key, comparison, side, schema, now)
    return ~found if operator.negates else found


def _run_id(value: Value) -> Value:
    """A run is found by the id that `init` was given, too."""
    return value if value.kind in ("name", "null") else replace(value, kind="string", text=same_run_id(value.text))


def _asked(key: str, comparison: Comparison, side: _Side, schema: Mapping[str, pl.DataType], now: datetime) -> pl.Expr:
    if key == "is null":
        return side.absent()
    if side.kind == "none":
        return pl.lit(None, dtype=pl.Boolean)
    values = comparison.values
    match key:
        case "true":
            return side.column
        case "in":
            return _one_of(side, values, schema, now)
        case "between":
            return _pair(">=", side, values[0], schema, now) & _pair("<=", side, values[1], schema, now)
        case "contains" if side.kind == "list":
            return side.column.list.contains(text_of(side.name, values[0]))
        case "contains":
            text = text_of(side.name, values[0])
            return side.column.str.to_lowercase().str.contains(text.lower(), literal=True)
        case "like":
            return side.column.str.contains(like_pattern(text_of(side.name, values[0]), values[0].position))
        case "matches":
            return side.column.str.contains(regex_pattern(text_of(side.name, values[0]), values[0].position))
    return _pair(key, side, values[0], schema, now)


def _one_of(side: _Side, values: tuple[Value, ...], schema: Mapping[str, pl.DataType], now: datetime) -> pl.Expr:
    given = [value for value in values if value.kind != "null"]
    parts: list[pl.Expr] = [] if len(given) == len(values) else [side.absent()]
    if side.kind == "list":
        parts += [side.column.list.contains(text_of(side.name, value)) for value in given]
    elif side.kind == "text" and given and not any(value.kind == "name" or _asks_number(value) for value in given):
        parts.append(side.column.is_in([text_of(side.name, value) for value in given]))
    else:
        parts += [_pair("=", side, value, schema, now) for value in given]
    return parts[0] if len(parts) == 1 else pl.any_horizontal(parts)


def _pair(sign: str, side: _Side, value: Value, schema: Mapping[str, pl.DataType], now: datetime) -> pl.Expr:
    if is_column(value, side.kind):
        return _columns(sign, side, value, schema)
    match side.kind:
        case "number":
            return _number(sign, side, number_of(side.name, value), value)
        case "bool":
            return side.column == truth_of(side.name, value)
        case "time":
            return _moment(sign, side.column, *span_of(side.name, value, now))
    if side.number is not None:
        return _mixed(sign, side, side.number, value)
    return _signed(sign, side.column, pl.lit(text_of(side.name, value)))


def _mixed(sign: str, side: _Side, number: pl.Expr, value: Value) -> pl.Expr:
    """Of a param of several kinds: numbers compare with numbers and text with text; between the two is no order."""
    ordered = sign != "="
    if _asks_number(value) or (ordered and value.kind == "string" and is_number(value.text)):
        given = number_of(side.name, replace(value, kind="number") if value.kind == "string" else value)
        found = _number(sign, replace(side, column=number, is_float=True), given, value)
        # A text is no number, and so another value; it is neither above nor below one.
        return found if ordered else pl.when(side.column.is_not_null()).then(found.fill_null(value=False))
    text = pl.lit(text_of(side.name, value))
    return _signed(sign, pl.when(number.is_null()).then(side.column) if ordered else side.column, text)


def _asks_number(value: Value) -> bool:
    return value.kind == "number" or (value.kind == "word" and value.text.casefold() in NUMBER_WORDS)


def _columns(sign: str, side: _Side, value: Value, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    other = _Side.of(Name(value.text, value.position), schema)
    if other.kind == "none":
        return pl.lit(None, dtype=pl.Boolean)
    side, other = _as_numbers(side, other), _as_numbers(other, side)
    if other.kind != side.kind:
        raise FilterError(
            f"{quote_name(side.name.text)} is {KIND_WORDS[side.kind]}, but {quote_name(value.text)} is "
            f"{KIND_WORDS[other.kind]}; only columns of one kind compare",
            position=value.position,
        )
    return _signed(sign, side.column, other.column) if sign == "=" else _signed(sign, side.ordered(), other.ordered())


def _as_numbers(side: _Side, beside: _Side) -> _Side:
    """A param of several kinds beside a column of numbers: its numbers."""
    if side.number is None or beside.kind != "number":
        return side
    return replace(side, column=side.number, kind="number", is_float=True)


def _number(sign: str, side: _Side, number: float, value: Value) -> pl.Expr:
    if not math.isnan(number):
        return _signed(sign, side.column if sign == "=" else side.ordered(), pl.lit(number))
    if sign != "=":
        raise FilterError("nan has no order; write `= nan` or `!= nan`", position=value.position)
    return side.column.cast(pl.Float64).is_nan()


def _moment(sign: str, column: pl.Expr, start: datetime, end: datetime) -> pl.Expr:
    first, after = (pl.lit(each, dtype=pl.Datetime("us", "UTC")) for each in (start, end))
    match sign:
        case "<":
            return column < first
        case "<=":
            return column < after
        case ">":
            return column >= after
        case ">=":
            return column >= first
    return (column >= first) & (column < after)


def _signed(sign: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match sign:
        case "=":
            return left == right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
    return left >= right


def _utc(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return column.dt.convert_time_zone("UTC")
    return column.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _misfit(comparison: Comparison, kind: Kind) -> str:
    name = quote_name(comparison.name.text)
    said = f"{name} is {KIND_WORDS[kind]}"
    if comparison.operator == "true":
        return f"{said}; compare it with something, as in `{name} {'contains' if kind == 'list' else '='} …`"
    if kind == "list" and comparison.operator in ("=", "!="):
        word = "contains" if comparison.operator == "=" else "not contains"
        return f"{said}; write `{name} {word} {quote_string(comparison.values[0].text)}`"
    fits = ", ".join(f"`{each.key}`" for each in operators_for(kind))
    return f"{said}, so `{comparison.operator}` does not apply; what does: {fits}"
