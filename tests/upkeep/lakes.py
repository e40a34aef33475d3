"""Lakes for checking: one with something of everything, and ways to spoil it."""

from __future__ import annotations

from lakeboard.schema.checksum import stamped_json
from lakeboard.schema.keys import PointsKey, run_prefix
from lakeboard.schema.logs.keys import LogKey
from lakeboard.schema.parquet import decode_table, encode_points
from lakeboard.store.base import Store
from lakeboard.store.testing import MemoryStore
from lakeboard.upkeep.fsck import Report, fsck
from lakeboard.upkeep.tidy import execute_all, look_at, plan_tidy
from tests.upkeep.worlds import Clock, P, ended, feed, memory, put_edit, put_row, writer

W = "w001-00000001"
PREFIX = run_prefix(P, "r1")
FULL = PointsKey(P, "r1", W, 10, 10)


def check(store: MemoryStore, clock: Clock, *, repair: bool = False, quick: bool = False) -> Report:
    return fsck(store, now=clock.now, repair=repair, quick=quick)


def kinds(report: Report) -> list[tuple[str, str]]:
    return [(f.kind, f.key) for f in report.problems]


def lake_with_all() -> tuple[MemoryStore, Clock]:
    """A lake with something of everything, and nothing wrong."""
    store, clock = memory()
    ended(store, "r1", 10)
    long = writer(store, "r2", seal_bytes=60)
    for _ in range(3):
        feed(long, 30)
        long.flush(due_seconds=30)
    for i in range(3, 6):
        put_row(store, f"r{i}")
    put_edit(store, ["r3", "r4"], "tag", "x", hlc=1)
    put_edit(store, ["r5"], "purge", hlc=2)
    for task in plan_tidy(look_at(store, P), now=clock.now, min_singles=1):
        list(execute_all(store, [task], now=clock.now))
    store.put("boards/main/00000000000000000001-00000000.json", stamped_json(b'{"title": "b"}'))
    store.put("views/main-00000000/00000000000000000001-00000000.json", stamped_json(b'{"name": "v"}'))
    store.put(f"artifacts/project={P}/run_id=r1/ab/model.bin", b"x")
    store.put(LogKey(P, "r1", W, 6, 6).path, b"hello\n")
    store.put(LogKey(P, "r1", W, 12, 6).path, b"there\n")
    return store, clock


def cut(table_of: Store, lo: int, hi: int, source: PointsKey = FULL) -> PointsKey:
    """Put a sealed file with some of another one's rows."""
    table = decode_table(table_of.get(source.path), key="")
    rows = [s.as_py() for s in table["seq"]]
    picked = table.take([i for i, s in enumerate(rows) if lo <= s < hi])
    key = PointsKey(P, source.run_id, source.writer, hi, hi - lo)
    table_of.put(key.path, encode_points(picked.combine_chunks()))
    return key
