"""Figures of matplotlib, drawn in the call (it is not made for threads), and of Plotly, as what they say."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from ...schema.errors import InvalidValue
from ...schema.media.kinds import JSON, MediaKind
from ...schema.media.rows import FILE_BYTES
from ...schema.values import brief, dump_plain
from .headers import size_of
from .item import Encoded, Held, Media
from .pictures import thumb_of
from .sources import too_large


class Figure(Media):
    """A figure of matplotlib, as a PNG. Drawing takes tens of milliseconds in the call.

    Args:
        fig: the figure, axes of it, or `pyplot` for the current one.
        caption: shown below it.
    """

    kind: ClassVar[MediaKind] = "figure"

    def __init__(self, fig: Any, caption: str | None = None) -> None:
        super().__init__(caption)
        self._png = Held(lambda: _drawn(fig))

    @property
    def nbytes(self) -> int:
        """Memory that it takes until it is encoded."""
        return 0 if self._png.broken else len(self._png.get())

    def encode(self) -> Encoded:
        """As it was drawn, with its thumb."""
        data = self._png.get()
        width, height = size_of(data, "image/png") or (None, None)
        thumb = thumb_of(data, "image/png")
        return Encoded(self.kind, "image/png", data=data, width=width, height=height, thumb=thumb)


class Plotly(Media):
    """A figure of Plotly's, which stays one that can be zoomed and read off.

    Args:
        fig: the figure, or a dict of `data` and `layout`.
        caption: shown below it.
    """

    kind: ClassVar[MediaKind] = "plotly"

    def __init__(self, fig: Any, caption: str | None = None) -> None:
        super().__init__(caption)
        self._text = Held(lambda: plotly_text(fig))

    @property
    def nbytes(self) -> int:
        """Memory that it takes until it is encoded."""
        return 0 if self._text.broken else len(self._text.get())

    def encode(self) -> Encoded:
        """As JSON."""
        return Encoded(self.kind, JSON, text=self._text.get())


def is_matplotlib(value: object) -> bool:
    """Whether it is a figure of matplotlib's."""
    return any(base.__module__ == "matplotlib.figure" and base.__name__ == "FigureBase" for base in type(value).__mro__)


def is_plotly(value: object) -> bool:
    """Whether it is a figure of Plotly's."""
    return any(
        base.__name__ == "BaseFigure" and base.__module__ == "plotly.basedatatypes" for base in type(value).__mro__
    )


def plotly_text(fig: Any) -> str:
    """A figure's JSON: an object with `data` and `layout`.

    Raises:
        InvalidValue: it is none.
    """
    text = fig.to_json() if hasattr(fig, "to_json") else dump_plain(dict(fig)) if isinstance(fig, Mapping) else ""
    found = json.loads(text) if text else None
    if not isinstance(found, dict) or not isinstance(found.get("data"), list):
        raise InvalidValue(f"is {brief(fig)}; pass a figure of Plotly's, or a dict with data and layout")
    if len(text) > FILE_BYTES:
        raise too_large(len(text), "a figure")
    return str(text)


def _drawn(fig: Any) -> bytes:
    for name in ("gcf", "get_figure"):
        # pyplot itself, or axes.
        if not hasattr(fig, "savefig") or name == "gcf":
            found = getattr(fig, name, None)
            fig = found() if callable(found) else fig
    if not hasattr(fig, "savefig"):
        raise InvalidValue(f"is {brief(fig)}; pass a figure of matplotlib (Plotly for one of Plotly's)")
    sink = io.BytesIO()
    fig.savefig(sink, format="png", bbox_inches="tight")
    return sink.getvalue()
