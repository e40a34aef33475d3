"""Columns of one object of media, read by ranges: its footer once, then of each row group only what is asked for."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

import polars as pl

from ...schema.checksum import verify_end
from ...schema.decoding import check_end
from ...schema.errors import DamagedObject
from ...schema.media.keys import MediaKey
from ...schema.media.rows import media_schema
from ...schema.parquet import FOOTER_GUESS_BYTES, check_format, footer_length
from ...store.base import Store
from ..objects.lru import CachePart

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

Content: TypeAlias = Literal["text", "thumb", "data"]
CONTENTS: Final[tuple[Content, ...]] = ("text", "thumb", "data")
"""What a list of media does without."""
PLACES: Final = ("row_group", "row")
"""Where a row is: the number of its row group, and its place in that."""
_MAGIC: Final = b"PAR1"
_FOOTER_COST: Final = 30
"""A parsed footer takes so many times its bytes."""


def list_types() -> dict[str, Any]:
    """Columns of an object's list, in order."""
    types = dict(pl.Schema(media_schema()))
    return {**{name: types[name] for name in types if name not in CONTENTS}, **dict.fromkeys(PLACES, pl.Int32)}


class MediaColumns:
    """Reads objects of media of one store. Safe to share between threads; what was read is kept while there is room.

    What is damaged is told, never shown: a footer has a checksum, and so has each page.

    Args:
        store: the lake.
        memory: keeps what was read.
    """

    def __init__(self, store: Store, memory: CachePart) -> None:
        self.store = store
        self._memory = memory

    def list_rows(self, key: MediaKey) -> pl.DataFrame:
        """All rows without their contents, as `list_types`. One GET for the footer, one for each row group.

        Raises:
            StoreError: the object can't be read.
            DamagedObject, LakeFormat: it is not what its name promises.
        """
        return self._memory(("list", key.path), lambda: self._listed(key), lambda frame: int(frame.estimated_size()))

    def contents(self, key: MediaKey, group: int, content: Content) -> Sequence[bytes | None]:
        """What one column has in a row group, place by place. One GET, of a megabyte or the one larger row.

        Raises:
            StoreError, DamagedObject, LakeFormat: as there.
        """
        return self._memory(
            (content, key.path, group),
            lambda: self._read_contents(key, group, content),
            lambda found: sum(len(each) for each in found if each is not None),
        )

    def _footer(self, key: MediaKey) -> pq.FileMetaData:
        return self._memory(
            ("footer", key.path), lambda: self._read_footer(key), lambda found: _FOOTER_COST * found.serialized_size
        )

    def _read_footer(self, key: MediaKey) -> pq.FileMetaData:
        import pyarrow as pa
        import pyarrow.parquet as pq

        tail = self.store.get_tail(key.path, FOOTER_GUESS_BYTES)
        length = footer_length(tail, key=key.path)
        if length > len(tail):
            tail = self.store.get_tail(key.path, length)
        verify_end(tail, key=key.path)
        check_end(tail, key=key.path, whole=lambda: self.store.get(key.path), without=CONTENTS)
        try:
            found = pq.read_metadata(pa.BufferReader(tail if tail[:4] == _MAGIC else _MAGIC + tail))
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _damaged(key, error) from error
        check_format(found.metadata or {}, key=key.path)
        if found.num_rows != key.length:
            raise DamagedObject(
                f"{key.path} holds {found.num_rows} rows of media, its name promises {key.length}", key=key.path
            )
        return found

    def _listed(self, key: MediaKey) -> pl.DataFrame:
        types = list_types()
        names = [name for name in types if name not in PLACES]
        frames = []
        for group in range(self._footer(key).num_row_groups):
            table = self._read(key, group, names)
            frame = cast("pl.DataFrame", pl.from_arrow(table))
            frame = frame.with_columns(pl.lit(None).alias(name) for name in names if name not in frame.columns)
            frame = frame.with_columns(row_group=pl.lit(group, pl.Int32), row=pl.int_range(pl.len(), dtype=pl.Int32))
            try:
                frames.append(frame.select(pl.col(name).cast(kind) for name, kind in types.items()))
            except pl.exceptions.PolarsError as error:
                raise _damaged(key, error) from error
        return pl.concat(frames) if frames else pl.DataFrame(schema=types)

    def _read_contents(self, key: MediaKey, group: int, content: Content) -> tuple[bytes | None, ...]:
        values = self._read(key, group, [content]).column(0).to_pylist()
        return tuple(each.encode() if isinstance(each, str) else each for each in values)

    def _read(self, key: MediaKey, group: int, names: Sequence[str]) -> pa.Table:
        """Columns of a row group, by one request for the bytes from the first to the last of them."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        footer = self._footer(key)
        rows = footer.row_group(group)
        spans = []
        for index in range(rows.num_columns):
            column = rows.column(index)
            if column.path_in_schema in names:
                start = column.dictionary_page_offset or column.data_page_offset
                spans.append((start, start + column.total_compressed_size))
        if not spans:
            raise DamagedObject(f"{key.path} holds no {' nor '.join(names)}", key=key.path)
        start, stop = min(a for a, _ in spans), max(b for _, b in spans)
        data = self.store.get_range(key.path, start, stop)
        try:
            file = pq.ParquetFile(
                pa.PythonFile(_Window(data, start), mode="r"), metadata=footer, page_checksum_verification=True
            )
            return file.read_row_group(group, columns=list(names))
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _damaged(key, error) from error


class _Window(io.RawIOBase):
    """A part of an object, as if all of it were here."""

    def __init__(self, data: bytes, start: int) -> None:
        super().__init__()
        self._data = data
        self._start = start
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def size(self) -> int:
        return self._start + len(self._data)

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size()}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        begin = self._at - self._start
        if begin < 0:
            raise OSError(f"byte {self._at} was not read")
        found = self._data[begin:] if size is None or size < 0 else self._data[begin : begin + size]
        self._at += len(found)
        return found


def _damaged(key: MediaKey, error: Exception) -> DamagedObject:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return DamagedObject(f"{key.path} is damaged: its media can't be read ({said})", key=key.path)
