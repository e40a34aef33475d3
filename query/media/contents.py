"""The bytes of media: of one or of many, by few requests, each compared with its checksum."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeAlias

import polars as pl

from ...schema.errors import DamagedObject, InvalidValue
from ...schema.keys import parse_key
from ...schema.media.keys import MediaFileKey, MediaKey
from .columns import Content, MediaColumns

_THREADS: Final = 8
_NEEDED: Final = ("object", "row_group", "row", "kind", "sha256", "file")
_Chunk: TypeAlias = tuple[str, int, Content]
_WRITTEN: Final = frozenset({"text", "html", "json", "table", "histogram", "plotly"})
"""Kinds whose bytes stand in `text`."""


def read_media(columns: MediaColumns, rows: pl.DataFrame) -> list[bytes]:
    """The bytes of each row of a frame of media, in its order.

    One GET for each row group of each object that is touched (a megabyte of data, so of some 90 small pictures), one
    for each item of more than a megabyte; nothing for what was read lately.

    Raises:
        InvalidValue: columns of `Lake.media` are missing.
        DamagedObject: bytes are not those that were logged; names the object.
        StoreError: they can't be read.
    """
    told = _rows(rows)
    found = _chunks(columns, {_chunk(row) for row in told if row["file"] is None})
    out = []
    for row in told:
        data = _file(columns, row) if row["file"] is not None else found[_chunk(row)][row["row"]]
        if data is None or hashlib.sha256(data).hexdigest() != row["sha256"]:
            where = row["file"] or row["object"]
            raise DamagedObject(f"{where} holds other bytes than were logged, or none", key=where)
        out.append(data)
    return out


def read_thumbs(columns: MediaColumns, rows: pl.DataFrame) -> list[bytes | None]:
    """The small picture of each row, in order; None where it has none. One GET for each row group.

    Raises:
        InvalidValue, DamagedObject, StoreError: as `read_media`.
    """
    return _place(columns, rows, "thumb")


def read_layers(columns: MediaColumns, rows: pl.DataFrame) -> list[str | None]:
    """The boxes and masks of each picture, as JSON; None where it has none. One GET for each row group.

    Raises:
        InvalidValue, DamagedObject, StoreError: as `read_media`.
    """
    return [None if each is None else each.decode() for each in _place(columns, rows, "text")]


def _place(columns: MediaColumns, rows: pl.DataFrame, content: Content) -> list[bytes | None]:
    told = _rows(rows)
    found = _chunks(columns, {(row["object"], row["row_group"], content) for row in told})
    return [found[row["object"], row["row_group"], content][row["row"]] for row in told]


def _rows(rows: pl.DataFrame) -> list[dict[str, Any]]:
    missing = [name for name in _NEEDED if name not in rows.columns]
    if missing:
        raise InvalidValue(f"the frame has no {', '.join(missing)}; pass rows of lake.media(...) with these columns")
    return rows.select(_NEEDED).rows(named=True)


def _chunk(row: Mapping[str, Any]) -> _Chunk:
    return row["object"], row["row_group"], "text" if row["kind"] in _WRITTEN else "data"


def _chunks(columns: MediaColumns, wanted: Iterable[_Chunk]) -> dict[_Chunk, Sequence[bytes | None]]:
    """What some columns have in some row groups, several at a time."""
    chunks = sorted(wanted)
    if len(chunks) < 2:
        return {chunk: _read(columns, chunk) for chunk in chunks}
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="lakeboard-media") as pool:
        return dict(zip(chunks, pool.map(lambda chunk: _read(columns, chunk), chunks), strict=True))


def _read(columns: MediaColumns, chunk: _Chunk) -> Sequence[bytes | None]:
    path, group, content = chunk
    key = parse_key(path)
    if not isinstance(key, MediaKey):
        raise InvalidValue(f"{path!r} is no object of media; pass rows of lake.media(...)")
    return columns.contents(key, group, content)


def _file(columns: MediaColumns, row: Mapping[str, Any]) -> bytes:
    if not isinstance(parse_key(row["file"]), MediaFileKey):
        raise DamagedObject(f"{row['object']} names {row['file']!r}, which is no object of media", key=row["object"])
    return columns.store.get(row["file"])
