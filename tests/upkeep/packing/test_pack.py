from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.lake import Lake
from lakeboard.schema.edits import Edit, decide, table_to_edits
from lakeboard.schema.keys import EditKey, PackKey, RowKey, project_prefix
from lakeboard.schema.parquet import decode_table, encode_table
from lakeboard.schema.rowtable import rows_to_table, table_to_rows
from lakeboard.schema.run.row import JANITOR, OWNER, RunRow, SealedFile, latest
from lakeboard.schema.run.summary import Summary
from lakeboard.schema.values import flatten_params
from lakeboard.store.base import ObjectInfo, Store
from lakeboard.store.testing import CountingStore, Fault, FaultyStore, MemoryStore
from lakeboard.upkeep.clock import GRACE
from lakeboard.upkeep.packing.pack import MAX_PACK_BYTES, MAX_PACKS, Pack, coverage, pack, plan_pack, read_marks
from lakeboard.upkeep.packing.packed import RowId
from lakeboard.upkeep.tidy import Drop, Dropped, Look, execute, execute_all, look_at, plan_tidy
from tests.upkeep.worlds import DAY, T0, Clock, P, memory, put_edit, put_row, told_rows

RUNS = project_prefix("runs", P)


def info(key: str, size: int = 6000, minutes: float = 0) -> ObjectInfo:
    return ObjectInfo(key, size, T0 + timedelta(minutes=minutes))


def single(i: int) -> ObjectInfo:
    return info(RowKey(P, f"r{i}", "w001-00000001", 3).path)


def packed(gen: int, size: int, minutes: float = 0, rand: str = "00000000") -> ObjectInfo:
    return info(PackKey("runs", P, gen, rand).path, size, minutes)


def tidy(store: Store, clock: Clock, min_singles: int = 0) -> list[str]:
    """One pass; the names of the tasks."""
    tasks = plan_tidy(look_at(store, P), now=clock.now, min_singles=min_singles)
    done = list(execute_all(store, tasks, now=clock.now))
    assert all(d.error is None for d in done)
    return [type(t).__name__ for t in tasks]


def keys(store: MemoryStore, prefix: str = RUNS) -> list[str]:
    return [i.key.removeprefix(prefix)[:2] for i in store.list(prefix)]


def test_few_singles_stay_as_they_are() -> None:
    listed = [single(i) for i in range(200)]
    assert plan_pack(listed, area="runs", project=P) is None
    task = plan_pack([*listed, single(200)], area="runs", project=P)
    assert task is not None
    assert (task.gen, len(task.inputs)) == (1, 201)


def test_a_pack_sorts_after_everything_listed() -> None:
    listed = [single(i) for i in range(5)] + [packed(4, 10**9), packed(7, 100)]
    task = plan_pack(listed, area="runs", project=P, min_singles=2)
    assert task is not None
    output = PackKey("runs", P, task.gen, "00000000").path
    assert task.gen == 8
    assert all(output > i.key for i in listed)


def test_large_packs_are_left_alone_until_as_much_is_new() -> None:
    singles = [single(i) for i in range(10)]
    listed = [*singles, packed(1, 50_000), packed(2, 120_000), packed(3, 10**6), packed(4, MAX_PACK_BYTES)]
    task = plan_pack(listed, area="runs", project=P, min_singles=2)
    assert task is not None
    # 60 kB of singles take the 50 kB pack along, both take none of 120 kB.
    assert set(task.inputs) == {i.key for i in [*singles, listed[10]]}


@given(st.lists(st.integers(100, 10**6), min_size=1, max_size=60))
def test_rows_are_packed_again_seldom_and_packs_stay_few(rounds: list[int]) -> None:
    packs: list[ObjectInfo] = []
    written = total = 0
    for n, size in enumerate(rounds):
        singles = [info(RowKey(P, f"r{n}x{i}", "w001-00000001", 3).path, size) for i in range(3)]
        task = plan_pack([*singles, *packs], area="runs", project=P, min_singles=2)
        assert task is not None
        chosen = [i for i in packs if i.key in task.inputs]
        made = sum(i.size for i in [*singles, *chosen])
        packs = [i for i in packs if i not in chosen] + [packed(task.gen, made)]
        written += made
        total += 3 * size
    assert sum(i.size for i in packs) == total
    assert len(packs) <= MAX_PACKS + 1
    assert written <= total * (2 + 2 * len(rounds) ** 0.5), "far from quadratic"


def test_too_many_packs_are_joined_whatever_their_sizes() -> None:
    listed = [packed(i, 4**i) for i in range(1, MAX_PACKS + 2)]
    task = plan_pack(listed, area="runs", project=P)
    assert task is not None
    assert len(task.inputs) > 8
    assert sum(i.size for i in listed if i.key in task.inputs) <= MAX_PACK_BYTES


def test_the_highest_version_of_each_writer_is_kept_and_inputs_go_after_the_grace() -> None:
    store, clock = memory()
    for i in range(4):
        put_row(store, f"r{i}", rows=i)
    put_row(store, "r1", rows=0, rank=JANITOR)
    put_row(store, "r2", rows=9, name="w002-00000002")
    before = told_rows(store)
    assert tidy(store, clock) == ["Pack"]
    assert keys(store) == ["r-"] * 6 + ["z-"]
    pack_key = store.list(RUNS)[-1].key
    assert len(table_to_rows(decode_table(store.get(pack_key), key=pack_key))) == 5
    assert tidy(store, clock) == [], "covered singles are not packed again, nor dropped before their time"
    clock.advance(GRACE - timedelta(seconds=1))
    assert tidy(store, clock) == []
    clock.advance(timedelta(seconds=1))
    assert tidy(store, clock) == ["Drop"]
    assert keys(store) == ["z-"]
    assert told_rows(store) == before
    assert before["r1", "w001-00000001"].rows == 1


def test_everything_of_a_row_survives_packing() -> None:
    store, clock = memory()
    rows = [
        RunRow(
            f"r{i}", "w001-00000001", version=4 * i + OWNER, attempt=2, status="failed", name="ü", tags=("a", "b"),
            error="boom", resume_step=-3, created_at=5, params=flatten_params({"lr": 0.1, "deep": {"x": [1, None]}}),
            summary={"loss": Summary("loss", goal="minimize", first=1.0, last=float("nan"), last_at=7, n=2, n_nan=1)},
            env={"python": "3"}, rows=i, files=(SealedFile("f", 1),),
        )
        for i in range(3)
    ]  # fmt: skip
    for row in rows:
        store.put(RowKey(P, row.run_id, row.writer, row.version).path, encode_table(rows_to_table([row])))
    tidy(store, clock)
    pack_key = store.list(RUNS)[-1].key
    assert repr(table_to_rows(decode_table(store.get(pack_key), key=pack_key))) == repr(rows)


def test_packing_twice_gives_the_same_object() -> None:
    store, _ = memory()
    for i in range(3):
        put_row(store, f"r{i}")
    task = plan_pack(store.list(RUNS), area="runs", project=P, min_singles=1)
    assert task is not None
    first = pack(store, pickle.loads(pickle.dumps(task)))
    data = store.get(first.output or "")
    assert pack(store, task) == first
    assert store.get(first.output or "") == data
    assert keys(store).count("z-") == 1


def test_two_packs_that_cover_each_other_never_go_both() -> None:
    rows = [RowId(("r1", "w"), 3, "r1")]
    both = [packed(1, 10, rand="aaaaaaaa"), packed(1, 10, rand="bbbbbbbb")]
    found = coverage(both, {i.key: rows for i in both}, now=T0 + DAY)
    assert found.due == (both[0].key,)


def test_what_was_not_read_covers_nothing() -> None:
    listed = [single(1), packed(1, 10), packed(2, 10)]
    found = coverage(listed, {listed[1].key: [RowId(("r1", "w001-00000001"), 3, "r1")]}, now=T0 + DAY)
    assert found.due == (listed[0].key,)
    assert coverage(listed, {}, now=T0 + DAY).due == ()
    lower = {listed[2].key: [RowId(("r1", "w001-00000001"), 2, "r1")]}
    assert coverage(listed, lower, now=T0 + DAY).due == ()


def test_unreadable_inputs_are_named_and_left_alone() -> None:
    store, clock = memory()
    for i in range(4):
        put_row(store, f"r{i}")
    bad = {
        RowKey(P, "r7", "w001-00000001", 3).path: b"PAR1 no PAR1",
        RowKey(P, "r8", "w001-00000001", 3).path: store.get(RowKey(P, "r1", "w001-00000001", 3).path),
        PackKey("runs", P, 1, "0" * 8).path: b"PAR1 no PAR1",
    }
    for key, data in bad.items():
        store.put(key, data)
    task = plan_pack(store.list(RUNS), area="runs", project=P, min_singles=1)
    assert task is not None
    done = pack(store, task)
    assert done.rows == 4
    assert {f.key for f in done.problems} == bad.keys()
    clock.advance(DAY)
    tidy(store, clock)
    assert bad.keys() <= store.objects.keys()


def test_columns_of_a_later_version_are_not_lost_by_packing() -> None:
    store, _ = memory()
    put_row(store, "r1")
    put_row(store, "r2")
    newer = RowKey(P, "r3", "w001-00000001", 3)
    table = rows_to_table([RunRow("r3", newer.writer, version=3, status="finished")])
    store.put(newer.path, encode_table(table.append_column("mood", pa.array(["good"]))))
    task = plan_pack(store.list(RUNS), area="runs", project=P, min_singles=1)
    assert task is not None
    done = pack(store, task)
    assert done.rows == 2
    (problem,) = done.problems
    assert (problem.key, problem.kind) == (newer.path, "format")
    assert "mood" in problem.message


def test_rows_of_an_earlier_version_are_filled_up() -> None:
    store, _ = memory()
    put_row(store, "r1")
    older = RowKey(P, "r2", "w001-00000001", 3)
    table = rows_to_table([RunRow("r2", older.writer, version=3, status="finished", rows=4)])
    store.put(older.path, encode_table(table.drop_columns(["files", "resume_step", "env"])))
    task = plan_pack(store.list(RUNS), area="runs", project=P, min_singles=1)
    assert task is not None
    done = pack(store, task)
    assert (done.rows, done.problems) == (2, ())
    assert {r.run_id: r.rows for r in table_to_rows(decode_table(store.get(done.output or ""), key=""))}["r2"] == 4


def test_edits_are_packed_and_none_is_forgotten() -> None:
    store, clock = memory()
    for i in range(5):
        put_edit(store, ["r1", "r2"], "rename", f"name {i}", hlc=10 + i)
    put_edit(store, ["r2"], "delete", hlc=99)
    lake = Lake(store)
    put_row(store, "r1")
    put_row(store, "r2")
    before = lake.history(P)
    tidy(store, clock)
    clock.advance(DAY)
    tidy(store, clock)
    prefix = project_prefix("edits", P)
    assert keys(store, prefix) == ["z-"]
    assert Lake(store).history(P).equals(before)
    assert Lake(store).runs(P)["name"].to_list() == ["name 4"]


def test_a_purged_run_never_comes_back() -> None:
    store, clock = memory()
    for i in range(3):
        put_row(store, f"r{i}")
    put_edit(store, ["r1"], "note", "secret", hlc=5)
    tidy(store, clock)
    old_pack = store.list(RUNS)[-1]
    old_data = store.get(old_pack.key)
    put_edit(store, ["r1"], "purge", hlc=6)
    put_edit(store, ["r0"], "tag", "kept", hlc=7)
    for _ in range(6):
        clock.advance(timedelta(hours=1))
        tidy(store, clock)
    assert {r for r, _ in told_rows(store)} == {"r0", "r2"}, "its row is gone"
    assert not any(b"secret" in data for data in store.objects.values())
    prefix = project_prefix("edits", P)
    edits = [e for i in store.list(prefix) for e in table_to_edits(decode_table(store.get(i.key), key=i.key))]
    assert {(e.run_id, e.op) for e in edits} == {("r1", "purge"), ("r0", "tag")}
    assert decide(edits)["r1"].purged
    # A copy comes back, out of another lake or a slow packer.
    store.put(old_pack.key, old_data)
    put_row(store, "r1", rows=2)
    assert sorted(Lake(store).runs(P)["run_id"]) == ["r0", "r2"]
    for _ in range(6):
        clock.advance(timedelta(hours=1))
        tidy(store, clock)
    assert {r for r, _ in told_rows(store)} == {"r0", "r2"}


def test_ops_of_a_later_version_are_kept() -> None:
    store, clock = memory()
    from lakeboard.schema.edits import edits_to_table

    for i, op in enumerate(("rename", "frame", "delete")):
        key = EditKey(P, i + 1, "0000000a")
        store.put(key.path, encode_table(edits_to_table([Edit(i + 1, "0000000a", "r1", op, "x", "ann")])))  # type: ignore[arg-type]
    tidy(store, clock)
    clock.advance(DAY)
    tidy(store, clock)
    (only,) = store.list(project_prefix("edits", P))
    assert decode_table(store.get(only.key), key="")["op"].to_pylist() == ["rename", "frame", "delete"]


def test_a_store_that_fails_is_told_and_the_other_tasks_are_done() -> None:
    inner, clock = memory()
    for i in range(3):
        put_row(inner, f"r{i}")
        put_edit(inner, [f"r{i}"], "tag", "x", hlc=i + 1)
    store = FaultyStore(inner, lambda verb, key, n: Fault("before") if verb == "put" and "runs/" in key else None)
    tasks = plan_tidy(look_at(store, P), now=clock.now, min_singles=1)
    with ThreadPoolExecutor(2) as pool:
        done = list(execute_all(store, tasks, now=clock.now, executor=pool))
    assert {(d.task.area, d.error is None) for d in done if isinstance(d.task, Pack)} == {
        ("runs", False),
        ("edits", True),
    }


def test_tasks_travel_to_other_processes() -> None:
    store, clock = memory()
    for i in range(3):
        put_row(store, f"r{i}")
    tidy(store, clock)
    clock.advance(DAY)
    tasks = pickle.loads(pickle.dumps(plan_tidy(look_at(store, P), now=clock.now)))
    assert [type(t) for t in tasks] == [Drop]
    done = execute(store, tasks[0], now=clock.now)
    assert isinstance(done.result, Dropped)
    assert done.result.objects == 3
    assert execute(store, tasks[0], now=clock.now).error is None, "done twice"


def test_requests_of_a_look() -> None:
    inner, clock = memory()
    for i in range(30):
        put_row(inner, f"r{i}")
    put_edit(inner, ["r1"], "tag", "x", hlc=1)
    tidy(inner, clock)
    store = CountingStore(inner)
    seen = look_at(store, P)
    assert isinstance(seen, Look)
    assert dict(store.counts) == {"list": 3, "get": 2}, "one pack, one edit"


def test_reading_marks_passes_over_what_is_gone() -> None:
    store, _ = memory()
    key = put_row(store, "r1", rows=2)
    found, bad = read_marks(store, [key.path, RowKey(P, "r2", "w001-00000001", 3).path], "runs")
    assert (list(found), bad) == ([key.path], [])
    assert found[key.path] == [RowId(("r1", "w001-00000001"), 11, "r1")]


@pytest.mark.parametrize("versions", [(3, 7), (7, 3)])
def test_of_two_versions_the_higher_is_packed_whatever_their_order(versions: tuple[int, int]) -> None:
    store, clock = memory()
    for gen, version in enumerate(versions, start=1):
        row = RunRow("r1", "w001-00000001", version=version, status="finished", rows=version // 4)
        store.put(PackKey("runs", P, gen, "0" * 8).path, encode_table(rows_to_table([row])))
    put_row(store, "r2")
    tidy(store, clock)
    newest = store.list(RUNS)[-1].key
    rows = table_to_rows(decode_table(store.get(newest), key=newest))
    assert [r.version for r in latest(rows) if r.run_id == "r1"] == [7]


def test_text_that_is_no_text_is_damage() -> None:
    store, _ = memory()
    for i in range(2):
        put_row(store, f"r{i}")
    bad = RowKey(P, "r7", "w001-00000001", 3)
    table = rows_to_table([RunRow("r7", bad.writer, version=3, status="finished")])
    names = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")])
    at = table.column_names.index("name")
    store.put(bad.path, encode_table(table.set_column(at, table.schema.field("name"), names)))
    task = plan_pack(store.list(RUNS), area="runs", project=P, min_singles=1)
    assert task is not None
    done = pack(store, task)
    assert (done.rows, [(f.key, f.kind) for f in done.problems]) == (2, [(bad.path, "damaged")])
