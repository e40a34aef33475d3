"""When to look again, and what looking cost: a line at the top of each page that ticks in the browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from ..state.widget_values import REFRESH_KEY
from .component import component

LIVE: Final = "live"
"""Key of the fragment that is drawn anew when the browser's clock ticks."""
_PAUSED: Final = "refresh.paused"
_HTML: Final = (
    "<div class='lb-refresh' role='group' aria-label='Live refresh'>"
    "<span class='dot'></span><span class='text'></span><button type='button'></button></div>"
)


@dataclass(frozen=True, slots=True)
class Beat:
    """How fresh a page is and when a fresher one is due."""

    lead: str
    live: bool
    taken: float
    """Of when the page is, in seconds since 1970."""
    asked: float
    """When the lake was last asked; another value tells the browser that its question was answered."""
    every: float
    """Seconds."""
    requests: int
    """What the last look cost."""
    title: str = ""
    trouble: bool = False


def refresh_timer(
    beat: Beat, on_tick: Callable[[], None], *, page: str = "", address: Mapping[str, str] | None = None
) -> None:
    """Show how old the page is, and ask for a fresher one while it is visible and not paused.

    Costs no request itself. The browser counts; a hidden tab stays silent and asks again when it is shown.

    Args:
        beat: how fresh the page is.
        on_tick: called when a fresher one is due.
        page: the last part of the page's path.
        address: query parameters of the view; where the address of that page lacks them, the browser puts them in,
            without a step in its history. (A step would lead back to where it is made again, so nobody got back.)
    """
    # As pairs: the address may name anything, and not every name is safe as that of an object's property.
    query = [[name, st.query_params.get_all(name)] for name in st.query_params]
    component("refresh", _HTML)(
        key=REFRESH_KEY,
        data=as_data(beat, paused=paused(), now=time.time())
        | {"page": page, "address": dict(address or {}), "query": query},
        on_tick_change=on_tick,
        on_toggle_change=_toggle,
    )


def as_data(beat: Beat, *, paused: bool, now: float) -> dict[str, Any]:
    """What the browser's side is given."""
    return {
        "lead": "Paused" if paused else beat.lead,
        "live": beat.live,
        "paused": paused,
        "beat": round(beat.asked * 1000),
        # Rounded, or every drawing would be a change.
        "age": max(0, round(now - beat.taken)) * 1000,
        "every": None if paused else round(beat.every * 1000),
        "requests": beat.requests,
        "title": beat.title,
        "trouble": beat.trouble,
    }


def paused() -> bool:
    """Whether this viewer wants no refresh."""
    return bool(st.session_state.get(_PAUSED))


def _toggle() -> None:
    st.session_state[_PAUSED] = not paused()
