"""A checksum over every byte of an object, verified before anybody decodes the bytes.

Decoders trust what they decode: flipped bits read as other numbers, and can make them write outside their memory and
take the process with them. So an object carries CRC-32 sums of all of it in its own footer, where they are found by
looking for a fixed run of bytes, without parsing anything.

    PAR1 | pages | ... lakeboard.crc32 = <8 hex: pages> <8 hex: footer> ... | length of the footer | PAR1
           <---- first sum ----> <--- second sum: everything behind, first sum included, with 8 zeros for itself --->

A JSON object ends with its sum as the last field, of all bytes before the eight digits:

    {..., "lakeboard.crc32": "<8 hex>"}

Pure: bytes in, bytes out; nothing is imported but zlib.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final

from .errors import DamagedObject

CHECKSUM_KEY: Final = "lakeboard.crc32"
"""The key of the pair in the footer's metadata. It is the last one there, so that no text before it is taken for it."""
BLANK: Final = "0" * 16
"""Its value while the object is written."""
_MARK: Final = b"\x18" + bytes([len(CHECKSUM_KEY)]) + CHECKSUM_KEY.encode() + b"\x18" + bytes([len(BLANK)])
# Thrift's compact protocol: field 1 (text), its length, the key; field 2 (text), its length, then the value.
_DIGITS: Final = len(BLANK) // 2
_TRAILER: Final = 8
"""Bytes behind the footer: its length, and what the object is."""
_MAGIC: Final = b"PAR1"
_PIECE: Final = 1_048_576
_JSON_MARK: Final = f'"{CHECKSUM_KEY}": "'.encode()
_JSON_END: Final = b'"}\n'


def stamped(data: memoryview) -> bytes:
    """`data` with its sums filled in. One pass and one copy.

    Args:
        data: a Parquet object whose last pair of metadata is `CHECKSUM_KEY` = `BLANK`.

    Raises:
        ValueError: it has no such pair.
    """
    start = len(data) - _TRAILER - int.from_bytes(data[-_TRAILER:-4], "little")
    end = bytes(data[start:])
    at = end.rfind(_MARK)
    if at < 0:
        raise ValueError(f"the object's metadata does not end with {CHECKSUM_KEY}")
    at += len(_MARK) + _DIGITS
    end = b"".join([end[: at - _DIGITS], _digits(data[:start]), end[at:]])
    return b"".join([data[:start], end[:at], _digits(end), end[at + _DIGITS :]])


def verify(data: bytes, *, key: str) -> None:
    """Nothing, if every byte is what was written. About a nanosecond a byte; holds the interpreter for none of it.

    Args:
        data: the whole object.
        key: for the message.

    Raises:
        DamagedObject: cut short, foreign, or changed anywhere; names `key`.
    """
    pages = verify_end(data, key=key)
    start = len(data) - _footer_bytes(data)
    if _digits(memoryview(data)[:start]) != pages:
        raise DamagedObject(f"{key} is damaged: its pages do not match their checksum", key=key)


def verify_end(tail: bytes, *, key: str) -> bytes:
    """The sum that the object's pages should have, if every byte of the footer is what was written.

    Args:
        tail: the object's last bytes, its whole footer at least.
        key: for the message.

    Raises:
        DamagedObject: as `verify`; of the pages nothing is known.
    """
    size = _footer_bytes(tail)
    if len(tail) < 12 or tail[-4:] != _MAGIC or size > len(tail):
        raise DamagedObject(f"{key} does not end as a Parquet file does (cut short?)", key=key)
    end = tail[len(tail) - size :]
    at = end.rfind(_MARK)
    if at < 0:
        raise DamagedObject(f"{key} carries no checksum: damaged, or no object of a lake", key=key)
    at += len(_MARK) + _DIGITS
    blanked = b"".join([end[:at], BLANK[_DIGITS:].encode(), end[at + _DIGITS :]])
    if _digits(blanked) != end[at : at + _DIGITS]:
        raise DamagedObject(f"{key} is damaged: its footer does not match its checksum", key=key)
    return end[at - _DIGITS : at]


def _digits(data: bytes | memoryview) -> bytes:
    return f"{zlib.crc32(data):08x}".encode()


def _footer_bytes(tail: bytes) -> int:
    return int.from_bytes(tail[-_TRAILER:-4], "little") + _TRAILER


def verify_stream(read: Callable[[int, int], bytes], size: int, *, key: str) -> None:
    """`verify` of an object too large to hold, read piece by piece.

    Args:
        read: gives the bytes from one position up to another.
        size: of the object.
        key: for the message.

    Raises:
        DamagedObject: as `verify`.
    """
    trailer = read(max(0, size - _TRAILER), size)
    length = _footer_bytes(trailer) if len(trailer) == _TRAILER else 0
    start = max(0, size - length)
    pages = verify_end(read(start, size), key=key)
    crc = 0
    for begin in range(0, start, _PIECE):
        crc = zlib.crc32(read(begin, min(start, begin + _PIECE)), crc)
    if f"{crc:08x}".encode() != pages:
        raise DamagedObject(f"{key} is damaged: its pages do not match their checksum", key=key)


def stamped_json(data: bytes) -> bytes:
    """The bytes of a JSON object with its sum as the last field.

    Args:
        data: the object without it, in UTF-8 and in braces.
    """
    inside = data.strip().removesuffix(b"}").rstrip()
    body = inside + (b"" if inside == b"{" else b", ") + _JSON_MARK
    return body + _digits(body) + _JSON_END


def verify_json(data: bytes, *, key: str) -> None:
    """Nothing, if every byte of a JSON object is what was written.

    Raises:
        DamagedObject: cut short, foreign, or changed anywhere; names `key`.
    """
    at = len(data) - len(_JSON_END) - _DIGITS
    if at < 0 or data[at + _DIGITS :] != _JSON_END or not data[:at].endswith(_JSON_MARK):
        raise DamagedObject(f"{key} does not end with its checksum: damaged, or no object of a lake", key=key)
    if _digits(data[:at]) != data[at : at + _DIGITS]:
        raise DamagedObject(f"{key} is damaged: its text does not match its checksum", key=key)
