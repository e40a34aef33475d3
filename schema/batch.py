"""Points on their way to Parquet: raw columns, grouped by the names that were logged together.

A call `log({"a": 1, "b": 2})` appends one step, one time, one first row number and two values to the group
`("a", "b")`. Row `starts[i] + j` is name `j` of call `i`, so rows are dense across groups without being stored.
Pure: no I/O, no clock. pyarrow is imported at the first call that needs it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .arrays import constant, scalar, texts
from .parquet import encode_tables, row_groups
from .tables import points_schema

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(slots=True)
class Group:
    """All calls that logged exactly these names (in this order) for this dataset."""

    names: tuple[str, ...]
    dataset: str | None = None
    steps: array[int] = field(default_factory=lambda: array("q"))
    """One per call."""
    times: array[float] = field(default_factory=lambda: array("d"))
    """Seconds since 1970, one per call."""
    starts: array[int] = field(default_factory=lambda: array("q"))
    """Row number (`seq`) of the call's first value."""
    values: array[float] = field(default_factory=lambda: array("d"))
    """`len(names)` per call."""
    floats: bool = field(default=False, compare=False)
    """Whether all values so far were Python's own numbers, so that adding some up runs no foreign code."""

    @property
    def calls(self) -> int:
        """How many calls are complete."""
        return len(self.steps)

    def extend(self, other: Group) -> None:
        """Append the calls of a group of the same names and dataset."""
        self.steps.extend(other.steps)
        self.times.extend(other.times)
        self.starts.extend(other.starts)
        self.values.extend(other.values)

    def column(self, j: int, first_call: int = 0) -> array[float]:
        """Values of name `j` from call `first_call` on."""
        width = len(self.names)
        return self.values[first_call * width + j :: width]


@dataclass(slots=True)
class Rows:
    """Rows `lo <= seq < hi` of one writer, as groups."""

    lo: int = 0
    hi: int = 0
    groups: dict[tuple[str | None, ...], Group] = field(default_factory=dict)

    def add(self, groups: Iterable[Group], hi: int) -> None:
        """Append rows up to `hi`; every row number between the old and the new `hi` is in `groups`.

        A group that is the first of its kind is kept itself, not copied.
        """
        for group in groups:
            if not group.calls:
                continue
            key = (group.dataset, *group.names)
            known = self.groups.get(key)
            if known is None:
                self.groups[key] = group
            else:
                known.extend(group)
        self.hi = hi

    @property
    def nbytes(self) -> int:
        """Memory that the columns take."""
        return sum(24 * g.calls + 8 * len(g.values) for g in self.groups.values())


def point_tables(groups: Iterable[Group], *, writer: str, attempt: int) -> Iterator[pa.Table]:
    """The groups' rows as tables of `points_schema()`, one per row group, sorted by (metric, seq) across all.

    Text columns are dictionary-encoded. Only one table's copy of the rows is in memory at a time.
    """
    pieces: dict[str, list[tuple[Group, int]]] = {}
    for group in groups:
        if group.calls:
            for j, name in enumerate(group.names):
                pieces.setdefault(name, []).append((group, j))
    metrics = sorted(pieces.items())
    for start, length in row_groups([sum(g.calls for g, _ in p) for _, p in metrics], unit="metrics"):
        yield _assemble(metrics[start : start + length], writer=writer, attempt=attempt)


def encode_groups(groups: Iterable[Group], *, writer: str, attempt: int, run: Mapping[str, Any] | None = None) -> bytes:
    """The groups' rows as the Parquet object that `live/` (with `run` in the footer) or `metrics/` holds."""
    return encode_tables(point_tables(groups, writer=writer, attempt=attempt), run=run)


def _assemble(metrics: Sequence[tuple[str, list[tuple[Group, int]]]], *, writer: str, attempt: int) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    datasets = sorted({g.dataset for _, pieces in metrics for g, _ in pieces if g.dataset is not None})
    shared: dict[int, tuple[Any, Any, Any]] = {}
    columns: dict[str, list[Any]] = {"step": [], "value": [], "timestamp": [], "seq": [], "dataset": []}
    lengths: list[int] = []
    for _, pieces in metrics:
        parts: dict[str, list[Any]] = {name: [] for name in columns}
        for group, j in pieces:
            if id(group) not in shared:
                shared[id(group)] = (_ints(group.steps), _millis(group.times), _ints(group.starts))
            steps, times, starts = shared[id(group)]
            parts["step"].append(steps)
            parts["timestamp"].append(times)
            parts["seq"].append(pc.add(starts, scalar(j, pa.int64())) if j else starts)
            parts["value"].append(_floats(group.column(j)))
            index = None if group.dataset is None else datasets.index(group.dataset)
            parts["dataset"].append(
                pa.nulls(group.calls, pa.int32()) if index is None else constant(index, group.calls)
            )
        lengths.append(sum(group.calls for group, _ in pieces))
        if len(pieces) > 1:
            joined = {name: pa.concat_arrays(arrays) for name, arrays in parts.items()}
            order = pc.array_sort_indices(joined["seq"])
            parts = {name: [column.take(order)] for name, column in joined.items()}
        for name, arrays in parts.items():
            columns[name].extend(arrays)
    total = sum(lengths)
    metric = pa.concat_arrays([constant(i, length) for i, length in enumerate(lengths)])
    arrays = [
        pa.DictionaryArray.from_arrays(metric, texts([name for name, _ in metrics])),
        pa.DictionaryArray.from_arrays(pa.concat_arrays(columns["dataset"]), texts(datasets)),
        pa.concat_arrays(columns["step"]),
        pa.concat_arrays(columns["value"]),
        pa.concat_arrays(columns["timestamp"]),
        pa.concat_arrays(columns["seq"]),
        pa.DictionaryArray.from_arrays(constant(0, total), texts([writer])),
        constant(attempt, total),
    ]
    schema = pa.schema([f.with_type(a.type) for f, a in zip(points_schema(), arrays, strict=True)])
    return pa.Table.from_arrays(arrays, schema=schema)


def _ints(values: array[int]) -> Any:
    import pyarrow as pa

    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(values)])


def _floats(values: array[float]) -> Any:
    import pyarrow as pa

    return pa.Array.from_buffers(pa.float64(), len(values), [None, pa.py_buffer(values)])


def _millis(seconds: array[float]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pc.cast(pc.floor(pc.multiply(_floats(seconds), scalar(1000.0, pa.float64()))), pa.int64())
    return whole.cast(pa.timestamp("ms", tz="UTC"))
