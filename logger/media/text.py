"""Texts, pages of HTML, and JSON."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from ...schema.errors import InvalidValue
from ...schema.media.kinds import HTML, JSON, TEXT, MediaKind
from ...schema.media.rows import FILE_BYTES
from ...schema.values import brief, dump_json, storable
from .item import Encoded, Held, Media
from .sources import take_bytes, too_large


class _Written(Media):
    """What is kept as text."""

    media_type: ClassVar[str]

    def __init__(self, text: Held[str], caption: str | None) -> None:
        super().__init__(caption)
        self._text = text

    @property
    def nbytes(self) -> int:
        """Memory that it takes until it is encoded."""
        return 0 if self._text.broken else len(self._text.get())

    def encode(self) -> Encoded:
        """As it is."""
        text = self._text.get()
        if len(text) > FILE_BYTES:
            raise too_large(len(text), "a text")
        return Encoded(self.kind, self.media_type, text=text)


class Text(_Written):
    """A text, shown letter by letter as it is.

    Args:
        text: what it says; of other objects what `str()` says.
        caption: shown below it.
    """

    kind: ClassVar[MediaKind] = "text"
    media_type: ClassVar[str] = TEXT

    def __init__(self, text: Any, caption: str | None = None) -> None:
        super().__init__(Held(lambda: storable(str(text))), caption)


class Html(_Written):
    """A page of HTML. It is shown apart from the dashboard, and nothing in it runs.

    Args:
        text_or_path: the page, or a path to one (a `Path`, or a text that ends in `.html`).
        caption: shown below it.
    """

    kind: ClassVar[MediaKind] = "html"
    media_type: ClassVar[str] = HTML

    def __init__(self, text_or_path: Any, caption: str | None = None) -> None:
        super().__init__(Held(lambda: _page(text_or_path)), caption)


class Json(_Written):
    """Any value of JSON's types: dicts, lists, texts, numbers. Other objects become what params of a run become.

    Args:
        value: what to keep.
        caption: shown below it.
    """

    kind: ClassVar[MediaKind] = "json"
    media_type: ClassVar[str] = JSON

    def __init__(self, value: Any, caption: str | None = None) -> None:
        super().__init__(Held(lambda: dump_json(value)), caption)


def _page(source: Any) -> str:
    if isinstance(source, os.PathLike) or (
        isinstance(source, str) and source.lower().endswith((".html", ".htm")) and "<" not in source
    ):
        return take_bytes(Path(source), "a page").decode("utf-8", "replace")
    if hasattr(source, "read"):
        source = source.read()
    if isinstance(source, bytes):
        source = source.decode("utf-8", "replace")
    if not isinstance(source, str):
        raise InvalidValue(f"is {brief(source)}; pass a page of HTML as text, or a path to one")
    return storable(source)
