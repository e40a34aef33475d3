"""Bytes of Parquet objects: exact encodings and row groups, footers, damage."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.batch import Group, encode_groups
from lakeboard.schema.checksum import BLANK, CHECKSUM_KEY, stamped
from lakeboard.schema.edits import Edit, edits_to_table
from lakeboard.schema.errors import DamagedObject, LakeFormat
from lakeboard.schema.parquet import (
    check_format,
    decode_footer,
    decode_table,
    encode_points,
    encode_table,
    footer_length,
    metric_runs,
    row_groups,
)
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.schema.run.row import RunRow
from lakeboard.schema.tables import FORMAT_KEY, MAX_ROW_GROUP_ROWS, ROW_GROUP_ROWS, RUN_KEY
from tests.schema.test_batch import rows_in

_W = "w001-9f3a52c0"


def _group(names: tuple[str, ...], calls: int, dataset: str | None = None, lo: int = 0) -> Group:
    group = Group(names, dataset)
    for call in range(calls):
        group.steps.append(call)
        group.times.append(1.7e9 + call)
        group.starts.append(lo + call * len(names))
        group.values.extend(float(call + j) for j in range(len(names)))
    return group


def _metadata(data: bytes) -> Any:
    return pq.read_metadata(pa.BufferReader(data))


def _columns(data: bytes, group: int = 0) -> dict[str, Any]:
    row_group = _metadata(data).row_group(group)
    return {row_group.column(i).path_in_schema: row_group.column(i) for i in range(row_group.num_columns)}


def test_the_exact_encodings_of_points() -> None:
    columns = _columns(encode_groups([_group(("a", "b"), 1000, "cifar10")], writer=_W, attempt=1))
    assert {c.compression for c in columns.values()} == {"ZSTD"}
    few = _columns(encode_groups([_group(("a", "b"), 50)], writer=_W, attempt=1))
    assert {c.compression for c in few.values()} == {"SNAPPY"}
    for name in ("step", "timestamp", "seq"):
        assert "DELTA_BINARY_PACKED" in columns[name].encodings, name
        assert not columns[name].has_dictionary_page
    assert "PLAIN" in columns["value"].encodings
    assert not columns["value"].has_dictionary_page
    assert not set(columns["value"].encodings) & {"BYTE_STREAM_SPLIT", "RLE_DICTIONARY", "PLAIN_DICTIONARY"}
    for name in ("metric", "dataset", "writer"):
        assert columns[name].has_dictionary_page, name
    # Engines take statistics with NaN for bounds.
    assert not columns["value"].is_stats_set
    assert columns["metric"].statistics.min == "a"
    assert columns["step"].statistics.max == 999


def test_the_file_tells_logical_types_and_no_arrow_schema() -> None:
    metadata = _metadata(encode_groups([_group(("a",), 3)], writer=_W, attempt=1))
    types = {c.name: str(c.logical_type) for c in metadata.schema}
    assert types["metric"] == "String"
    assert types["timestamp"].startswith("Timestamp(isAdjustedToUTC=true, timeUnit=milliseconds")
    assert [c.physical_type for c in metadata.schema] == [
        "BYTE_ARRAY", "BYTE_ARRAY", "INT64", "DOUBLE", "INT64", "INT64", "BYTE_ARRAY", "INT32",
    ]  # fmt: skip
    assert [c.max_definition_level for c in metadata.schema] == [0, 1, 0, 0, 0, 0, 0, 0]
    assert {**metadata.metadata, CHECKSUM_KEY.encode(): b""} == {FORMAT_KEY: b"1", CHECKSUM_KEY.encode(): b""}


@pytest.mark.parametrize(
    ("calls", "names", "sizes"),
    [
        (1, 3, [3]),
        (ROW_GROUP_ROWS // 4, 8, [ROW_GROUP_ROWS, ROW_GROUP_ROWS]),  # exactly full after four metrics, twice
        (ROW_GROUP_ROWS - 1, 3, [2 * (ROW_GROUP_ROWS - 1), ROW_GROUP_ROWS - 1]),  # one row short: the next one joins
        (ROW_GROUP_ROWS, 3, [ROW_GROUP_ROWS] * 3),
        (5, 7, [35]),
    ],
)
def test_a_row_group_closes_at_a_metric_once_it_has_16384_rows(calls: int, names: int, sizes: list[int]) -> None:
    group = _group(tuple(f"m{n}" for n in range(names)), calls)
    data = encode_groups([group], writer=_W, attempt=1)
    metadata = _metadata(data)
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == sizes
    for i in range(metadata.num_row_groups - 1):
        assert _columns(data, i)["metric"].statistics.max < _columns(data, i + 1)["metric"].statistics.min
    # The other way to the same bytes, from a table.
    again = encode_points(decode_table(data, key="x"))
    assert rows_in(decode_table(again, key="x")) == rows_in(decode_table(data, key="x"))
    found = _metadata(again)
    assert [found.row_group(i).num_rows for i in range(found.num_row_groups)] == sizes


def test_no_row_group_is_larger_than_a_reader_can_bear() -> None:
    data = encode_groups([_group(("a",), MAX_ROW_GROUP_ROWS + 5)], writer=_W, attempt=1)
    metadata = _metadata(data)
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [MAX_ROW_GROUP_ROWS, 5]


@given(st.lists(st.integers(1, 40_000), max_size=12))
def test_row_groups_partition_the_metrics(lengths: list[int]) -> None:
    by_metric = row_groups(lengths, unit="metrics")
    assert [m for start, n in by_metric for m in range(start, start + n)] == list(range(len(lengths)))
    sizes = [sum(lengths[start : start + n]) for start, n in by_metric]
    assert all(size >= ROW_GROUP_ROWS for size in sizes[:-1])
    assert all(sum(lengths[start : start + n - 1]) < ROW_GROUP_ROWS for start, n in by_metric)
    assert [n for _, n in row_groups(lengths)] == sizes


def test_stretches_of_one_metric_are_found_across_chunks() -> None:
    chunks = pa.chunked_array([["a", "a"], ["a", "b"], ["c"]])
    assert metric_runs(pa.table({"metric": chunks})) == [3, 1, 1]
    assert metric_runs(pa.table({"metric": chunks.dictionary_encode()})) == [3, 1, 1]
    assert metric_runs(pa.table({"metric": pa.array([], pa.string())})) == []


@pytest.mark.parametrize(("count", "codec"), [(1, "SNAPPY"), (100, "SNAPPY"), (101, "ZSTD")])
def test_run_rows_and_edits_are_compressed_and_say_their_format(count: int, codec: str) -> None:
    rows = [RunRow(f"r{i}", _W) for i in range(count)]
    for table in (rows_to_table(rows), edits_to_table([Edit(1, "0" * 8, r.run_id, "delete") for r in rows])):
        data = encode_table(table)
        assert {c.compression for c in _columns(data).values()} == {codec}
        assert _metadata(data).metadata.keys() == {FORMAT_KEY, CHECKSUM_KEY.encode()}
        assert _metadata(data).metadata[FORMAT_KEY] == b"1"
        assert _metadata(data).num_row_groups == 1


def test_a_tail_carries_its_run_in_the_footer() -> None:
    run = {"status": "running", "summary": {"é": float("nan")}, "due_seconds": 5.0}
    data = encode_groups([_group(("a",), 3)], writer=_W, attempt=1, run=run)
    told = {"status": "running", "summary": {"é": "NaN"}, "due_seconds": 5.0}
    assert decode_footer(data, key="live/x") == told
    need = footer_length(data[-8:].rjust(12), key="live/x")
    assert decode_footer(data[-need:], key="live/x") == told
    assert _metadata(data).metadata[RUN_KEY].decode() == (
        '{"status":"running","summary":{"é":"NaN"},"due_seconds":5.0}'
    )
    with pytest.raises(DamagedObject, match="live/x does not end as a Parquet file does"):
        decode_footer(data[-need + 1 :], key="live/x")


def test_a_footer_longer_than_the_first_guess_tells_how_long_it_is() -> None:
    run = {"summary": {f"m{n}": "x" * 90 for n in range(1_000)}}
    data = encode_groups([_group(("a",), 3)], writer=_W, attempt=1, run=run)
    need = footer_length(data[-65_536:], key="live/x")
    assert 65_536 < need < len(data)
    assert decode_footer(data[-need:], key="live/x") == run


def test_objects_without_a_run_are_no_tails() -> None:
    with pytest.raises(DamagedObject, match="live/x carries no run row in its footer"):
        decode_footer(encode_groups([_group(("a",), 3)], writer=_W, attempt=1), key="live/x")
    listed = encode_groups([], writer=_W, attempt=1, run=[1])  # type: ignore[arg-type]
    with pytest.raises(DamagedObject, match="live/x carries a run row of the wrong shape"):
        decode_footer(listed, key="live/x")


@pytest.mark.parametrize("data", [b"", b"PAR1", b"not parquet at all", b"PAR1" + bytes(100) + b"PAR1"])
def test_what_is_not_parquet_is_told_with_its_key(data: bytes) -> None:
    with pytest.raises(DamagedObject, match=r"runs/a (does not end|carries no checksum)") as caught:
        decode_table(data, key="runs/a")
    assert caught.value.key == "runs/a"


def test_an_object_cut_short_anywhere_is_damaged() -> None:
    data = encode_table(rows_to_table([RunRow("r1", _W)]))
    for length in range(0, len(data), 7):
        with pytest.raises(DamagedObject):
            decode_table(data[:length], key="runs/a")
        with pytest.raises(DamagedObject, match=r"does not end as a Parquet file does \(cut short\?\)"):
            footer_length(data[:length], key="runs/a")


@pytest.mark.parametrize("said", [b"2", b"one", b""])
def test_a_newer_format_is_refused_politely(said: bytes) -> None:
    message = f"runs/a is of lake format {said.decode()}; this lakeboard reads up to 1: upgrade it"
    with pytest.raises(LakeFormat, match=re.escape(message)):
        check_format({FORMAT_KEY: said}, key="runs/a")
    check_format({}, key="runs/a")
    check_format({FORMAT_KEY: b"1"}, key="runs/a")


def test_objects_of_a_newer_format_are_refused_by_both_readers() -> None:
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, pa.schema([("a", pa.int64())])) as writer:
        writer.add_key_value_metadata({FORMAT_KEY.decode(): "2", RUN_KEY.decode(): "{}", CHECKSUM_KEY: BLANK})
    for decode in (decode_table, decode_footer):
        with pytest.raises(LakeFormat, match="upgrade it"):
            decode(stamped(memoryview(sink.getvalue())), key="live/x")
