"""Parallel coordinates: what is on the axes as plain values, and what people select on them, as a filter."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
import streamlit as st

from ...query.compare.axes import axis_kind, reads_log
from ...query.filters.language import parse_filter, to_text
from ...query.filters.widgets import Choices, Pick, Range, from_widgets, to_widgets
from ...query.names.columns import short_name
from ...schema.errors import FilterError
from ..format.packed import packed
from ..format.palette import SCALE
from .component import component

MOST_LINES: Final = 2_000
"""Drawn at once: more would be one grey area."""
_FEW: Final = 8
"""Distinct numbers on an axis that are all written beside it."""
_HTML: Final = "<div class='lb-parallel'></div>"
_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis."""

    id: str
    """The frame's column."""
    label: str
    over: str
    """A small line under the label."""
    values: tuple[float, ...]
    """By run: its number, or the place of its category; NaN for none."""
    categories: tuple[str, ...] = ()
    """From the bottom up; empty on an axis of numbers."""
    log: bool = False
    ticks: tuple[float, ...] = ()
    """Numbers to write beside it, where they are few."""
    low: float = 0.0
    high: float = 1.0
    """Ends of an axis of numbers."""
    pick: Mapping[str, Any] | None = None
    """What is selected on it: `low` and `high`, or `values` of categories and whether `missing`; null for all."""


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours say."""

    label: str
    low: str
    high: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Parallel:
    """Everything that parallel coordinates show."""

    axes: tuple[Axis, ...]
    ids: tuple[str, ...]
    names: tuple[str, ...]
    colours: tuple[float, ...]
    """By run: its place on the scale from 0 to 1, or NaN."""
    on: tuple[bool, ...]
    """By run: whether it is among the selected."""
    legend: Legend | None
    href: str
    """The address of a run's page, but for the run's id at its end."""


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


def as_data(shown: Parallel, *, height: int) -> dict[str, Any]:
    """What the browser's side is given."""
    return {
        "axes": [_axis(each) for each in shown.axes],
        "ids": list(shown.ids),
        "names": list(shown.names),
        "colour": packed(shown.colours)["bdata"],
        "on": "".join("1" if each else "0" for each in shown.on),
        "scale": list(SCALE),
        "legend": None
        if shown.legend is None
        else {
            "label": shown.legend.label,
            "from": shown.legend.low,
            "to": shown.legend.high,
            "note": shown.legend.note,
        },
        "href": shown.href,
        "height": height,
        "alt": f"{len(shown.ids):,} runs across {', '.join(each.label for each in shown.axes)}",
    }


def _axis(given: Axis) -> dict[str, Any]:
    return {
        "id": given.id,
        "label": given.label,
        "over": given.over,
        "full": given.id.removeprefix("params."),
        "values": packed(given.values)["bdata"],
        "categories": list(given.categories) or None,
        "log": given.log,
        "low": given.low,
        "high": given.high,
        "ticks": list(given.ticks) or None,
        "missing": any(math.isnan(v) for v in given.values),
        "pick": dict(given.pick) if given.pick else None,
    }


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


def show(shown: Parallel, *, key: str, height: int, on_brush: Callable[[Mapping[str, Any]], None]) -> None:
    """Put the axes onto the page; `on_brush` is called with what somebody did on one of them."""

    def acted() -> None:
        act = st.session_state[key].act
        if isinstance(act, Mapping) and act.get("kind") == "brush":
            on_brush(act)

    component("parallel", _HTML)(key=key, data=as_data(shown, height=height), on_act_change=acted)
