from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from lakeboard.schema.checksum import BLANK, CHECKSUM_KEY, stamped
from lakeboard.schema.errors import AccessDenied
from lakeboard.schema.keys import LAKE_KEY, EditKey, PackKey, PointsKey, RowKey, TailKey
from lakeboard.schema.parquet import decode_table, encode_points
from lakeboard.schema.problems import Problem
from lakeboard.store.testing import CountingStore, Fault, FaultyStore, MemoryStore
from lakeboard.upkeep.fsck import Report, fsck
from tests.upkeep.lakes import FULL, PREFIX, W, check, cut, kinds, lake_with_all
from tests.upkeep.worlds import DAY, P, feed, memory, put_edit, put_row, writer


def test_a_good_lake_is_clean() -> None:
    store, clock = lake_with_all()
    report = check(store, clock)
    assert report.problems == ()
    assert report.objects == len(store.objects)
    assert report.bytes == sum(map(len, store.objects.values()))
    assert check(store, clock, quick=True).problems == ()
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
    unread = [key for key in inner.objects if key.startswith(("artifacts/", "logs/"))]
    assert len(unread) == 3
    assert dict(store.counts) == {"list": 1, "get": len(inner.objects) - len(unread)}


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
    sums = data.rindex(CHECKSUM_KEY.encode()) + len(CHECKSUM_KEY) + 2
    blank = data[:one] + b"7" + data[one + 1 : sums] + BLANK.encode() + data[sums + len(BLANK) :]
    store.put(FULL.path, stamped(memoryview(blank)))
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


def bad_view(store: MemoryStore) -> str:
    store.put("views/main-00000000/00000000000000000002-00000000.json", b"[]")
    return "views/main-00000000/00000000000000000002-00000000.json"


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
        (bad_view, "damaged"),
        (no_note, "lake"),
        (bad_note, "damaged"),
    ],
)
def test_each_kind_of_damage_is_named_and_never_removed(damage: Damage, kind: str) -> None:
    store, clock = lake_with_all()
    key = damage(store)
    report = check(store, clock)
    assert (kind, key) in kinds(report)
    assert all(key in f.message or f.kind in ("incomplete", "orphan", "lake") for f in report.problems if f.key == key)
    before = store.objects
    check(store, clock, repair=True)
    assert before.items() <= store.objects.items(), "the only copy of something"


def test_footers_alone_tell_lengths_and_truncation_but_not_flips() -> None:
    for damage, seen in ((truncated, True), (shorter, True), (newer, True), (empty, True), (flipped, False)):
        store, clock = lake_with_all()
        key = damage(store)
        assert any(f.key == key for f in check(store, clock, quick=True).problems) is seen, damage


def test_missing_rows_are_told_and_nothing_is_guessed() -> None:
    store, clock = lake_with_all()
    store.delete([FULL.path])
    (problem,) = check(store, clock).problems
    assert (problem.kind, problem.key, problem.repair) == ("incomplete", PREFIX, None)
    assert "0 to 9" in problem.message
    before = store.objects
    check(store, clock, repair=True)
    assert store.objects == before


def test_purged_runs_are_nobodys_problem() -> None:
    store, clock = lake_with_all()
    put_edit(store, ["r1"], "purge", hlc=9)
    store.delete([FULL.path])
    clock.advance(DAY)
    assert check(store, clock).problems == ()


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

    assert fsck(FaultyStore(inner, finish_now), now=clock.now).problems == ()
    assert moved


def test_objects_that_the_store_does_not_give_are_named() -> None:
    inner, clock = lake_with_all()
    denied = Fault("before", AccessDenied("planned"))
    store = FaultyStore(inner, lambda verb, key, n: denied if key == FULL.path else None)
    report = fsck(store, now=clock.now, repair=True)
    assert ("denied", FULL.path) in kinds(report)
    assert report.deleted == ()


def test_findings_sort_and_say_what_repair_would_do() -> None:
    a, b = Problem("a", "foreign", "a is foreign"), Problem("b", "empty", "b")
    assert sorted([b, a]) == [a, b]
