"""Text of others on somebody's terminal: shown, never obeyed. Pure."""

from __future__ import annotations

import re
from typing import Final

# Controls (an escape sequence can rewrite the screen, or type into it), directions that turn text around, surrogates.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_BREAKS: Final = re.compile("[\n\t]")


def printable(text: str, *, lines: bool = False) -> str:
    r"""`text` with everything that a terminal would obey spelled out, such as `\x1b`.

    Args:
        text: any text.
        lines: leave line breaks and tabs as they are.
    """
    shown = _UNPRINTABLE.sub(_spelled, text)
    return shown if lines else _BREAKS.sub(_spelled, shown)


def _spelled(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
