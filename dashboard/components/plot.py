"""A grid of charts on the page: windows that people zoom to, charts that are in view, acts on single charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from typing import Any, Final

import streamlit as st

from ..format import palette
from .component import component, nothing
from .values import Figure, Window

_HTML: Final = "<div class='lb-plots'></div>"
_HEIGHT: Final = 232
_TALL: Final = 460


def library_path() -> str:
    """Where pages find Plotly's script, relative to the server's address; another one for each version."""
    return f"{FOLDER}/plotly-{metadata.version('plotly')}.min.js"


FOLDER: Final = "lb-assets"


def windows(key: str, axes: Mapping[str, str] | None = None) -> dict[str, Window]:
    """The stretch of x that each chart of a grid shows, by the chart's id; charts not zoomed into are left out.

    Args:
        key: of the grid.
        axes: by chart, what its x axis means now: windows of another axis are left out.
    """
    return {
        chart: (low, high)
        for chart, low, high, axis in as_ranges(_state(key, "ranges"))
        if axes is None or axis == axes.get(chart)
    }


def as_ranges(told: object) -> list[tuple[str, float, float, str]]:
    """By chart its window and what its x axis means, as the browser's side told; anything odd is left out."""
    out = []
    for each in told if isinstance(told, (list, tuple)) else ():
        match each:
            case [str(chart), (int() | float()) as one, (int() | float()) as other, str(axis)] if bool not in {
                type(one),
                type(other),
            }:
                low, high = sorted((float(one), float(other)))
                out.append((chart, low, high, axis))
    return out


def _state(key: str, name: str) -> object:
    state = st.session_state.get(key)
    return state.get(name) if state else None


def seen(key: str) -> list[str] | None:
    """The charts that are in view, by id; null until the browser's side has told."""
    found = _state(key, "seen")
    return [each for each in found if isinstance(each, str)] if isinstance(found, (list, tuple)) else None


def as_data(
    figures: Sequence[Figure],
    *,
    columns: int,
    height: int,
    sections: Sequence[Mapping[str, Any]] = (),
    legend: Mapping[str, Any] | None = None,
    menu: Mapping[str, Any] | None = None,
    ranges: Sequence[tuple[str, float, float, str]] = (),
) -> dict[str, Any]:
    """What the browser's side is given."""
    return {
        "charts": list(figures),
        "sections": list(sections),
        "legend": dict(legend) if legend else None,
        "menu": dict(menu) if menu else None,
        "columns": columns,
        "height": height,
        "tall": _TALL,
        "ranges": [list(each) for each in ranges],
        "library": library_path(),
        "palette": palette.both(),
    }


def grid(
    figures: Sequence[Figure],
    *,
    key: str,
    columns: int = 3,
    height: int = _HEIGHT,
    sections: Sequence[Mapping[str, Any]] = (),
    legend: Mapping[str, Any] | None = None,
    menu: Mapping[str, Any] | None = None,
    on_act: Callable[[Mapping[str, Any]], None] | None = None,
) -> None:
    """Draw charts, each with its own zoom, which outlives new data. Costs no request.

    Args:
        figures: of `figures.py`, each with an id of its own; those without `traces` show what they last had.
        key: of the widget; `windows(key)` tells at the next drawing where people zoomed to, `seen(key)` what of it
            is in view.
        columns: side by side, where the page is wide enough.
        height: of a chart in pixels.
        sections: headings in order, each with `id`, `title`, `folded`, `n`; charts name theirs.
        legend: what colours mean.
        menu: choices of each chart's menu; null for charts without one.
        on_act: called with what a person did to a chart or a section.
    """

    def acted() -> None:
        act = st.session_state[key].act
        if on_act and isinstance(act, Mapping):
            on_act(act)

    component("plot", _HTML, isolate=False)(
        key=key,
        data=as_data(
            figures,
            columns=columns,
            height=height,
            sections=sections,
            legend=legend,
            menu=menu,
            ranges=as_ranges(_state(key, "ranges")),
        ),
        default={"ranges": [], "seen": None},
        on_ranges_change=nothing,
        on_seen_change=nothing,
        on_act_change=acted,
    )
