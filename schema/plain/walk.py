"""One walk over what people pass (configs, params, summaries): it gives plain values, item by item. Pure.

What can't be read costs itself: a text in angle brackets stands in its place, and a note says so. What is too large
is cut, and a note says so. Nothing raises, whatever foreign code does; nothing is imported for it.
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import fractions
import re
import uuid
from collections import deque
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from os import fspath
from typing import Any, Final, TypeAlias

from .contents import NAMED, Fields, array_head, array_plain, array_size, fields_of, is_array, name_of

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
"""What a walk gives: JSON's own types, with NaN, infinities and ints of any size."""

_MAX_DEPTH: Final = 32
_MAX_NOTES: Final = 20
_MAX_NAME_CHARS: Final = 500
_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")
_TEXTUAL: Final = (
    dt.date, dt.time, dt.timedelta, decimal.Decimal, fractions.Fraction, uuid.UUID, complex, range,
)  # fmt: skip
"""Kept as their text, exactly."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a config a run's row carries: it travels with many others."""

    fields: int = 10_000
    """Names in all, at every level of nested dicts."""
    items: int = 1_000
    """Items of a list or an array, nested ones together."""
    text: int = 100_000
    """Characters of a text."""
    characters: int = 1_000_000
    """Characters of all texts and names together."""


ROW_LIMITS: Final = Limits()
NO_LIMITS: Final = Limits(*[2**62] * 4)


def walk(value: object, *, limits: Limits = NO_LIMITS, notes: list[str] | None = None, what: str = "config") -> Plain:
    """`value` as plain values: dicts with text for names, lists, and None, bool, int, float and str.

    Dicts are what has fields (mappings, dataclasses, attrs classes, pydantic models, named tuples, namespaces,
    OmegaConf, anything with `to_dict()`); lists are lists, tuples, sets (sorted) and small arrays. Enums count as their
    value, paths and dates as their text, functions and classes as their name, scalars and arrays of one item as
    the number they hold, everything else as its `str()`.

    Args:
        value: anything.
        limits: what is larger is cut.
        notes: takes a sentence for each thing that was cut, renamed or could not be read; at most 20.
        what: how the sentences call `value`.
    """
    return _Walk(limits, notes if notes is not None else [], what).value(value, (), ())


def walk_fields(
    value: object, *, limits: Limits = NO_LIMITS, notes: list[str] | None = None, what: str = "config"
) -> dict[str, Plain] | None:
    """`walk` of an object that somebody passed as a whole config; None where it has no fields at all."""
    one = _Walk(limits, notes if notes is not None else [], what)
    try:
        fields = fields_of(value, whole=True)
    except Exception as error:  # noqa: BLE001 - foreign code
        return {"_": one.unread(value, error, ())}
    return None if fields is None else one.fields(fields, value, (), ())


def safe_text(value: object) -> str:
    """`str(value)`, or what it raised instead."""
    try:
        return str.__str__(str(value))
    except Exception as error:  # noqa: BLE001 - foreign code
        return f"<{_kind(value)}: {type(error).__name__} in str()>"


def free_name(name: str, taken: Mapping[str, object]) -> str:
    """`name`, or with the first number behind it that makes it a new one: `lr`, `lr_2`, `lr_3`."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


class _Walk:
    def __init__(self, limits: Limits, notes: list[str], what: str) -> None:
        self._limits = limits
        self._notes = notes
        self._what = what
        self._fields_left = limits.fields
        self._characters_left = limits.characters
        self._items_left: int | None = None
        """Of the list that the walk is in; None outside of any."""

    def value(self, value: Any, path: tuple[str, ...], above: tuple[int, ...]) -> Plain:
        kind = type(value)
        if value is None or kind is bool or kind is int or kind is float:
            return value  # type: ignore[no-any-return]
        if kind is str:
            return self._text(value, path)
        try:
            return self._foreign(value, kind, path, above)
        except Exception as error:  # noqa: BLE001 - foreign code raises what it likes, and recursion may be too deep
            return self.unread(value, error, path)

    def fields(self, fields: Fields, owner: object, path: tuple[str, ...], above: tuple[int, ...]) -> dict[str, Plain]:
        out: dict[str, Plain] = {}
        names = list(fields.names)
        for done, given in enumerate(names):
            if (self._items_left if self._items_left is not None else self._fields_left) <= 0:
                left = f"{len(names) - done:,} more of {len(names):,} names are not kept"
                out[free_name("_cut", out)] = left
                self._note(path, f"{left}; save what is so large as a file")
                break
            self._count()
            name = self._name(given)
            where = (*path, name)
            if name in out:
                name = free_name(name, out)
                self._note(where, f"is there twice; the other one is kept as {name!r}")
            try:
                found = fields.read(given)
            except Exception as error:  # noqa: BLE001 - a property, a reference that leads nowhere
                out[name] = self.unread(owner, error, where)
            else:
                out[name] = self.value(found, where, (*above, id(owner)))
        return out

    def unread(self, value: object, error: BaseException, path: tuple[str, ...]) -> str:
        said = f"{type(error).__name__}: {safe_text(error)[:200]}"
        self._note(path, f"could not be read ({said})")
        return f"<{_kind(value)} could not be read: {said}>"

    def _foreign(self, value: Any, kind: type, path: tuple[str, ...], above: tuple[int, ...]) -> Plain:
        if issubclass(kind, enum.Enum):
            return self.value(value.value, path, above)
        if issubclass(kind, int):
            return int.__int__(value)
        if issubclass(kind, float):
            return float.__float__(value)
        if issubclass(kind, str):
            return self._text(str.__str__(value), path)
        if issubclass(kind, (bytes, bytearray)):
            return self._text(str(bytes(value[: self._limits.text])), path, len(value))
        if issubclass(kind, _TEXTUAL):
            return self._text(safe_text(value), path)
        if issubclass(kind, NAMED):
            return self._text(name_of(value), path)
        if hasattr(kind, "__fspath__"):
            place = fspath(value)
            return self._text(place if isinstance(place, str) else place.decode("utf-8", "backslashreplace"), path)
        if id(value) in above:
            self._note(path, "holds itself")
            return f"<{kind.__name__} that holds itself>"
        if len(above) > _MAX_DEPTH:
            self._note(path, f"is nested deeper than {_MAX_DEPTH} levels")
            return f"<{kind.__name__} nested deeper than {_MAX_DEPTH} levels>"
        if is_array(value):
            try:
                return self._array(value, path, above)
            except Exception:  # noqa: BLE001, S110 - a name that arrays have as well, or an array that gives nothing
                pass
        fields = fields_of(value)
        if fields is not None:
            return self.fields(fields, value, path, above)
        if issubclass(kind, (list, tuple, deque, Set)) or (issubclass(kind, Sequence) and kind is not memoryview):
            items = _sorted(value) if issubclass(kind, Set) else value
            return self._list(items, len(value), path, (*above, id(value)))
        if kind is memoryview:
            return self.value(value[: self._limits.items].tolist(), path, (*above, id(value)))
        if kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__:
            # Its text would be an address, another one in every run.
            return f"<{kind.__module__}.{kind.__qualname__}>"
        text = safe_text(value)
        return self._text(_ADDRESS.sub("", text) if text.startswith("<") else text, path)

    def _array(self, value: Any, path: tuple[str, ...], above: tuple[int, ...]) -> Plain:
        size = array_size(value)
        room = self._limits.items if self._items_left is None else self._items_left
        if size <= max(room, 1):
            return self.value(array_plain(value), path, (*above, id(value)))
        head = array_head(value, room)
        told = f"{_kind(value)} of {size:,} items"
        self._note(path, f"is a {told}; it is cut, save what is so large as a file")
        found = None if head is None else self.value(head, path, (*above, id(value)))
        # A table's columns say by themselves that they are cut.
        return [*found, f"… of {size:,} items"] if isinstance(found, list) else f"<{told} is not kept>"

    def _list(self, items: Iterable[object], length: int, path: tuple[str, ...], above: tuple[int, ...]) -> Plain:
        outermost = self._items_left is None
        if outermost:
            self._items_left = self._limits.items
        out: list[Plain] = []
        try:
            for item in islice(items, self._items_left):
                if self._items_left is not None and self._items_left <= 0:
                    break
                if type(item) is not list:
                    self._count()
                out.append(self.value(item, (*path, str(len(out))), above))
        except Exception as error:  # noqa: BLE001 - an iterator of foreign code; what it gave is kept
            out.append(self.unread(items, error, path))
        else:
            if len(out) < length:
                out.append(f"… {length - len(out):,} more items")
                self._note(path, f"has {length:,} items; {length - len(out) + 1:,} are cut, save such a list as a file")
        finally:
            if outermost:
                self._items_left = None
        return out

    def _text(self, text: str, path: tuple[str, ...], length: int | None = None) -> str:
        length = len(text) if length is None else length
        room = min(self._limits.text, max(self._characters_left, 0))
        self._characters_left -= min(len(text), room)
        if length <= room or len(text) <= 8:
            return text
        self._note(path, f"has {length:,} characters; it is cut, save such a text as a file")
        return f"{text[:room]}… {length - min(room, len(text)):,} more characters"

    def _name(self, given: object) -> str:
        if isinstance(given, enum.Enum):
            given = given.value
        name = given if type(given) is str else safe_text(given)
        name = name if len(name) <= _MAX_NAME_CHARS else f"{name[: _MAX_NAME_CHARS - 1]}…"
        self._characters_left -= len(name)
        return name

    def _count(self) -> None:
        if self._items_left is None:
            self._fields_left -= 1
        else:
            self._items_left -= 1

    def _note(self, path: tuple[str, ...], said: str) -> None:
        if len(self._notes) < _MAX_NOTES:
            where = f"{self._what} {'.'.join(path)!r}" if path else self._what
            self._notes.append(f"{where} {said}")
        elif len(self._notes) == _MAX_NOTES:
            self._notes.append(f"{self._what}: there is more of this kind")


def _kind(value: object) -> str:
    return type(value).__name__


def _sorted(items: Iterable[object]) -> list[object]:
    found = list(items)
    if all(type(each) in (int, float, bool) for each in found) or all(type(each) is str for each in found):
        return sorted(found)  # type: ignore[type-var]
    return sorted(found, key=_order)


def _order(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - foreign code
        return type(value).__name__
