"""Whether an object may be decoded: how much memory its columns take, told by its footer before a page is looked at.

A run of equal values takes a few bytes however long it is, and one dictionary entry may stand in millions of rows:
neither an object's size nor the sizes in its footer bound what comes out. So of columns with dictionaries the worst
that the footer allows is reckoned, and where that is too much, the lengths are added up without copying the texts.

Pure: bytes in, an error or nothing out. pyarrow is imported at the first call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Final

from .errors import DamagedObject
from .limits import (
    MAX_COLUMNS,
    MAX_DECODED_BYTES,
    MAX_FOOTER_BYTES,
    MAX_POINT_ROWS,
    MAX_ROW_BYTES,
    MAX_ROW_GROUPS,
    MAX_TABLE_ROWS,
)
from .sizes import sized

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_MAGIC: Final = b"PAR1"
_TRAILER: Final = 8
_WIDTHS: Final = {"BOOLEAN": 1, "INT32": 4, "INT64": 8, "INT96": 12, "FLOAT": 4, "DOUBLE": 8}
_WIDEST: Final = 13
_PLAIN: Final = frozenset({"PLAIN", "RLE", "BIT_PACKED", "DELTA_LENGTH_BYTE_ARRAY"})
"""Encodings in which a text takes at least its own length."""
_OFFSET: Final = 5
"""Bytes beside a value: where it starts, and whether it is there."""
_SINGLE_ROW: Final = ("runs/", "/r-")


def most_rows(key: str) -> int:
    """Rows that an object may have, by its key."""
    return MAX_POINT_ROWS if key.startswith(("live/", "metrics/")) else MAX_TABLE_ROWS


def most_bytes(key: str) -> int:
    """Memory that an object's columns may take, by its key."""
    area, name = _SINGLE_ROW
    return MAX_ROW_BYTES if key.startswith(area) and name in key else MAX_DECODED_BYTES


def check_decodable(data: bytes, *, key: str, without: Collection[str] = ()) -> None:
    """Nothing, where decoding the object takes no more than the limits allow. Mostly a tenth of a millisecond.

    Args:
        data: the whole object, its checksum verified.
        key: what the limits go by, and for the message.
        without: columns at the top that will not be read.

    Raises:
        DamagedObject: too large to decode, or with a footer that can't be read; names `key`, the number and the limit.
    """
    check_end(data, key=key, without=without, whole=lambda: data)


def check_end(tail: bytes, *, key: str, whole: Callable[[], bytes], without: Collection[str] = ()) -> None:
    """`check_decodable` of an object of which only the end is at hand.

    Args:
        tail: the last bytes, the whole footer at least.
        key: as there.
        whole: gives all bytes, where the footer alone does not tell.
        without: as there.

    Raises:
        DamagedObject: as there.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_footer_length(tail, key=key)
    try:
        metadata = pq.read_metadata(pa.BufferReader(tail if tail[:4] == _MAGIC else _MAGIC + tail))
        _check(metadata, key, frozenset(without), whole)
    except (pa.ArrowException, OSError, ValueError) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise DamagedObject(f"{key} has no readable Parquet footer ({said})", key=key) from error


def check_footer_length(tail: bytes, *, key: str) -> int:
    """Bytes at the end that hold the footer, its trailer included.

    Raises:
        DamagedObject: more than is parsed.
    """
    length = int.from_bytes(tail[-_TRAILER:-4], "little") + _TRAILER
    if length > MAX_FOOTER_BYTES:
        raise _too_large(key, f"a footer of {sized(length)}", sized(MAX_FOOTER_BYTES))
    return length


def _check(metadata: pq.FileMetaData, key: str, without: Collection[str], whole: Callable[[], bytes]) -> None:
    for what, number, most in (
        ("rows", metadata.num_rows, most_rows(key)),
        ("columns", metadata.num_columns, MAX_COLUMNS),
        ("row groups", metadata.num_row_groups, MAX_ROW_GROUPS),
    ):
        if number > most:
            raise _too_large(key, f"{number:,} {what}", f"{most:,}")
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    limit = most_bytes(key)
    if sum(_worst(group) for group in groups) <= limit:
        return
    sure, texts = 0, []
    for number, group in enumerate(groups):
        for index in range(metadata.num_columns):
            column = group.column(index)
            path = column.path_in_schema
            if path.partition(".")[0] in without:
                continue
            least, worst = _memory(column)
            sure += least
            if worst > least:
                texts.append((worst - least, number, path))
    if sure <= limit and sure + sum(more for more, _, _ in texts) > limit:
        sure += _measured(whole(), [(number, path) for _, number, path in texts], limit - sure)
    if sure > limit:
        raise _too_large(key, f"columns of {sized(sure)} or more", sized(limit))


def _worst(group: Any) -> int:
    """Bytes that a row group takes decoded at the very most, from two numbers a column: it is asked of every object."""
    total = 0
    for index in range(group.num_columns):
        column = group.column(index)
        total += max(0, column.num_values) * (_WIDEST + max(0, column.total_uncompressed_size))
    return total


def _memory(column: Any) -> tuple[int, int]:
    """Bytes that one column of one row group takes decoded, at least and at most."""
    count, size = max(0, column.num_values), max(0, column.total_uncompressed_size)
    width = _WIDTHS.get(column.physical_type)
    if width is not None:
        return count * (width + 1), count * (width + 1)
    # Pages are unpacked before anything else, whatever their encoding.
    least = count * _OFFSET + size
    return least, least if _PLAIN.issuperset(column.encodings) else max(least, count * (_OFFSET + size))


def _measured(data: bytes, texts: list[tuple[int, str]], most: int) -> int:
    """Bytes of the texts of some columns, as far as they stay below `most`: the texts themselves are not copied."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    total = 0
    file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=sorted({path for _, path in texts}))
    for number, path in texts:
        try:
            read = file.read_row_group(number, columns=[path])
            total += sum(_length(chunk) for chunk in read.column(0).chunks)
        except pa.ArrowNotImplementedError:
            # Dictionaries that pyarrow can't put together inside a map: some rows at a time, each a dictionary's.
            total += _counted(data, number, path, most - total)
        if total > most:
            break
    return total


def _counted(data: bytes, number: int, path: str, most: int) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    total = 0
    for batch in pq.ParquetFile(pa.BufferReader(data)).iter_batches(256, row_groups=[number], columns=[path]):
        total += batch.nbytes
        if total > most:
            break
    return total


def _length(array: Any) -> int:
    """Bytes of the texts in an array, however deep inside lists, maps and structs."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if pa.types.is_dictionary(kind):
        lengths = pc.binary_length(array.dictionary)
        found = pc.sum(pc.take(lengths, array.indices).cast(pa.int64())).as_py()
        return found or 0
    if pa.types.is_map(kind):
        return _length(array.keys) + _length(array.items)
    if pa.types.is_struct(kind):
        return sum(_length(array.field(index)) for index in range(kind.num_fields))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _length(array.values)
    return int(array.nbytes)


def _too_large(key: str, what: str, most: str) -> DamagedObject:
    return DamagedObject(f"{key} has {what}; at most {most} are read, so it is passed over", key=key)
