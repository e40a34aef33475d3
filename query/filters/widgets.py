"""Filters as widgets: which control fits which column, and the filter that its state stands for, both ways.

A frame knows nothing of screens: `filters_for` says what to draw, `from_widgets` turns what people picked into a
`Filter` that joins the box's one with `&`, and `to_widgets` reads such a filter (from a link) back into picks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

import polars as pl

from ...schema.errors import FilterError
from ..names.columns import Kind, column_kind, find_column, given_prefix, short_name
from ..names.mixed import numbers_of
from ..names.run_columns import FACETS
from .syntax import MAX_TEXT, And, Comparison, Filter, Name, Value, to_text

Widget: TypeAlias = Literal["choice", "multi-choice", "range", "contains", "period"]
MAX_CHOICES: Final = 30
"""Distinct values up to which a menu is better than a text field."""
_FEW_NUMBERS: Final = 6
_AGO: Final = re.compile(r"\d{1,6} (?:minute|hour|day|week)s? ago")
LOG_DECADES: Final = 2.0
"""A range over more decades than this gets a logarithmic slider."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Any of these values; null in it stands for runs without a value."""

    values: tuple[str | float | bool | None, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`, both included; null leaves an end open."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Contains:
    """Text that holds this, in any case."""

    text: str


@dataclass(frozen=True, slots=True)
class Period:
    """Times from `start` to before `end`, with time zones; null leaves an end open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Since:
    """Times from so long ago on, such as `7 days ago`: whoever opens a link later counts from then."""

    ago: str


Pick: TypeAlias = Choices | Range | Contains | Period | Since


@dataclass(frozen=True, slots=True)
class ParamFilter:
    """What a control over one column needs to know."""

    column: str
    """The frame's column, `params.lr`."""
    name: str
    """The shortest name the filter language knows it by, `lr`."""
    kind: Kind
    widget: Widget
    choices: tuple[tuple[str | float | bool | None, int], ...] = ()
    """Values with their number of runs, most frequent first; null for runs without one."""
    low: float | None = None
    high: float | None = None
    """Ends of the finite values, of a param of several kinds of those that are numbers; of a `period`, seconds since
    1970."""
    log: bool = False
    """All values are above zero and span more than two decades."""
    n_distinct: int = 0
    """Distinct values, null not counted; with 1 there is nothing to choose."""
    n_missing: int = 0


def filters_for(frame: pl.DataFrame, columns: Iterable[str] | None = None) -> list[ParamFilter]:
    """The control that fits each column, in the frame's order; columns without any value are left out.

    Bools get a choice; up to six distinct numbers or thirty texts, and tags, a multi-choice; other numbers a range,
    also where a few of a param's values are texts; other texts a text field; times a period.

    Args:
        frame: one row per run.
        columns: which; when null, all params, summary values and tags with a value, and those of status, user, tags,
            dataset, group, job type and creation time that the frame has.
    """
    if columns is None:
        columns = [each for each in frame.columns if each in FACETS or given_prefix(each)]
    # A frame makes its schema anew each time that it is asked.
    schema = frame.schema
    found = (_filter_for(frame, column, short_name(column, schema)) for column in columns if column in schema)
    return [each for each in found if each is not None]


def _filter_for(frame: pl.DataFrame, column: str, name: str) -> ParamFilter | None:
    series = frame[column]
    kind, n_missing = column_kind(series.dtype), series.null_count()
    match kind:
        case "list":
            series = series.explode().cast(pl.String)
            n_missing = frame.height - int(frame[column].list.len().fill_null(0).gt(0).sum())
        case "text":
            series = series.cast(pl.String)
        case "none" | "other":
            return None
    real = series.drop_nulls()
    n_distinct = real.n_unique()
    if not n_distinct:
        return None
    low = high = None
    log = False
    numbers = _numbers(real, column, kind)
    if numbers is not None:
        finite = numbers.filter(numbers.is_finite())
        low, high = _ends(finite)
        log = low is not None and high is not None and low > 0 and math.log10(high / low) > LOG_DECADES
    elif kind == "time":
        low, high = _ends(real.cast(pl.Datetime("ms")).dt.epoch("ms") / 1000.0)
    mixed = kind == "text" and numbers is not None
    widget = "range" if mixed and n_distinct > MAX_CHOICES else _widget(kind, n_distinct)
    choices: tuple[tuple[str | float | bool | None, int], ...] = ()
    if widget in ("choice", "multi-choice"):
        counts = real.alias("value").value_counts().sort(["count", "value"], descending=[True, False])
        choices = tuple(zip(counts["value"].to_list(), counts["count"].to_list(), strict=True))
        if n_missing:
            choices += ((None, n_missing),)
    return ParamFilter(column, name, kind, widget, choices, low, high, log, n_distinct, n_missing)


def _numbers(real: pl.Series, column: str, kind: Kind) -> pl.Series | None:
    """The numbers of a column of numbers, or of a text column of what runs were given, most of which are numbers."""
    if kind == "number":
        return real.cast(pl.Float64)
    if kind != "text" or not given_prefix(column):
        return None
    numbers = real.to_frame("value").select(numbers_of(pl.col("value"))).to_series().drop_nulls()
    return numbers if 2 * numbers.len() > real.len() else None


def _widget(kind: Kind, n_distinct: int) -> Widget:
    match kind:
        case "bool":
            return "choice"
        case "number":
            return "multi-choice" if n_distinct <= _FEW_NUMBERS else "range"
        case "time":
            return "period"
        case "list":
            return "multi-choice"
    return "multi-choice" if n_distinct <= MAX_CHOICES else "contains"


def _ends(numbers: pl.Series) -> tuple[float | None, float | None]:
    if not numbers.len():
        return None, None
    low, high = numbers.min(), numbers.max()
    assert isinstance(low, (int, float))
    assert isinstance(high, (int, float))
    return float(low), float(high)


def from_widgets(picks: Mapping[str, Pick]) -> Filter:
    """The filter that asks for all picks; ones that leave everything open are passed over.

    Args:
        picks: by name in the filter language or by column, `lr` or `params.lr`.

    Raises:
        FilterError: so many choices that the filter's text passes 4,000 characters.
    """
    terms = [term for name, pick in picks.items() for term in _terms(Name(name), pick)]
    joined = Filter()
    for term in terms:
        joined &= Filter(term)
    length = len(to_text(joined))
    if length > MAX_TEXT:
        raise FilterError(f"the choices make a filter of {length:,} characters, {MAX_TEXT:,} fit; choose fewer values")
    return joined


def _terms(name: Name, pick: Pick) -> list[Comparison]:
    match pick:
        case Choices(values):
            return [Comparison(name, "in", tuple(_value(each) for each in values))] if values else []
        case Contains(text):
            return [Comparison(name, "contains", (_value(text),))] if text else []
        case Range(low, high):
            ends: list[tuple[str, float | str | None]] = [(">=", low), ("<=", high)]
        case Since(ago):
            ends = [(">=", ago)]
        case Period(start, end):
            ends = [(">=", _written(start)), ("<", _written(end))]
    return [Comparison(name, sign, (_value(each),)) for sign, each in ends if each is not None]


def _value(value: str | float | bool | None) -> Value:
    match value:
        case None:
            return Value("null", "null")
        case bool():
            return Value("word", "true" if value else "false")
        case str():
            return Value("string", value)
    text = repr(value)
    return Value("word" if text in ("inf", "nan") else "number", text)


def _written(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def to_widgets(filter: Filter, frame: pl.DataFrame) -> tuple[dict[str, Pick], Filter]:
    """Picks by column, and the rest that no widget can show. The picks and the rest together ask what `filter` asks."""
    picks: dict[str, Pick] = {}
    rest = Filter()
    schema = frame.schema
    terms = filter.term.terms if isinstance(filter.term, And) else () if filter.term is None else (filter.term,)
    for term in terms:
        column = find_column(term.name.text, schema) if isinstance(term, Comparison) else None
        pick = _pick(term) if isinstance(term, Comparison) and column is not None else None
        merged = _merge(picks.get(column), pick) if column is not None and pick is not None else None
        if column is None or merged is None:
            rest &= Filter(term)
        else:
            picks[column] = merged
    return picks, rest


def _pick(comparison: Comparison) -> Pick | None:
    values = comparison.values
    if any(value.kind in ("name", "word") and value.text not in ("true", "false", "inf", "nan") for value in values):
        return None
    match comparison.operator, values:
        case "in", _:
            return Choices(tuple(_picked(value) for value in values))
        case "contains", (Value(kind="string", text=text),):
            return Contains(text)
        case (">=" | "<=" | "<") as sign, (value,):
            return _end(sign, value)
    return None


def _end(sign: str, value: Value) -> Pick | None:
    if (value.kind == "number" or value.text == "inf") and sign != "<":
        number = float(value.text)
        return Range(low=number) if sign == ">=" else Range(high=number)
    if value.kind == "string" and sign == ">=" and _AGO.fullmatch(value.text):
        return Since(value.text)
    if value.kind == "string" and sign != "<=":
        try:
            moment = datetime.strptime(value.text, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
        except ValueError:
            return None
        return Period(start=moment) if sign == ">=" else Period(end=moment)
    return None


def _picked(value: Value) -> str | float | bool | None:
    match value.kind:
        case "null":
            return None
        case "string":
            return value.text
        case "word" if value.text in ("true", "false"):
            return value.text == "true"
    return int(value.text) if value.text.lstrip("-").isdecimal() else float(value.text)


def _merge(old: Pick | None, new: Pick) -> Pick | None:
    """One pick that asks both, where one can."""
    match old, new:
        case None, _:
            return new
        case Range(low, None), Range(None, high) if high is not None:
            return Range(low, high)
        case Period(start, None), Period(None, end) if end is not None:
            return Period(start, end)
    return None
