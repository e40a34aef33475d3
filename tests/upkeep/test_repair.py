from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from lakeboard.query.lake import Lake
from lakeboard.schema.keys import PointsKey, RowKey
from lakeboard.schema.parquet import decode_table, encode_points, encode_table
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.schema.run.row import JANITOR, OWNER, RunRow, SealedFile, final_version
from lakeboard.store.testing import Fault, FaultyStore
from lakeboard.upkeep.fsck import fsck
from lakeboard.upkeep.relations import REPAIR
from lakeboard.upkeep.tidy import execute_all, look_at, plan_tidy
from tests.upkeep.lakes import FULL, PREFIX, W, check, cut, kinds, lake_with_all
from tests.upkeep.worlds import (
    DAY,
    HOUR,
    P,
    ended,
    feed,
    memory,
    patient_read,
    put_edit,
    put_row,
    sealed_untold,
    told_rows,
    writer,
)


def test_a_file_that_others_contain_is_removed() -> None:
    store, clock = lake_with_all()
    extra = [cut(store, 0, 4), cut(store, 4, 10), cut(store, 2, 6)]
    report = check(store, clock)
    assert kinds(report) == sorted(("overlap", k.path) for k in extra)
    assert all(f.repair for f in report.problems)
    done = check(store, clock, repair=True)
    assert (done.problems, set(done.deleted), done.put) == ((), {k.path for k in extra}, ())
    assert patient_read(store, "r1", W)[2] == list(range(10))


def test_the_files_that_the_row_names_are_those_that_stay() -> None:
    store, clock = memory()
    w = writer(store, "r1", seal_bytes=60)
    for _ in range(3):
        feed(w, 20)
        w.flush(due_seconds=30)
    w.finish(replace(w.first_row, status="finished", ended_at=9))
    named = {f.name for f in told_rows(store)["r1", W].files}
    assert len(named) > 1
    first = min(PointsKey(P, "r1", W, int(n[14:26]), int(n[27:39])).hi for n in named)
    tables = {n: decode_table(store.get(PREFIX + n), key="") for n in named}
    import pyarrow as pa

    table = pa.concat_tables(list(tables.values())).sort_by([("metric", "ascending"), ("seq", "ascending")])
    hi = first + 5
    wrong = PointsKey(P, "r1", W, hi, hi)
    store.put(wrong.path, encode_points(table.filter(pa.compute.less(table["seq"], hi)).combine_chunks()))
    done = check(store, clock, repair=True)
    assert (done.problems, done.deleted, done.put) == ((), (wrong.path,), ())


def test_files_that_overlap_in_part_are_cut_and_the_row_names_the_new_ones() -> None:
    store, clock = lake_with_all()
    cut(store, 0, 6)
    cut(store, 4, 10)
    store.delete([FULL.path])
    report = check(store, clock)
    assert {f.kind for f in report.problems} == {"overlap", "row"}
    done = check(store, clock, repair=True)
    assert done.problems == ()
    assert done.deleted == (PointsKey(P, "r1", W, 10, 6).path,)
    row = told_rows(store)["r1", W]
    assert row.version == final_version(10, REPAIR)
    assert [f.name for f in row.files] == [PointsKey(P, "r1", W, 6, 6).name, PointsKey(P, "r1", W, 10, 4).name]
    assert [f.bytes for f in row.files] == [len(store.get(PREFIX + f.name)) for f in row.files]
    assert (row.status, row.params["lr"].num, row.summary["loss"].n) == ("finished", 0.1, 10)
    assert patient_read(store, "r1", W)[2] == list(range(10))
    assert Lake(store).metrics(P, runs="r1").collect().height == 10


def test_a_damaged_copy_goes_only_when_others_have_its_rows() -> None:
    store, clock = lake_with_all()
    bad = cut(store, 2, 7)
    store.put(bad.path, store.get(bad.path)[:-9])
    done = check(store, clock, repair=True)
    assert (done.deleted, done.problems) == ((bad.path,), ())
    store.put(FULL.path, store.get(FULL.path)[:-9])
    done = check(store, clock, repair=True)
    assert done.deleted == ()
    assert {f.kind for f in done.problems} == {"damaged", "incomplete"}


def test_overlaps_of_a_running_writer_wait_for_its_end() -> None:
    store, clock = memory()
    w = writer(store, "r1", seal_bytes=60)
    feed(w, 15)
    w.flush(due_seconds=30)
    extra = cut(store, 0, 10, PointsKey(P, "r1", W, 15, 15))
    (problem,) = check(store, clock, repair=True).problems
    assert (problem.kind, problem.key, problem.repair) == ("overlap", extra.path, None)
    assert extra.path in store.objects


def test_a_row_that_names_no_files_or_wrong_ones_is_written_again() -> None:
    for files in ((), (SealedFile("w001-00000001.000000000010-000000000003.parquet", 1),)):
        store, clock = memory()
        w = writer(store, "r1")
        feed(w, 10)
        w.flush(due_seconds=30)
        w.finish(replace(w.first_row, status="finished", ended_at=9))
        (only,) = store.list("runs/")
        row = replace(told_rows(store)["r1", W], files=files)
        store.put(only.key, encode_table(rows_to_table([row])))
        assert {f.kind for f in check(store, clock).problems} == {"row"}
        done = check(store, clock, repair=True)
        assert (done.problems, done.deleted) == ((), ())
        assert [f.name for f in told_rows(store)["r1", W].files] == [FULL.name]


def test_a_version_that_does_not_fit_its_points_is_put_right() -> None:
    store, clock = memory()
    ended(store, "r1", 10)
    (only,) = store.list("runs/")
    row = replace(told_rows(store)["r1", W], version=3)
    store.delete([only.key])
    store.put(RowKey(P, "r1", W, 3).path, encode_table(rows_to_table([row])))
    assert [f.kind for f in check(store, clock).problems] == ["row"]
    assert check(store, clock, repair=True).problems == ()
    assert told_rows(store)["r1", W] == replace(row, version=final_version(10, REPAIR))


def test_points_without_a_row_get_one_once_they_are_old() -> None:
    store, clock = memory()
    ended(store, "r1", 10)
    (only,) = store.list("runs/")
    store.delete([only.key])
    assert check(store, clock, repair=True).problems == (), "somebody may be about to put it"
    clock.advance(DAY)
    (problem,) = check(store, clock).problems
    assert (problem.kind, problem.key) == ("orphan", PREFIX)
    assert check(store, clock, repair=True).problems == ()
    row = told_rows(store)["r1", W]
    assert (row.status, row.rows, row.closed_by, row.version) == ("crashed", 10, "fsck", final_version(10, JANITOR))
    assert (row.summary["loss"].n, row.summary["loss"].last) == (10, 9.0)
    assert Lake(store).metrics(P).collect().height == 10
    # The true row turns up, by a sync.
    key = RowKey(P, "r1", W, final_version(10, OWNER))
    true = RunRow("r1", W, version=key.version, status="finished", rows=10, files=row.files)
    store.put(key.path, encode_table(rows_to_table([true])))
    assert told_rows(store)["r1", W].status == "finished"
    assert check(store, clock).problems == ()


def test_an_unreadable_row_is_stood_in_for_and_kept() -> None:
    store, clock = memory()
    ended(store, "r1", 10)
    (only,) = store.list("runs/")
    store.put(only.key, b"PAR1 broken PAR1")
    clock.advance(DAY)
    done = check(store, clock, repair=True)
    assert [(f.kind, f.key) for f in done.problems] == [("damaged", only.key)]
    assert only.key in store.objects
    assert Lake(store).runs(P)["rows"].to_list() == [10]


def test_sealed_points_that_nobody_promised_are_promised() -> None:
    store, clock = memory()
    sealed_untold(store)
    (info,) = store.list(PREFIX)
    untold = store.get(info.key)
    store.delete([info.key])
    clock.advance(DAY)
    for task in plan_tidy(look_at(store, P), now=clock.now):
        list(execute_all(store, [task], now=clock.now))
    assert told_rows(store)["r1", W].rows == 4
    # The seal lands late, when the janitor has ended the run.
    store.put(info.key, untold)
    assert [f.kind for f in check(store, clock).problems] == ["overlap"], "it may live and promise them itself"
    clock.advance(DAY)
    assert {f.kind for f in check(store, clock).problems} == {"overlap", "unpromised"}
    assert check(store, clock, repair=True).problems == ()
    row = told_rows(store)["r1", W]
    assert (row.rows, row.params["lr"].num, row.summary["loss"].n) == (5, 0.1, 5)


def test_repair_dies_anywhere_and_is_repeated() -> None:
    class Gone(BaseException):
        pass

    for step in range(40):
        inner, clock = lake_with_all()
        cut(inner, 0, 6)
        cut(inner, 4, 10)
        inner.delete([FULL.path])
        calls = [0]

        def die(verb: str, key: str, n: int, calls: list[int] = calls, step: int = step) -> Fault | None:
            if verb in ("put", "delete"):
                calls[0] += 1
                if calls[0] > step:
                    raise Gone
            return None

        try:
            fsck(FaultyStore(inner, die), now=clock.now, repair=True)
        except Gone:
            assert patient_read(inner, "r1", W)[2] == list(range(10))
            assert fsck(inner, now=clock.now + HOUR, repair=True).problems == ()
            assert patient_read(inner, "r1", W)[2] == list(range(10))
        else:
            assert step > 0
            break
    else:
        pytest.fail("it never ended")


def test_a_damaged_pack_says_whose_rows_it_hid_and_their_points_bring_them_back() -> None:
    store, clock = memory()
    for run_id in ("r1", "r2"):
        ended(store, run_id, 10)
    put_row(store, "bare")
    put_edit(store, ["r2"], "rename", "as people call it", hlc=1)
    before = Lake(store).runs(P)
    for _ in range(2):
        for task in plan_tidy(look_at(store, P), now=clock.now, min_singles=1):
            list(execute_all(store, [task], now=clock.now))
        clock.advance(DAY)
    ended(store, "later", 3)
    (pack,) = [i.key for i in store.list("runs/") if "/z-" in i.key]
    good = store.get(pack)
    store.put(pack, good[:40] + bytes([good[40] ^ 1]) + good[41:])

    shown = Lake(store)
    assert shown.runs(P)["run_id"].to_list() == ["later"]
    (problem,) = shown.problems(P)
    assert (problem.key, problem.kind) == (pack, "damaged")
    assert "not shown (lakeboard fsck names them" in problem.message
    told = next(f.message for f in check(store, clock).problems if f.key == pack)
    assert "2 runs with points have no row elsewhere and are not shown: r1, r2." in told
    assert "remove this object and put the copy's in its place" in told

    done = check(store, clock, repair=True)
    assert len(done.put) == 2
    assert pack in [f.key for f in done.problems], "the object stays, and is named"
    assert "every run with points has its row elsewhere" in next(f.message for f in done.problems if f.key == pack)
    columns = ["run_id", "name", "rows", "loss", "loss.min", "loss.max", "loss.mean"]
    again = Lake(store).runs(P).select(columns).filter(pl.col("run_id") != "later").sort("run_id")
    wanted = before.select(columns).filter(pl.col("run_id") != "bare").sort("run_id")
    assert again.drop("name").equals(wanted.drop("name"))
    assert again["name"].to_list() == [None, "as people call it"]
    assert Lake(store).metrics(P, runs=["r1", "r2"]).collect().height == 20

    store.put(pack, good)
    back = Lake(store).runs(P)
    assert (
        back.filter(pl.col("run_id") != "later")
        .drop("heartbeat_age", strict=False)
        .sort("run_id")
        .equals(before.drop("heartbeat_age", strict=False).sort("run_id"))
    )
