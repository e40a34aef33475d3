"""A grid of charts on the page, and the windows that people zoom to in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import streamlit as st

from . import palette
from .assets import library_path
from .component import component, nothing
from .figures import Figure

Window: TypeAlias = tuple[float, float]
_HTML: Final = "<div class='lb-plots'></div>"
_HEIGHT: Final = 232
_TALL: Final = 460


def windows(key: str) -> dict[str, Window]:
    """The stretch of x that each chart of a grid shows, by the chart's id; charts not zoomed into are left out."""
    state = st.session_state.get(key)
    return as_windows(state.get("ranges") if state else None)


def as_windows(ranges: object) -> dict[str, Window]:
    """What the browser's side told, with anything odd left out."""
    out: dict[str, Window] = {}
    if isinstance(ranges, Mapping):
        for chart, ends in ranges.items():
            if isinstance(ends, (list, tuple)) and len(ends) == 2 and all(isinstance(v, (int, float)) for v in ends):
                out[str(chart)] = (float(min(ends)), float(max(ends)))
    return out


def as_data(figures: Sequence[Figure], *, columns: int, height: int, reset: str) -> dict[str, Any]:
    """What the browser's side is given."""
    return {
        "charts": list(figures),
        "columns": columns,
        "height": height,
        "tall": _TALL,
        "reset": reset,
        "library": library_path(),
        "palette": palette.both(),
    }


def grid(
    figures: Sequence[Figure],
    *,
    key: str,
    columns: int = 3,
    height: int = _HEIGHT,
    reset: str = "",
) -> None:
    """Draw charts, each with its own zoom, which outlives new data. Costs no request.

    Args:
        figures: of `figures.py`, each with an id of its own.
        key: of the widget; `windows(key)` tells at the next drawing where people zoomed to.
        columns: side by side, where the page is wide enough.
        height: of a chart in pixels.
        reset: another value forgets the windows.
    """
    component("plot", _HTML, isolate=False)(
        key=key,
        data=as_data(figures, columns=columns, height=height, reset=reset),
        default={"ranges": {}},
        on_ranges_change=nothing,
    )
