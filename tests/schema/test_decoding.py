"""Small objects that decode to much: refused by their footer, named, before a page is decoded."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeboard.schema import decoding
from lakeboard.schema.decoding import check_decodable, check_end, check_footer_length
from lakeboard.schema.errors import DamagedObject
from lakeboard.schema.limits import MAX_COLUMNS, MAX_FOOTER_BYTES, MAX_POINT_ROWS, MAX_ROW_GROUPS, MAX_TABLE_ROWS

_PACK = "runs/project=p/z-000000000001-0a1b2c3d.parquet"
_ROW = "runs/project=p/r-r1.w001-0a1b2c3d.000000000003.parquet"
_TAIL = "live/project=p/r1.w001-0a1b2c3d.00000001.000000000001-000000000001.parquet"


def _bytes(table: pa.Table, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _repeated(value: Any, rows: int) -> pa.Table:
    return pa.table({"a": pa.array([value]).take(pa.array([0] * rows))})


def test_what_is_small_passes() -> None:
    check_decodable(_bytes(pa.table({"a": [1, 2], "b": ["x", "y"]})), key=_ROW)


@pytest.mark.parametrize(("key", "most"), [(_TAIL, MAX_POINT_ROWS), (_PACK, MAX_TABLE_ROWS)])
def test_too_many_rows(key: str, most: int) -> None:
    data = _bytes(pa.table({"a": pa.nulls(most + 1, pa.int8())}))
    assert len(data) < 50_000
    with pytest.raises(DamagedObject, match=rf"{most + 1:,} rows; at most {most:,}"):
        check_decodable(data, key=key)
    check_decodable(_bytes(pa.table({"a": pa.nulls(most, pa.int8())})), key=key)


def test_too_many_columns_and_row_groups() -> None:
    wide = pa.table({f"c{n}": pa.array([1], pa.int8()) for n in range(MAX_COLUMNS + 1)})
    with pytest.raises(DamagedObject, match="2,001 columns"):
        check_decodable(_bytes(wide), key=_PACK)
    many = pa.table({"a": pa.nulls(MAX_ROW_GROUPS + 1, pa.int8())})
    with pytest.raises(DamagedObject, match="4,097 row groups"):
        check_decodable(_bytes(many, row_group_size=1), key=_PACK)


def test_one_large_value_in_a_row() -> None:
    data = _bytes(pa.table({"notes": ["N" * 70_000_000]}), compression="zstd")
    assert len(data) < 50_000
    with pytest.raises(DamagedObject, match=r"70.0 MB or more; at most 67.1 MB"):
        check_decodable(data, key=_ROW)
    check_decodable(data, key=_PACK)
    check_decodable(data, key=_ROW, without=("notes",))


@pytest.mark.parametrize("nested", [False, True])
def test_a_dictionary_entry_in_many_rows_is_measured(nested: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the object's size nor those in its footer tell: 30,000 rows of 1,000 bytes are 30 MB."""
    monkeypatch.setattr(decoding, "MAX_DECODED_BYTES", 20_000_000)
    value: Any = [("k", {"text": "x" * 1000})] if nested else "x" * 1000
    kind = pa.map_(pa.string(), pa.struct([("text", pa.string())])) if nested else pa.string()

    def table(rows: int) -> pa.Table:
        return pa.table({"params": pa.array([value] * rows, kind)})

    data = _bytes(table(30_000))
    assert len(data) < 10_000
    with pytest.raises(DamagedObject, match=r"at most 20.0 MB are read"):
        check_decodable(data, key=_PACK)
    check_decodable(data, key=_PACK, without=("params",))
    # Rows that a wrong reckoning (as many bytes in each as in the dictionary) would refuse.
    mixed = pa.table({"params": pa.array([value] + [[] if nested else "y"] * 29_999, kind)})
    check_decodable(_bytes(mixed), key=_PACK)


def test_entries_within_a_row_count() -> None:
    entries = pa.ListArray.from_arrays(pa.array([0, 9_000_000], pa.int32()), pa.nulls(9_000_000, pa.int64()))
    data = _bytes(pa.table({"a": entries}))
    assert len(data) < 200_000
    with pytest.raises(DamagedObject, match=r"81.0 MB or more"):
        check_decodable(data, key=_ROW)


def test_a_footer_is_refused_by_its_length_alone() -> None:
    tail = (MAX_FOOTER_BYTES - 8 + 1).to_bytes(4, "little") + b"PAR1"
    with pytest.raises(DamagedObject, match=r"a footer of 33\.6 MB; at most 33\.6 MB"):
        check_footer_length(tail, key=_TAIL)
    assert check_footer_length((100).to_bytes(4, "little") + b"PAR1", key=_TAIL) == 108


def test_an_end_is_enough_where_the_footer_tells() -> None:
    data = _bytes(pa.table({"a": [1, 2]}))
    length = check_footer_length(data[-8:], key=_TAIL)

    def whole() -> bytes:
        raise AssertionError("not needed")

    check_end(data[-length:], key=_TAIL, whole=whole)


def test_a_footer_that_is_none_is_damage() -> None:
    with pytest.raises(DamagedObject, match="no readable Parquet footer"):
        check_decodable(b"PAR1" + b"\x00" * 40 + (20).to_bytes(4, "little") + b"PAR1", key=_TAIL)
