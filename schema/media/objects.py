"""Bytes of an object of media: rows to Parquet and back. Pure; pyarrow is imported at the first call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ..arrays import binaries, numbers, texts
from ..checksum import BLANK, CHECKSUM_KEY, stamped
from ..errors import DamagedObject
from ..parquet import decode_table
from ..tables import FORMAT, FORMAT_KEY
from ..values import storable
from .keys import MediaFileKey, MediaKey
from .kinds import extension_of
from .rows import COLUMNS, GROUP_BYTES, INLINE_BYTES, MediaRow, media_schema

if TYPE_CHECKING:
    import pyarrow as pa

_PACKED: Final = ("thumb", "data")
"""Columns of bytes that no compressor makes smaller."""
_REPEATED: Final = ["key", "writer", "kind", "media_type", "dataset"]


def encode_media(rows: Iterable[MediaRow], *, writer: str, attempt: int) -> bytes:
    """An object of media, sorted by key, step and place; row groups close at 1 MB of data.

    zstd 3 but for thumbs and data, whose pages are not compressed.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = media_schema()
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        schema,
        compression={name: "none" if name in _PACKED else "zstd" for name in schema.names},
        use_dictionary=_REPEATED,
        write_statistics=["key", "step", "seq"],
        write_page_checksum=True,
        store_schema=False,
    ) as out:
        for group in _groups(sorted(rows, key=lambda row: (row.key, row.step, row.index, row.seq))):
            out.write_table(_table(group, writer, attempt), row_group_size=len(group))
        out.add_key_value_metadata({FORMAT_KEY.decode(): str(FORMAT), CHECKSUM_KEY: BLANK})
    return stamped(memoryview(sink.getvalue()))


def set_apart(rows: Iterable[MediaRow], key: MediaKey) -> tuple[list[tuple[str, bytes]], list[MediaRow]]:
    """Items that are too large for their rows, as (key, bytes), and the rows, which name these."""
    files: list[tuple[str, bytes]] = []
    small: list[MediaRow] = []
    for row in rows:
        if row.data is None or len(row.data) <= INLINE_BYTES:
            small.append(row)
            continue
        name = MediaFileKey(key.project, key.run_id, key.writer, row.seq, extension_of(row.media_type)).path
        files.append((name, row.data))
        small.append(replace(row, data=None, file=name))
    return files, small


def decode_media(data: bytes, *, key: MediaKey) -> list[MediaRow]:
    """The rows of an object, each that its name promises once, sorted by key, step and place.

    Columns that this version does not know are passed over, missing ones that may be null are null.

    Raises:
        DamagedObject: not what its name promises; names `key`.
        LakeFormat: written in a format newer than this version reads.
    """
    table = decode_table(data, key=key.path)
    rows = rows_of(table, key=key.path)
    if sorted(row.seq for row in rows) != list(range(key.lo, key.hi)):
        raise DamagedObject(
            f"{key.path} does not hold each of the rows {key.lo} to {key.hi - 1} once, as its name promises",
            key=key.path,
        )
    if set(table["writer"].to_pylist()) - {key.writer}:
        raise DamagedObject(f"{key.path} holds media of another writer than {key.writer}", key=key.path)
    return rows


def rows_of(table: pa.Table, *, key: str) -> list[MediaRow]:
    """The rows of a table of media that was read.

    Raises:
        DamagedObject: a column that every row has is missing, or is of another type; names `key`.
    """
    import pyarrow as pa

    schema = media_schema()
    columns: dict[str, list[Any]] = {}
    try:
        for name in COLUMNS.values():
            field = schema.field(name)
            if name not in table.column_names:
                if not field.nullable:
                    raise DamagedObject(f"{key} holds no media: {name} is missing", key=key)
                columns[name] = [None] * len(table)
                continue
            column = table.column(name).cast(field.type)
            if column.null_count and not field.nullable:
                raise DamagedObject(f"{key} has nulls in {name}", key=key)
            columns[name] = (column.cast(pa.int64()) if name == "timestamp" else column).to_pylist()
    except (pa.ArrowException, ValueError) as error:
        raise DamagedObject(f"{key} holds media of other types than these have ({error})", key=key) from error
    return [MediaRow(*values) for values in zip(*columns.values(), strict=True)]


def _groups(rows: Sequence[MediaRow]) -> Iterator[list[MediaRow]]:
    group: list[MediaRow] = []
    size = 0
    for row in rows:
        group.append(row)
        size += row.held
        if size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _table(rows: Sequence[MediaRow], writer: str, attempt: int) -> pa.Table:
    import pyarrow as pa

    named = {column: field for field, column in COLUMNS.items()}

    def column(field: pa.Field) -> Any:
        if field.name == "writer":
            return texts([writer] * len(rows))
        if field.name == "attempt":
            return numbers([attempt] * len(rows), field.type)
        values = [getattr(row, named[field.name]) for row in rows]
        if pa.types.is_string(field.type):
            return texts([None if value is None else storable(value) for value in values])
        if pa.types.is_binary(field.type):
            return binaries(values)
        return numbers(values, field.type)

    return pa.Table.from_arrays([column(field) for field in media_schema()], schema=media_schema())
