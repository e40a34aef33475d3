"""Text for places that read Markdown. Pure."""

from __future__ import annotations

import re
from typing import Final

from .invisible import visible

_SPECIAL: Final = frozenset(r"\`*_{}[]()<>#+-.!|~$:&^=\"'/@")
_ADDRESS: Final = re.compile(r"(?<=https)(?=://)|(?<=http)(?=://)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@\w)", re.IGNORECASE)
"""Places where text begins to look like an address of the web or of a mailbox."""
_NOTHING: Final = ":small[]"
"""An empty piece of text: what stands on its two sides is never read as one word."""


def plain(text: str) -> str:
    """Text for places that read Markdown: shown as it is, whatever it says; what can't be seen by its number.

    Addresses in it do not become links, which escapes alone would not prevent: browsers look for them afterwards.
    """
    shown = visible(text.replace("\n", " "))
    return _NOTHING.join(_escape(part) for part in _ADDRESS.split(shown))


def _escape(text: str) -> str:
    return "".join(f"\\{c}" if c in _SPECIAL else c for c in text)
