"""A note on the page: Markdown that can do no harm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..format.markdown import MOST_CHARS, layout_note
from ..format.numbers import count
from .component import component

_HTML: Final = "<div class='lb-notes' tabindex='0' role='region' aria-label='Notes'></div>"


def as_data(text: str) -> dict[str, Any]:
    """What the browser's side is given. Takes some 4 ms for 1,000 characters of Markdown: worth keeping."""
    rest = len(text) - MOST_CHARS
    return {"blocks": layout_note(text), "rest": f"{count(rest, 'more character')} not shown." if rest > 0 else ""}


def show(data: Mapping[str, Any], *, key: str) -> None:
    """Put a note onto the page. Costs no request, here or anywhere.

    Args:
        data: of `as_data`.
        key: of the widget.
    """
    component("note", _HTML)(key=key, data=data)
