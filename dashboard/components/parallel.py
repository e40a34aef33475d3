"""Parallel coordinates on the page: draws axes and tells what is selected on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from ..format.packed import packed
from ..format.palette import SCALE
from .component import component
from .values import Axis, Parallel

_HTML: Final = "<div class='lb-parallel'></div>"


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


def show(shown: Parallel, *, key: str, height: int, on_brush: Callable[[Mapping[str, Any]], None]) -> None:
    """Put the axes onto the page; `on_brush` is called with what somebody did on one of them."""

    def acted() -> None:
        act = st.session_state[key].act
        if isinstance(act, Mapping) and act.get("kind") == "brush":
            on_brush(act)

    component("parallel", _HTML)(key=key, data=as_data(shown, height=height), on_act_change=acted)
