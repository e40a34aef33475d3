"""The spool's records: what a writer notes on its own disk before anything is uploaded. Pure bytes.

A record is `kind (1 byte) | length (u32) | crc32 (u32) | payload`, little-endian. A reader stops at the first record
that is cut short or does not match its checksum: that is where the writer died. Columns are in the byte order that the
header names: a home may be shared by hosts of several kinds.

::

    H  JSON   header of a segment: format, lake and the storage options that are no secrets, host, boot and byte order
              it is written in, project, the run's row at its start, summaries before its first row, first row, files
              sealed so far
    G  JSON   a group: id, dataset, names
    B  bytes  a batch: hi (u64), then per group: id (u32), calls (u32), steps, times, starts, values
    R  JSON   the run's row changed: all changes since the start
    F  JSON   the run ended: status, error, ended_at; nothing but uploading is left to do
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .batch import Group, Rows
from .errors import DamagedObject
from .text.jsontext import loads
from .values import dump_plain

SPOOL_FORMAT: Final = 1
NEWER: Final = "upgrade lakeboard"
"""In what is said of a spool that a newer version can read."""
_KINDS: Final = frozenset({b"H", b"G", b"B", b"R", b"F"})
_HEAD: Final = struct.Struct("<cII")
_BATCH: Final = struct.Struct("<Q")
_PART: Final = struct.Struct("<II")


def record(kind: bytes, payload: bytes) -> bytes:
    """One framed record."""
    return _HEAD.pack(kind, len(payload), zlib.crc32(payload)) + payload


def json_record(kind: bytes, value: Mapping[str, Any]) -> bytes:
    """A framed JSON record."""
    return record(kind, dump_plain(value).encode())


def group_record(number: int, group: Group) -> bytes:
    """Introduces a group, so that batches can name it by number."""
    return json_record(b"G", {"id": number, "dataset": group.dataset, "names": list(group.names)})


def batch_record(parts: Iterable[tuple[int, Group]], hi: int) -> list[bytes | memoryview]:
    """Rows up to `hi`, as (group number, group) pairs; groups without calls are left out.

    In pieces that are to be written one after the other: the columns are looked at, not copied.
    """
    chunks: list[bytes | memoryview] = [_BATCH.pack(hi)]
    for number, group in parts:
        if group.calls:
            chunks.append(_PART.pack(number, group.calls))
            chunks += [
                memoryview(column).cast("B") for column in (group.steps, group.times, group.starts, group.values)
            ]
    crc = 0
    for chunk in chunks:
        crc = zlib.crc32(chunk, crc)
    return [_HEAD.pack(b"B", sum(map(len, chunks)), crc), *chunks]


def records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, payload) of every whole record; stops at the first torn one.

    The last record may say a wrong length: where the rest of the file matches its checksum, it is that.
    """
    view = memoryview(data)
    position = 0
    while position + _HEAD.size <= len(view):
        kind, length, crc = _HEAD.unpack_from(view, position)
        payload = bytes(view[position + _HEAD.size : position + _HEAD.size + length])
        if len(payload) < length or zlib.crc32(payload) != crc:
            payload = bytes(view[position + _HEAD.size :])
            if kind not in _KINDS or not payload or zlib.crc32(payload) != crc:
                return
            length = len(payload)
        position += _HEAD.size + length
        yield kind, payload


@dataclass(slots=True)
class Segment:
    """What one spool file says."""

    header: dict[str, Any]
    rows: Rows
    changes: dict[str, Any] = field(default_factory=dict)
    """The last `R`: changes of the run's row since its start."""
    ending: dict[str, Any] | None = None
    """The `F`, where the run had begun to end."""
    last_time: float | None = None
    """When the last point was logged, seconds since 1970."""
    damaged: bool = False
    """Whether there is more than was read: something spoiled a record, and rows after it are not told here."""


def read_segment(data: bytes, *, outline: bool = False) -> Segment | None:
    """Everything whole in a spool file; None where not even the header is.

    Args:
        data: the file.
        outline: pass over the rows, so that `rows` tells their range and nothing else.
    """
    stream = records(data)
    kind, payload = next(stream, (b"", b""))
    if kind != b"H":
        return None
    header = _json(payload)
    if header is None or header.get("format") != SPOOL_FORMAT:
        return None
    lo = int(header["lo"])
    segment = Segment(header, Rows(lo, lo), dict(header.get("changes") or {}))
    groups: dict[int, Group] = {}
    swapped = header.get("byteorder", sys.byteorder) != sys.byteorder
    read = _HEAD.size + len(payload)
    for kind, payload in stream:
        read += _HEAD.size + len(payload)
        if kind == b"G":
            said = _said(payload)
            groups[said["id"]] = Group(tuple(said["names"]), said["dataset"])
        elif kind == b"B":
            batch = list(_batch(payload, groups, swapped=swapped))
            segment.rows.add([] if outline else batch, _BATCH.unpack_from(payload)[0])
            segment.last_time = max((g.times[-1] for g in batch if g.calls), default=segment.last_time)
        elif kind == b"R":
            segment.changes = _said(payload)
        elif kind == b"F":
            segment.ending = _said(payload)
    segment.damaged = _goes_on(data, read)
    return segment


def read_header(data: bytes) -> dict[str, Any] | None:
    """The header in the first bytes of a spool file; None where there is none of this format."""
    kind, payload = next(records(data), (b"", b""))
    header = _json(payload) if kind == b"H" else None
    return header if header is not None and header.get("format") == SPOOL_FORMAT else None


def why_unreadable(data: bytes) -> str | None:
    """Why `read_segment` gives None, in words; None where the writer died before it had said anything."""
    if not any(data):
        return None
    if data[:1] != b"H":
        return "it is no spool file"
    _, payload = next(records(data), (b"", b""))
    header = _json(payload)
    if header is None:
        # Cut short, unless it is the length that is wrong: then what follows is a whole header all the same.
        try:
            json.JSONDecoder().raw_decode(data[_HEAD.size :].decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return "its first record is damaged" if _goes_on(data, 0) else None
        return "its first record is damaged"
    return f"it is of spool format {header.get('format')!r}, this lakeboard reads {SPOOL_FORMAT}: {NEWER}"


def _json(payload: bytes) -> dict[str, Any] | None:
    try:
        return _said(payload)
    except DamagedObject:
        return None


def _said(payload: bytes) -> dict[str, Any]:
    value = loads(payload, key="a spool's record", most=2**32)
    if not isinstance(value, dict):
        raise DamagedObject("a spool's record is no JSON object", key="a spool's record")
    return value


def _goes_on(data: bytes, position: int) -> bool:
    """Whether what stands at `position`, where reading stopped, is more than a record cut short by a death."""
    view = memoryview(data)
    for at in range(position, len(view) - _HEAD.size + 1):
        kind, length, crc = _HEAD.unpack_from(view, at)
        end = at + _HEAD.size + length
        if kind not in _KINDS or not length or end > len(view):
            continue
        # The record that spoiled the reading was there to its end; or a later one still is.
        if at == position or zlib.crc32(view[at + _HEAD.size : end]) == crc:
            return True
    return False


def _batch(payload: bytes, groups: Mapping[int, Group], *, swapped: bool) -> Iterator[Group]:
    position = _BATCH.size
    while position < len(payload):
        number, calls = _PART.unpack_from(payload, position)
        position += _PART.size
        known = groups[number]
        group = Group(known.names, known.dataset)
        for column, items in (
            (group.steps, calls),
            (group.times, calls),
            (group.starts, calls),
            (group.values, calls * len(known.names)),
        ):
            column.frombytes(payload[position : position + 8 * items])
            if swapped:
                column.byteswap()
            position += 8 * items
        yield group
