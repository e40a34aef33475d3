"""Whether an object's bytes are what its name promises. Pure: bytes in, findings out; every check reads all of them.

Findings come with what could be read, so that whoever asks need not read it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ..schema.ahead import is_ahead, said_ahead
from ..schema.checksum import verify_end
from ..schema.decoding import check_footer_length
from ..schema.documents import decode_document
from ..schema.errors import DamagedObject, LakeFormat
from ..schema.keys import DocumentKey, EditKey, Key, PackKey, PointsKey, RowKey, TailKey, attempt_of
from ..schema.parquet import MAGIC, check_format, decode_footer, decode_table
from ..schema.problems import Problem, problem_of
from ..schema.rowtable import rows_to_table, table_to_rows
from ..schema.run.row import RunRow
from ..schema.tables import points_schema
from ..schema.tailrow import TailFooter, row_of_tails
from .packing.packed import RowId, decode_packable, marks
from .points import plain

if TYPE_CHECKING:
    import pyarrow as pa


_WITH_STATISTICS: Final = ("metric", "step", "timestamp", "seq")


def check_points(key: PointsKey | TailKey, data: bytes) -> tuple[pa.Table | None, list[Problem]]:
    """The points in `data` as plain columns, or None and why they are not those that the name promises."""
    try:
        table = _points(decode_table(data, key=key.path), key)
    except (DamagedObject, LakeFormat) as error:
        return None, [_unreadable(key.path, data, error)]
    complaint = _complaint(table, key) or _statistics_complaint(table, data)
    return (None, [Problem(key.path, "content", f"{key.path} {complaint}")]) if complaint else (table, [])


def check_points_end(key: PointsKey, tail: bytes) -> list[Problem]:
    """Whether the last bytes of an object are the footer of a file of as many points as the name promises."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        verify_end(tail, key=key.path)
        check_footer_length(tail, key=key.path)
        meta = pq.read_metadata(pa.BufferReader(MAGIC + tail))
        check_format(meta.metadata or {}, key=key.path)
    except (DamagedObject, LakeFormat) as error:
        return [_unreadable(key.path, tail, error)]
    except (pa.ArrowException, OSError, ValueError) as error:
        return [Problem(key.path, "damaged", f"{key.path} has no readable Parquet footer ({error})"[:300])]
    if meta.num_rows != key.length:
        text = f"{key.path} holds {meta.num_rows} points, its name promises {key.length}"
        return [Problem(key.path, "content", text)]
    return []


def check_footer(key: TailKey, data: bytes) -> tuple[dict[str, Any] | None, list[Problem]]:
    """What a tail's footer tells of the run's row, or None and why it tells nothing."""
    try:
        footer = decode_footer(data, key=key.path)
        if key.k == 0 and (footer.get("run_id"), footer.get("writer")) != (key.run_id, key.writer):
            return None, [Problem(key.path, "content", f"{key.path} carries the row of another run")]
        found = row_of_tails([TailFooter(key, footer)], key.run_id, key.writer)
        if found.error is not None:
            raise ValueError(str(found.error)[:200])
        check_row(found.row)
    except (DamagedObject, LakeFormat) as error:
        return None, [_unreadable(key.path, data, error)]
    except ValueError as error:
        return None, [Problem(key.path, "content", f"{key.path} tells of a run in a way that makes no sense ({error})")]
    return footer, []


def check_row(row: RunRow) -> None:
    """Whether a row fits the table of runs.

    Raises:
        ValueError: text where a number belongs, or the like.
    """
    import pyarrow as pa

    try:
        rows_to_table([row])
    except (KeyError, TypeError, AttributeError, IndexError, ArithmeticError, ValueError, pa.ArrowException) as error:
        raise ValueError(str(error)[:200]) from error


def check_rows(key: RowKey | PackKey, data: bytes) -> tuple[list[RunRow], list[Problem]]:
    """The run rows in `data`, or none and why there are none."""
    try:
        table = decode_packable(data, key=key.path)
        return table_to_rows(table), []
    except (DamagedObject, LakeFormat) as error:
        return [], [_unreadable(key.path, data, error)]
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        return [], [Problem(key.path, "content", f"{key.path} holds run rows that make no sense ({error})"[:300])]


def check_edits(key: EditKey | PackKey, data: bytes) -> list[Problem]:
    """Whether `data` holds edits, those that the name promises."""
    try:
        decode_packable(data, key=key.path)
    except (DamagedObject, LakeFormat) as error:
        return [_unreadable(key.path, data, error)]
    return []


def edit_marks(key: EditKey | PackKey, data: bytes) -> list[RowId]:
    """Which edits `data` holds; for data that passed `check_edits`."""
    return marks(decode_packable(data, key=key.path), "edits")


def check_times(key: Key, modified: datetime, stamps: Iterable[int]) -> list[Problem]:
    """Whether decisions (or a saved version) are of a time that their object's own time allows.

    Args:
        key: the object's.
        modified: when the store took it.
        stamps: the clock readings in it.
    """
    ahead = [hlc for hlc in stamps if is_ahead(hlc, modified)]
    if not ahead:
        return []
    text = said_ahead(key.path, f"{len(ahead):,} of its clock readings, the first", ahead[0], modified)
    return [Problem(key.path, "ahead", text)]


def check_document(key: DocumentKey, data: bytes) -> list[Problem]:
    """Whether `data` is the JSON object that was written, and one that readers take."""
    try:
        decode_document(data, key=key.path)
    except DamagedObject as error:
        return [_unreadable(key.path, data, error)]
    return []


def _unreadable(path: str, data: bytes, error: Exception) -> Problem:
    return problem_of(path, error) if data else Problem(path, "empty", f"{path} has no bytes at all")


def _points(table: pa.Table, key: PointsKey | TailKey) -> pa.Table:
    import pyarrow as pa

    missing = [name for name in points_schema().names if name not in table.column_names]
    if missing:
        raise DamagedObject(f"{key.path} holds no points: {', '.join(missing)} is missing", key=key.path)
    try:
        points = plain(table)
        points.validate(full=True)
    except (pa.ArrowException, ValueError) as error:
        raise DamagedObject(
            f"{key.path} holds points of other types than these have ({error})", key=key.path
        ) from error
    return points


def _complaint(table: pa.Table, key: PointsKey | TailKey) -> str | None:
    import pyarrow.compute as pc

    if len(table) != key.length:
        return f"holds {len(table)} points, its name promises {key.length}"
    if not key.length:
        return None
    nulls = [f.name for f in points_schema() if not f.nullable and table[f.name].null_count]
    if nulls:
        return f"has nulls in {', '.join(nulls)}"
    seq = table["seq"]
    ends = pc.min_max(seq).as_py()
    if (ends["min"], ends["max"]) != (key.lo, key.hi - 1) or pc.count_distinct(seq).as_py() != key.length:
        return f"does not hold each of the rows {key.lo} to {key.hi - 1} once, as its name promises"
    for name, wanted in (("writer", key.writer), ("attempt", attempt_of(key.writer))):
        if pc.unique(table[name]).to_pylist() != [wanted]:
            return f"holds points of another {name} than {wanted}"
    if not _sorted(table):
        return "is not sorted by metric and row number, so that reading one metric of it reads all"
    return None


def _statistics_complaint(table: pa.Table, data: bytes) -> str | None:
    """Engines skip row groups by their statistics: wrong ones hide rows."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pa.BufferReader(data))
    start = 0
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        rows = table.slice(start, group.num_rows)
        start += group.num_rows
        for index in range(group.num_columns):
            column = group.column(index)
            found = column.statistics
            if found is None or not found.has_min_max or column.path_in_schema not in _WITH_STATISTICS:
                continue
            values = rows[column.path_in_schema]
            if column.path_in_schema == "timestamp":
                values = values.cast(pa.int64())
            ends = pc.min_max(values).as_py()
            try:
                told = (found.min, found.max) if column.path_in_schema == "metric" else (found.min_raw, found.max_raw)
            except (ValueError, pa.ArrowException):
                # Bytes that are no text, for example.
                told = (None, None)
            if told != (ends["min"], ends["max"]):
                return (
                    f"has statistics of {column.path_in_schema} that do not fit its points: engines may pass rows over"
                )
    return None


def _sorted(table: pa.Table) -> bool:
    import pyarrow.compute as pc

    if len(table) < 2:
        return True
    (metric, metric_next), (seq, seq_next) = (
        (column.slice(0, len(column) - 1), column.slice(1)) for column in (table["metric"], table["seq"])
    )
    within = pc.and_(pc.equal(metric, metric_next), pc.less(seq, seq_next))
    return bool(pc.all(pc.or_(pc.less(metric, metric_next), within)).as_py())
