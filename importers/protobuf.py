"""The wire format of protocol buffers, as far as reading takes it: numbered fields, without any schema.

Source: "Encoding" in the documentation of Protocol Buffers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, TypeAlias

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
Value: TypeAlias = int | bytes
_DOUBLE: Final = struct.Struct("<d")
_FLOAT: Final = struct.Struct("<f")


class Malformed(ValueError):
    """Bytes that are no message."""


def fields(data: bytes) -> Iterator[tuple[int, Value]]:
    """The fields of a message in order: numbers of varints, the raw bytes of all others.

    Raises:
        Malformed: the bytes end in the middle of a field, or have a wire type that is not used any more.
    """
    place, end = 0, len(data)
    try:
        while place < end:
            tag = data[place]
            place += 1
            if tag > 0x7F:
                tag, place = varint(data, place - 1)
            kind = tag & 7
            if kind == BYTES:
                size = data[place]
                place += 1
                if size > 0x7F:
                    size, place = varint(data, place - 1)
                stop = place + size
            elif kind == VARINT:
                value, place = varint(data, place)
                yield tag >> 3, value
                continue
            elif kind == FIXED64:
                stop = place + 8
            elif kind == FIXED32:
                stop = place + 4
            else:
                raise Malformed(f"wire type {kind} at byte {place}")
            if stop > end:
                raise Malformed(f"a field ends at byte {stop} of {end}")
            yield tag >> 3, data[place:stop]
            place = stop
    except IndexError as error:
        raise Malformed("the message is cut") from error


def varint(data: bytes, place: int) -> tuple[int, int]:
    """The number without a sign that begins at a place, and the place after it.

    Raises:
        IndexError: the bytes end first.
        Malformed: it has more than 64 bits.
    """
    value = data[place]
    if value < 0x80:
        return value, place + 1
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
        if shift > 63:
            raise Malformed(f"a number at byte {place} has more than 64 bits")


def message(value: Value) -> bytes:
    """A field that holds a message or bytes.

    Raises:
        Malformed: it is a number.
    """
    if isinstance(value, int):
        raise Malformed("a number stands where a message belongs")
    return value


def text(value: Value) -> str:
    """A field that holds text; what is no UTF-8 becomes replacement characters."""
    return message(value).decode("utf-8", "replace")


def double(value: Value) -> float:
    """A field that holds a double.

    Raises:
        Malformed: it holds something else.
    """
    raw = message(value)
    if len(raw) != 8:
        raise Malformed("no double")
    return float(_DOUBLE.unpack(raw)[0])


def single(value: Value) -> float:
    """A field that holds a float.

    Raises:
        Malformed: it holds something else.
    """
    raw = message(value)
    if len(raw) != 4:
        raise Malformed("no float")
    return float(_FLOAT.unpack(raw)[0])


def whole(value: Value) -> int:
    """A field that holds an int64.

    Raises:
        Malformed: it holds something else.
    """
    if not isinstance(value, int):
        raise Malformed("no whole number")
    return value - (1 << 64) if value >> 63 else value
