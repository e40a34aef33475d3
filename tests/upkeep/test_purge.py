from __future__ import annotations

import pytest

from lakeboard.query.lake import Lake
from lakeboard.schema.errors import UnknownRun
from lakeboard.schema.keys import project_prefix
from lakeboard.store.testing import CountingStore, MemoryStore
from lakeboard.upkeep.clock import GRACE, PROBE_PREFIX, no_later_than_now, store_now
from lakeboard.upkeep.purge import (
    Erase,
    Erased,
    artifacts_prefix,
    due_purges,
    erase_run,
    is_meant,
    purge_now,
    tombstones,
)
from lakeboard.upkeep.tidy import execute, look_at, plan_tidy
from tests.upkeep.worlds import DAY, HOUR, T0, P, ended, feed, memory, put_edit, told_rows, writer


def bytes_of(store: MemoryStore, run_id: str) -> int:
    return sum(len(d) for k, d in store.objects.items() if run_id in k)


def test_the_bytes_of_a_purged_run_go_after_the_grace_and_nothing_else() -> None:
    store, clock = memory()
    for run_id in ("r1", "r2"):
        ended(store, run_id)
        store.put(f"{artifacts_prefix(P, run_id)}0123/model.bin", b"weights")
    kept = {k for k in store.objects if "r1" not in k}
    put_edit(store, ["r1"], "purge", hlc=1)
    size = bytes_of(store, "r1")
    clock.advance(GRACE / 2)
    assert plan_tidy(look_at(store, P), now=clock.now) == []
    clock.advance(GRACE / 2)
    (task,) = plan_tidy(look_at(store, P), now=clock.now)
    assert task == Erase(P, "r1")
    done = execute(store, task, now=clock.now)
    assert done.result == Erased(3, size)
    assert {k for k in store.objects if not k.startswith("edits/")} == kept
    assert plan_tidy(look_at(store, P), now=clock.now) == []
    assert Lake(store).runs(P)["run_id"].to_list() == ["r2"]


def test_a_writer_that_did_not_know_is_cleared_away_again() -> None:
    store, clock = memory()
    w = writer(store, "r1")
    feed(w, 3)
    w.flush(due_seconds=30)
    put_edit(store, ["r1"], "purge", hlc=1)
    purge_now(store, P, "r1")
    assert bytes_of(store, "r1") == 0
    feed(w, 3)
    w.flush(due_seconds=30)
    assert Lake(store).runs(P).is_empty()
    clock.advance(HOUR)
    assert [type(t) for t in plan_tidy(look_at(store, P), now=clock.now)] == [Erase]


def test_only_what_somebody_purged_is_removed() -> None:
    store, _ = memory()
    ended(store, "r1")
    put_edit(store, ["r1"], "delete", hlc=1)
    before = store.objects
    with pytest.raises(UnknownRun, match="r1"):
        purge_now(store, P, "r1")
    assert store.objects == before


def test_runs_whose_names_begin_alike_are_different_runs() -> None:
    store, _ = memory()
    for run_id in ("r1", "r11", "r1-b"):
        ended(store, run_id)
    put_edit(store, ["r1"], "purge", hlc=1)
    erase_run(store, Erase(P, "r1"))
    assert {r for r, _ in told_rows(store)} == {"r11", "r1-b"}
    assert Lake(store).metrics(P).collect()["run_id"].n_unique() == 2


def test_a_purge_counts_from_its_oldest_tombstone() -> None:
    store, clock = memory()
    put_edit(store, ["r1"], "purge", hlc=1)
    clock.advance(DAY)
    put_edit(store, ["r1"], "purge", hlc=2)
    seen = look_at(store, P)
    since = tombstones(seen.listing.edits, seen.edits)
    assert since == {"r1": T0}
    assert due_purges(since, now=T0 + GRACE) == {"r1"}
    assert due_purges(since, now=T0) == frozenset()


def test_the_stores_clock_is_read_off_a_probe() -> None:
    inner, clock = memory()
    store = CountingStore(inner)
    assert store_now(store, rand="00ff") == T0
    assert dict(store.counts) == {"put": 1, "list": 1, "delete": 1}
    assert inner.objects == {}
    inner.put(f"{PROBE_PREFIX}dead", b"")
    clock.advance(2 * DAY)
    assert store_now(store, rand="00ff") == clock.now
    assert inner.objects == {}, "what a crash left is removed"


def test_a_listing_tells_what_time_it_is_at_least() -> None:
    store, clock = memory()
    store.put("a", b"")
    clock.advance(DAY)
    store.put("b", b"")
    clock.advance(DAY)
    assert no_later_than_now(store.list("")) == T0 + DAY
    assert no_later_than_now([]).year == 1970


def test_notes_of_a_purged_run_go_with_it_and_the_purge_stays() -> None:
    store, clock = memory()
    put_edit(store, ["r1"], "note", "secret", hlc=1)
    put_edit(store, ["r1"], "purge", hlc=2)
    clock.advance(HOUR)
    for task in plan_tidy(look_at(store, P), now=clock.now):
        execute(store, task, now=clock.now)
    assert len(store.list(project_prefix("edits", P))) == 1
    assert Lake(store).history(P)["op"].to_list() == ["purge"]


def test_many_runs_are_erased_with_fewer_listings() -> None:
    inner, _ = memory()
    store = CountingStore(inner)
    for n in range(5):
        ended(store, f"r{n}")
    put_edit(store, ["r0", "r1", "r2"], "purge", hlc=1)
    size = sum(bytes_of(inner, f"r{n}") for n in range(3))
    store.reset()
    done = purge_now(store, P, ["r0", "r1", "r2"])
    assert done == Erased(6, size)
    # Edits, live and runs once; points, media, files and console of each run.
    assert dict(store.counts) == {"list": 3 + 4 * 3, "get": 1, "delete": 1}
    assert {r for r, _ in told_rows(inner)} == {"r3", "r4"}


def test_one_run_that_nobody_purged_stops_the_others_too() -> None:
    store, _ = memory()
    for run_id in ("r1", "r2"):
        ended(store, run_id)
    put_edit(store, ["r1"], "purge", hlc=1)
    before = store.objects
    with pytest.raises(UnknownRun, match="r2"):
        purge_now(store, P, ["r1", "r2"])
    assert store.objects == before


@pytest.mark.parametrize(
    ("typed", "names", "meant"),
    [
        ("best", {"r1": "best"}, True),
        ("  best ", {"r1": "best"}, True),
        ("r1", {"r1": "best"}, True),
        ("Best", {"r1": "best"}, False),
        ("1", {"r1": "best"}, False),
        ("p", {"r1": "best"}, False),
        ("", {"r1": ""}, False),
        ("2", {"r1": "a", "r2": "b"}, True),
        ("p", {"r1": "a", "r2": "b"}, True),
        ("a", {"r1": "a", "r2": "b"}, False),
        ("", {"r1": "a", "r2": "b"}, False),
        ("0", {}, False),
    ],
)
def test_what_was_typed_must_mean_these_runs(typed: str, names: dict[str, str], meant: bool) -> None:
    assert is_meant(typed, project=P, names=names) is meant
