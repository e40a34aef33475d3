"""Hyperparameters that were written as a table of Markdown, as many scripts give them to `add_text`. Pure."""

from __future__ import annotations

import re
from typing import Final

_ROW: Final = re.compile(r"^\|([^|]+)\|(.*)\|\s*$")


def read_table(tag: str, text: str) -> dict[str, object] | None:
    """The params that a text holds; None where it is another text."""
    if "param" not in tag.lower():
        return None
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) < 3 or not set(lines[1]) <= set("|-: "):
        return None
    out: dict[str, object] = {}
    for line in lines[2:]:
        found = _ROW.match(line)
        if found is None:
            return None
        out[found[1].strip()] = _typed(found[2].strip())
    return out


def _typed(text: str) -> object:
    """What was written so, where writing it again gives the same text."""
    words: dict[str, object] = {"True": True, "False": False, "None": None}
    if text in words:
        return words[text]
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        if str(value) == text:
            return value
    return text
