from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from lakeboard.schema.artifacts.keys import IntentKey, ManifestKey
from lakeboard.schema.artifacts.names import Version
from lakeboard.schema.errors import StoreError
from lakeboard.store.base import Store
from lakeboard.store.testing import CountingStore, Fault, FaultyStore, MemoryStore, Plan
from lakeboard.upkeep.artifacts.collect import ABANDONED, Collected, collect
from tests.upkeep.artifacts.shelves import NOW_MS, act, files, living, make, named
from tests.upkeep.worlds import HOUR, T0, P, memory

V1, V2 = Version(1, "00000001"), Version(2, "00000009")
NOTHING = timedelta(0)
FOLDER = "files/project=p/digits/v1-00000001/"


def gather(store: Store, *, after: timedelta = HOUR, grace: timedelta = NOTHING, dry_run: bool = False) -> Collected:
    return collect(store, P, now=T0 + after, now_ms=NOW_MS, rand="cccccccc", grace=grace, dry_run=dry_run)


def test_what_is_named_stays(tmp_path: Path) -> None:
    store, _ = memory()
    make(store, tmp_path, {"a": b"one", "b": b"two"})
    make(store, tmp_path, {"a": b"one", "b": b"new"}, rand=9)
    before = store.objects
    done = gather(store)
    assert done.deleted == (
        IntentKey(P, "digits", V1).path, IntentKey(P, "digits", V2).path,
    )  # fmt: skip
    assert {k: d for k, d in before.items() if "/i-" not in k} == store.objects
    assert gather(store) == Collected()


def test_a_purge_frees_what_no_other_version_names(tmp_path: Path) -> None:
    store, _ = memory()
    make(store, tmp_path, {"a": b"one", "b": b"second"})
    make(store, tmp_path, {"a": b"one", "b": b"new"}, rand=9)
    act(store, "purge", V1)
    before = {i.key: i.size for i in store.list("")}
    done = gather(store)
    assert done.deleted == (
        f"{FOLDER}b",
        ManifestKey(P, "digits", V1).path,
        IntentKey(P, "digits", V1).path,
        IntentKey(P, "digits", V2).path,
    )
    assert done.freed == sum(before[key] for key in done.deleted)
    assert store.get(f"{FOLDER}a") == b"one", "the second version names it"
    act(store, "purge", V2)
    gather(store)
    assert files(store.objects) == set()
    assert living(store.objects) == {}
    assert [k for k in store.objects if "/e-" not in k] == [], "the decisions stay"


def test_what_was_uploaded_for_nothing_goes(tmp_path: Path) -> None:
    store, _ = memory()
    make(store, tmp_path, {"a": b"one"})
    store.put(f"{FOLDER}stray", b"left by a writer that made it anew")
    store.put("files/project=p/digits/v7-0a1b2c3d/a", b"of a version that never came")
    store.put("files/project=other/digits/v7-0a1b2c3d/a", b"of another project")
    store.put("files/project=p/readme.txt", b"put there by somebody")
    done = gather(store)
    assert set(done.deleted) - {IntentKey(P, "digits", V1).path} == {
        f"{FOLDER}stray", "files/project=p/digits/v7-0a1b2c3d/a",
    }  # fmt: skip


def test_the_young_stay_for_the_grace(tmp_path: Path) -> None:
    store, clock = memory()
    make(store, tmp_path, {"a": b"one"})
    act(store, "purge", V1)
    clock.advance(HOUR)
    store.put(f"{FOLDER}late", b"x")
    done = gather(store, after=HOUR + timedelta(minutes=5), grace=timedelta(minutes=10))
    assert f"{FOLDER}a" in done.deleted
    assert f"{FOLDER}late" in store.objects


def test_an_open_intent_keeps_its_folder_and_what_it_names(tmp_path: Path) -> None:
    store, _ = memory()
    make(store, tmp_path, {"a": b"one", "b": b"two"})
    stuck = FaultyStore(store, lambda verb, key, n: Fault("before") if verb == "put" and "/a-" in key else None)
    with pytest.raises(StoreError):
        make(stuck, tmp_path, {"a": b"one", "c": b"new"}, rand=9)
    act(store, "purge", V1)
    gather(store)
    assert files(store.objects) == {f"{FOLDER}a", "files/project=p/digits/v2-00000009/c"}, "b is of no use any more"
    assert IntentKey(P, "digits", V2).path in store.objects
    done = gather(store, after=ABANDONED + HOUR)
    assert done.abandoned == (IntentKey(P, "digits", V2),)
    assert files(store.objects), "the janitor's purge comes first, the bytes go with the next collection"
    gather(store, after=ABANDONED + HOUR)
    assert files(store.objects) == set()
    assert not any("/i-" in key or "/a-" in key for key in store.objects)


def test_a_dry_run_writes_nothing_and_tells_the_same(tmp_path: Path) -> None:
    store, _ = memory()
    make(store, tmp_path, {"a": b"one"})
    act(store, "purge", V1)
    before = store.objects
    told = gather(store, dry_run=True)
    assert store.objects == before
    assert gather(store) == told


@pytest.mark.parametrize("word", ["/a-", "/i-"])
def test_while_a_manifest_can_not_be_read_no_file_goes(tmp_path: Path, word: str) -> None:
    store, _ = memory()
    make(store, tmp_path, {"a": b"one"})
    if word == "/i-":
        store.delete([ManifestKey(P, "digits", V1).path])
    store.put(f"{FOLDER}stray", b"x")
    (path,) = (k for k in store.objects if word in k)
    store.put(path, store.get(path)[:-20] + b"x" * 20)
    done = gather(store)
    assert (done.deleted, [(p.key, p.kind) for p in done.problems]) == ((), [(path, "damaged")])
    assert f"{FOLDER}stray" in store.objects


def test_a_damaged_decision_is_told_and_keeps_what_it_may_have_purged(tmp_path: Path) -> None:
    store, _ = memory()
    make(store, tmp_path, {"a": b"one"})
    act(store, "purge", V1)
    (path,) = (k for k in store.objects if "/e-" in k)
    store.put(path, b"{}")
    done = gather(store)
    assert [p.key for p in done.problems] == [path]
    assert f"{FOLDER}a" in store.objects


def test_a_store_that_fails_deletes_nothing(tmp_path: Path) -> None:
    memory_store, _ = memory()
    make(memory_store, tmp_path, {"a": b"one"})
    act(memory_store, "purge", V1)
    before = memory_store.objects
    failing = (("list", 0), ("list", 1), ("get", 0), ("list", 2), ("list", 3))
    for verb, n in failing:
        broken = FaultyStore(memory_store, _fails(verb, n))
        with pytest.raises(StoreError):
            gather(broken)
        assert memory_store.objects == before


def _fails(verb: str, number: int) -> Plan:
    return lambda asked, _key, n: Fault("before") if (asked, n) == (verb, number) else None


def test_what_it_costs(tmp_path: Path) -> None:
    store = CountingStore(MemoryStore())
    assert gather(store) == Collected()
    assert store.counts == {"list": 2}
    for n in range(3):
        make(store.inner, tmp_path, {"a": b"one", "b": bytes([n])}, rand=n + 1)
    store.reset()
    gather(store)
    assert store.counts == {"list": 4, "get": 3, "delete": 1}, "each manifest is read once"
    assert named(store.inner.objects) == files(store.inner.objects)  # type: ignore[attr-defined]
