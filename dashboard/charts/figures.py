"""Charts in two steps: what is to be seen, as plain values, and its Plotly form. Pure; colours come in the browser.

A figure is a dict for `plot.js`: Plotly's traces and axes, where `slot` stands for a colour of the palette, so that
one figure fits light and dark pages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ..components.values import Figure
from ..format.invisible import visible
from ..format.numbers import count, decimals_for, number
from ..format.packed import Floats, Numbers, packed, packed_places, packed_values
from .model import BASELINE, CurvesInfo, Line, cut, ends_of, escaped, hide_ticks, left_out, uid_of
from .single_values import single_values

_FAINT: Final = 0.22
_LINE: Final = 1.7
_BASE: Final = 2.3
_THIN: Final = 1.15
_MANY: Final = 12
"""Beyond so many lines they are thinner."""
_LEGEND: Final = 24
"""An enlarged chart of at most so many lines has a legend beside it."""
_FEW: Final = 2
"""Curves of so few points get dots, or nothing would be seen of them."""
_NONE: Final = "no finite value"
_TITLE: Final = 40
"""Letters of an axis' title: about a small chart's width."""
_TAG: Final = 22
"""Letters of a baseline's name beside its line: about half a chart's width."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who held a record, and from when."""

    run_id: str
    name: str
    user: str
    at: int
    """Milliseconds since 1970."""
    value: float
    slot: int
    """The run's colour."""


@dataclass(frozen=True, slots=True)
class RecordInfo:
    """How a record went up over time."""

    label: str
    less_is_better: bool
    holders: tuple[Holder, ...]
    tries: tuple[tuple[str, str, int, float], ...] = ()
    """All runs: id, name, when, best value."""
    until: int = 0
    """Where the line ends: now."""
    href: str = ""
    """The address of a run's page, but for the run's id at its end; a click on a dot leads there."""
    baselines: tuple[tuple[str, float], ...] = ()
    """Name and value of what is to be beaten, best first."""


def curves_figure(info: CurvesInfo) -> Figure:
    """Lines, behind them bands and raw points, faintly; hovering names the nearest and their values.

    Where no run has more than one point, a dot for each between its name and its value instead.
    """
    runs = [line for line in info.lines if line.role != "member"]
    if any(len(line.x) for line in runs) and all(len(line.x) <= 1 for line in runs):
        return single_values(info)
    width = _LINE if len(runs) <= _MANY else _THIN
    quiet = {"hoverinfo": "skip", "showlegend": False}
    traces = [_band(line) | quiet for line in info.lines if line.role == "group"]
    for line in info.lines:
        if line.role == "member":
            traces.append(_trace(line, line.x, line.y, width=1.0, log=info.log_y) | {"opacity": _FAINT * 1.4} | quiet)
        elif len(line.raw_x):
            traces.append(_trace(line, line.raw_x, line.raw_y, width=1.0, log=info.log_y) | {"opacity": _FAINT} | quiet)
    for line in sorted(runs, key=lambda line: line.role == "base"):
        trace = _trace(line, line.x, line.y, width=_BASE if line.role == "base" else width, log=info.log_y)
        traces.append(trace | {"hover": _hover(line)})
    groups = sum(line.role == "group" for line in runs)
    notes = left_out(info)
    drawn = [line for line in runs if len(line.y)]
    finite = any(np.isfinite(np.asarray(line.y, dtype=float)).any() for line in drawn)
    notes += [_NONE] if (drawn or (runs and not notes)) and not finite else []
    shown = count(groups, "group") if groups else count(len({line.run_id for line in runs}), "run")
    x: Figure = {"type": info.x_kind, "title": escaped(cut(visible(info.x_title), _TITLE))}
    y: Figure = {
        "type": "log" if info.log_y else "linear",
        "exponentformat": "e",
        "nticks": 6,
        **ends_of(info.y_range, log=info.log_y),
    }
    return {
        "id": info.label,
        "title": info.label,
        "note": ", ".join([*notes, *info.notes]),
        "alt": f"{info.label} by {info.x_title or 'time'}, {shown}",
        "revision": info.settings or "kept",
        "axis": info.axis,
        "hover": "names",
        "legend": False,
        "keyed": 1 < len(runs) <= _LEGEND,
        "tags": [_tag(line, info) for line in runs if line.role == "base" and len(line.x)],
        "x": x if finite else hide_ticks(x),
        "y": y if finite else hide_ticks(y),
        "traces": traces,
    }


def _hover(line: Line) -> Figure:
    hover: Figure = {"label": line.name, "role": line.role, "run": uid_of(replace(line, metric=""), "")}
    if line.role == "group":
        hover |= {name: packed(values) for name, values in (("low", line.low), ("high", line.high), ("n", line.n))}
    return hover


def _tag(line: Line, info: CurvesInfo) -> Figure:
    """A line's name at its end, on the side where there is room: outside of the axes it would stretch them."""
    ends = [(float(x), float(y)) for x, y in zip(line.x, line.y, strict=True) if math.isfinite(y)]
    x, y = ends[-1] if ends else (float(line.x[-1]), 0.0)

    def place(value: float) -> float:
        return math.log(value) if info.x_kind == "log" and value > 0 else value

    places = [place(float(end)) for each in info.lines if len(each.x) for end in (each.x[0], each.x[-1])]
    right = place(x) - min(places) >= max(places) - place(x)
    return {
        "x": x,
        "y": y,
        "text": escaped(cut(visible(line.name.removesuffix(BASELINE)), _TAG)),
        "xanchor": "right" if right else "left",
    }


def _band(line: Line) -> Figure:
    """The area between a group's edges: a polygon for each stretch where both are known."""
    x, low, high = (np.asarray(each, dtype=np.float64) for each in (line.x, line.low, line.high))
    there = np.isfinite(low) & np.isfinite(high)
    cuts = np.flatnonzero(np.diff(there.astype(np.int8))) + 1
    gap = np.array([np.nan])
    across: list[Numbers] = []
    up: list[Numbers] = []
    for part in np.split(np.arange(len(x)), cuts):
        if len(part) and there[part[0]]:
            across += [x[part], x[part][::-1], gap]
            up += [high[part], low[part][::-1], gap]
    return {
        "type": "scatter",
        "mode": "lines",
        "uid": uid_of(line, "band"),
        "legendgroup": line.run_id,
        "x": packed(np.concatenate(across)) if across else packed(()),
        "y": packed(np.concatenate(up)) if up else packed(()),
        "fill": "toself",
        "area": line.mark.colour,
        "line": {"slot": line.mark.colour, "width": 0},
    }


def _trace(line: Line, x: Floats, y: Floats, *, width: float, log: bool = False) -> Figure:
    part = "member" if line.role == "member" else "raw" if y is line.raw_y else ""
    lone = _lone(y, log=log)
    dotted = len(x) <= _FEW or bool(lone.any())
    return {
        "type": "scatter",
        "mode": "lines+markers" if dotted else "lines",
        "name": escaped(line.name),
        "uid": uid_of(line, part),
        "legendgroup": line.run_id,
        "x": packed_places(x),
        "y": packed_values(y, log=log),
        "line": {"slot": line.mark.colour, "dash": line.mark.dash, "width": width},
        "marker": {"slot": line.mark.colour, "size": 5 if len(x) <= _FEW or not dotted else (lone * 5).tolist()},
    }


def _lone(y: Floats, *, log: bool) -> npt.NDArray[np.bool_]:
    """Which values have none beside them: no line leads to them, so that only a dot shows them."""
    values = np.asarray(y, dtype=float)
    there = np.isfinite(values) & ((values > 0) | (not log))
    beside = np.zeros(len(there) + 2, dtype=bool)
    beside[1:-1] = there
    lone: npt.NDArray[np.bool_] = there & ~beside[:-2] & ~beside[2:]
    return lone


def record_figure(info: RecordInfo) -> Figure:
    """A step line through the records, a dot for each in its run's colour, and every other run faint."""
    holders = info.holders
    places = decimals_for([holder.value for holder in holders])
    x = [*(float(holder.at) for holder in holders), float(info.until)] if holders else []
    y = [*(holder.value for holder in holders), holders[-1].value] if holders else []
    tries: Figure = {
        "type": "scatter",
        "mode": "markers",
        "name": "every run",
        "x": packed([float(at) for _, _, at, _ in info.tries]),
        "y": packed([value for *_, value in info.tries]),
        "customdata": [run_id for run_id, *_ in info.tries],
        "text": [escaped(name) for _, name, _, _ in info.tries],
        "hovertemplate": "%{text}<br>%{y:.6~g}<extra></extra>",
        "marker": {"slot": None, "size": 5, "opacity": 0.35},
        "showlegend": False,
    }
    line: Figure = {
        "type": "scatter",
        "mode": "lines",
        "name": "record",
        "x": packed(x),
        "y": packed(y),
        "line": {"slot": None, "shape": "hv", "width": 1.6},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    dots: Figure = {
        "type": "scatter",
        "mode": "markers",
        "name": "records",
        "x": packed([float(holder.at) for holder in holders]),
        "y": packed([holder.value for holder in holders]),
        "customdata": [holder.run_id for holder in holders],
        "text": [
            f"<b>{number(holder.value, places)}</b> by {escaped(holder.user)}<br>{escaped(holder.name)}"
            for holder in holders
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"slots": [holder.slot for holder in holders], "size": 9, "line": {"width": 1.5}},
        "showlegend": False,
    }
    # The axis shows where records were broken; a first try far off would flatten all that came after.
    better = "down" if info.less_is_better else "up"
    # A baseline far off would flatten them as well; then the words alone tell it.
    level = f", best baseline {number(info.baselines[0][1], places)} dashed" if info.baselines else ""
    x_axis: Figure = {"type": "date"}
    y_axis: Figure = {"type": "linear", "exponentformat": "e", "nticks": 6, **_window(info)}
    drawn = bool(holders or info.tries)
    return {
        "id": "record",
        "title": f"Record of {info.label}",
        "note": (f"{count(len(holders), 'record')}, better is {better}" if holders else "no record yet") + level,
        "alt": f"Record of {info.label} over time: {count(len(holders), 'record')}",
        "revision": info.label,
        "hover": "closest",
        "legend": False,
        "clicks": info.href,
        "x": x_axis if drawn else hide_ticks(x_axis),
        "y": y_axis if drawn else hide_ticks(y_axis),
        "traces": [*_levels(info, x), tries, line, dots],
    }


def _levels(info: RecordInfo, x: Sequence[float]) -> list[Figure]:
    """A dashed line for each baseline, as long as the record's."""
    times = [float(at) for _, _, at, _ in info.tries]
    ends = [min([*x, *times]), float(info.until)] if x or times else []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"baseline {escaped(name)}",
            "x": packed(ends),
            "y": packed([value] * len(ends)),
            "line": {"slot": None, "dash": "dash", "width": 1.1},
            "opacity": 0.6,
            "hovertemplate": f"baseline {escaped(name)}<br>%{{y:.6~g}}<extra></extra>",
            "showlegend": False,
        }
        for name, value in info.baselines
    ]


def _window(info: RecordInfo) -> Figure:
    """The range of the y axis: all records, and as much of the rest as leaves them the larger part."""
    values = [holder.value for holder in info.holders]
    if not values:
        return {}
    low, high = min(values), max(values)
    reach = (high - low) or abs(high) * 0.05 or 1.0
    others = [value for *_, value in info.tries if math.isfinite(value)]
    low = max(min([low, *others]), low - reach * 0.4) - reach * 0.06
    high = min(max([high, *others]), high + reach * 0.4) + reach * 0.06
    return {"range": [low, high]}
