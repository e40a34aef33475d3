"""W&B's classes of media with W&B's arguments, made of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import Audio as _Audio
from .. import Figure as _Figure
from .. import Histogram as _Histogram
from .. import Html as _Html
from .. import Image as _Image
from .. import Plotly as _Plotly
from .. import Table as _Table
from .. import Video as _Video
from .notices import NOTICES


def Image(
    data_or_path: Any,
    mode: str | None = None,
    caption: str | None = None,
    grouping: int | None = None,
    classes: Any = None,
    boxes: Any = None,
    masks: Any = None,
    file_type: str | None = None,
    normalize: bool = True,
) -> Any:
    """A picture; see `lakeboard.Image`. A figure of matplotlib's is one, too."""
    if hasattr(data_or_path, "savefig"):
        return _Figure(data_or_path, caption)
    return _Image(data_or_path, caption, mode=mode, boxes=boxes, masks=masks, format=_format(file_type))


def _format(file_type: str | None) -> str | None:
    return {"jpg": "jpeg", "jpeg": "jpeg", "png": "png", "webp": "webp"}.get((file_type or "").lower())


def Audio(data_or_path: Any, sample_rate: int | None = None, caption: str | None = None) -> Any:
    """A sound; see `lakeboard.Audio`."""
    return _Audio(data_or_path, sample_rate, caption)


def Video(
    data_or_path: Any, caption: str | None = None, fps: int | None = None, format: str | None = None
) -> Any:  # fmt: skip
    """A film from a file; see `lakeboard.Video`."""
    return _Video(data_or_path, caption)


def Html(data: Any, inject: bool = True, data_is_not_path: bool = False) -> Any:
    """A page; see `lakeboard.Html`. An open file is read."""
    return _Html(data.read() if hasattr(data, "read") else data)


def Plotly(val: Any) -> Any:
    """A figure of Plotly's; see `lakeboard.Plotly`."""
    return _Plotly(val)


def Histogram(sequence: Any = None, np_histogram: tuple[Any, Any] | None = None, num_bins: int = 64) -> Any:
    """How values are distributed; see `lakeboard.Histogram`."""
    if np_histogram is not None:
        counts, edges = np_histogram
        return _Histogram(counts=list(counts), edges=list(edges))
    return _Histogram(sequence, bins=min(num_bins, 512))


class Table(_Table):
    """A table that rows are added to; see `lakeboard.Table`."""

    def __init__(
        self,
        columns: Sequence[Any] | None = None,
        data: Any = None,
        rows: Any = None,
        dataframe: Any = None,
        dtype: Any = None,
        optional: Any = True,
        allow_mixed_types: bool = False,
        log_mode: str | None = None,
    ) -> None:
        given = dataframe if dataframe is not None else data if data is not None else rows if rows is not None else ()
        names = [str(column) for column in columns] if columns is not None else None
        if names is None and dataframe is None and isinstance(given, (tuple, list)) and not given:
            names = ["Input", "Output", "Expected"]
        super().__init__(given, names)


def unsupported(name: str) -> Any:
    """A class that takes anything and is left out where it is logged; told once."""

    def make(*args: Any, **options: Any) -> None:
        NOTICES.tell(f"wandb.{name} is left out: a lake shows none; run.log_artifact(path) keeps the file")

    make.__name__ = name
    make.__doc__ = f"`wandb.{name}`: taken, and left out where it is logged."
    return make


def logged(values: Any) -> Any:
    """What was given to `log` without what is left out: `None` and empty lists of these."""
    if not isinstance(values, dict):
        return values
    return {name: value for name, value in values.items() if value is not None and not _is_nothing(value)}


def _is_nothing(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(each is None for each in value)
