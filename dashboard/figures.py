"""Charts in two steps: what is to be seen, as plain values, and its Plotly form. Pure; colours come in the browser.

A figure is a dict for `plot.js`: Plotly's traces and axes, where `slot` stands for a colour of the palette, so that
one figure fits light and dark pages.
"""

from __future__ import annotations

import base64
import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from .digits import count, decimals_for, number
from .palette import Mark

Figure: TypeAlias = dict[str, Any]
AxisKind: TypeAlias = Literal["linear", "log", "date"]
Floats: TypeAlias = tuple[float, ...]
_FAINT: Final = 0.22
_LINE: Final = 1.7
_FEW: Final = 2
"""Curves of so few points get dots, or nothing would be seen of them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One run's curve of one metric."""

    run_id: str
    name: str
    mark: Mark
    x: Floats
    y: Floats
    raw_x: Floats = ()
    """What was logged, where `y` is smoothed; else nothing."""
    raw_y: Floats = ()
    n_dropped: int = 0
    """Points that a logarithmic axis can't show."""


@dataclass(frozen=True, slots=True)
class CurvesInfo:
    """One metric of several runs."""

    label: str
    lines: tuple[Line, ...]
    x_title: str = "step"
    x_kind: AxisKind = "linear"
    log_y: bool = False
    missing: int = 0
    """Runs that were asked for and have no such metric."""
    settings: str = ""
    """What zoom does not outlive: another x axis, another metric."""


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
    """The user's colour."""


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
    """Lines with their raw points faint behind them; hovering names every run and its value at that place.

    Where no run has more than one point, a dot for each beside its name instead.
    """
    if info.lines and all(len(line.x) <= 1 and not line.raw_x for line in info.lines):
        return _dots(info)
    faint = {"opacity": _FAINT, "hoverinfo": "skip", "showlegend": False}
    traces = [_trace(line, line.raw_x, line.raw_y, width=1.0) | faint for line in info.lines if line.raw_x]
    traces += [
        _trace(line, line.x, line.y, width=_LINE) | {"hovertemplate": f"%{{y:.6~g}}<extra>{escaped(line.name)}</extra>"}
        for line in info.lines
    ]
    known = len(info.lines)
    dropped = sum(line.n_dropped for line in info.lines)
    notes = [f"{count(info.missing, 'run')} without it"] if info.missing else []
    notes += [f"{count(dropped, 'point')} not above zero"] if dropped else []
    return {
        "id": info.label,
        "title": info.label,
        "note": ", ".join(notes),
        "alt": f"{info.label} by {info.x_title}, {count(known, 'run')}",
        "revision": info.settings or "kept",
        "hover": "x unified",
        "legend": False,
        "x": {"type": info.x_kind, "title": info.x_title},
        "y": {"type": "log" if info.log_y else "linear", "exponentformat": "e", "nticks": 6},
        "traces": traces,
    }


def _dots(info: CurvesInfo) -> Figure:
    lines = [line for line in info.lines if line.x]
    ordered = sorted(lines, key=lambda line: (line.y[0], line.name))
    trace: Figure = {
        "type": "scatter",
        "mode": "markers",
        "name": info.label,
        "x": packed([line.y[0] for line in ordered]),
        "y": [escaped(line.name) for line in ordered],
        "hovertemplate": "%{y}: %{x:.6~g}<extra></extra>",
        "marker": {"slots": [line.mark.slot for line in ordered], "size": 8},
    }
    return {
        "id": info.label,
        "title": info.label,
        "note": f"{count(info.missing, 'run')} without it" if info.missing else "one value a run",
        "alt": f"{info.label}, one value of each of {count(len(ordered), 'run')}",
        "revision": info.settings or "kept",
        "hover": "closest",
        "legend": False,
        "x": {"type": "log" if info.log_y else "linear", "exponentformat": "e", "nticks": 5},
        "y": {"type": "category"},
        "traces": [trace],
    }


def _trace(line: Line, x: Floats, y: Floats, *, width: float) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(x) <= _FEW else "lines",
        "name": escaped(line.name),
        "uid": f"{line.run_id}{'.raw' if width < _LINE else ''}",
        "legendgroup": line.run_id,
        "x": packed(x),
        "y": packed(y),
        "line": {"slot": line.mark.slot, "dash": line.mark.dash, "width": width},
        "marker": {"slot": line.mark.slot, "size": 5},
    }


def record_figure(info: RecordInfo) -> Figure:
    """A step line through the records, a dot for each in its user's colour, and every other run faint."""
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
    return {
        "id": "record",
        "title": f"Record of {info.label}",
        "note": (f"{count(len(holders), 'record')}, better is {better}" if holders else "no record yet") + level,
        "alt": f"Record of {info.label} over time: {count(len(holders), 'record')}",
        "revision": info.label,
        "hover": "closest",
        "legend": False,
        "clicks": info.href,
        "x": {"type": "date"},
        "y": {"type": "linear", "exponentformat": "e", "nticks": 6, **_window(info)},
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
    if len(values) < 2:
        return {}
    low, high = min(values), max(values)
    reach = (high - low) or abs(high) * 0.05 or 1.0
    others = [value for *_, value in info.tries if math.isfinite(value)]
    low = max(min([low, *others]), low - reach * 0.4) - reach * 0.06
    high = min(max([high, *others]), high + reach * 0.4) + reach * 0.06
    return {"range": [low, high]}


def packed(values: Sequence[float]) -> Figure:
    """Numbers as Plotly's typed arrays: exact, NaN and infinities included, and half the size of text."""
    return {"dtype": "f8", "bdata": base64.b64encode(array("d", values).tobytes()).decode()}


def unpacked(values: Figure) -> list[float]:
    """The inverse of `packed`."""
    return array("d", base64.b64decode(values["bdata"])).tolist()


def escaped(text: str) -> str:
    """Text as text: Plotly reads a few tags in names and hover labels."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
