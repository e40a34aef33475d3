"""A spool's files of media: one for each object that will be put. Pure bytes.

Records as in `schema/spool.py`, in a file of their own: a file of points goes when its points are sealed.

::

    H  JSON   header: format, number of the first row
    M  bytes  a row: length of its JSON (u32), the JSON, length of its thumb (u32), thumb, data
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..errors import DamagedObject
from ..spool import SPOOL_FORMAT, json_record, record, records
from ..text.jsontext import loads
from ..values import dump_plain
from .rows import FIELDS, MediaRow, plain_of

MEDIA_SUFFIX: Final = ".media"
_LENGTH: Final = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class MediaSegment:
    """What one file of a spool says: rows `lo <= seq < lo + len(rows)`."""

    lo: int
    rows: tuple[MediaRow, ...]

    @property
    def hi(self) -> int:
        """One more than its last row."""
        return self.lo + len(self.rows)


def media_header(lo: int) -> bytes:
    """The first record of a file whose first row is `lo`."""
    return json_record(b"H", {"format": SPOOL_FORMAT, "lo": lo})


def media_record(row: MediaRow) -> bytes:
    """One row."""
    said, thumb = dump_plain(plain_of(row)).encode(), row.thumb or b""
    # A row with data of no bytes is not one without data.
    flag = b"" if row.data is None else b"\x01" + row.data
    return record(b"M", b"".join([_LENGTH.pack(len(said)), said, _LENGTH.pack(len(thumb)), thumb, flag]))


def read_media_segment(data: bytes) -> MediaSegment | None:
    """Every whole row of a file, up to the first record that was cut short; None where not even the header is whole."""
    stream = records(data)
    kind, payload = next(stream, (b"", b""))
    header = _json(payload) if kind == b"H" else None
    if header is None or header.get("format") != SPOOL_FORMAT or not isinstance(header.get("lo"), int):
        return None
    rows: list[MediaRow] = []
    for kind, payload in stream:
        row = _row(payload, header["lo"] + len(rows)) if kind == b"M" else None
        if row is None:
            break
        rows.append(row)
    return MediaSegment(header["lo"], tuple(rows))


def _row(payload: bytes, seq: int) -> MediaRow | None:
    """The row in a record; None where it makes no sense, or is not the one that follows."""
    try:
        (length,) = _LENGTH.unpack_from(payload)
        said = _json(payload[_LENGTH.size : _LENGTH.size + length])
        (size,) = _LENGTH.unpack_from(payload, _LENGTH.size + length)
    except struct.error:
        return None
    start = 2 * _LENGTH.size + length
    if said is None or said.get("seq") != seq:
        return None
    thumb, rest = payload[start : start + size], payload[start + size :]
    try:
        return MediaRow(
            **{name: value for name, value in said.items() if name in FIELDS},
            thumb=thumb or None,
            data=rest[1:] if rest else None,
        )
    except TypeError:
        return None


def _json(payload: bytes) -> Mapping[str, Any] | None:
    try:
        value = loads(payload, key="spool", what="record", most=2**31)
    except DamagedObject:
        return None
    return value if isinstance(value, dict) else None
