"""Metrics with one value a run: a row for each, its name, a dot, and the value in writing. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from ..components.values import Figure
from ..format.invisible import visible
from ..format.numbers import count, decimals_for, number
from ..format.packed import packed
from .model import (
    BASELINE,
    CurvesInfo,
    Line,
    ends_of,
    escaped,
    hide_ticks,
    left_out,
    uid_of,
    without_columns,
    without_middle,
)

_NAME: Final = 18
"""Letters of a name; hovering tells the rest."""
_ROWS: Final = 12
"""Rows that have room for words; of more, every so many-th has them."""
_LETTER: Final = 7
"""Pixels of a digit."""


def single_values(info: CurvesInfo) -> Figure:
    """A row for each run or group, best on top: its name, a dot (and a group's band), its value in writing."""
    lines = [line for line in info.lines if len(line.x) and line.role != "member"]
    ordered = sorted(lines, key=lambda line: (_place(line, less=info.less_is_better), line.name))[::-1]
    values = [float(line.y[0]) for line in ordered]
    places = decimals_for(values)
    rows = [float(len(ordered) - 1 - at) for at in range(len(ordered))]
    names = _names(ordered)
    every = max(1, -(-len(ordered) // _ROWS))
    named = range(0, len(ordered), every)
    trace: Figure = {
        "type": "scatter",
        "mode": "markers",
        "name": info.label,
        "x": packed(values),
        "y": packed(rows),
        "text": [
            f"{escaped(line.name)}: {number(value, significant=6)}" for line, value in zip(ordered, values, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "slots": [line.mark.colour for line in ordered],
            "symbol": ["diamond" if line.role == "base" else "circle" for line in ordered],
            "size": 8,
        },
    }
    spans = [_span(line, row) for line, row in zip(ordered, rows, strict=True) if line.role == "group"]
    bands = [each for each in spans if each is not None]
    groups = any(line.role == "group" for line in ordered)
    said = "one value a run" if not groups else "one value a run, mean of each group"
    x: Figure = {
        "type": "log" if info.log_y else "linear",
        "exponentformat": "e",
        "nticks": 4,
        **ends_of(info.y_range, log=info.log_y),
    }
    return {
        "id": info.label,
        "title": info.label,
        "note": ", ".join([*(left_out(info) or [said]), *info.notes]),
        "alt": f"{info.label}, one value of each of {count(len(ordered), 'group' if groups else 'run')}",
        "revision": info.settings or "kept",
        "axis": info.axis,
        "hover": "closest",
        "legend": False,
        "tags": [],
        "x": x if any(map(math.isfinite, values)) else hide_ticks(x),
        "y": {
            "type": "linear",
            "range": [-0.7, len(ordered) - 0.3],
            "tickvals": [rows[at] for at in named],
            "ticktext": [escaped(without_middle(visible(names[at]), _NAME)) for at in named],
            "showgrid": False,
        },
        "margin": 12 + _LETTER * max((len(number(values[at], places)) for at in named), default=0),
        "annotations": [
            {
                "xref": "paper",
                "x": 1,
                "xanchor": "left",
                "xshift": 8,
                "y": rows[at],
                "text": number(values[at], places),
            }
            for at in named
        ],
        "traces": [*bands, trace],
    }


def _place(line: Line, *, less: bool) -> float:
    """Where a single value stands from the bottom up; what is no number stands lowest."""
    value = float(line.y[0])
    return -math.inf if math.isnan(value) else -value if less else value


def _span(line: Line, row: float) -> Figure | None:
    if not len(line.low) or not (math.isfinite(line.low[0]) and math.isfinite(line.high[0])):
        return None
    return {
        "type": "scatter",
        "mode": "lines",
        "uid": uid_of(line, "band"),
        "x": packed([float(line.low[0]), float(line.high[0])]),
        "y": packed([row, row]),
        "line": {"slot": line.mark.colour, "width": 2},
        "opacity": 0.5,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _names(lines: Sequence[Line]) -> list[str]:
    """What stands beside the dots: of groups the values alone, for the columns are the same in all."""
    groups = [line.run_id for line in lines if line.role == "group"]
    brief = dict(zip(groups, without_columns(groups), strict=True))
    return [brief[line.run_id] if line.role == "group" else line.name.removesuffix(BASELINE) for line in lines]
