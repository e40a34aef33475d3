from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from lakeboard.query.lake import Lake
from lakeboard.schema.errors import AccessDenied
from lakeboard.schema.keys import LAKE_KEY, EditKey, PackKey, PointsKey, RowKey, TailKey, run_prefix
from lakeboard.schema.parquet import decode_table, encode_points, encode_table
from lakeboard.schema.rows import JANITOR, OWNER, RunRow, SealedFile, final_version
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.store.base import Store
from lakeboard.store.testing import CountingStore, Fault, FaultyStore, MemoryStore
from lakeboard.upkeep.findings import Finding
from lakeboard.upkeep.fsck import Report, fsck
from lakeboard.upkeep.relations import REPAIR
from lakeboard.upkeep.tidy import execute_all, look_at, plan_tidy

from .worlds import (
    DAY,
    HOUR,
    Clock,
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

W = "w001-00000001"
PREFIX = run_prefix(P, "r1")
FULL = PointsKey(P, "r1", W, 10, 10)


def check(store: MemoryStore, clock: Clock, *, repair: bool = False, quick: bool = False) -> Report:
    return fsck(store, now=clock.now, repair=repair, quick=quick)


def kinds(report: Report) -> list[tuple[str, str]]:
    return [(f.kind, f.key) for f in report.findings]


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
    store.put("boards/main/00000000000000000001-00000000.json", b'{"title": "b"}')
    store.put(f"artifacts/project={P}/run_id=r1/ab/model.bin", b"x")
    return store, clock


def cut(table_of: Store, lo: int, hi: int, source: PointsKey = FULL) -> PointsKey:
    """Put a sealed file with some of another one's rows."""
    table = decode_table(table_of.get(source.path), key="")
    rows = [s.as_py() for s in table["seq"]]
    picked = table.take([i for i, s in enumerate(rows) if lo <= s < hi])
    key = PointsKey(P, source.run_id, source.writer, hi, hi - lo)
    table_of.put(key.path, encode_points(picked.combine_chunks()))
    return key


def test_a_good_lake_is_clean() -> None:
    store, clock = lake_with_all()
    report = check(store, clock)
    assert report.findings == ()
    assert report.objects == len(store.objects)
    assert report.bytes == sum(map(len, store.objects.values()))
    assert check(store, clock, quick=True).findings == ()
    before = store.objects
    assert check(store, clock, repair=True) == report
    assert store.objects == before


def test_an_empty_lake_is_clean() -> None:
    store, clock = memory()
    assert check(store, clock) == Report(0, 0, ())


def test_requests() -> None:
    inner, clock = lake_with_all()
    store = CountingStore(inner)
    fsck(store, now=clock.now)
    assert dict(store.counts) == {"list": 1, "get": len(inner.objects) - 1}, "one artifact is not looked into"


def test_progress_is_told() -> None:
    store, clock = lake_with_all()
    told: list[tuple[int, int]] = []
    fsck(store, now=clock.now, progress=lambda done, total: told.append((done, total)))
    assert told
    assert told[-1][0] <= told[-1][1]


Damage = Callable[[MemoryStore], str]


def foreign(store: MemoryStore) -> str:
    store.put("metrics/project=p/notes.txt", b"hello")
    return "metrics/project=p/notes.txt"


def foreign_root(store: MemoryStore) -> str:
    store.put("old/thing.parquet", b"hello")
    return "old/thing.parquet"


def empty(store: MemoryStore) -> str:
    store.put(FULL.path, b"")
    return FULL.path


def truncated(store: MemoryStore) -> str:
    store.put(FULL.path, store.get(FULL.path)[:-20])
    return FULL.path


def flipped(store: MemoryStore) -> str:
    data = bytearray(store.get(FULL.path))
    data[data.index(b"loss") + 300] ^= 4
    store.put(FULL.path, bytes(data))
    return FULL.path


def newer(store: MemoryStore) -> str:
    data = store.get(FULL.path)
    at = data.index(b"lakeboard.format")
    one = data.index(b"1", at)
    store.put(FULL.path, data[:one] + b"7" + data[one + 1 :])
    return FULL.path


def shorter(store: MemoryStore) -> str:
    key = cut(store, 0, 7)
    store.put(FULL.path, store.get(key.path))
    store.delete([key.path])
    return FULL.path


def other_rows(store: MemoryStore) -> str:
    key = PointsKey(P, "r1", W, 12, 10)
    store.put(key.path, store.get(FULL.path))
    return key.path


def other_writer(store: MemoryStore) -> str:
    key = PointsKey(P, "r1", "w001-0000000b", 10, 10)
    store.put(key.path, store.get(FULL.path))
    return key.path


def unsorted(store: MemoryStore) -> str:
    table = decode_table(store.get(FULL.path), key="")
    store.put(FULL.path, encode_points(table.take(list(range(9, -1, -1))).combine_chunks()))
    return FULL.path


def no_points(store: MemoryStore) -> str:
    row = next(i.key for i in store.list("runs/"))
    store.put(FULL.path, store.get(row))
    return FULL.path


def start_of_another(store: MemoryStore) -> str:
    start = TailKey(P, "r2", W, 0, 0, 0)
    key = replace(start, run_id="r9")
    store.put(key.path, store.get(start.path))
    return key.path


def row_of_another(store: MemoryStore) -> str:
    key = RowKey(P, "r9", W, 3)
    store.put(key.path, store.get(put_row(store, "r8").path))
    return key.path


def bad_pack(store: MemoryStore) -> str:
    key = PackKey("runs", P, 9, "0" * 8)
    store.put(key.path, b"PAR1" * 10)
    return key.path


def edit_of_another_act(store: MemoryStore) -> str:
    key = EditKey(P, 77, "0000000a")
    store.put(key.path, store.get(put_edit(store, ["r3"], "tag", "y", hlc=78)))
    return key.path


def bad_board(store: MemoryStore) -> str:
    store.put("boards/main/00000000000000000002-00000000.json", b"{")
    return "boards/main/00000000000000000002-00000000.json"


def no_note(store: MemoryStore) -> str:
    store.delete([LAKE_KEY])
    return LAKE_KEY


def bad_note(store: MemoryStore) -> str:
    store.put(LAKE_KEY, b"lake")
    return LAKE_KEY


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (foreign, "foreign"),
        (foreign_root, "foreign"),
        (empty, "empty"),
        (truncated, "damaged"),
        (flipped, "damaged"),
        (newer, "format"),
        (shorter, "content"),
        (other_rows, "content"),
        (other_writer, "content"),
        (unsorted, "content"),
        (no_points, "damaged"),
        (start_of_another, "content"),
        (row_of_another, "damaged"),
        (bad_pack, "damaged"),
        (edit_of_another_act, "damaged"),
        (bad_board, "damaged"),
        (no_note, "lake"),
        (bad_note, "damaged"),
    ],
)
def test_each_kind_of_damage_is_named_and_never_removed(damage: Damage, kind: str) -> None:
    store, clock = lake_with_all()
    key = damage(store)
    report = check(store, clock)
    assert (kind, key) in kinds(report)
    assert all(key in f.message or f.kind in ("incomplete", "orphan", "lake") for f in report.findings if f.key == key)
    before = store.objects
    check(store, clock, repair=True)
    assert before.items() <= store.objects.items(), "the only copy of something"


def test_footers_alone_tell_lengths_and_truncation_but_not_flips() -> None:
    for damage, seen in ((truncated, True), (shorter, True), (newer, True), (empty, True), (flipped, False)):
        store, clock = lake_with_all()
        key = damage(store)
        assert any(f.key == key for f in check(store, clock, quick=True).findings) is seen, damage


def test_missing_rows_are_told_and_nothing_is_guessed() -> None:
    store, clock = lake_with_all()
    store.delete([FULL.path])
    (finding,) = check(store, clock).findings
    assert (finding.kind, finding.key, finding.repair) == ("incomplete", PREFIX, None)
    assert "0 to 9" in finding.message
    before = store.objects
    check(store, clock, repair=True)
    assert store.objects == before


def test_a_file_that_others_contain_is_removed() -> None:
    store, clock = lake_with_all()
    extra = [cut(store, 0, 4), cut(store, 4, 10), cut(store, 2, 6)]
    report = check(store, clock)
    assert kinds(report) == sorted(("overlap", k.path) for k in extra)
    assert all(f.repair for f in report.findings)
    done = check(store, clock, repair=True)
    assert (done.findings, set(done.deleted), done.put) == ((), {k.path for k in extra}, ())
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
    assert (done.findings, done.deleted, done.put) == ((), (wrong.path,), ())


def test_files_that_overlap_in_part_are_cut_and_the_row_names_the_new_ones() -> None:
    store, clock = lake_with_all()
    cut(store, 0, 6)
    cut(store, 4, 10)
    store.delete([FULL.path])
    report = check(store, clock)
    assert {f.kind for f in report.findings} == {"overlap", "row"}
    done = check(store, clock, repair=True)
    assert done.findings == ()
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
    assert (done.deleted, done.findings) == ((bad.path,), ())
    store.put(FULL.path, store.get(FULL.path)[:-9])
    done = check(store, clock, repair=True)
    assert done.deleted == ()
    assert {f.kind for f in done.findings} == {"damaged", "incomplete"}


def test_overlaps_of_a_running_writer_wait_for_its_end() -> None:
    store, clock = memory()
    w = writer(store, "r1", seal_bytes=60)
    feed(w, 15)
    w.flush(due_seconds=30)
    extra = cut(store, 0, 10, PointsKey(P, "r1", W, 15, 15))
    (finding,) = check(store, clock, repair=True).findings
    assert (finding.kind, finding.key, finding.repair) == ("overlap", extra.path, None)
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
        assert {f.kind for f in check(store, clock).findings} == {"row"}
        done = check(store, clock, repair=True)
        assert (done.findings, done.deleted) == ((), ())
        assert [f.name for f in told_rows(store)["r1", W].files] == [FULL.name]


def test_a_version_that_does_not_fit_its_points_is_put_right() -> None:
    store, clock = memory()
    ended(store, "r1", 10)
    (only,) = store.list("runs/")
    row = replace(told_rows(store)["r1", W], version=3)
    store.delete([only.key])
    store.put(RowKey(P, "r1", W, 3).path, encode_table(rows_to_table([row])))
    assert [f.kind for f in check(store, clock).findings] == ["row"]
    assert check(store, clock, repair=True).findings == ()
    assert told_rows(store)["r1", W] == replace(row, version=final_version(10, REPAIR))


def test_points_without_a_row_get_one_once_they_are_old() -> None:
    store, clock = memory()
    ended(store, "r1", 10)
    (only,) = store.list("runs/")
    store.delete([only.key])
    assert check(store, clock, repair=True).findings == (), "somebody may be about to put it"
    clock.advance(DAY)
    (finding,) = check(store, clock).findings
    assert (finding.kind, finding.key) == ("orphan", PREFIX)
    assert check(store, clock, repair=True).findings == ()
    row = told_rows(store)["r1", W]
    assert (row.status, row.rows, row.closed_by, row.version) == ("crashed", 10, "fsck", final_version(10, JANITOR))
    assert (row.summary["loss"].n, row.summary["loss"].last) == (10, 9.0)
    assert Lake(store).metrics(P).collect().height == 10
    # The true row turns up, by a sync.
    key = RowKey(P, "r1", W, final_version(10, OWNER))
    true = RunRow("r1", W, version=key.version, status="finished", rows=10, files=row.files)
    store.put(key.path, encode_table(rows_to_table([true])))
    assert told_rows(store)["r1", W].status == "finished"
    assert check(store, clock).findings == ()


def test_an_unreadable_row_is_stood_in_for_and_kept() -> None:
    store, clock = memory()
    ended(store, "r1", 10)
    (only,) = store.list("runs/")
    store.put(only.key, b"PAR1 broken PAR1")
    clock.advance(DAY)
    done = check(store, clock, repair=True)
    assert [(f.kind, f.key) for f in done.findings] == [("damaged", only.key)]
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
    assert [f.kind for f in check(store, clock).findings] == ["overlap"], "it may live and promise them itself"
    clock.advance(DAY)
    assert {f.kind for f in check(store, clock).findings} == {"overlap", "unpromised"}
    assert check(store, clock, repair=True).findings == ()
    row = told_rows(store)["r1", W]
    assert (row.rows, row.params["lr"].num, row.summary["loss"].n) == (5, 0.1, 5)


def test_purged_runs_are_nobodys_problem() -> None:
    store, clock = lake_with_all()
    put_edit(store, ["r1"], "purge", hlc=9)
    store.delete([FULL.path])
    clock.advance(DAY)
    assert check(store, clock).findings == ()


def test_what_moves_meanwhile_is_no_problem() -> None:
    inner, clock = memory()
    w = writer(inner, "r1")
    feed(w, 5)
    w.flush(due_seconds=30)
    moved: list[str] = []

    def finish_now(verb: str, key: str, n: int) -> Fault | None:
        if verb == "get" and "live/" in key and not moved:
            moved.append(key)
            w.finish(replace(w.first_row, status="finished", ended_at=9))
        return None

    assert fsck(FaultyStore(inner, finish_now), now=clock.now).findings == ()
    assert moved


def test_objects_that_the_store_does_not_give_are_named() -> None:
    inner, clock = lake_with_all()
    denied = Fault("before", AccessDenied("planned"))
    store = FaultyStore(inner, lambda verb, key, n: denied if key == FULL.path else None)
    report = fsck(store, now=clock.now, repair=True)
    assert ("denied", FULL.path) in kinds(report)
    assert report.deleted == ()


def test_findings_sort_and_say_what_repair_would_do() -> None:
    a, b = Finding("a", "foreign", "a is foreign"), Finding("b", "empty", "b")
    assert sorted([b, a]) == [a, b]


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
            assert fsck(inner, now=clock.now + HOUR, repair=True).findings == ()
            assert patient_read(inner, "r1", W)[2] == list(range(10))
        else:
            assert step > 0
            break
    else:
        pytest.fail("it never ended")
