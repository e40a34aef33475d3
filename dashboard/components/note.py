"""A note on the page: Markdown that can do no harm."""

from __future__ import annotations

from typing import Any, Final

from ..format.markdown import MOST_CHARS, blocks
from ..format.numbers import count
from .component import component

_HTML: Final = "<div class='lb-notes' tabindex='0' role='region' aria-label='Notes'></div>"


def as_data(text: str) -> dict[str, Any]:
    """What the browser's side is given."""
    rest = len(text) - MOST_CHARS
    return {"blocks": blocks(text), "rest": f"{count(rest, 'more character')} not shown." if rest > 0 else ""}


def show(text: str, *, key: str) -> None:
    """Put a note onto the page. Costs no request, here or anywhere."""
    component("note", _HTML)(key=key, data=as_data(text))
