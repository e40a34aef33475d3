"""What keeps a lake tidy knows what runs printed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lakeboard.schema.logs.keys import LogKey, logs_prefix
from lakeboard.store.testing import CountingStore, MemoryStore
from lakeboard.upkeep.fsck import fsck
from lakeboard.upkeep.glance import glance
from lakeboard.upkeep.leaks import find_leaks
from lakeboard.upkeep.logs import check_logs, log_file, send_log
from lakeboard.upkeep.sync import sync
from lakeboard.upkeep.tidy import execute, look_at, plan_tidy
from lakeboard.upkeep.usage import by_area, lake_usage
from tests.upkeep.lakes import W, check, kinds, lake_with_all
from tests.upkeep.worlds import T0, P, ended, memory, put_edit

TOKEN = "ghp_" + "a1B2" * 9


def part(lo: int, hi: int, run_id: str = "r1") -> str:
    return LogKey(P, run_id, W, hi, hi - lo).path


def test_a_console_is_its_runs_and_has_an_area_of_its_own() -> None:
    store, _ = memory()
    ended(store, "r1")
    before = {(u.project, u.run_id): u.bytes for u in lake_usage(store)}
    store.put(part(0, 6), b"hello\n")
    after = {(u.project, u.run_id): u.bytes for u in lake_usage(store)}
    assert after[P, "r1"] - before[P, "r1"] == 6
    assert [(a.objects, a.bytes) for a in by_area(store.list("")) if a.area == "logs"] == [(1, 6)]
    assert glance(store.list(""), now=T0) == []


def test_a_check_reads_no_console() -> None:
    store, clock = lake_with_all()
    counting = CountingStore(store)
    fsck(counting, now=clock.now)
    read = counting.counts["get"]
    store.delete([info.key for info in store.list("logs/")])
    counting.reset()
    fsck(counting, now=clock.now)
    assert counting.counts["get"] == read


def test_a_check_names_what_the_listing_tells() -> None:
    store, clock = lake_with_all()
    assert kinds(check(store, clock)) == []
    store.put(part(100, 106), b"after\n")
    assert kinds(check(store, clock)) == [("incomplete", logs_prefix(P, "r1"))]
    (found,) = check(store, clock).problems
    assert "bytes 12 to 99 of what w001-00000001 printed are in no object" in found.message
    store.put(part(12, 100), b"cut short")
    store.put(part(106, 112), b"")
    assert kinds(check(store, clock)) == [
        ("incomplete", logs_prefix(P, "r1")),
        ("content", part(12, 100)),
        ("empty", part(106, 112)),
    ]


def test_overlaps_are_no_fault() -> None:
    store = MemoryStore()
    for lo, hi in ((0, 6), (0, 9), (6, 12)):
        store.put(part(lo, hi), b"x" * (hi - lo))
    assert check_logs(store.list("")) == []


def test_a_copy_has_it_and_what_is_not_whole_is_named() -> None:
    source, _ = lake_with_all()
    source.put(part(12, 100), b"cut short")
    target = MemoryStore("other")
    done = sync(source, target)
    assert target.get(part(0, 6)) == b"hello\n"
    assert [problem.key for problem in done.problems] == [part(12, 100)]
    assert part(12, 100) not in target.objects


def test_a_purged_runs_console_goes_with_the_rest_and_again_when_it_comes_back() -> None:
    store, clock = memory()
    ended(store, "r1")
    ended(store, "r2")
    for run_id in ("r1", "r2"):
        store.put(part(0, 6, run_id), b"hello\n")
    put_edit(store, ["r1"], "purge", hlc=1)
    clock.advance(timedelta(days=2))
    for task in plan_tidy(look_at(store, P), now=clock.now):
        execute(store, task, now=clock.now)
    assert [info.key for info in store.list("logs/")] == [part(0, 6, "r2")]
    store.put(part(6, 12), b"later\n")
    for task in plan_tidy(look_at(store, P), now=clock.now):
        execute(store, task, now=clock.now)
    assert [info.key for info in store.list("logs/")] == [part(0, 6, "r2")]


def test_secrets_in_a_console_are_found_and_not_told() -> None:
    store, _ = memory()
    ended(store, "r1")
    store.put(part(0, 50), f"token {TOKEN}\n".encode().ljust(50, b"\n"))
    (leak,) = find_leaks(store).found
    assert (leak.key, leak.project, leak.run_id, leak.field, leak.kinds) == (
        part(0, 50),
        P,
        "r1",
        "console",
        ("GitHub token",),
    )


@pytest.mark.parametrize("known", [[(0, 4)], [(0, 2), (2, 4)], [(0, 9)]])
def test_what_the_lake_has_is_not_sent_again(tmp_path: object, known: list[tuple[int, int]]) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    store = MemoryStore()
    for lo, hi in known:
        store.put(part(lo, hi), b"one\ntwo\nx"[lo:hi])
    (folder / log_file(0)).write_bytes(b"one\n")
    (folder / log_file(4)).write_bytes(b"two\nx")
    counting = CountingStore(store)
    assert send_log(counting, folder, P, "r1", W)
    assert counting.counts["put"] == (0 if known == [(0, 9)] else 1)
    assert counting.counts["list"] == 1
    assert list(folder.iterdir()) == []
    counting.reset()
    assert send_log(counting, folder, P, "r1", W)
    assert dict(counting.counts) == {}
