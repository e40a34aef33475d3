"""Small lakes written by the format's own functions, as a logger would leave them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from lakeboard.schema.edits import Edit, Op, edits_to_table
from lakeboard.schema.keys import LAKE_KEY, EditKey, PackKey, PointsKey, RowKey, TailKey, attempt_of, writer_id
from lakeboard.schema.parquet import encode_points, encode_table
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.schema.run.row import RunRow, SealedFile, Status
from lakeboard.schema.run.summary import Summary, metric_label, update
from lakeboard.schema.tables import points_schema
from lakeboard.schema.values import flatten_params
from lakeboard.store.base import Store

T0 = 1_700_000_000_000
"""When everything began, in milliseconds."""
POINT_COLUMNS = ("metric", "dataset", "step", "value", "timestamp", "seq", "writer", "attempt")


@dataclass(frozen=True)
class Point:
    """One logged value."""

    metric: str
    step: int
    value: float
    dataset: str | None = None


def loss(n: int, *, first: int = 0) -> list[Point]:
    """`n` points of one metric."""
    return [Point("loss", step, 1.0 / (1 + step)) for step in range(first, first + n)]


def points_table(points: Sequence[Point], lo: int, writer: str) -> pa.Table:
    """Rows `lo <= seq < lo + len(points)`."""
    rows = [
        {
            "metric": p.metric,
            "dataset": p.dataset,
            "step": p.step,
            "value": p.value,
            "timestamp": T0 + lo + i,
            "seq": lo + i,
            "writer": writer,
            "attempt": attempt_of(writer),
        }
        for i, p in enumerate(points)
    ]
    return pa.Table.from_pylist(rows, schema=points_schema()).sort_by([("metric", "ascending"), ("seq", "ascending")])


def summarize(points: Iterable[Point]) -> dict[str, Summary]:
    """The summary after these points."""
    out: dict[str, Summary] = {}
    for i, p in enumerate(points):
        label = metric_label(p.metric, p.dataset)
        out[label] = update(out.get(label, Summary(p.metric, p.dataset)), [p.value], [p.step], [T0 + i])
    return out


@dataclass
class Writer:
    """One process of a run; each method is one thing a logger does."""

    store: Store
    project: str = "digits"
    run_id: str = "r1"
    attempt: int = 1
    rand: str = "00000001"
    config: Mapping[str, object] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    late: Mapping[str, Any] = field(default_factory=dict)
    """Fields that were set after the start."""
    points: list[Point] = field(default_factory=list)
    files: list[SealedFile] = field(default_factory=list)
    sealed: int = 0
    k: int = -1
    due_seconds: float = 30.0
    tails: list[str] = field(default_factory=list)

    @property
    def writer(self) -> str:
        return writer_id(self.attempt, self.rand)

    @property
    def start_row(self) -> RunRow:
        return RunRow(
            self.run_id,
            self.writer,
            attempt=self.attempt,
            created_at=T0,
            started_at=T0,
            updated_at=T0,
            params=flatten_params(self.config),
            **self.fields,
        )

    @property
    def row(self) -> RunRow:
        now = T0 + 1000 * max(self.k, 0)
        return replace(
            self.start_row, updated_at=now, summary=summarize(self.points), files=tuple(self.files), **self.late
        )

    def start(self) -> Writer:
        self.k = 0
        self._put_tail(0, self.start_row.to_json() | {"due_seconds": self.due_seconds})
        return self

    def log(self, points: Iterable[Point]) -> Writer:
        self.points += points
        return self

    def flush(self, *, keep: bool = False, drop_summary: int | None = None) -> str:
        """A new tail; `drop_summary` names the tail that carries the summary instead. Returns the key."""
        self.k += 1
        changes = self.row.changes_since(self.start_row)
        changes |= {"due_seconds": self.due_seconds, "sealed": self.sealed}
        if drop_summary is not None:
            changes.pop("summary", None)
            changes["summary_k"] = drop_summary
        key = self._put_tail(self.sealed, changes)
        if not keep:
            # The start and the newest two stay.
            old, self.tails = self.tails[1:-2], [self.tails[0], *self.tails[1:][-2:]]
            self.store.delete(old)
        return key

    def seal(self, lo: int | None = None, hi: int | None = None, *, forget: bool = False) -> str:
        """Write rows into `metrics/`; `forget` is what recoveries and late retries look like to the writer."""
        lo = self.sealed if lo is None else lo
        hi = len(self.points) if hi is None else hi
        key = PointsKey(self.project, self.run_id, self.writer, hi, hi - lo)
        data = encode_points(points_table(self.points[lo:hi], lo, self.writer))
        self.store.put(key.path, data)
        if not forget:
            self.sealed = hi
            self.files.append(SealedFile(key.name, len(data)))
        return key.path

    def finish(self, status: Status = "finished", *, tidy: bool = True, version: int = 1, **fields: Any) -> str:
        """Seal, put the final row, delete the tails."""
        if self.sealed < len(self.points):
            self.seal()
        row = replace(self.final_row(status, version), **fields)
        key = RowKey(self.project, self.run_id, self.writer, version)
        self.store.put(key.path, encode_table(rows_to_table([row])))
        if tidy:
            self.store.delete(self.tails)
            self.tails = []
        return key.path

    def final_row(self, status: Status = "finished", version: int = 1) -> RunRow:
        return replace(
            self.row,
            status=status,
            version=version,
            ended_at=T0 + 60_000,
            updated_at=T0 + 60_000,
            rows=len(self.points),
        )

    def _put_tail(self, lo: int, footer: Mapping[str, Any]) -> str:
        hi = len(self.points)
        key = TailKey(self.project, self.run_id, self.writer, self.k, hi, hi - lo)
        self.store.put(key.path, encode_points(points_table(self.points[lo:hi], lo, self.writer), run=footer))
        self.tails.append(key.path)
        return key.path


def note_lake(store: Store) -> None:
    """What makes a store a lake."""
    store.put(LAKE_KEY, b'{"format": 1, "min_reader": 1}')


def put_pack(store: Store, rows: Iterable[RunRow], *, project: str = "digits", gen: int = 1) -> str:
    """Many run rows in one object."""
    key = PackKey("runs", project, gen, f"{gen:08x}").path
    store.put(key, encode_table(rows_to_table(rows)))
    return key


def put_edit(
    store: Store,
    run_ids: Sequence[str],
    op: Op,
    arg: str | None = None,
    *,
    hlc: int,
    rand: str = "0000000a",
    project: str = "digits",
    editor: str | None = None,
) -> str:
    """One decision, as another person's reader would write it."""
    key = EditKey(project, hlc, rand).path
    store.put(key, encode_table(edits_to_table([Edit(hlc, rand, r, op, arg, editor) for r in run_ids])))
    return key


def ended_run(
    run_id: str, config: Mapping[str, object], metrics: Mapping[str, Sequence[float]], **fields: Any
) -> RunRow:
    """The row of an ended run, without its points."""
    points = [Point(name, step, value) for name, values in metrics.items() for step, value in enumerate(values)]
    row = RunRow(
        run_id,
        writer_id(1, "0000000b"),
        status="finished",
        created_at=T0,
        started_at=T0,
        ended_at=T0 + 90_000,
        updated_at=T0 + 90_000,
        params=flatten_params(config),
        summary=summarize(points),
        rows=0,
    )
    return replace(row, **fields)
