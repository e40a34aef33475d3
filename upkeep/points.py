"""Tables of points for upkeep: joined, cut to a range, each row once. Pure; pyarrow is imported at the first call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..schema.arrays import scalar
from ..schema.batch import Group, point_tables
from ..schema.run.row import RunRow
from ..schema.tables import points_schema

if TYPE_CHECKING:
    import pyarrow as pa


def table_of_groups(groups: Iterable[Group], first: RunRow) -> pa.Table:
    """The groups' rows, sorted by (metric, seq), with text as text."""
    import pyarrow as pa

    tables = list(point_tables(groups, writer=first.writer, attempt=first.attempt))
    return pa.concat_tables([plain(t) for t in tables]) if tables else points_schema().empty_table()


def plain(table: pa.Table) -> pa.Table:
    """Text as text: dictionaries of different tables do not concatenate."""
    return table.select(points_schema().names).cast(points_schema())


def rows_between(tables: Sequence[pa.Table], lo: int, hi: int) -> pa.Table:
    """Each row `lo <= seq < hi` once, sorted by (metric, seq)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    joined = pa.concat_tables(tables)
    joined = joined.filter(
        pc.and_(pc.greater_equal(joined["seq"], scalar(lo, pa.int64())), pc.less(joined["seq"], scalar(hi, pa.int64())))
    )
    order = pc.sort_indices(joined, sort_keys=[("seq", "ascending")])
    joined = joined.take(order)
    if len(joined) > 1:
        seq = joined["seq"].combine_chunks()
        first = pc.equal(seq.slice(0, 1), seq.slice(0, 1))
        fresh = pc.not_equal(seq.slice(1), seq.slice(0, len(seq) - 1))
        joined = joined.filter(pa.concat_arrays([first, *_chunks(fresh)]))
    return joined.sort_by([("metric", "ascending"), ("seq", "ascending")]).combine_chunks()


def _chunks(array: Any) -> list[Any]:
    return array.chunks if hasattr(array, "chunks") else [array]


def dense_rows(table: pa.Table, lo: int) -> int:
    """How many rows from `lo` on are there without a hole; of a table in which no row is twice or below `lo`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(table):
        return 0
    seq = table["seq"].combine_chunks()
    seq = seq.take(pc.array_sort_indices(seq))
    if seq[0].as_py() != lo:
        return 0
    gaps = pc.not_equal(pc.subtract(seq.slice(1), seq.slice(0, len(seq) - 1)), scalar(1, pa.int64()))
    holes = pc.indices_nonzero(gaps)
    return int(holes[0].as_py()) + 1 if len(holes) else len(seq)
