"""The state of a project: what it costs to read, what is shown when objects are damaged or move meanwhile."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from lakeboard.query.lake import Lake
from lakeboard.query.snapshots.snapshot import Snapshot
from lakeboard.schema.keys import PackKey, RowKey
from lakeboard.store.testing import CountingStore, FaultyStore, MemoryStore, StoreWrapper
from tests.query.lakes import T0, Writer, ended_run, loss, put_edit, put_pack


def open_lake(store: CountingStore | StoreWrapper | MemoryStore) -> tuple[Lake, list[float]]:
    waits: list[float] = []
    return Lake(store, sleep=waits.append), waits


def asked(store: CountingStore) -> tuple[int, int]:
    """(listings, reads) since the last call."""
    counts = store.counts["list"], store.counts["get"] + store.counts["get_tail"]
    assert store.requests() == sum(counts)
    store.reset()
    return counts


def statuses(snapshot: Snapshot, lake: Lake) -> dict[str, str]:
    frame = lake.runs(snapshot.project, snapshot=snapshot, deleted=True)
    return dict(frame.select("run_id", "status").iter_rows())


def test_opening_reads_each_object_once(store: CountingStore) -> None:
    for i in range(3):
        Writer(store, run_id=f"live{i}").start().log(loss(5)).flush()
        Writer(store, run_id=f"ended{i}").start().log(loss(5)).finish()
    put_pack(store, [ended_run(f"packed{i}", {}, {}) for i in range(10)])
    put_edit(store, ["packed1"], "delete", hlc=1)
    store.reset()
    lake, waits = open_lake(store)
    snapshot = lake.snapshot("digits")
    # A start and a tail for each running one, a row for each ended one, a pack, an edit.
    assert asked(store) == (3, 3 * 2 + 3 + 1 + 1)
    assert snapshot.requests == 3 + 11
    assert len(statuses(snapshot, lake)) == 16
    assert snapshot.problems == ()
    assert waits == []


def test_refresh_with_nothing_new_is_three_listings(store: CountingStore) -> None:
    Writer(store, run_id="live").start().log(loss(5)).flush()
    Writer(store, run_id="ended").start().log(loss(5)).finish()
    lake, _ = open_lake(store)
    lake.snapshot("digits")
    store.reset()
    again = lake.snapshot("digits")
    assert asked(store) == (3, 0)
    assert again.requests == 3


def test_flush_of_one_run_is_one_read(store: CountingStore) -> None:
    writers = [Writer(store, run_id=f"r{i}").start() for i in range(5)]
    for w in writers:
        w.log(loss(3)).flush()
    lake, _ = open_lake(store)
    lake.snapshot("digits")
    writers[2].log(loss(4, first=3)).flush()
    store.reset()
    snapshot = lake.snapshot("digits")
    assert asked(store) == (3, 1)
    frame = lake.runs("digits", snapshot=snapshot)
    assert dict(frame.select("run_id", "rows").iter_rows()) == {"r0": 3, "r1": 3, "r2": 7, "r3": 3, "r4": 3}


def test_finish_of_one_run_is_one_read(store: CountingStore) -> None:
    writers = [Writer(store, run_id=f"r{i}").start().log(loss(3)) for i in range(3)]
    for w in writers:
        w.flush()
    lake, _ = open_lake(store)
    lake.snapshot("digits")
    writers[0].finish()
    store.reset()
    snapshot = lake.snapshot("digits")
    assert asked(store) == (3, 1)
    assert statuses(snapshot, lake) == {"r0": "finished", "r1": "running", "r2": "running"}


def test_packing_changes_nothing_that_is_shown(store: CountingStore) -> None:
    rows = []
    for i in range(5):
        w = Writer(store, run_id=f"r{i}", config={"i": i}).start().log(loss(i + 1))
        w.finish()
        rows.append(w.final_row())
    lake, _ = open_lake(store)
    before = lake.runs("digits")
    put_pack(store, rows, gen=1)
    assert lake.runs("digits").equals(before), "singles beside the pack"
    put_pack(store, rows, gen=2)
    store.delete([RowKey("digits", r.run_id, r.writer, 1).path for r in rows])
    assert lake.runs("digits").equals(before), "two packs"
    store.delete([PackKey("runs", "digits", 1, "00000001").path])
    assert lake.runs("digits").equals(before), "one pack"


def test_highest_version_counts(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(3))
    w.finish("crashed", version=1, closed_by="janitor", rows=1)
    w.finish("finished", version=3)
    put_pack(store, [w.final_row("crashed", 2)])
    lake, _ = open_lake(store)
    assert lake.runs("digits").select("status", "rows").row(0) == ("finished", 3)
    assert lake.snapshot("digits").rows.height == 1


def test_running_means_a_tail_and_no_final_row(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(3))
    w.flush()
    w.finish(tidy=False)
    lake, _ = open_lake(store)
    snapshot = lake.snapshot("digits")
    assert statuses(snapshot, lake) == {"r1": "finished"}
    assert not snapshot.running
    assert snapshot.live["r1", w.writer].ended


def test_rows_tell_each_writer_and_its_source(store: CountingStore) -> None:
    Writer(store, run_id="live").start()
    key = Writer(store, run_id="ended").start().finish()
    lake, _ = open_lake(store)
    rows = lake.snapshot("digits").rows
    assert sorted(rows.select("run_id", "source").iter_rows()) == [("ended", key), ("live", "live")]


def test_large_footers_take_a_suffix_read_and_a_second_one_only_if_too_long(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(30_000))
    w.flush()
    w.late = {"notes": "".join(chr(33 + i * i % 90) for i in range(200_000))}
    w.log(loss(1)).flush()
    lake, _ = open_lake(store)
    store.reset()
    snapshot = lake.snapshot("digits")
    assert store.counts["get_tail"] == 2
    assert store.counts["get"] == 1
    assert snapshot.writers("r1")[0].notes == w.late["notes"]


def test_summary_that_rides_in_an_older_tail(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(3))
    w.flush(keep=True)
    for n in range(3):
        w.log(loss(1, first=3 + n)).flush(keep=True, drop_summary=1)
    lake, _ = open_lake(store)
    store.reset()
    snapshot = lake.snapshot("digits")
    assert asked(store) == (3, 3), "start, newest, the one with the summary"
    assert snapshot.writers("r1")[0].summary["loss"].n == 3
    assert lake.runs("digits", snapshot=snapshot)["rows"].to_list() == [6]
    assert snapshot.problems == ()
    w.log(loss(1)).flush(keep=True, drop_summary=1)
    store.reset()
    assert lake.snapshot("digits").writers("r1")[0].summary["loss"].n == 3
    assert asked(store) == (3, 1), "the summary's tail is known"


def test_summary_tail_that_is_damaged_costs_the_summary_alone(store: CountingStore) -> None:
    w = Writer(store, config={"lr": 0.5}).start().log(loss(3))
    damaged = w.flush(keep=True)
    w.log(loss(1)).flush(keep=True, drop_summary=1)
    store.put(damaged, b"PAR1")
    lake, _ = open_lake(store)
    assert lake.runs("digits").select("params.lr", "rows").row(0) == (0.5, 4)
    assert {p.kind for p in lake.problems("digits")} == {"damaged", "incomplete"}


def test_silence_follows_the_promise_by_the_stores_clock() -> None:
    at = {"store": datetime(2024, 1, 1, tzinfo=UTC), "wall": datetime(2024, 1, 1, tzinfo=UTC)}
    store = MemoryStore(clock=lambda: at["store"])
    Writer(store, run_id="r1", due_seconds=30.0).start().flush()
    lake = Lake(store, wall=lambda: at["wall"])

    def look(seconds: float) -> tuple[bool, float]:
        at["wall"] = at["store"] + timedelta(seconds=seconds)
        return lake.runs("digits").select("silent", "heartbeat_age").row(0)

    assert look(0) == (False, 0.0)
    assert look(75) == (False, 75.0)
    assert look(76) == (True, 76.0)


def test_run_with_one_lively_writer_is_not_silent() -> None:
    now = [datetime(2024, 1, 1, tzinfo=UTC)]
    store = MemoryStore(clock=lambda: now[0])
    Writer(store, attempt=1, due_seconds=10).start().flush()
    now[0] += timedelta(hours=1)
    Writer(store, attempt=2, rand="00000002", due_seconds=10).start().flush()
    lake = Lake(store, wall=lambda: now[0] + timedelta(seconds=5))
    assert lake.runs("digits").select("silent", "heartbeat_age", "attempts").row(0) == (False, 5.0, 2)
    assert not lake.run("digits", "r1").silent


def test_empty_project_is_an_empty_snapshot(store: CountingStore) -> None:
    store.reset()
    lake, _ = open_lake(store)
    snapshot = lake.snapshot("nothing")
    assert snapshot.empty
    assert snapshot.rows.height == 0
    assert asked(store) == (3, 0)


def test_snapshot_builds_on_the_one_given(store: CountingStore) -> None:
    Writer(store).start().finish()
    first, _ = open_lake(store)
    snapshot = first.snapshot("digits")
    store.reset()
    second, _ = open_lake(store)
    second.snapshot("digits", previous=snapshot)
    assert asked(store) == (3, 0)


def test_threads_share_a_reading_that_began_after_they_asked(store: CountingStore) -> None:
    for i in range(20):
        Writer(store, run_id=f"r{i}").start().finish()
    gate = threading.Event()

    def slow(verb: str, key: str, n: int) -> None:
        if verb == "list":
            gate.wait(0.05)

    lake = Lake(FaultyStore(store, slow))
    heights: list[int] = []
    threads = [threading.Thread(target=lambda: heights.append(lake.runs("digits").height)) for _ in range(8)]
    store.reset()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heights == [20] * 8
    assert store.counts["list"] <= 3 * 3, "one for the first, one for those that waited, perhaps one for a straggler"
    assert store.counts["get"] == 20


def test_times_are_whole_milliseconds_by_the_writers_clock(store: CountingStore) -> None:
    Writer(store).start().finish()
    lake, _ = open_lake(store)
    row = lake.runs("digits").row(0, named=True)
    assert row["created_at"] == datetime.fromtimestamp(T0 / 1000, UTC)
    assert row["duration"] == 60.0
