from __future__ import annotations

import random
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakeboard.logger import writer as module
from lakeboard.logger.inputs.definitions import define
from lakeboard.logger.spooling.spool import Spool
from lakeboard.logger.writer import Writer
from lakeboard.schema.batch import Group
from lakeboard.schema.errors import LakeFormat, StoreError, StoreUnreachable
from lakeboard.schema.keys import TailKey
from lakeboard.schema.run.row import RunRow
from lakeboard.schema.values import flatten_params
from lakeboard.store.testing import CountingStore, Fault, FaultyStore, MemoryStore
from lakeboard.upkeep.recover import recover_spool
from tests.effort import examples
from tests.logger.reading import read_lake

WRITER = "w001-0123abcd"
FIRST = RunRow("rabc", WRITER, name="n", created_at=1, started_at=1, params=flatten_params({"lr": 0.1}))


def call(start: int, width: int = 1, step: int = 0, dataset: str | None = None) -> Group:
    group = Group(tuple(f"m{i}" for i in range(width)), dataset)
    group.values.extend(float(start + i) for i in range(width))
    group.starts.append(start)
    group.times.append(1000.0 + start)
    group.steps.append(step)
    return group


def make(store: Any, spool: Spool | None = None, **options: Any) -> Writer:
    clock = count(1)
    return Writer(store, "p", FIRST, spool, now_ms=lambda: next(clock), **options)


def ended(row: RunRow, status: Any = "finished") -> RunRow:
    from dataclasses import replace

    return replace(row, status=status, ended_at=99)


def feed(writer: Writer, n: int, width: int = 2) -> None:
    for _ in range(n):
        writer.take([call(writer.rows, width, writer.rows)], writer.rows + width)


def test_a_run_from_start_to_end() -> None:
    store = MemoryStore()
    writer = make(store)
    writer.begin()
    held = read_lake(store)
    assert [(k.k, k.hi) for k in held.tails] == [(0, 0)]
    assert RunRow.from_json(next(iter(held.footers.values()))) == FIRST
    feed(writer, 3)
    writer.flush(due_seconds=60)
    held = read_lake(store)
    last = max(held.footers, key=lambda k: k.k)
    assert len(held.points(WRITER)) == 6
    assert held.footers[last]["due_seconds"] == 60
    assert held.footers[last]["summary"]["m1"]["last"] == 5.0
    assert "params" not in held.footers[last], "only what changed since the start"
    writer.finish(ended(FIRST))
    held = read_lake(store)
    assert held.tails == {}
    assert [k.name for k in held.sealed] == [f.name for f in held.rows[0].files]
    assert (held.rows[0].status, held.rows[0].rows, held.rows[0].version) == ("finished", 6, 27)
    assert held.rows[0].summary["m0"].max == 4.0
    assert len(held.sealed_points(WRITER)) == 6


def test_requests() -> None:
    store = CountingStore(MemoryStore())
    writer = make(store)
    writer.begin()
    assert dict(store.counts) == {"get": 1, "put": 2}, "the lake itself and the start"
    store.reset()
    for _ in range(5):
        feed(writer, 1)
        writer.flush(due_seconds=1)
    assert store.counts["put"] == 5, "one PUT per flush"
    assert store.counts["delete"] == 3, "a flush keeps the tail before it, and never deletes the start"
    assert store.counts.keys() <= {"put", "delete"}
    store.reset()
    writer.finish(ended(FIRST))
    assert dict(store.counts) == {"put": 2, "delete": 1}, "seal, final row, own tails"


def test_a_short_run_takes_four_writes() -> None:
    inner = MemoryStore()
    make(inner).begin()
    store = CountingStore(inner)
    writer = make(store)
    feed(writer, 10)
    writer.finish(ended(FIRST))
    assert (store.counts["put"], store.counts["delete"]) == (3, 1)


def test_a_run_without_points_has_no_metrics_file() -> None:
    store = MemoryStore()
    writer = make(store)
    writer.finish(ended(FIRST))
    held = read_lake(store)
    assert (held.sealed, held.tails, held.rows[0].rows, held.rows[0].files) == ({}, {}, 0, ())


def test_a_reader_keeps_a_whole_flush_interval() -> None:
    store = MemoryStore()
    writer = make(store)
    for _ in range(4):
        feed(writer, 1)
        writer.flush(due_seconds=1)
    assert sorted(k.k for k in read_lake(store).tails) == [0, 3, 4]


def test_long_runs_seal_and_tails_start_after_the_seal() -> None:
    store = MemoryStore()
    writer = make(store, seal_bytes=400)
    for _ in range(60):
        feed(writer, 2)
        writer.flush(due_seconds=1)
        held = read_lake(store)
        assert [p[0] for p in held.points(WRITER)] == list(range(writer.rows))
        sealed = max((k.hi for k in held.sealed), default=0)
        newest = max(held.tails, key=lambda k: k.k)
        assert (newest.lo, held.footers[newest]["sealed"]) == (sealed, sealed)
    assert len(held.sealed) >= 2
    writer.finish(ended(FIRST))
    held = read_lake(store)
    assert [p[0] for p in held.sealed_points(WRITER)] == list(range(240))


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), trouble=st.floats(0, 0.6), spooled=st.booleans())
def test_whatever_the_store_does_every_row_is_there_once(
    seed: int, trouble: float, spooled: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chance = random.Random(seed)

    def plan(verb: str, key: str, number: int) -> Fault | None:
        if verb != "put" or chance.random() > trouble:
            return None
        return chance.choice([Fault("before"), Fault("after"), Fault("later")])

    inner = MemoryStore()
    store = FaultyStore(inner, plan)
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool.open([folder], f"rabc.{WRITER}", on_loss=lambda error: None) if spooled else None
    writer = make(store, spool, seal_bytes=chance.choice([200, 1000, 10**6]))
    acked = 0
    for _ in range(chance.randint(0, 25)):
        if chance.random() < 0.5:
            feed(writer, chance.randint(1, 5), chance.randint(1, 3))
        if chance.random() < 0.3 and store.pending:
            store.land(chance.randrange(store.pending))
        try:
            writer.flush(due_seconds=1)
            acked = writer.rows
        except StoreError:
            pass
        assert len(read_lake(inner).points(WRITER)) >= acked, "what was acknowledged stays readable"
    for _ in range(200):
        try:
            writer.finish(ended(FIRST))
            break
        except StoreError:
            continue
    else:
        pytest.fail("never finished")
    writer.close(complete=True)
    while store.pending:
        store.land(0)
    held = read_lake(inner)
    assert [p[0] for p in held.points(WRITER)] == list(range(writer.rows))
    assert [p[0] for p in held.sealed_points(WRITER)] == list(range(writer.rows)), "a plain glob sees each row once"
    assert [p[4] for p in held.points(WRITER)] == [float(i) for i in range(writer.rows)]
    assert held.rows[0].rows == writer.rows
    assert {k.name for k in held.sealed} == {f.name for f in held.rows[0].files}
    assert list(folder.iterdir()) == []


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), trouble=st.floats(0, 0.5))
def test_a_writer_that_dies_anywhere_is_recovered_whole(
    seed: int, trouble: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chance = random.Random(seed)

    def plan(verb: str, key: str, number: int) -> Fault | None:
        if verb != "put" or chance.random() > trouble:
            return None
        return chance.choice([Fault("before"), Fault("after"), Fault("later")])

    inner = MemoryStore()
    store = FaultyStore(inner, plan)
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool.open([folder], f"rabc.{WRITER}", on_loss=lambda error: None)
    assert spool is not None
    writer = make(store, spool, seal_bytes=chance.choice([200, 1000, 10**6]))
    writer.tell(FIRST, (define("m0", "max", None),))
    dying = chance.randint(0, 30)
    for _ in range(dying):
        feed(writer, chance.randint(1, 4), chance.randint(1, 3))
        try:
            writer.flush(due_seconds=1)
        except StoreError:
            pass
    finishing = chance.random() < 0.5
    if finishing:
        try:
            writer.finish(ended(FIRST))
        except StoreError:
            pass
    spool.close(remove=False)  # the process is gone, and its lock with it
    if not list(folder.iterdir()):
        return
    if chance.random() < 0.5 and store.pending:
        store.land(0)
    done = recover_spool(spool.folder, now_ms=lambda: 7, store=inner)
    assert done is not None
    assert done.error is None
    while store.pending:
        store.land(0)
    held = read_lake(inner)
    assert [p[0] for p in held.points(WRITER)] == list(range(writer.rows))
    assert [p[0] for p in held.sealed_points(WRITER)] == list(range(writer.rows))
    assert held.rows[0].rows == writer.rows
    assert held.rows[0].status == ("finished" if finishing else "crashed")
    if writer.rows:
        assert held.rows[0].summary["m0"].goal == "maximize"
        assert held.rows[0].summary["m0"].n == sum(1 for p in held.points(WRITER) if p[1] == "m0")
    assert list(folder.iterdir()) == []


def test_a_large_summary_rides_in_few_tails_and_its_tail_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SUMMARY_BYTES", 100)
    monkeypatch.setattr(module, "_MANY_METRICS", 1)
    store = MemoryStore()
    writer = make(store)
    carried = []
    for _ in range(20):
        feed(writer, 1, 3)
        writer.flush(due_seconds=1)
        held = read_lake(store)
        newest = max(held.tails, key=lambda k: k.k)
        footer = held.footers[newest]
        at = footer.get("summary_k", newest.k)
        carrier = next(k for k in held.tails if k.k == at)
        assert "summary" in held.footers[carrier]
        carried.append(at)
    assert len(set(carried)) == 3, "every ninth tail"


def test_a_summary_tail_that_failed_is_not_pointed_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SUMMARY_BYTES", 1)
    monkeypatch.setattr(module, "_MANY_METRICS", 0)
    inner = MemoryStore()
    store = FaultyStore(inner, lambda verb, key, n: Fault("before") if ".00000001." in key else None)
    writer = make(store)
    feed(writer, 1)
    with pytest.raises(StoreError):
        writer.flush(due_seconds=1)
    writer.flush(due_seconds=1)
    held = read_lake(inner)
    assert {k.k: ("summary" in f) for k, f in held.footers.items() if k.k} == {2: True}


def test_goals_reach_points_before_and_after() -> None:
    store = MemoryStore()
    writer = make(store)
    feed(writer, 1)
    writer.flush(due_seconds=1)
    writer.tell(FIRST, (define("m*", "minimize", "epoch"),))
    writer.flush(due_seconds=1)
    writer.finish(ended(FIRST))
    summary = read_lake(store).rows[0].summary
    assert {(s.goal, s.step_metric) for s in summary.values()} == {("minimize", "epoch")}


def test_a_newer_lake_is_left_alone() -> None:
    store = MemoryStore()
    store.put("_lake.json", b'{"format": 2, "min_reader": 2}')
    writer = make(store)
    feed(writer, 1)
    with pytest.raises(LakeFormat, match="2"):
        writer.flush(due_seconds=1)
    assert list(store.objects) == ["_lake.json"]


def test_during_an_outage_ranges_leave_memory_and_come_back_from_the_spool(tmp_path: Path) -> None:
    inner = MemoryStore()
    dead = [True]
    store = FaultyStore(inner, lambda verb, key, n: Fault("before") if dead[0] else None)
    spool = Spool.open([tmp_path], f"rabc.{WRITER}", on_loss=lambda error: None)
    writer = make(store, spool, seal_bytes=400)
    peak = 0
    for _ in range(3_000):
        feed(writer, 2)
        peak = max(peak, writer.memory_bytes)
    with pytest.raises(StoreError):
        writer.flush(due_seconds=1)
    assert spool is not None
    assert peak < 0.9 * spool.nbytes
    dead[0] = False
    writer.flush(due_seconds=1)
    writer.finish(ended(FIRST))
    writer.close(complete=True)
    assert [p[0] for p in read_lake(inner).sealed_points(WRITER)] == list(range(12_000))


def test_a_delete_that_fails_is_tried_again() -> None:
    inner = MemoryStore()
    failing = [True]

    def plan(verb: str, key: str, number: int) -> Fault | None:
        return Fault("before", error=StoreUnreachable("no")) if verb == "delete" and failing[0] else None

    store = FaultyStore(inner, plan)
    writer = make(store)
    for _ in range(4):
        feed(writer, 1)
        writer.flush(due_seconds=1)
    assert len(read_lake(inner).tails) == 5
    failing[0] = False
    feed(writer, 1)
    writer.flush(due_seconds=1)
    assert sorted(k.k for k in read_lake(inner).tails if isinstance(k, TailKey)) == [0, 4, 5]
