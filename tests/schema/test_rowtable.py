"""Run rows as Arrow tables and Parquet bytes, and back."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.parquet import decode_table, encode_table
from lakeboard.schema.rowtable import rows_to_table, table_to_rows
from lakeboard.schema.run.row import RunRow
from lakeboard.schema.run.summary import Summary
from lakeboard.schema.tables import rows_schema
from lakeboard.schema.values import encode_param
from tests.schema.strategies import run_rows

_W = "w001-00000000"


@given(st.lists(run_rows(), max_size=3))
def test_rows_round_trip_through_parquet(rows: list[RunRow]) -> None:
    table = decode_table(encode_table(rows_to_table(rows)), key="runs/x")
    assert repr(table_to_rows(table)) == repr(rows)
    assert table.schema.remove_metadata() == rows_schema()


def test_more_rows_than_go_without_dictionaries_round_trip() -> None:
    rows = [RunRow(f"r{n}", _W, name="same", params={"n": encode_param(n)}) for n in range(300)]
    assert table_to_rows(decode_table(encode_table(rows_to_table(rows)), key="runs/x")) == rows


def test_columns_of_a_later_version_are_passed_over_and_missing_ones_are_null() -> None:
    rows = [RunRow("r1", _W, name="n", tags=("a",), created_at=3, summary={"m": Summary("m", n=1, last=2.0)})]
    table = rows_to_table(rows).append_column("colour", pa.array(["red"]))
    assert table_to_rows(table) == rows
    old = rows_to_table(rows).drop_columns(["env", "files", "tags", "created_at", "job_type"])
    assert table_to_rows(old) == [RunRow("r1", _W, name="n", summary={"m": Summary("m", n=1, last=2.0)})]


def test_fields_of_a_later_summary_are_passed_over() -> None:
    table = rows_to_table([RunRow("r1", _W)]).drop_columns(["summary"])
    later = pa.struct([("metric", pa.string()), ("n", pa.int64()), ("median", pa.float64())])
    column = pa.array([[("m", {"metric": None, "n": 3, "median": 0.5})]], pa.map_(pa.string(), later))
    assert table_to_rows(table.append_column("summary", column))[0].summary == {"m": Summary("m", n=3)}


def test_text_that_utf8_cannot_hold_does_not_lose_the_row() -> None:
    row = RunRow("r1", _W, error="no file 'caf\udce9'", tags=("\ud800",), env={"argv": "\udcff"})
    (found,) = table_to_rows(rows_to_table([row]))
    assert (found.error, found.tags, found.env) == ("no file 'caf\\udce9'", ("\\ud800",), {"argv": "\\udcff"})
