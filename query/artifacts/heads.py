"""The first rows of a table in an artifact, read by ranges: CSV, TSV and Parquet, however large the file."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

import polars as pl

from ...schema.artifacts.manifest import FileRow
from ...schema.errors import DamagedObject
from ...schema.values import json_safe
from ...store.base import Store
from ...upkeep.artifacts.ranges import FileRanges

ROWS: Final = 100
COLUMNS: Final = 60
_TEXT_BYTES: Final = 256 * 1024
_GROUP_BYTES: Final = 32 * 1024**2
"""Columns of a row group, unpacked; those beyond it are left out."""
_MOST_READ: Final = 16 * 1024**2
_BUFFER: Final = 256 * 1024
_CELL_CHARS: Final = 300
_SEPARATORS: Final = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a table; every value is one that strict JSON can say."""

    columns: list[str]
    data: list[list[Any]]
    note: str
    """How much of it this is."""


def head_of(store: Store, row: FileRow) -> Head | None:
    """The first rows of a file in the lake; None for a file of another kind. A few GETs, at most 16 MB.

    Raises:
        DamagedObject: it is no such table, whatever its name says.
        StoreError: it can't be read.
    """
    suffix = PurePosixPath(row.path).suffix.lower()
    if row.object is None or suffix not in (*_SEPARATORS, ".parquet"):
        return None
    return _parquet(store, row, row.object) if suffix == ".parquet" else _text(store, row, row.object, suffix)


def _text(store: Store, row: FileRow, key: str, suffix: str) -> Head:
    size = min(row.bytes, _TEXT_BYTES)
    data = store.get_range(key, row.offset, row.offset + size)
    if size < row.bytes:
        # The last line is cut, perhaps within a character.
        data = data[: data.rfind(b"\n") + 1] or data
    separator = _SEPARATORS[suffix]
    first = data.partition(b"\n")[0]
    if suffix == ".csv" and first.count(b";") > first.count(b","):
        separator = ";"
    try:
        frame = pl.read_csv(
            io.BytesIO(data),
            separator=separator,
            n_rows=ROWS + 1,
            infer_schema_length=ROWS + 1,
            encoding="utf8-lossy",
            truncate_ragged_lines=True,
            ignore_errors=True,
        )
    except pl.exceptions.NoDataError:
        return Head([], [], "It is empty.")
    except pl.exceptions.PolarsError as error:
        raise DamagedObject(f"{row.path} can't be read as a table: {str(error)[:200]}", key=key) from error
    shown = frame.select(frame.columns[:COLUMNS]).head(ROWS)
    more = frame.height > ROWS or size < row.bytes
    note = f"The first {shown.height:,} rows." if more else ""
    return _head(shown.columns, list(shown.iter_rows()), note, left_out=frame.width - shown.width)


def _parquet(store: Store, row: FileRow, key: str) -> Head:
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = _Bounded(store, key, row.offset, row.bytes)
    try:
        file = pq.ParquetFile(io.BufferedReader(source, _BUFFER), buffer_size=_BUFFER, pre_buffer=False)
        names = file.schema_arrow.names
        chosen = _columns_that_fit(file)
        # Of a file without a row group PyArrow 18 has no batches to give, and says so by an error.
        some = bool(chosen) and file.metadata.num_row_groups > 0
        batch = next(file.iter_batches(batch_size=ROWS, columns=chosen), None) if some else None
        rows = [] if batch is None else [list(each.values()) for each in batch.to_pylist()]
        total = file.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error.__cause__, DamagedObject) or not isinstance(error, pa.ArrowException | ValueError):
            raise
        raise DamagedObject(f"{row.path} can't be read as Parquet: {str(error)[:200]}", key=key) from error
    note = f"The first {len(rows):,} of {total:,} rows." if len(rows) < total else ""
    return _head(chosen if batch is not None else names, rows, note, left_out=len(names) - len(chosen))


def _columns_that_fit(file: Any) -> list[str]:
    """Top-level columns, in order, whose first row group is small enough to look into."""
    names: list[str] = file.schema_arrow.names
    if not file.metadata.num_row_groups:
        return names[:COLUMNS]
    group = file.metadata.row_group(0)
    sizes: dict[str, int] = {}
    for at in range(group.num_columns):
        column = group.column(at)
        top = column.path_in_schema.partition(".")[0]
        sizes[top] = sizes.get(top, 0) + column.total_uncompressed_size
    out: list[str] = []
    left = _GROUP_BYTES
    for name in names:
        left -= sizes.get(name, 0)
        if left < 0 or len(out) == COLUMNS:
            break
        out.append(name)
    return out


def _head(columns: list[str], rows: list[Any], note: str, *, left_out: int) -> Head:
    if left_out:
        note = f"{note} {left_out:,} further columns are not shown.".strip()
    return Head(list(columns), [[_cell(value) for value in row] for row in rows], note)


def _cell(value: Any) -> Any:
    if isinstance(value, bytes):
        cut = value[:_CELL_CHARS]
        return cut.decode() if cut.isascii() and cut.decode().isprintable() else base64.b64encode(cut).decode()
    if value is None or isinstance(value, bool | int | float):
        return json_safe(value)
    if isinstance(value, list | dict | tuple):
        # As Python writes it; a list of a million numbers is cut with all others.
        value = repr(value[:_CELL_CHARS] if isinstance(value, list | tuple) else value)
    text = str(value)
    return json_safe(text if len(text) <= _CELL_CHARS else f"{text[:_CELL_CHARS]}…")


class _Bounded(FileRanges):
    """A file of which no more than so much is read."""

    def __init__(self, store: Store, key: str, start: int, size: int) -> None:
        super().__init__(store, key, start, size)
        self._left = _MOST_READ

    def readinto(self, buffer: Any) -> int:
        """See there.

        Raises:
            ValueError: so much was read already.
        """
        got = super().readinto(buffer)
        self._left -= got
        if self._left < 0:
            raise ValueError(f"more than {_MOST_READ:,} bytes would have to be read")
        return got
