"""Bytes of Parquet objects: points with the lake's encodings, plain tables, footers.

Pure: bytes in, bytes out. pyarrow is imported at the first call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Literal

from .checksum import BLANK, CHECKSUM_KEY, stamped, verify, verify_end
from .decoding import check_decodable, check_footer_length
from .errors import DamagedObject, LakeFormat
from .limits import MAX_FOOTER_BYTES
from .tables import (
    DELTA_COLUMNS,
    DICTIONARY_COLUMNS,
    FORMAT,
    FORMAT_KEY,
    MAX_ROW_GROUP_ROWS,
    ROW_GROUP_ROWS,
    RUN_KEY,
    points_schema,
)
from .text.jsontext import loads
from .values import dump_plain

if TYPE_CHECKING:
    import pyarrow as pa

MAGIC: Final = b"PAR1"
_FEW_ROWS: Final = 100
FOOTER_GUESS_BYTES: Final = 65_536
"""A footer is read with one suffix request of this size; a longer one needs a second."""


def encode_points(table: pa.Table, *, run: Mapping[str, Any] | None = None) -> bytes:
    """Encode points as the lake holds them.

    zstd 3, snappy where there are few; DELTA_BINARY_PACKED ints, PLAIN values, dictionaries for text; a row group
    closes at a metric boundary once it has 16,384 rows, so that one metric can be read without the rest.

    Args:
        table: columns of `points_schema()` (text columns may be dictionary-encoded), sorted by (metric, seq).
        run: for tails: what the footer tells of the run's row.
    """
    groups = row_groups(metric_runs(table))
    return encode_tables((table.slice(start, length) for start, length in groups), run=run)


def encode_tables(tables: Iterable[pa.Table], *, run: Mapping[str, Any] | None = None) -> bytes:
    """`encode_points` of tables that are row groups already; all of the same schema.

    Up to 100 points go with snappy: setting zstd up for each column takes three times as long as all else, and at
    that size it saves nothing.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = iter(tables)
    first = next(stream, None)
    few = first is None or first.num_rows <= _FEW_ROWS
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        points_schema() if first is None else first.schema,
        compression="snappy" if few else "zstd",
        compression_level=None if few else 3,
        use_dictionary=list(DICTIONARY_COLUMNS),
        column_encoding={**dict.fromkeys(DELTA_COLUMNS, "DELTA_BINARY_PACKED"), "value": "PLAIN"},
        write_statistics=["metric", "dataset", "step", "timestamp", "seq"],
        write_page_checksum=True,
        store_schema=False,
    ) as writer:
        for table in () if first is None else chain([first], stream):
            writer.write_table(table, row_group_size=MAX_ROW_GROUP_ROWS)
        told = {} if run is None else {RUN_KEY.decode(): dump_plain(run)}
        writer.add_key_value_metadata({FORMAT_KEY.decode(): str(FORMAT), **told, CHECKSUM_KEY: BLANK})
    return stamped(memoryview(sink.getvalue()))


def metric_runs(table: pa.Table) -> list[int]:
    """Lengths of the stretches of equal metric in a table sorted by metric."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not table.num_rows:
        return []
    column = table.column("metric").combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays([c.cast(pa.string()) for c in column.chunks])
    if pa.types.is_dictionary(column.type):
        column = column.indices
    ends = pc.run_end_encode(column).run_ends.to_pylist()
    return [b - a for a, b in zip([0, *ends], ends, strict=False)]


def row_groups(lengths: list[int], *, unit: Literal["rows", "metrics"] = "rows") -> list[tuple[int, int]]:
    """Where row groups start and how long they are, given the number of rows of each metric in order.

    Args:
        lengths: rows of each metric.
        unit: count the answer in rows or in metrics.
    """
    out: list[tuple[int, int]] = []
    start = size = rows = 0
    for length in lengths:
        rows += length
        size += length if unit == "rows" else 1
        if rows >= ROW_GROUP_ROWS:
            out.append((start, size))
            start, size, rows = start + size, 0, 0
    if size:
        out.append((start, size))
    return out


def encode_table(table: pa.Table, *, dictionary: Sequence[str] | None = None) -> bytes:
    """Encode run rows, edits, manifests: zstd 3, footer with the format; row groups of 16,384, so one is read alone.

    A single row is mostly footer, so short tables go without dictionaries (6 kB instead of 10) and with snappy,
    which there takes half the time of zstd and less room.

    Args:
        table: what to encode.
        dictionary: columns that get one where the table is long; None for all.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    few = table.num_rows <= _FEW_ROWS
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        table.schema,
        compression="snappy" if few else "zstd",
        compression_level=None if few else 3,
        use_dictionary=list(dictionary) if dictionary is not None and not few else not few,
        write_statistics=["run_id"],
        write_page_checksum=True,
        store_schema=False,
    ) as writer:
        writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
        writer.add_key_value_metadata({FORMAT_KEY.decode(): str(FORMAT), CHECKSUM_KEY: BLANK})
    return stamped(memoryview(sink.getvalue()))


def decode_table(data: bytes, *, key: str) -> pa.Table:
    """The table in `data`.

    Raises:
        DamagedObject: not Parquet, cut short, changed since it was written, no table, or more than is decoded
            (`limits.py`); names `key`.
        LakeFormat: written in a format newer than this version reads.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    verify(data, key=key)
    check_decodable(data, key=key)
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        # Not the table's own metadata: an Arrow schema in the footer would hide the format.
        check_format(file.metadata.metadata or {}, key=key)
        # pyarrow before 19 can't read what has no row group.
        return file.read() if file.num_row_groups else file.schema_arrow.empty_table()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DamagedObject(f"{key} is not readable Parquet ({_first_line(error)})", key=key) from error


def footer_length(tail: bytes, *, key: str) -> int:
    """Bytes at the end of the object that hold its footer, from its last 8 bytes or more.

    Raises:
        DamagedObject: the object does not end as Parquet does, or its footer is longer than is read.
    """
    if len(tail) < 12 or tail[-4:] != MAGIC:
        raise DamagedObject(f"{key} does not end as a Parquet file does (cut short?)", key=key)
    return check_footer_length(tail, key=key)


def decode_footer(tail: bytes, *, key: str) -> dict[str, Any]:
    """The run's row, or what changed of it, from a tail's footer.

    Args:
        tail: the object's last bytes, at least `footer_length` of them (or all).
        key: for messages.

    Raises:
        DamagedObject: no readable footer, or none with a row.
        LakeFormat: written in a format newer than this version reads.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    verify_end(tail, key=key)
    check_footer_length(tail, key=key)
    try:
        meta = pq.read_metadata(pa.BufferReader(MAGIC + tail)).metadata or {}
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DamagedObject(f"{key} has no readable Parquet footer ({_first_line(error)})", key=key) from error
    check_format(meta, key=key)
    if RUN_KEY not in meta:
        raise DamagedObject(f"{key} carries no run row in its footer", key=key)
    run = loads(meta[RUN_KEY], key=key, what="run row", most=MAX_FOOTER_BYTES)
    if not isinstance(run, dict):
        raise DamagedObject(f"{key} carries a run row of the wrong shape", key=key)
    return run


def check_format(meta: Mapping[bytes, bytes], *, key: str) -> None:
    """Refuse objects of a newer format politely.

    Raises:
        LakeFormat: with both versions and the fix.
    """
    raw = meta.get(FORMAT_KEY, b"1")
    if not raw.isdigit() or int(raw) > FORMAT:
        raise LakeFormat(
            f"{key} is of lake format {raw.decode(errors='replace')}; this lakeboard reads up to {FORMAT}: "
            "upgrade it (pip install -U lakeboard)"
        )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
