"""Which values of a `log()` call are media: taken out of it, so that what is left are numbers. Nothing here raises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from .figure import Figure, Plotly, is_matplotlib, is_plotly
from .image import Image, is_pillow
from .item import Media
from .table import Table

_FOREIGN: Final = frozenset({"PIL", "matplotlib", "plotly"})
_DEEPEST: Final = 32


def as_media(value: object) -> Media | None:
    """The item that a value is, a picture of Pillow's or a figure included; None for anything else."""
    if isinstance(value, Media):
        # What is added to a table later is not part of this step.
        return value.copied() if isinstance(value, Table) else value
    if not any(base.__module__.partition(".")[0] in _FOREIGN for base in type(value).__mro__):
        return None
    if is_pillow(value):
        return Image(value)
    if is_matplotlib(value):
        return Figure(value)
    return Plotly(value) if is_plotly(value) else None


def take_media(metrics: Mapping[Any, Any]) -> tuple[Mapping[Any, Any], dict[str, list[Media]]]:
    """What is no media, and by whole name the items of each that is: one, or all of a list.

    Names of nested dicts are joined by `/`, as those of numbers are. A list of nothing, such as the mistakes of a model
    that made none, is nothing. Where there is neither, `metrics` itself.
    """
    found: dict[str, list[Media]] = {}
    rest = _split(metrics, (), found)
    return (rest, found) if found or len(rest) < len(metrics) else (metrics, found)


def _split(values: Mapping[Any, Any], path: tuple[str, ...], found: dict[str, list[Media]]) -> dict[Any, Any]:
    rest: dict[Any, Any] = {}
    for name, value in values.items():
        here = (*path, str(name))
        if isinstance(value, Mapping) and len(path) < _DEEPEST:
            inner = _split(value, here, found)
            if inner or not value:
                rest[name] = inner
            continue
        items = _items(value)
        if isinstance(value, (list, tuple)) and not value:
            continue
        if items:
            found["/".join(here)] = items
        else:
            rest[name] = value
    return rest


def _items(value: Any) -> list[Media]:
    if not isinstance(value, (list, tuple)):
        item = as_media(value)
        return [] if item is None else [item]
    if not value or as_media(value[0]) is None:
        return []
    return [item if item is not None else Unknown(each) for each, item in zip(value, _each(value), strict=True)]


def _each(values: Iterable[Any]) -> list[Media | None]:
    return [as_media(value) for value in values]


class Unknown(Image):
    """What stands in a list of media and is none: an array, which is taken as a picture, or something that is told."""
