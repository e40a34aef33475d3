"""Characters that cannot be seen but turn, join or hide the text around them, made visible. Pure."""

from __future__ import annotations

import re
from typing import Final

UNSEEN: Final = (
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
"""Control characters, marks that turn the direction of writing, and blanks without width; as in `visible.js`.

Joiners are not among them: emoji and several scripts need them.
"""
_UNSEEN: Final = re.compile(UNSEEN)


def visible(text: str) -> str:
    """Text with such characters by their number, as in `run <U+202E>txt`; all other text as it is.

    For names that are read. What is copied, searched or sent stays as it was given.
    """
    return _UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)
