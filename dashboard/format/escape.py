"""Text for places that read Markdown. Pure."""

from __future__ import annotations

from .invisible import visible


def plain(text: str) -> str:
    """Text for places that read Markdown: shown as it is, whatever it says; what can't be seen by its number."""
    shown = visible(text.replace("\n", " "))
    return "".join(f"\\{c}" if c in r"\`*_{}[]()<>#+-.!|~$:&^=\"'/@" else c for c in shown)
