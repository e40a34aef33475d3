"""The lake's tables in Polars: schemas, and bytes to frames that always have them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import accumulate
from typing import Final, TypeVar

import polars as pl

from ...schema.edits import Edit, table_to_edits
from ...schema.errors import DamagedObject, LakeFormat
from ...schema.parquet import check_format, decode_table
from ...schema.rowtable import rows_to_table, table_to_rows
from ...schema.run.row import RunRow
from ...schema.tables import points_schema, rows_schema

T = TypeVar("T")
_FEW: Final = 8

PATH_SCHEMA: Final[Mapping[str, pl.DataType]] = {"project": pl.String(), "run_id": pl.String()}
"""What a points file's path tells of its rows."""
UNREADABLE: Final = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)
"""All that Polars raises over bytes that are not what they should be."""


@cache
def rows_types() -> pl.Schema:
    """`runs/`: columns and types of run rows."""
    # Not by way of an empty table: making one would import pandas where it is installed.
    return pl.Schema(rows_schema())


@cache
def points_types() -> pl.Schema:
    """`metrics/` and `live/`: columns and types of points, without what the path tells."""
    return pl.Schema(points_schema())


def scan(sources: list[bytes] | list[str], types: pl.Schema, **options: object) -> pl.LazyFrame:
    """Objects of one table as a lazy frame of exactly `types`: newer columns are left out, older files filled up."""
    return pl.scan_parquet(
        sources,
        schema=types,
        missing_columns="insert",
        extra_columns="ignore",
        cast_options=pl.ScanCastOptions(
            integer_cast=["upcast", "allow-float"],
            float_cast=["upcast", "downcast"],
            datetime_cast=["nanosecond-downcast", "microsecond-downcast", "convert-timezone"],
            missing_struct_fields="insert",
            extra_struct_fields="ignore",
        ),
        **options,  # type: ignore[arg-type]
    )


def decode_rows(data: bytes, *, key: str) -> pl.DataFrame:
    """Run rows in `data`, columns `rows_types()` and `source` (the key).

    Raises:
        DamagedObject: not Parquet, or not run rows.
        LakeFormat: of a newer format.
    """
    frame = guarded(lambda: _checked(data, rows_types(), key), key=key)
    if not are_rows(frame):
        raise DamagedObject(f"{key} holds no run rows: run_id, writer, version or status is missing", key=key)
    return frame.with_columns(pl.col("attempt").fill_null(1), source=pl.lit(key))


def decode_single_rows(found: Sequence[tuple[str, bytes]]) -> dict[str, pl.DataFrame]:
    """`decode_rows` of many objects with one row each, by key: a tenth of the time. Nothing, where any is odd."""
    if len(found) < _FEW:
        return {}
    try:
        for key, data in found:
            check_format(_meta(data), key=key)
        frame = scan([data for _, data in found], rows_types()).collect(engine="in-memory")
    except (LakeFormat, *UNREADABLE):
        return {}
    if frame.height != len(found) or not are_rows(frame):
        return {}
    frame = frame.with_columns(pl.col("attempt").fill_null(1), source=pl.Series([key for key, _ in found])).rechunk()
    return {key: frame[i : i + 1] for i, (key, _) in enumerate(found)}


def are_rows(frame: pl.DataFrame) -> bool:
    """Whether what every run row has is in every row."""
    missing = pl.any_horizontal(pl.col("run_id", "writer", "version", "status").is_null().any())
    return not frame.select(missing).item()


def decode_points(data: bytes, *, key: str, length: int) -> pl.DataFrame:
    """The points in `data`, columns `points_types()`.

    Raises:
        DamagedObject: not Parquet, not points, or not as many as the name promises.
        LakeFormat: of a newer format.
    """
    frame = guarded(lambda: _checked(data, points_types(), key), key=key)
    if frame.height != length or frame["seq"].null_count() or frame["metric"].null_count():
        raise DamagedObject(f"{key} holds {frame.height} readable points, its name promises {length}", key=key)
    return frame


def decode_many_points(found: Sequence[tuple[str, bytes, int]]) -> dict[str, pl.DataFrame]:
    """`decode_points` of many objects (key, bytes, rows promised), by key, in a fifth of the time.

    Nothing, where any is odd: then decode them one by one to know which.
    """
    if len(found) < _FEW:
        return {}
    try:
        for key, data, _ in found:
            check_format(_meta(data), key=key)
        frame = scan([data for _, data, _ in found], points_types()).collect(engine="in-memory")
    except (LakeFormat, *UNREADABLE):
        return {}
    offsets = list(accumulate((length for _, _, length in found), initial=0))
    if frame.height != offsets[-1] or frame["seq"].null_count() or frame["metric"].null_count():
        return {}
    parts = {key: frame[start : start + n] for (key, _, n), start in zip(found, offsets, strict=False)}
    return parts if all(part["writer"].n_unique() <= 1 for part in parts.values()) else {}


def decode_edits(data: bytes, *, key: str) -> tuple[Edit, ...]:
    """The edits in `data`; ops that this version does not know are passed over.

    Raises:
        DamagedObject: not Parquet, or not edits.
        LakeFormat: of a newer format.
    """
    table = decode_table(data, key=key)
    missing = {"run_id", "hlc", "rand", "op"} - set(table.column_names)
    if missing or any(table.column(name).null_count for name in ("run_id", "hlc", "rand", "op")):
        raise DamagedObject(f"{key} holds no edits: run_id, hlc, rand or op is missing", key=key)
    return tuple(table_to_edits(table))


def to_rows(frame: pl.DataFrame) -> list[RunRow]:
    """Run rows as values, in order."""
    return table_to_rows(frame.select(rows_types().names()).to_arrow())


def from_rows(rows: Sequence[RunRow], *, source: str) -> pl.DataFrame:
    """Run rows as a frame like that of `decode_rows`."""
    frame = pl.from_arrow(rows_to_table(rows))
    assert isinstance(frame, pl.DataFrame)
    return frame.cast(rows_types()).with_columns(source=pl.lit(source))


def guarded(read: Callable[[], T], *, key: str) -> T:
    """What `read` returns; whatever Polars says about the bytes becomes a `DamagedObject` that names `key`."""
    try:
        return read()
    except UNREADABLE as error:
        text = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise DamagedObject(f"{key} is not readable Parquet ({text})", key=key) from error


def _checked(data: bytes, types: pl.Schema, key: str) -> pl.DataFrame:
    check_format(_meta(data), key=key)
    return scan([data], types).collect(engine="in-memory")


def _meta(data: bytes) -> dict[bytes, bytes]:
    return {k.encode(): v.encode() for k, v in pl.read_parquet_metadata(io.BytesIO(data)).items()}
