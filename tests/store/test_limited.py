"""What a listing shows to be too large is never fetched, named, and costs itself."""

from __future__ import annotations

import builtins
import os
from dataclasses import replace
from pathlib import Path

import pytest

import lakeboard
from lakeboard.schema.errors import DamagedObject
from lakeboard.schema.limits import MAX_OBJECT_BYTES
from lakeboard.store.base import ObjectInfo, Store
from lakeboard.store.conformance import StoreTests
from lakeboard.store.counting import CountingStore
from lakeboard.store.limited import LimitedStore
from lakeboard.store.testing import MemoryStore
from lakeboard.store.wrapper import StoreWrapper
from lakeboard.upkeep import fsck_lake, open_store, store_now


class Boasting(StoreWrapper):
    """Shows some objects with another size."""

    def __init__(self, inner: CountingStore) -> None:
        super().__init__(inner)
        self.sizes: dict[str, int] = {}

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        return [replace(info, size=self.sizes.get(info.key, info.size)) for info in self._inner.list(prefix)]


@pytest.fixture
def counting() -> CountingStore:
    store = CountingStore(MemoryStore())
    for key in ("runs/a", "runs/b", "files/c", "_lake.json", "metrics/x/d"):
        store.put(key, key.encode())
    return store


@pytest.mark.parametrize("key", ["runs/a", "metrics/x/d", "_lake.json"])
@pytest.mark.parametrize("size", [MAX_OBJECT_BYTES, MAX_OBJECT_BYTES + 1])
def test_a_byte_more_than_is_read_is_refused_without_a_request(counting: CountingStore, key: str, size: int) -> None:
    shown = Boasting(counting)
    shown.sizes[key] = size
    store = LimitedStore(shown)
    assert store.get(key) == key.encode(), "not listed as yet"
    store.list("")
    before = counting.counts["get"]
    if size == MAX_OBJECT_BYTES:
        assert store.get_many([key]) == {key: key.encode()}
        return
    for read in (store.get, lambda each: store.get_tail(each, 3)):
        with pytest.raises(DamagedObject, match=f"^{key} takes 1.1 GB; at most 1.1 GB are read"):
            read(key)
    found = store.get_many([key, "runs/b", "runs/none"])
    assert isinstance(found[key], DamagedObject)
    assert found["runs/b"] == b"runs/b"
    assert list(found) == [key, "runs/b", "runs/none"]
    assert counting.counts["get"] - before == 2
    # It was taken away, or put right.
    shown.sizes.clear()
    store.list(key.rpartition("/")[0] + "/" if "/" in key else "")
    assert store.get(key) == key.encode()


def test_files_that_runs_made_may_have_any_size(counting: CountingStore) -> None:
    shown = Boasting(counting)
    shown.sizes["files/c"] = 2**40
    store = LimitedStore(shown)
    store.list("files/")
    assert store.get("files/c") == b"files/c"


class TestLimitedStore(StoreTests):
    @pytest.fixture
    def store(self) -> LimitedStore:
        return LimitedStore(MemoryStore())

    def raw_put(self, store: Store, key: str, data: bytes) -> None:
        store.put(key, data)

    def raw_get(self, store: Store, key: str) -> bytes | None:
        assert isinstance(store, LimitedStore)
        assert isinstance(store.inner, MemoryStore)
        return store.inner.objects.get(key)


HUGE = [
    "runs/project=p/z-000000000007-0a1b2c3d.parquet",
    "runs/project=p/r-r2.w001-0000000a.000000000007.parquet",
    "edits/project=p/z-000000000007-0a1b2c3d.parquet",
    "live/project=p/r3.w001-0000000a.00000000.000000000000-000000000000.parquet",
    "boards/main/0000000000000001-0a1b2c3d.json",
]


def sparse(path: Path) -> None:
    """A file of three gigabytes that takes no room."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    path.chmod(0o644)
    os.truncate(path, 3 * 2**30)


@pytest.mark.slow
def test_huge_objects_anywhere_are_named_and_honest_runs_shown(tmp_path: Path) -> None:
    for run_id in ("r1", "big"):
        with lakeboard.init(project="p", id=run_id, lake=str(tmp_path), quiet=True) as run:
            run.log({"acc": 0.5})
    for key in HUGE:
        sparse(tmp_path / key)
    (points,) = tmp_path.glob("metrics/project=p/run_id=big/*.parquet")
    sparse(points)
    lake = lakeboard.open(str(tmp_path))
    assert set(lake.runs("p")["run_id"]) == {"big", "r1", "r3"}, "a tail's name alone tells of its run"
    assert lake.metrics("p").collect()["run_id"].to_list() == ["r1"]
    lake.boards()
    named = {problem.key for problem in lake.problems("p")}
    assert {*HUGE, points.relative_to(tmp_path).as_posix()} <= named
    store = open_store(str(tmp_path))
    report = fsck_lake(store, now=store_now(store, rand="0a1b2c3d"))
    assert {*HUGE[:4], points.relative_to(tmp_path).as_posix()} <= {problem.key for problem in report.problems}
