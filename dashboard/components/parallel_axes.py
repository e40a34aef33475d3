"""Axes of parallel coordinates made of a frame's columns, and what is selected on them as a filter. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from ...query.compare.axes import axis_kind, reads_log
from ...query.filters.language import parse_filter, to_text
from ...query.filters.widgets import Choices, Pick, Range, from_widgets, to_widgets
from ...query.names.columns import short_name
from ...schema.errors import FilterError
from .values import Axis

MOST_LINES: Final = 2_000
"""Drawn at once: more would be one grey area."""
_FEW: Final = 8
"""Distinct numbers on an axis that are all written beside it."""
_NAN: Final = float("nan")


def axis(
    frame: pl.DataFrame,
    column: str,
    *,
    label: str,
    over: str = "",
    pick: Pick | None = None,
    whole: pl.DataFrame | None = None,
) -> Axis:
    """A column of the frame as an axis; infinities have no place on it.

    Args:
        frame: the runs that are drawn.
        column: which.
        label: what it is called.
        over: a small line under that.
        pick: what is selected on it.
        whole: all runs, of which `frame` is a part: they say where the axis begins and ends.
    """
    series = frame[column]
    every = series if whole is None else whole[column]
    if axis_kind(series.dtype) == "category":
        texts = [None if v is None else _category(v) for v in series.to_list()]
        known = every.drop_nulls().unique().to_list()
        categories = tuple(sorted((_category(value) for value in known), reverse=True))
        at = {text: float(i) for i, text in enumerate(categories)}
        places = tuple(_NAN if text is None else at[text] for text in texts)
        return Axis(column, label, over, places, categories, pick=_shown(pick, ()))
    values = tuple(_NAN if v is None or not math.isfinite(v) else float(v) for v in series.to_list())
    finite = every.drop_nulls().cast(pl.Float64)
    distinct = finite.filter(finite.is_finite()).unique().sort().to_list()
    few = tuple(distinct) if len(distinct) <= _FEW else ()
    low, high = (distinct[0], distinct[-1]) if distinct else (0.0, 1.0)
    return Axis(
        column, label, over, values, log=reads_log(distinct), ticks=few, low=low, high=high, pick=_shown(pick, distinct)
    )


def _category(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _shown(pick: Pick | None, known: Sequence[float]) -> Mapping[str, Any] | None:
    match pick:
        case Choices(values):
            missing = {"missing": True} if None in values else {}
            named = [_category(value) for value in values if value is not None]
            return ({"values": named} if named else {}) | missing
        case Range(low, high) if known:
            ends = (min(known) if low is None else low, max(known) if high is None else high)
            return {"low": ends[0], "high": ends[1]}
    return None


def picks_of(brush: str, frame: pl.DataFrame) -> dict[str, Pick]:
    """By column what a brush selects; what no axis can show (or makes no sense) is left out."""
    try:
        return to_widgets(parse_filter(brush), frame)[0]
    except FilterError:
        return {}


def brushed(brush: str, act: Mapping[str, Any], frame: pl.DataFrame) -> str:
    """The brush after somebody selected something on one axis, or nothing any more. Odd acts change nothing.

    Args:
        brush: a filter.
        act: of the browser's side: `axis`, and `pick` as in `Axis.pick`.
        frame: the runs that are on the axes.

    Raises:
        FilterError: so much was selected that no filter holds it.
    """
    column = act.get("axis")
    if not isinstance(column, str) or column not in frame.columns:
        return brush
    try:
        picks, rest = to_widgets(parse_filter(brush), frame)
    except FilterError:
        return brush
    picks = {name: _tidy(pick) for name, pick in picks.items() if name != column}
    new = _pick(act.get("pick"), frame.schema[column])
    if new is not None:
        picks[column] = new
    return to_text(from_widgets({short_name(name, frame.schema): pick for name, pick in picks.items()}) & rest)


def _pick(given: object, dtype: pl.DataType) -> Pick | None:
    if not isinstance(given, Mapping):
        return None
    low, high = given.get("low"), given.get("high")
    if isinstance(low, (int, float)) and isinstance(high, (int, float)):
        return Range(_plain(low), _plain(high))
    named = given.get("values") or ()
    values: list[str | float | bool | None] = [each == "true" if dtype == pl.Boolean else str(each) for each in named]
    if given.get("missing"):
        values.append(None)
    return Choices(tuple(values)) if values else None


def _tidy(pick: Pick) -> Pick:
    if isinstance(pick, Range):
        return Range(*(None if end is None else _plain(end) for end in (pick.low, pick.high)))
    return pick


def _plain(value: float) -> float:
    """Whole numbers read as such."""
    return int(value) if abs(value) < 2**53 and value == int(value) else value
