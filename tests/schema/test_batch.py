"""Points as columns: batches to Parquet and back, whole and in order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.batch import Group, Rows, encode_groups, point_tables
from lakeboard.schema.parquet import decode_table
from lakeboard.schema.tables import points_schema
from tests.schema.strategies import Call, Point, calls, groups_of, points_of

_W = "w007-9f3a52c0"


def rows_in(table: pa.Table) -> list[Point]:
    """A table's rows as points."""
    plain = table.select(points_schema().names).cast(points_schema())
    times = plain["timestamp"].cast(pa.int64()).to_pylist()
    columns = [plain[name].to_pylist() for name in ("metric", "dataset", "step", "value")]
    return list(zip(*columns, times, plain["seq"].to_pylist(), strict=True))


@given(calls(), st.integers(0, 10**12))
def test_what_was_logged_is_read_back(logged: list[Call], lo: int) -> None:
    groups, hi = groups_of(logged, lo)
    table = decode_table(encode_groups(groups, writer=_W, attempt=7), key="metrics/x")
    found = rows_in(table)
    assert repr(sorted(found, key=lambda p: p[5])) == repr(points_of(logged, lo))
    assert [(p[0], p[5]) for p in found] == sorted((p[0], p[5]) for p in found)
    assert sorted(p[5] for p in found) == list(range(lo, hi))
    assert set(table["writer"].to_pylist()) <= {_W}
    assert set(table["attempt"].to_pylist()) <= {7}
    assert table.schema.names == points_schema().names


@given(calls(), st.lists(st.integers(0, 12), max_size=3))
def test_batches_join_to_the_same_bytes(logged: list[Call], cuts: Sequence[int]) -> None:
    rows = Rows()
    edges = [0, *sorted(min(c, len(logged)) for c in cuts), len(logged)]
    for a, b in pairwise(edges):
        groups, hi = groups_of(logged[a:b], rows.hi)
        rows.add(groups, hi)
    once, hi = groups_of(logged)
    assert rows.hi == hi
    both = [encode_groups(g, writer=_W, attempt=1) for g in (rows.groups.values(), once)]
    assert both[0] == both[1]


def test_groups_without_calls_leave_no_trace() -> None:
    rows = Rows(5, 5)
    rows.add([Group(("a",))], 5)
    assert (rows.groups, rows.hi, rows.nbytes) == ({}, 5, 0)
    assert list(point_tables([Group(("a",))], writer=_W, attempt=1)) == []
    table = decode_table(encode_groups([], writer=_W, attempt=1), key="live/x")
    assert len(table) == 0
    assert table.schema.names == points_schema().names


def test_memory_is_counted() -> None:
    groups, hi = groups_of([(("a", "b"), None, 0, 0.0, (1.0, 2.0))] * 10)
    rows = Rows()
    rows.add(groups, hi)
    assert rows.nbytes == 10 * (3 * 8 + 2 * 8)
    assert list(groups[0].column(1, 8)) == [2.0, 2.0]
