"""The first rows of tables of any size: few bytes are read, and what is no table is told."""

from __future__ import annotations

import io

import polars as pl
import pytest

from lakeboard.query.artifacts.heads import COLUMNS, ROWS, head_of
from lakeboard.schema.artifacts.manifest import FileRow
from lakeboard.schema.errors import DamagedObject
from lakeboard.store.testing import CountingStore, MemoryStore


def stored(path: str, data: bytes) -> tuple[CountingStore, FileRow]:
    """A file amid others in one object."""
    store = MemoryStore()
    store.put("files/object", b"before" + data + b"after")
    return CountingStore(store), FileRow(path=path, bytes=len(data), object="files/object", offset=6)


def parquet(frame: pl.DataFrame, **options: int) -> bytes:
    sink = io.BytesIO()
    frame.write_parquet(sink, **options)  # type: ignore[arg-type]
    return sink.getvalue()


@pytest.mark.parametrize(
    ("path", "data", "columns", "rows"),
    [
        ("a.csv", b"n,text\n1,x\n2.5,\n", ["n", "text"], [[1.0, "x"], [2.5, None]]),
        ("a.CSV", b'n;text\n1;"a;b"\n', ["n", "text"], [[1, "a;b"]]),
        ("a.tsv", b"n\tt\n1\t\xc3\xa9\xff\n", ["n", "t"], [[1, "é�"]]),
        ("a.csv", b"n,n\n1,2,3\n", ["n", "n_duplicated_0"], [[1, 2]]),
        ("a.csv", b"n\n", ["n"], []),
        ("a.csv", b"", [], []),
        ("a.csv", b"\0\1\2", ["\0\1\2"], []),
    ],
)
def test_texts_are_rows(path: str, data: bytes, columns: list[str], rows: list[list[object]]) -> None:
    head = head_of(*stored(path, data))
    assert head is not None
    assert (head.columns, head.data) == (columns, rows)


def test_of_a_long_text_the_beginning_is_read() -> None:
    line = b"1,some text that takes its room\n"
    store, row = stored("a.csv", b"n,t\n" + line * 100_000)
    head = head_of(store, row)
    assert head is not None
    assert (len(head.data), head.note) == (ROWS, "The first 100 rows.")
    assert store.bytes_read == 256 * 1024


def test_of_a_large_parquet_file_little_is_read() -> None:
    frame = pl.DataFrame({f"c{n}": range(50_000) for n in range(70)})
    store, row = stored("a.parquet", parquet(frame, row_group_size=1000))
    head = head_of(store, row)
    assert head is not None
    assert (len(head.columns), len(head.data), head.data[3][:2]) == (COLUMNS, ROWS, [3, 3])
    assert head.note == "The first 100 of 50,000 rows. 10 further columns are not shown."
    assert store.bytes_read < row.bytes / 4


def test_every_value_is_one_that_a_browser_reads() -> None:
    frame = pl.DataFrame(
        {
            "f": [float("inf"), float("nan")],
            "b": [b"plain", b"\xff\0"],
            "l": [[1, 2], None],
            "s": ["x" * 1000, None],
            "t": pl.Series([0, None], dtype=pl.Datetime("ms")),
        }
    )
    head = head_of(*stored("a.parquet", parquet(frame)))
    assert head is not None
    assert head.data == [
        ["Infinity", "plain", "[1, 2]", "x" * 300 + "…", "1970-01-01 00:00:00"],
        ["NaN", "/wA=", None, None, None],
    ]


def test_what_is_no_table_is_told_or_passed_over() -> None:
    with pytest.raises(DamagedObject, match=r"a\.parquet can't be read as Parquet"):
        head_of(*stored("a.parquet", b"PAR1 is all"))
    whole = parquet(pl.DataFrame({"n": range(100)}))
    with pytest.raises(DamagedObject, match="can't be read as Parquet"):
        head_of(*stored("a.parquet", whole[:50] + b"\xff" * 50 + whole[-200:]))
    assert head_of(*stored("a.txt", b"a,b")) is None
    assert head_of(MemoryStore(), FileRow(path="a.csv", bytes=1, reference="s3://x/a.csv")) is None
    empty = head_of(*stored("a.parquet", parquet(pl.DataFrame({"n": pl.Series([], dtype=pl.Int64)}))))
    assert empty is not None
    assert (empty.columns, empty.data) == (["n"], [])
