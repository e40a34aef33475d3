"""What a chart of curves shows, as plain values, and how its words are written for Plotly. Pure."""

from __future__ import annotations

import html
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ..components.values import Figure
from ..format.invisible import visible
from ..format.numbers import count
from ..format.packed import Floats
from ..format.palette import Mark

AxisKind: TypeAlias = Literal["linear", "log", "date"]
Role: TypeAlias = Literal["run", "member", "group", "base"]
BASELINE: Final = " (baseline)"
"""After the name of the run that others are compared with."""
_BETWEEN: Final = " \N{MIDDLE DOT} "


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One curve of one metric: of a run, or the mean of a group of runs."""

    run_id: str
    """The run, or the group."""
    name: str
    mark: Mark
    x: Floats
    y: Floats
    raw_x: Floats = ()
    """What was logged, where `y` is smoothed; else nothing."""
    raw_y: Floats = ()
    n_dropped: int = 0
    """Points that a logarithmic axis can't show, or that have no place on the x axis."""
    role: Role = "run"
    low: Floats = ()
    """Of a group: the lower edge of its band."""
    high: Floats = ()
    n: Floats = ()
    """Of a group: runs with a value there."""
    metric: str = ""
    """Its label, where a chart has several."""


@dataclass(frozen=True, slots=True, eq=False)
class CurvesInfo:
    """One chart: one metric or several, of several runs or groups."""

    label: str
    """Which chart, and what it is called."""
    lines: tuple[Line, ...]
    x_title: str = "step"
    x_kind: AxisKind = "linear"
    log_y: bool = False
    dropped: str = "at x \N{LESS-THAN OR EQUAL TO} 0"
    """Which points are not drawn, where some are not."""
    missing: int = 0
    """Runs that were asked for and have no such metric."""
    unread: int = 0
    """Runs of whose points some could not be read."""
    notes: tuple[str, ...] = ()
    """What else is to be said of it."""
    settings: str = ""
    """What zoom does not outlive: another x axis, another metric."""
    axis: str = ""
    """What a window on x refers to."""
    y_range: tuple[float | None, float | None] = (None, None)
    """Where the y axis ends; null for where its values do."""
    less_is_better: bool = False
    """Which of single values stand on top."""


def left_out(info: CurvesInfo) -> list[str]:
    """Notes of what a chart does not show: runs without its metric, points without a place."""
    points = sum(line.n_dropped for line in info.lines)
    notes = [f"points of {count(info.unread, 'run')} could not be read"] if info.unread else []
    notes += [f"{count(info.missing, 'run')} without it"] if info.missing else []
    return notes + ([f"{count(points, 'point')} {info.dropped} left out"] if points else [])


def uid_of(line: Line, part: str) -> str:
    """What Plotly knows a line by from one drawing to the next; it becomes a class, so letters, digits, `-` and `_`."""
    name = f"g{zlib.crc32(line.run_id.encode()):08x}" if line.role == "group" else line.run_id
    metric = f"{zlib.crc32(line.metric.encode()):08x}" if line.metric else ""
    return "-".join(filter(None, [name, metric, part]))


def ends_of(ends: tuple[float | None, float | None], *, log: bool) -> Figure:
    """Where an axis ends, as Plotly takes it; nothing where its values say so."""

    def place(value: float | None) -> float | None:
        if value is None or not log:
            return value
        return math.log10(value) if value > 0 else None

    found = [place(each) for each in ends]
    return {} if found == [None, None] else {"range": found}


def hide_ticks(axis: Figure) -> Figure:
    """An axis on which nothing is drawn, without ticks: Plotly would invent some. Both ends set by hand keep them."""
    ends = axis.get("range", (None,))
    return axis if None not in ends else axis | {"showticklabels": False, "showgrid": False}


def escaped(text: str) -> str:
    """Text as text: Plotly reads a few tags in names and hover labels. What can't be seen stands by its number."""
    return html.escape(visible(text), quote=False)


def cut(text: str, letters: int) -> str:
    """At most so many letters, the last a sign that there were more."""
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def without_middle(text: str, letters: int) -> str:
    """At most so many letters: beginning and end, for names of runs often differ in their end alone."""
    head = letters // 2
    return text if len(text) <= letters else f"{text[:head].rstrip()}…{text[head + 1 - letters :].lstrip()}"


def without_columns(groups: Sequence[str]) -> list[str]:
    """Names of groups by values alone, `vit` for `model=vit`, where all are of the same columns; else unchanged."""
    parts = [[part.partition("=") for part in group.split(_BETWEEN)] for group in groups]
    columns = {tuple(name for name, _, _ in each) for each in parts}
    if len(columns) != 1 or not all(equals for each in parts for _, equals, _ in each):
        return list(groups)
    return [_BETWEEN.join(value for _, _, value in each) for each in parts]
