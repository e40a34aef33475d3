"""What a run printed: its last lines, older ones on demand, and looking for a text in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

from ..format.numbers import count
from .component import component

_HTML: Final = (
    "<div class='lb-console'><div class='bar'>"
    "<input type='search' aria-label='Find in the console' placeholder='Find' autocomplete='off' spellcheck='false'>"
    "<span class='told' role='status'></span>"
    "<button type='button' class='wrap' aria-pressed='true'>Wrap</button>"
    "<button type='button' class='end'>To the end</button></div>"
    "<div class='lines' tabindex='0' role='log' aria-live='off'></div></div>"
)


def as_data(
    text: str, *, source: str, older: bool, label: str, wanted: str = "", found: Sequence[tuple[int, str]] | None = None
) -> dict[str, Any]:
    """What the browser's side is given.

    Args:
        text: lines, oldest first.
        source: whose they are: where it changes, the end is shown again.
        older: whether there are older ones.
        label: for those who don't see it.
        wanted: what was looked for in all lines.
        found: the lines that hold it, with their numbers; None where nothing is looked for.
    """
    told = None
    if found is not None:
        told = {
            "wanted": wanted,
            "lines": [{"n": number, "line": line} for number, line in found],
            "told": f"{count(len(found), 'line')} of all that it printed"
            + (" hold it" if len(found) != 1 else " holds it"),
        }
    return {"text": "" if told else text, "source": source, "older": older, "label": label, "found": told}


def show(data: dict[str, Any], *, key: str, on_older: Callable[[], None], on_search: Callable[[str], None]) -> None:
    """Put a console onto the page.

    Args:
        data: of `as_data`.
        key: of the widget.
        on_older: called when somebody wants older lines.
        on_search: called with a text to look for in all lines; an empty one goes back to the end.
    """

    def searched() -> None:
        wanted = st.session_state[key].search
        if isinstance(wanted, str):
            on_search(wanted.strip())

    def older() -> None:
        if st.session_state[key].older is not None:
            on_older()

    component("console", _HTML)(key=key, data=data, on_older_change=older, on_search_change=searched)
