"""Every control of every page can be used, one after the other, and the page stands."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen
from tests.dashboard.insides import WidgetState

KINDS = (
    "toggle", "checkbox", "selectbox", "multiselect", "segmented_control", "pills", "slider", "number_input",
    "text_input", "text_area",
)  # fmt: skip
PAGES: dict[str, tuple[str, dict[str, str | list[str]], int]] = {
    "home": ("", {}, 2),
    "board": ("leaderboard", {"board": "."}, 2),
    "new board": ("leaderboard", {"board": ".", "tool": "new"}, 12),
    "runs": ("runs", {}, 8),
    "groups": ("runs", {"group": "params.model"}, 8),
    "curves": ("curves", {"runs": ["r0", "r1"]}, 14),
    "groups of curves": ("curves", {"group": "params.model"}, 15),
    "run": ("run", {"run": "r0"}, 8),
    "differences": ("compare", {}, 5),
    "scatter": ("compare", {"part": "scatter"}, 9),
    "correlation": ("compare", {"part": "correlation"}, 4),
    "trash": ("trash", {}, 0),
    "lake": ("lake", {}, 0),
}
"""Each page's address, and how many controls it has at least."""


@pytest.mark.parametrize("name", list(PAGES))
def test_each_control_can_be_used(screen: Screen, name: str) -> None:
    page, params, least = PAGES[name]
    address: dict[str, Any] = params if page in ("", "lake") else {"project": lakes.PROJECT, **params}
    screen.open(page, **address)
    keys = [(kind, each.key) for kind in KINDS for each in usable(screen, kind)]
    assert len(keys) >= least, keys
    for kind, key in keys:
        for widget in [each for each in usable(screen, kind) if each.key == key]:
            screen.say(other(kind, widget))
    # Whoever opens the address that this led to sees the same kind of page.
    Screen().open(page, **screen.params)


def usable(screen: Screen, kind: str) -> list[Any]:
    """The controls of a kind that are on the page and not off."""
    found: list[Any] = list(screen.at.get(kind))
    return [each for each in found if each.key and not each.disabled]


def other(kind: str, widget: Any) -> WidgetState:
    """What a browser says when somebody gives a widget a value that it does not have."""
    state, was = WidgetState(id=widget.id), widget._widget_state
    if kind in ("toggle", "checkbox"):
        state.bool_value = not was.bool_value
    elif kind == "slider":
        state.double_array_value.data[:] = [widget.max]
    elif kind == "number_input":
        state.double_value = 3
    elif kind in ("text_input", "text_area"):
        state.string_value = "a"
    elif kind == "selectbox":
        at = widget.options.index(was.string_value) if was.string_value else -1
        state.string_value = widget.options[(at + 1) % len(widget.options)]
    else:
        picked = set(was.string_array_value.data)
        state.string_array_value.data[:] = next(([each] for each in widget.options if each not in picked), [])
    return state
