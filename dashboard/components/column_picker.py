"""A menu of columns: search, choose, put in order, pin. It stays quick with thousands, since it draws only matches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

from .component import component
from .values import Choice

_HTML: Final = (
    "<div class='lb-picker'><section class='chosen' aria-label='Columns shown'><h4></h4><ol></ol></section>"
    "<section class='rest' aria-label='Columns to choose from'>"
    "<input type='search' placeholder='Find a column' aria-label='Find a column' autocomplete='off' spellcheck='false'>"
    "<ul></ul><p role='status'></p></section></div>"
)


def picker(
    choices: Sequence[Choice],
    chosen: Sequence[str],
    pins: Sequence[str],
    *,
    key: str,
    on_change: Callable[[list[str], list[str]], None],
) -> None:
    """Put the menu onto the page.

    Args:
        choices: all that can be chosen.
        chosen: columns shown, in order.
        pins: those of them that stay at the left.
        key: of the widget.
        on_change: called with the columns and the pins that somebody wants.
    """

    def changed() -> None:
        asked = st.session_state[key].change
        if isinstance(asked, dict):
            on_change(*wanted(asked, choices))

    component("column_picker", _HTML)(key=key, data=as_data(choices, chosen, pins), on_change_change=changed)


def as_data(choices: Sequence[Choice], chosen: Sequence[str], pins: Sequence[str]) -> dict[str, Any]:
    """What the browser's side is given."""
    known = names_of(choices)
    shown = [each for each in chosen if each in known]
    return {
        "choices": [
            {"label": each.label, "section": each.section, "columns": [list(pair) for pair in each.columns]}
            for each in choices
        ],
        "chosen": [{"id": each, "label": known[each][0], "chip": known[each][1]} for each in shown],
        "pins": [each for each in pins if each in shown],
    }


def names_of(choices: Sequence[Choice]) -> dict[str, tuple[str, str]]:
    """By column: its label, and what of a metric it shows."""
    return {column: (each.label, chip) for each in choices for column, chip in each.columns}


def wanted(asked: dict[str, Any], choices: Sequence[Choice]) -> tuple[list[str], list[str]]:
    """Columns and pins of a message from the browser: known ones, each once."""
    known = names_of(choices)
    columns = [each for each in dict.fromkeys(_texts(asked.get("columns"))) if each in known]
    return columns, [each for each in dict.fromkeys(_texts(asked.get("pins"))) if each in columns]


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, (list, tuple)) else []
