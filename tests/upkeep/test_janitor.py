from __future__ import annotations

from datetime import timedelta

import pytest

from lakeboard.logger.inputs.definitions import define
from lakeboard.logger.writer import Writer
from lakeboard.query.lake import Lake
from lakeboard.schema.errors import StoreUnreachable
from lakeboard.schema.keys import PointsKey, TailKey, parse_key, run_prefix
from lakeboard.schema.parquet import decode_table
from lakeboard.schema.run.row import JANITOR, final_version
from lakeboard.store.base import Store
from lakeboard.store.testing import CountingStore, Fault, FaultyStore, MemoryStore
from lakeboard.upkeep.janitor import SILENT, Close, Closed, close_writer, plan_janitor
from lakeboard.upkeep.listing import list_project
from tests.upkeep.worlds import (
    DAY,
    HOUR,
    Clock,
    P,
    ended,
    feed,
    finish,
    memory,
    patient_read,
    put_row,
    sealed_untold,
    told_rows,
    writer,
)

W = "w001-00000001"


def dead(store: Store, points: int = 5, run_id: str = "r1", *, seal_bytes: int = 10**6) -> Writer:
    """A job that flushed and never came back."""
    w = writer(store, run_id, seal_bytes=seal_bytes)
    feed(w, points)
    w.flush(due_seconds=30)
    return w


def plan(store: Store, clock: Clock) -> list[Close]:
    listing = list_project(store, P)
    return plan_janitor(P, listing.live, listing.runs, now=clock.now)


def close(store: Store, clock: Clock) -> list[Closed]:
    return [close_writer(store, task, now=clock.now) for task in plan(store, clock)]


def tails(store: Store) -> list[TailKey]:
    return [k for i in store.list("live/") if isinstance(k := parse_key(i.key), TailKey)]


def sealed(store: Store, run_id: str = "r1") -> list[PointsKey]:
    return [k for i in store.list(run_prefix(P, run_id)) if isinstance(k := parse_key(i.key), PointsKey)]


def test_a_writer_counts_as_dead_after_a_day_by_the_stores_clock() -> None:
    store, clock = memory()
    dead(store)
    clock.advance(SILENT - timedelta(seconds=1))
    assert plan(store, clock) == []
    clock.advance(timedelta(seconds=1))
    assert plan(store, clock) == [Close(P, "r1", W, SILENT)]


def test_a_dead_run_is_ended_from_its_tails_alone() -> None:
    store, clock = memory()
    w = dead(store, 7)
    w.tell(w.row, (define("loss", "min", None),))
    feed(w, 3)
    w.flush(due_seconds=30)
    clock.advance(DAY)
    (done,) = close(store, clock)
    assert (done.ended, done.rows, done.sealed, len(done.deleted), done.problems) == (True, 10, 10, 3, ())
    row = told_rows(store)["r1", W]
    assert (row.status, row.closed_by, row.rows) == ("crashed", "janitor", 10)
    assert row.version == final_version(10, JANITOR)
    assert "24 hours" in (row.error or "")
    assert (row.name, row.params["lr"].num) == ("name of r1", 0.1)
    summary = row.summary["loss"]
    assert (summary.goal, summary.n, summary.last, summary.max) == ("minimize", 10, 9.0, 9.0)
    assert [f.name for f in row.files] == [k.name for k in sealed(store)]
    assert tails(store) == []
    lake = Lake(store)
    assert lake.metrics(P).collect()["value"].sort().to_list() == [float(i) for i in range(10)]
    assert lake.problems(P) == ()
    assert close(store, clock) == [], "and nothing is left to do"


def test_requests_for_a_dead_run() -> None:
    inner, clock = memory()
    dead(inner)
    clock.advance(DAY)
    (task,) = plan(inner, clock)
    store = CountingStore(inner)
    close_writer(store, task, now=clock.now)
    assert dict(store.counts) == {"list": 5, "get": 3, "put": 2, "delete": 1}


def test_a_run_without_points_is_ended_too() -> None:
    store, clock = memory()
    writer(store, "r1").begin()
    clock.advance(DAY)
    (done,) = close(store, clock)
    assert (done.ended, done.rows, tails(store), sealed(store)) == (True, 0, [], [])


def test_after_a_seal_only_what_is_missing_is_sealed() -> None:
    store, clock = memory()
    w = dead(store, 40, seal_bytes=60)
    feed(w, 2)
    w.flush(due_seconds=30)
    before = sealed(store)
    assert before
    clock.advance(DAY)
    (done,) = close(store, clock)
    assert done.rows == w.rows
    assert done.sealed == w.rows - max(k.hi for k in before)
    assert sum(k.length for k in sealed(store)) == w.rows, "a plain glob sees each row once"


def test_a_seal_that_no_tail_tells_of_is_counted_and_summed_up() -> None:
    store, clock = memory()
    w = sealed_untold(store)
    clock.advance(DAY)
    (done,) = close(store, clock)
    assert (done.rows, done.sealed) == (w.rows, 0)
    summary = told_rows(store)["r1", W].summary["loss"]
    assert (summary.n, summary.last) == (5, 4.0)


def test_a_writer_that_lives_after_all_is_whole_and_its_own_row_wins() -> None:
    store, clock = memory()
    w = dead(store)
    clock.advance(DAY)
    close(store, clock)
    feed(w, 4)
    w.flush(due_seconds=30)
    assert patient_read(store, "r1", W)[2] == list(range(9))
    close(store, clock)
    assert patient_read(store, "r1", W)[2] == list(range(9)), "what nobody promised is not swept"
    assert Lake(store).metrics(P).collect().height == 9
    finish(w)
    row = told_rows(store)["r1", W]
    assert (row.status, row.rows, row.closed_by) == ("finished", 9, None)
    assert patient_read(store, "r1", W)[2] == list(range(9))


def test_a_writer_that_lived_on_and_died_is_ended_again_with_all_it_told() -> None:
    store, clock = memory()
    w = dead(store)
    clock.advance(DAY)
    close(store, clock)
    assert tails(store) == [], "its start is gone with the rest"
    feed(w, 4)
    w.flush(due_seconds=30)
    clock.advance(DAY)
    (done,) = close(store, clock)
    assert (done.ended, done.rows) == (True, 9)
    row = told_rows(store)["r1", W]
    assert (row.rows, row.name, row.params["lr"].num, row.summary["loss"].n) == (9, "name of r1", 0.1, 9)
    assert tails(store) == []


def test_what_an_ended_run_left_is_swept_at_once() -> None:
    store, clock = memory()
    w = writer(FaultyStore(store, lambda verb, key, n: Fault("before") if verb == "delete" else None), "r1")
    feed(w, 5)
    w.flush(due_seconds=30)
    with pytest.raises(StoreUnreachable):
        finish(w)
    assert len(tails(store)) == 2
    (done,) = close(store, clock)
    assert (done.ended, done.rows, len(done.deleted)) == (False, 5, 2)
    assert tails(store) == []


def test_leftovers_of_a_run_whose_row_is_packed_go_when_they_are_old() -> None:
    store, clock = memory()
    row = ended(store, "r1")
    (single,) = store.list("runs/")
    start = writer(store, "r1")
    start.begin()
    from lakeboard.upkeep.packing.pack import pack, plan_pack

    put_row(store, "r2")
    task = plan_pack(store.list("runs/project=p/"), area="runs", project=P, min_singles=1)
    assert task is not None
    assert pack(store, task).rows == 2
    store.delete([single.key])
    clock.advance(DAY)
    (done,) = close(store, clock)
    assert (done.ended, done.rows, tails(store)) == (False, 3, [])
    assert told_rows(store)[row.run_id, W].status == "finished"


def test_a_tail_whose_sealed_rows_are_damaged_stays() -> None:
    store, clock = memory()
    w = writer(FaultyStore(store, lambda verb, key, n: Fault("before") if verb == "delete" else None), "r1")
    feed(w, 5)
    w.flush(due_seconds=30)
    with pytest.raises(StoreUnreachable):
        finish(w)
    (key,) = sealed(store)
    store.put(key.path, store.get(key.path)[:-40])
    clock.advance(DAY)
    (done,) = close(store, clock)
    assert [f.key for f in done.problems] == [key.path]
    assert [k.hi for k in tails(store)] == [5], "the only copy; its start may go"


def damage(store: MemoryStore, newest: bool = True) -> TailKey:
    key = sorted(tails(store), key=lambda k: k.k)[-1 if newest else -2]
    store.put(key.path, store.get(key.path)[:-9])
    return key


def test_an_unreadable_tail_is_named_and_stays_and_the_rest_is_saved() -> None:
    store, clock = memory()
    w = dead(store, 5)
    feed(w, 3)
    w.flush(due_seconds=30)
    bad = damage(store)
    clock.advance(DAY)
    (done,) = close(store, clock)
    assert (done.ended, done.rows) == (True, 5)
    assert {f.key for f in done.problems} == {bad.path}
    assert tails(store) == [bad]
    assert patient_read_without(store, bad) == list(range(5))
    (again,) = close(store, clock)
    assert (again.ended, again.rows, again.deleted) == (False, 5, ())


def patient_read_without(store: MemoryStore, bad: TailKey) -> list[int]:
    copy = MemoryStore()
    for key, data in store.objects.items():
        if key != bad.path:
            copy.put(key, data)
    return patient_read(copy, bad.run_id, bad.writer)[2]


def test_a_tail_that_the_store_does_not_give_now_leaves_everything_as_it_is() -> None:
    inner, clock = memory()
    dead(inner, 5)
    clock.advance(DAY)
    (task,) = plan(inner, clock)
    store = FaultyStore(inner, lambda verb, key, n: Fault("before") if verb == "get" and ".00000001." in key else None)
    before = inner.objects
    done = close_writer(store, task, now=clock.now)
    assert [f.kind for f in done.problems] == ["unreachable"]
    assert inner.objects == before


def test_a_tail_that_is_not_what_its_name_says_is_no_source() -> None:
    store, clock = memory()
    dead(store, 5)
    right = max(tails(store), key=lambda k: k.k)
    wrong = TailKey(P, "r1", W, 9, 8, 8)
    store.put(wrong.path, store.get(right.path))
    clock.advance(DAY)
    (done,) = close(store, clock)
    assert done.rows == 5
    assert [(f.key, f.kind) for f in done.problems] == [(wrong.path, "content")]
    assert tails(store) == [wrong]


def test_a_writer_that_flushes_between_plan_and_deed_is_left_alone() -> None:
    store, clock = memory()
    w = dead(store)
    clock.advance(DAY)
    (task,) = plan(store, clock)
    feed(w, 1)
    w.flush(due_seconds=30)
    before = store.objects
    assert close_writer(store, task, now=clock.now) == Closed()
    assert store.objects == before


def test_one_that_wakes_up_in_the_middle_keeps_what_was_not_read() -> None:
    store, clock = memory()
    w = dead(store)
    clock.advance(DAY)
    (task,) = plan(store, clock)
    woken: list[str] = []

    def wake(verb: str, key: str, n: int) -> Fault | None:
        if verb == "put" and "metrics/" in key and not woken:
            woken.append(key)
            feed(w, 2)
            w.flush(due_seconds=30)
        return None

    done = close_writer(FaultyStore(store, wake), task, now=clock.now)
    assert (done.ended, done.rows) == (True, 5)
    assert [k.hi for k in tails(store)] == [7]
    assert patient_read(store, "r1", W)[2] == list(range(7))


def test_two_janitors_write_the_same() -> None:
    one, clock = memory()
    w = dead(one)
    feed(w, 2)
    w.flush(due_seconds=30)
    clock.advance(DAY)
    (task,) = plan(one, clock)
    other = MemoryStore(clock=lambda: clock.now - DAY)
    for key, data in one.objects.items():
        other.put(key, data)
    close_writer(one, task, now=clock.now)
    close_writer(other, task, now=clock.now)
    assert one.objects == other.objects
    assert all(decode_table(d, key=k).num_rows for k, d in one.objects.items() if k.startswith("metrics/"))


def test_several_writers_of_one_run_are_judged_each() -> None:
    store, clock = memory()
    dead(store)
    clock.advance(DAY)
    other = writer(store, "r1", "w001-00000002")
    feed(other, 3)
    other.flush(due_seconds=30)
    (done,) = close(store, clock)
    assert done.rows == 5
    assert {k.writer for k in tails(store)} == {"w001-00000002"}
    assert Lake(store).runs(P)["status"].to_list() == ["running"]
    clock.advance(HOUR)
    finish(other)
    assert Lake(store).runs(P)["status"].to_list() == ["crashed"]
    assert Lake(store).metrics(P).collect().height == 8
