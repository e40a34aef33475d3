from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from lakeboard.query.lake import Lake
from lakeboard.schema.checksum import stamped_json
from lakeboard.schema.errors import InvalidSetting, LakeFormat, StoreError, StoreFull
from lakeboard.schema.keys import LAKE_KEY, PointsKey, RowKey, TailKey, parse_key, project_prefix, run_prefix
from lakeboard.schema.parquet import encode_table
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.schema.run.row import RunRow
from lakeboard.store.base import Store
from lakeboard.store.local import LocalStore
from lakeboard.store.testing import CountingStore, Fault, FaultyStore, MemoryStore
from lakeboard.upkeep.fsck import fsck
from lakeboard.upkeep.sync import LARGE_BYTES, sync
from lakeboard.upkeep.tidy import execute_all, look_at, plan_tidy
from tests.effort import EXHAUSTIVE
from tests.upkeep.test_together import NAMES, tidy_up, train
from tests.upkeep.turns import Turns
from tests.upkeep.worlds import (
    DAY,
    HOUR,
    T0,
    P,
    ended,
    feed,
    finish,
    memory,
    patient_read,
    put_edit,
    put_row,
    told_rows,
    writer,
)

W = "w001-00000001"


def source_with_all() -> MemoryStore:
    """Ended and running runs, packed and single rows, edits, a board, a file."""
    store, clock = memory()
    for i in range(3):
        ended(store, f"r{i}", 5)
    put_edit(store, ["r1"], "rename", "best", hlc=1)
    for task in plan_tidy(look_at(store, P), now=clock.now, min_singles=1):
        list(execute_all(store, [task], now=clock.now))
    ended(store, "r5", 5)
    put_edit(store, ["r5"], "tag", "x", hlc=2)
    running = writer(store, "r6", seal_bytes=60)
    for _ in range(3):
        feed(running, 15)
        running.flush(due_seconds=30)
    store.put("boards/main/00000000000000000001-00000000.json", stamped_json(b'{"title": "b"}'))
    store.put("views/main-00000000/00000000000000000001-00000000.json", stamped_json(b'{"name": "v"}'))
    store.put(f"artifacts/project={P}/run_id=r1/ab/model.bin", b"x")
    return store


def same_for_readers(a: Store, b: Store) -> bool:
    one, two = Lake(a), Lake(b)
    columns = ["run_id", "writer", "seq", "metric", "value"]
    points = [lake.metrics(P).select(columns).sort(columns).collect() for lake in (one, two)]
    # How long ago a run gave news is told by each store's own clock.
    rows = [lake.runs(P).drop("heartbeat_age", "silent").sort("run_id") for lake in (one, two)]
    return rows[0].equals(rows[1]) and points[0].equals(points[1]) and one.history(P).equals(two.history(P))


def test_a_lake_is_copied_whole_and_then_nothing_is_left_to_copy() -> None:
    ours, theirs = source_with_all(), MemoryStore("there")
    before = ours.objects
    done = sync(ours, theirs)
    assert ours.objects == before
    assert same_for_readers(ours, theirs)
    assert (done.problems, done.different, done.moving) == ([], 0, [])
    assert theirs.objects.items() <= ours.objects.items()
    left = {k for k in ours.objects if k not in theirs.objects}
    assert all(k.startswith("runs/") for k in left), "singles that the pack covers"
    assert done.copied == len(theirs.objects) - 1
    assert fsck(theirs, now=T0).problems == ()
    store = CountingStore(theirs)
    again = sync(ours, store)
    assert (again.copied, again.dropped, store.counts["put"], store.counts["delete"]) == (0, 0, 0, 0)


def test_large_objects_pass_in_parts_and_are_never_held(tmp_path: Path) -> None:
    ours, theirs = LocalStore(tmp_path / "here"), LocalStore(tmp_path / "there")
    ended(ours, "r1", 5)
    large = bytes(range(256)) * (LARGE_BYTES // 256 + 1)
    key = f"artifacts/project={P}/run_id=r1/ab/model.bin"
    ours.put(key, large)
    source, target = CountingStore(ours, keep_log=True), CountingStore(theirs, keep_log=True)
    assert sync(source, target).problems == []
    assert theirs.get(key) == large
    assert [verb for verb, asked in target.log if asked == key] == ["copy"]
    assert not {("get", key), ("put", key)} & {*source.log, *target.log}


def test_a_large_object_that_is_not_whole_is_named_and_left_out() -> None:
    ours, theirs = MemoryStore("here"), MemoryStore("there")
    ended(ours, "r1", 5)
    (points,) = (k for k in ours.objects if k.startswith("metrics/"))
    ours.put(points, b"PAR1" + bytes(LARGE_BYTES))
    done = sync(ours, theirs)
    assert [(p.key, p.kind) for p in done.problems] == [(points, "damaged")]
    assert points not in theirs.objects


def test_objects_come_in_the_order_that_keeps_readers_right() -> None:
    theirs = CountingStore(MemoryStore("there"), keep_log=True)
    sync(source_with_all(), theirs)
    areas = [key.partition("/")[0] for verb, key in theirs.log if verb == "put"]
    order = [area for i, area in enumerate(areas) if i == 0 or areas[i - 1] != area]
    assert order == [LAKE_KEY, "boards", "views", "edits", "artifacts", "metrics", "runs", "live"] or order == [
        LAKE_KEY, "boards", "views", "edits", "metrics", "artifacts", "runs", "live",
    ]  # fmt: skip
    ks = [k.k for verb, key in theirs.log if verb == "put" and isinstance(k := parse_key(key), TailKey)]
    assert ks == sorted(ks)
    assert ks[0] == 0


def test_stopped_anywhere_and_repeated_it_gives_the_same() -> None:
    ours = source_with_all()
    whole = MemoryStore("whole")
    sync(ours, whole)
    for step in range(100):
        theirs = MemoryStore("there")

        def dies(verb: str, key: str, n: int, step: int = step) -> Fault | None:
            fault = Fault("before" if step % 2 else "after", StoreFull("planned"))
            return fault if verb == "put" and n == step else None

        try:
            sync(ours, FaultyStore(theirs, dies))
        except StoreError:
            shown = Lake(theirs)
            names = shown.projects()["project"].to_list()
            if names:
                for run_id in shown.runs(P)["run_id"] if not shown.snapshot(P).empty else []:
                    _, _, seqs = patient_read(theirs, run_id, W)
                    assert seqs == list(range(len(seqs)))
                    if run_id != "r6":
                        assert len(seqs) == 5
                assert not shown.problems(P)
            sync(ours, theirs)
            assert theirs.objects == whole.objects
        else:
            assert step > 10
            break
    else:
        pytest.fail("it never ended")


def test_a_running_run_is_followed_and_what_newer_tails_replace_is_dropped() -> None:
    ours, theirs = memory()[0], MemoryStore("there")
    w = writer(ours, "r1", seal_bytes=200)
    for _ in range(12):
        feed(w, 10)
        w.flush(due_seconds=30)
        sync(ours, theirs)
        assert patient_read(theirs, "r1", W)[2] == list(range(w.rows))
        tails = [i.key for i in theirs.list("live/")]
        assert tails == [i.key for i in ours.list("live/")]
    finish(w)
    sync(ours, theirs)
    assert told_rows(theirs)["r1", W].rows == w.rows
    assert patient_read(theirs, "r1", W)[2] == list(range(w.rows))
    for task in plan_tidy(look_at(theirs, P), now=T0):
        list(execute_all(theirs, [task], now=T0))
    assert theirs.list("live/") == []
    assert sync(ours, theirs).copied == 0


def test_an_old_copy_brings_no_old_tails_back() -> None:
    ours, copy = memory()[0], MemoryStore("there")
    w = writer(ours, "r1")
    for _ in range(2):
        feed(w, 3)
        w.flush(due_seconds=30)
    sync(ours, copy)
    for _ in range(4):
        feed(w, 3)
        w.flush(due_seconds=30)
    before = ours.objects
    assert sync(copy, ours).copied == 0
    assert ours.objects == before
    finish(w)
    before = ours.objects
    assert sync(copy, ours).copied == 0
    assert ours.objects == before


def test_two_lakes_become_one_whichever_way_round() -> None:
    a, b = memory()[0], memory()[0]
    for i in range(4):
        ended(a, f"a{i}", 3)
        ended(b, f"b{i}", 4)
    ended(a, "both", 5, "w001-0000000a")
    ended(b, "both", 6, "w001-0000000b")
    put_edit(a, ["a1"], "rename", "from a", hlc=1)
    put_edit(b, ["both"], "note", "from b", hlc=2, rand="0000000b")
    b_named = MemoryStore("b")
    for key, data in b.objects.items():
        b_named.put(key, data)
    sync(a, b_named)
    sync(b_named, a)
    assert a.objects == b_named.objects
    assert sorted(Lake(a).runs(P)["run_id"]) == sorted(["both", *(f"{x}{i}" for x in "ab" for i in range(4))])
    assert Lake(a).metrics(P, runs="both").collect().height == 11


def test_rows_that_are_packed_there_are_not_copied_again() -> None:
    ours, theirs = source_with_all(), MemoryStore("there", clock=lambda: T0)
    sync(ours, theirs)
    for now in (T0, T0 + HOUR):
        for task in plan_tidy(look_at(theirs, P), now=now, min_singles=0):
            list(execute_all(theirs, [task], now=now))
    assert [i.key[-40:-20] for i in theirs.list("runs/")] != []
    done = sync(ours, theirs)
    assert done.copied == 0
    assert same_for_readers(ours, theirs)


def test_a_purged_run_is_not_copied_and_its_purge_is() -> None:
    ours, theirs = source_with_all(), MemoryStore("there")
    put_edit(ours, ["r5"], "purge", hlc=9)
    sync(ours, theirs)
    assert not any("r5" in key for key in theirs.objects)
    assert "r5" not in Lake(theirs).runs(P)["run_id"].to_list()


def test_a_run_that_was_purged_there_does_not_come_back() -> None:
    ours, theirs = source_with_all(), MemoryStore("there")
    sync(ours, theirs)
    put_edit(theirs, ["r5", "r6"], "purge", hlc=9)
    theirs.delete([k for k in theirs.objects if "r5" in k or "r6" in k])
    before = theirs.objects
    assert sync(ours, theirs).copied == 0
    assert theirs.objects == before
    # The other way round the purge arrives before anything else.
    sync(theirs, ours)
    assert {"r5", "r6"}.isdisjoint(Lake(ours).runs(P)["run_id"])


def test_what_is_not_whole_is_named_and_not_copied() -> None:
    ours, theirs = source_with_all(), MemoryStore("there")
    points = next(k for k in ours.objects if k.startswith("metrics/") and "r5" in k)
    row = next(k for k in ours.objects if k.startswith("runs/") and "r5" in k)
    ours.put(points, ours.get(points)[:-20])
    ours.put(row, b"")
    ours.put("metrics/project=p/run_id=r5/other.txt", b"x")
    ours.put("metrics/project=p/run_id=r5/other.parquet", b"x")
    ours.put("README", b"x")
    done = sync(ours, theirs)
    assert {f.key for f in done.problems} == {points, row}
    assert not {points, row, "README"} & theirs.objects.keys()
    assert not any("other" in key for key in theirs.objects)


def test_rows_of_a_later_version_are_copied_as_they_are() -> None:
    import pyarrow as pa

    ours, theirs = source_with_all(), MemoryStore("there")
    key = RowKey(P, "r9", W, 3)
    table = rows_to_table([RunRow("r9", W, version=3, status="finished")])
    data = encode_table(table.append_column("mood", pa.array(["good"])))
    ours.put(key.path, data)
    done = sync(ours, theirs)
    assert theirs.objects[key.path] == data
    assert done.problems == []


def test_nothing_is_overwritten() -> None:
    ours, theirs = source_with_all(), MemoryStore("there")
    points = next(k for k in ours.objects if k.startswith("metrics/"))
    theirs.put(points, b"something else")
    done = sync(ours, theirs)
    assert theirs.objects[points] == b"something else"
    assert done.different == 1


def test_only_one_project(tmp_path: Path) -> None:
    ours = source_with_all()
    other = RowKey("other", "r1", W, 3)
    ours.put(other.path, encode_table(rows_to_table([RunRow("r1", W, version=3, status="finished")])))
    theirs = LocalStore(tmp_path / "there")
    sync(ours, theirs, project="other")
    assert [i.key for i in theirs.list("")] == [LAKE_KEY, other.path]


def test_addresses_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidSetting, match="no lake"):
        sync(MemoryStore("empty"), MemoryStore("there"))
    store = source_with_all()
    with pytest.raises(InvalidSetting, match="different"):
        sync(store, store)
    newer = MemoryStore("newer")
    newer.put(LAKE_KEY, b'{"format": 9, "min_reader": 9}')
    for pair in ((newer, MemoryStore("there")), (store, newer)):
        with pytest.raises(LakeFormat, match="9"):
            sync(*pair)
    assert list(newer.objects) == [LAKE_KEY]


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    sync(source_with_all(), MemoryStore("there"), progress=lambda *args: told.append(args))
    assert all(done <= total for _, done, total in told)
    assert {"boards", "views", P} <= {what for what, _, _ in told}


def test_a_project_that_vanishes_under_the_copy_is_listed_again() -> None:
    ours, theirs = memory()[0], MemoryStore("there")
    w = writer(ours, "r1")
    feed(w, 5)
    w.flush(due_seconds=30)
    ended_at: list[str] = []

    def finish_now(verb: str, key: str, n: int) -> Fault | None:
        if verb == "get" and "live/" in key and not ended_at:
            ended_at.append(key)
            w.finish(replace(w.first_row, status="finished", ended_at=9))
        return None

    done = sync(FaultyStore(ours, finish_now), theirs)
    assert ended_at
    assert done.moving == []
    assert told_rows(theirs)["r1", W].status == "finished"
    assert patient_read(theirs, "r1", W)[2] == list(range(5))


@pytest.mark.parametrize("seed", range(25))
def test_readers_of_the_copy_are_right_while_everything_moves(seed: int) -> None:
    everything_moves(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1200 if EXHAUSTIVE else 1030))
def test_readers_of_the_copy_are_right_at_length(seed: int) -> None:
    everything_moves(seed)


def everything_moves(seed: int) -> None:
    chance = random.Random(seed)
    ours, clock = memory()
    theirs = MemoryStore("there", clock=clock)
    told: dict[str, int] = {}
    arrived: dict[str, int] = {}
    turns = Turns(ours, chance, deaths=2)

    def copy(store: Store) -> None:
        for _ in range(chance_of_copy.randint(2, 6)):
            before = dict(told)
            try:
                done = sync(store, turns.around(theirs, "sync"))
            except InvalidSetting:
                continue  # Nobody has written anything yet.
            if not done.moving:
                arrived.update(before)

    chance_of_copy = random.Random(f"{seed} copy")

    def read(store: Store) -> None:
        for _ in range(4):
            for run_id, name in (("r1", NAMES[0]), ("r2", NAMES[1])):
                least = arrived.get(run_id, 0)
                _, _, seqs = patient_read(turns.around(theirs, "read"), run_id, name)
                assert seqs == list(range(len(seqs))), f"{run_id}: holes or doubles in {seqs}"
                assert len(seqs) >= least, f"{run_id}: {least} rows had been copied, {len(seqs)} are shown"

    actors = {
        "train r1": train(random.Random(f"{seed} 1"), "r1", NAMES[0], told),
        "train r2": train(random.Random(f"{seed} 2"), "r2", NAMES[1], told),
        "tidy": tidy_up(random.Random(f"{seed} 3")),
        "sync": copy,
        "read": read,
    }
    turns.run(actors, mortal=["train r1", "train r2", "tidy", "sync"])
    clock.advance(DAY)
    sync(ours, theirs)
    for run_id, name in (("r1", NAMES[0]), ("r2", NAMES[1])):
        assert patient_read(theirs, run_id, name)[2] == patient_read(ours, run_id, name)[2]
    for task in plan_tidy(look_at(theirs, P), now=clock.now + 2 * DAY, min_singles=0):
        list(execute_all(theirs, [task], now=clock.now + 2 * DAY))
    for run_id, name in (("r1", NAMES[0]), ("r2", NAMES[1])):
        seqs = patient_read(theirs, run_id, name)[2]
        assert seqs == list(range(len(seqs)))
        assert len(seqs) >= told.get(run_id, 0)


def test_files_of_a_run_are_there_before_its_row() -> None:
    ours = source_with_all()

    class Watching(MemoryStore):
        def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
            super().put(key, data, durable=durable)
            for row in told_rows(self).values():
                listed = [parse_key(i.key) for i in self.list(run_prefix(P, row.run_id))]
                assert {f.name for f in row.files} <= {k.name for k in listed if isinstance(k, PointsKey)}

    theirs = Watching("there")
    sync(ours, theirs)
    assert len(told_rows(theirs)) == 4
    assert put_row(theirs, "r9").path in theirs.objects
    assert theirs.list(project_prefix("live", P))
