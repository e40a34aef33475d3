"""TensorBoard's event files: records of protocol buffers, read without TensorFlow.

A record is the length (uint64), a masked CRC-32C of it, that many bytes, a masked CRC-32C of these. Source:
`tensorflow/core/lib/io/record_writer.h`, `event.proto`, `summary.proto` and `tensor.proto` of TensorFlow.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .protobuf import Malformed, Value, double, fields, message, single, text, varint, whole

_LENGTH: Final = struct.Struct("<Q")
_TIME: Final = struct.Struct("<d")
_NUMBER: Final = struct.Struct("<f")
_CHUNK: Final = 4_000_000
_HEAD, _FOOT = 12, 4
_LARGEST: Final = 2**31
"""A record that says it is longer is none."""
_NUMBERS: Final = {1: "f", 2: "d", 3: "i", 9: "q"}
"""Types of tensors that hold numbers, as `array` calls them."""


@dataclass(frozen=True, slots=True)
class TagValue:
    """One value of a summary."""

    tag: str
    number: float | None = None
    """Where it is one."""
    plugin: str | None = None
    """The plugin that its first value names."""
    content: bytes = b""
    """What that plugin wrote beside it."""
    image: bytes | None = None
    """The bytes of a picture's file, where it is one."""
    texts: tuple[bytes, ...] = ()
    """The elements of a tensor of text, such as pictures and texts of newer versions are."""
    kind: str = ""
    """`histogram` or `audio` for what is neither of these."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: what was written at one step."""

    time: float
    """Seconds since 1970."""
    step: int
    values: tuple[TagValue, ...] = ()
    has_graph: bool = False
    starts_session: bool = False
    """Whether the writer began anew here: what other events have at this step or later does not count."""


def read_records(path: Path) -> Iterator[bytes]:
    """The records of a file in order; ends quietly where the last one is cut, as in a file that grows.

    Memory holds 4 MB, or one record where that is longer. Checksums are not compared: in Python that takes longer than
    all else.

    Raises:
        Malformed: a length makes no sense.
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        data, place, before = file.read(_CHUNK), 0, 0
        while True:
            begin = place + _HEAD
            end = begin + _LENGTH.unpack_from(data, place)[0] if begin <= len(data) else begin
            if end - begin > _LARGEST:
                raise Malformed(f"{path}: a record at byte {before + place} says it has {end - begin:,} bytes")
            if end + _FOOT > len(data) or begin > len(data):
                more = file.read(max(_CHUNK, end + _FOOT - len(data)))
                if not more:
                    return
                before += place
                data, place = data[place:] + more, 0
                continue
            yield data[begin:end]
            place = end + _FOOT


def scalar_of(record: bytes) -> tuple[float, int, bytes, float] | None:
    """Time, step, tag and value of an event that holds one plain number, as most do; None for all others.

    The fields stand in the order of their numbers, as every writer that is known puts them; `decode_event` reads the
    same out of any order, four times as slowly.
    """
    try:
        if record[0] != 0x09:
            return None
        place, step = 9, 0
        if record[9] == 0x10:
            step, place = varint(record, 10)
        if record[place] != 0x2A or step >> 63:
            return None
        size, place = varint(record, place + 1)
        if place + size != len(record) or record[place] != 0x0A:
            return None
        size, place = varint(record, place + 1)
        if place + size != len(record) or record[place] != 0x0A:
            return None
        size, place = varint(record, place + 1)
        end = place + size
        # Nothing but the tag and the number.
        if record[end] != 0x15 or end + 5 != len(record):
            return None
        return _TIME.unpack_from(record, 1)[0], step, record[place:end], _NUMBER.unpack_from(record, end + 1)[0]
    except (IndexError, Malformed):
        return None


def decode_event(record: bytes) -> Event:
    """One event.

    Raises:
        Malformed: it is none.
    """
    time, step, graph, starts = 0.0, 0, False, False
    values: tuple[TagValue, ...] = ()
    for number, value in fields(record):
        if number == 1:
            time = double(value)
        elif number == 2:
            step = whole(value)
        elif number == 5:
            values = tuple(_value(message(each)) for n, each in fields(message(value)) if n == 1)
        elif number in (4, 9):
            graph = True
        elif number == 7:
            starts = any(n == 1 and each == 1 for n, each in fields(message(value)))
    return Event(time, step, values, graph, starts)


def _value(data: bytes) -> TagValue:
    tag, number, plugin, content, kind = "", None, None, b"", ""
    image: bytes | None = None
    tensor: bytes | None = None
    for field, value in fields(data):
        if field == 1:
            tag = text(value)
        elif field == 2:
            number = single(value)
        elif field == 8:
            tensor = message(value)
        elif field == 9:
            plugin, content = _plugin(message(value))
        elif field == 4:
            image = next((message(each) for n, each in fields(message(value)) if n == 4), None)
        elif field == 5:
            kind = "histogram"
        elif field == 6:
            kind = "audio"
    texts: tuple[bytes, ...] = ()
    if tensor is not None:
        number, texts = _tensor(tensor)
    return TagValue(tag, number, plugin, content, image, texts, kind)


def _plugin(metadata: bytes) -> tuple[str | None, bytes]:
    name, content = None, b""
    for field, value in fields(metadata):
        if field == 1:
            for n, each in fields(message(value)):
                if n == 1:
                    name = text(each)
                elif n == 2:
                    content = message(each)
    return name, content


def _tensor(data: bytes) -> tuple[float | None, tuple[bytes, ...]]:
    """The number that a tensor of one element holds, and the texts of a tensor of these."""
    kind, raw, texts = 0, b"", []
    numbers: list[float] = []
    for field, value in fields(data):
        if field == 1:
            kind = whole(value)
        elif field == 4:
            raw = message(value)
        elif field == 8:
            texts.append(message(value))
        elif field in (5, 6, 7, 10):
            numbers += _elements(field, value)
    if raw and not numbers and kind in _NUMBERS:
        found: array[Any] = array(_NUMBERS[kind])
        if len(raw) % found.itemsize == 0:
            found.frombytes(raw)
            numbers = list(found)
    return (float(numbers[0]) if len(numbers) == 1 else None), tuple(texts)


def _elements(field: int, value: Value) -> list[float]:
    """`float_val`, `double_val`, `int_val` and `int64_val`: one each, or packed."""
    if isinstance(value, int):
        return [whole(value)]
    if field in (5, 6):
        found: array[float] = array("f" if field == 5 else "d")
        if len(value) % found.itemsize:
            raise Malformed("a tensor's numbers are cut")
        found.frombytes(value)
        return list(found)
    if len(value) > 10:
        return [0.0, 0.0]  # Several: which ones does not matter, since only one alone is a point.
    return [float(whole(next(each for _, each in fields(b"\x08" + value))))] if value else []
