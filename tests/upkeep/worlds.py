"""Small lakes for upkeep: a clock that stands still, real writers, and a reader that is not ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from lakeboard.logger.writer import Writer
from lakeboard.schema.batch import Group
from lakeboard.schema.cover import Part, cover
from lakeboard.schema.edits import Edit, Op, edits_to_table
from lakeboard.schema.errors import MissingObject, StoreError
from lakeboard.schema.keys import EditKey, PackKey, PointsKey, RowKey, TailKey, parse_key, project_prefix, run_prefix
from lakeboard.schema.parquet import decode_footer, decode_table, encode_table
from lakeboard.schema.rowtable import rows_to_table, table_to_rows
from lakeboard.schema.run.row import OWNER, RunRow, Status, final_version, latest
from lakeboard.schema.values import flatten_params
from lakeboard.store.base import Store
from lakeboard.store.testing import Fault, FaultyStore, MemoryStore

P = "p"
T0 = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Clock:
    """A store's clock that moves when told."""

    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


def memory() -> tuple[MemoryStore, Clock]:
    clock = Clock()
    return MemoryStore(clock=clock), clock


def writer(
    store: Store, run_id: str, name: str = "w001-00000001", *, seal_bytes: int = 10**6, lr: float = 0.1
) -> Writer:
    ticks = count(1)
    row = RunRow(run_id, name, name=f"name of {run_id}", created_at=1, started_at=1, params=flatten_params({"lr": lr}))
    return Writer(store, P, row, None, now_ms=lambda: next(ticks), seal_bytes=seal_bytes)


def feed(w: Writer, points: int) -> None:
    """Log points; a point's value is its row number."""
    for _ in range(points):
        group = Group(("loss",))
        group.values.append(float(w.rows))
        group.starts.append(w.rows)
        group.times.append(1000.0 + w.rows)
        group.steps.append(w.rows)
        w.take([group], w.rows + 1)


def finish(w: Writer, status: Status = "finished") -> None:
    w.finish(replace(w.first_row, status=status, ended_at=99))


def sealed_untold(store: Store) -> Writer:
    """A job that told of 4 points, sealed 5, and died before it told of that."""
    dying: list[bool] = []
    plan = FaultyStore(store, lambda verb, key, n: Fault("before") if dying and "live/" in key else None)
    w = writer(plan, "r1", seal_bytes=20)
    feed(w, 4)
    w.flush(due_seconds=30)
    dying.append(True)
    feed(w, 1)
    try:
        w.flush(due_seconds=30)
    except StoreError:
        return w
    raise AssertionError("it lived")


def ended(store: Store, run_id: str, points: int = 3, name: str = "w001-00000001", *, lr: float = 0.1) -> RunRow:
    """A whole run."""
    w = writer(store, run_id, name, lr=lr)
    feed(w, points)
    w.flush(due_seconds=30)
    finish(w)
    return w.row


def put_row(store: Store, run_id: str, rows: int = 0, name: str = "w001-00000001", rank: int = OWNER) -> RowKey:
    """A final row alone, as runs without points leave."""
    key = RowKey(P, run_id, name, final_version(rows, rank))
    row = RunRow(run_id, name, version=key.version, status="finished", rows=rows, name=f"name of {run_id}")
    store.put(key.path, encode_table(rows_to_table([row])))
    return key


def put_edit(
    store: Store, run_ids: Iterable[str], op: Op, arg: str | None = None, *, hlc: int, rand: str = "0000000a"
) -> str:
    key = EditKey(P, hlc, rand)
    store.put(key.path, encode_table(edits_to_table([Edit(hlc, rand, r, op, arg, "ann") for r in run_ids])))
    return key.path


def told_rows(store: Store) -> dict[tuple[str, str], RunRow]:
    """The final rows of a lake, by what every reader must find."""
    rows = []
    for info in store.list(project_prefix("runs", P)):
        if isinstance(parse_key(info.key), (RowKey, PackKey)):
            rows += table_to_rows(decode_table(store.get(info.key), key=info.key))
    return {(r.run_id, r.writer): r for r in latest(rows)}


def patient_read(store: Store, run_id: str, name: str) -> tuple[RunRow | None, bool, list[int]]:
    """A reader by the letter of the rule: (final row, has a start, row numbers in order). Lists again when needed."""
    for _ in range(50):
        try:
            return _read(store, run_id, name)
        except (MissingObject, _Again):
            continue
    raise AssertionError("listed 50 times and never got through")


class _Again(Exception):
    pass


def _read(store: Store, run_id: str, name: str) -> tuple[RunRow | None, bool, list[int]]:
    tails = [
        k
        for i in store.list(project_prefix("live", P))
        if isinstance(k := parse_key(i.key), TailKey) and (k.run_id, k.writer) == (run_id, name)
    ]
    tails.sort(key=lambda k: k.k)
    files: set[str] = set()
    tables = {}
    for key in tails:
        data = store.get(key.path)
        tables[key.path] = decode_table(data, key=key.path)["seq"].to_pylist()
        files |= {f[0] for f in decode_footer(data, key=key.path).get("files", ())}
    rows = []
    for info in store.list(project_prefix("runs", P)):
        key_of_row = parse_key(info.key)
        if isinstance(key_of_row, PackKey) or (isinstance(key_of_row, RowKey) and key_of_row.run_id == run_id):
            rows += table_to_rows(decode_table(store.get(info.key), key=info.key))
    final = next((r for r in latest(rows) if (r.run_id, r.writer) == (run_id, name)), None)
    if final is not None:
        files |= {f.name for f in final.files}
    prefix = run_prefix(P, run_id)
    named = [k for f in files if isinstance(k := parse_key(prefix + f), PointsKey) and k.writer == name]
    promised = max([k.hi for k in tails] + [k.hi for k in named] + [(final.rows or 0) if final else 0])
    parts = [Part(k.lo, k.hi, False, k.path) for k in tails] + [Part(k.lo, k.hi, True, k.path) for k in named]
    try:
        seqs = _take(store, parts, tables, promised)
    except (MissingObject, _Again):
        listed = [k for i in store.list(prefix) if isinstance(k := parse_key(i.key), PointsKey) and k.writer == name]
        parts = [p for p in parts if not p.sealed] + [Part(k.lo, k.hi, True, k.path) for k in listed]
        seqs = _take(store, parts, tables, promised)
    return final, any(k.k == 0 for k in tails), seqs


def _take(store: Store, parts: list[Part], tables: dict[str, list[int]], promised: int) -> list[int]:
    found = cover(parts)
    if found.complete_to < promised:
        raise _Again
    out: list[int] = []
    for take in found.takes:
        path = take.part.name
        if path not in tables:
            tables[path] = decode_table(store.get(path), key=path)["seq"].to_pylist()
        out += sorted(s for s in tables[path] if s >= take.first_seq)
    return out
