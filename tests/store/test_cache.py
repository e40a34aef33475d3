from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeboard.schema.checksum import BLANK, CHECKSUM_KEY, stamped
from lakeboard.schema.errors import MissingObject
from lakeboard.store.base import Store
from lakeboard.store.cache import CachedStore, cached, default_folder
from lakeboard.store.local import LocalStore
from lakeboard.store.testing import CountingStore, MemoryStore, StoreTests


def parquet(body: bytes = b"body") -> bytes:
    """A small object."""
    sink = pa.BufferOutputStream()
    table = pa.table({"body": [body]})
    with pq.ParquetWriter(sink, table.schema, compression="none", use_dictionary=False, write_statistics=False) as out:
        out.write_table(table)
        out.add_key_value_metadata({CHECKSUM_KEY: BLANK})
    return stamped(memoryview(sink.getvalue()))


KEY = "runs/project=p/r-a.parquet"


@pytest.fixture
def memory() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def counting(memory: MemoryStore) -> CountingStore:
    return CountingStore(memory)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class TestCachedStore(StoreTests):
    @pytest.fixture
    def store(self, tmp_path: Path) -> CachedStore:
        return CachedStore(MemoryStore(), folder=tmp_path / "cache")

    def raw_put(self, store: Store, key: str, data: bytes) -> None:
        assert isinstance(store, CachedStore)
        store.inner.put(key, data)

    def raw_get(self, store: Store, key: str) -> bytes | None:
        assert isinstance(store, CachedStore)
        try:
            return store.inner.get(key)
        except MissingObject:
            return None


def test_a_sealed_object_is_asked_for_once_also_by_the_next_process(counting: CountingStore, folder: Path) -> None:
    counting.inner.put(KEY, parquet())
    for _ in range(2):
        store = CachedStore(counting, folder=folder)
        assert store.get(KEY) == parquet()
        assert store.get(KEY) == parquet()
        assert store.get_many([KEY]) == {KEY: parquet()}
        assert store.get_tail(KEY, 4) == b"PAR1"
    assert counting.counts == {"get": 1}


def test_get_many_asks_only_for_what_is_not_on_disk(counting: CountingStore, folder: Path) -> None:
    keys = [f"metrics/project=p/run_id=r/{n}.parquet" for n in range(4)]
    for key in keys:
        counting.inner.put(key, parquet(key.encode()))
    store = CachedStore(counting, folder=folder)
    store.get(keys[2])
    found = store.get_many([*keys, "metrics/missing.parquet"])
    assert list(found) == [*keys, "metrics/missing.parquet"]
    assert [found[key] for key in keys] == [parquet(key.encode()) for key in keys]
    assert isinstance(found["metrics/missing.parquet"], MissingObject)
    assert counting.counts == {"get": 1 + 3 + 1}
    counting.reset()
    store.get_many(keys)
    assert counting.requests() == 0


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("live/project=p/x.parquet", parquet()),
        ("_lake.json", parquet()),
        ("boards/b/1.json", b"{}"),
        ("runs/project=p/note.txt", parquet()),
        (KEY, b"PAR1 cut off"),
        (KEY, b"not parquet PAR1"),
        (KEY, b"PAR1"),
        (KEY, b""),
    ],
)
def test_what_moves_or_is_no_parquet_is_not_kept(counting: CountingStore, folder: Path, key: str, data: bytes) -> None:
    counting.inner.put(key, data)
    store = CachedStore(counting, folder=folder)
    assert store.get(key) == store.get(key) == data
    assert counting.counts == {"get": 2}
    assert files(folder) == []


def test_an_object_of_another_size_than_listed_is_not_kept(memory: MemoryStore, folder: Path) -> None:
    memory.put(KEY, parquet(b"long body"))
    store = CachedStore(memory, folder=folder)
    store.list("runs/")
    memory.put(KEY, parquet(b"torn"))
    assert store.get(KEY) == parquet(b"torn")
    assert files(folder) == []


def test_an_entry_of_another_size_than_listed_is_fetched_again(memory: MemoryStore, folder: Path) -> None:
    memory.put(KEY, parquet(b"old"))
    CachedStore(memory, folder=folder).get(KEY)
    memory.put(KEY, parquet(b"a new lake under the old address"))
    store = CachedStore(memory, folder=folder)
    assert store.get(KEY) == parquet(b"old")
    store.list("runs/")
    assert store.get(KEY) == parquet(b"a new lake under the old address")


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "grow"])
def test_a_corrupt_entry_is_fetched_again(counting: CountingStore, folder: Path, damage: str) -> None:
    counting.inner.put(KEY, parquet(b"x" * 100))
    store = CachedStore(counting, folder=folder)
    store.get(KEY)
    (entry,) = files(folder)
    sealed = bytearray(entry.read_bytes())
    if damage == "flip":
        sealed[50] ^= 1
    damaged = {"cut": sealed[:-20], "flip": sealed, "empty": bytearray(), "grow": sealed + b"x"}
    entry.write_bytes(damaged[damage])
    assert store.get(KEY) == parquet(b"x" * 100)
    assert counting.counts == {"get": 2}
    assert store.get(KEY) == parquet(b"x" * 100)
    assert counting.counts == {"get": 2}


def test_the_cap_holds_and_the_least_used_go_first(memory: MemoryStore, folder: Path) -> None:
    store = CachedStore(memory, folder=folder, max_bytes=10_000)
    keys = [f"runs/project=p/r-{n:02d}.parquet" for n in range(30)]
    for age, key in zip(range(3000, 0, -100), keys, strict=True):
        memory.put(key, parquet(b"x" * 1000))
        store.get(key)
        for entry in files(folder):
            if time.time() - entry.stat().st_mtime < 50:
                os.utime(entry, (time.time() - age, time.time() - age))
        assert sum(entry.stat().st_size for entry in files(folder)) <= 10_000
    counting = CountingStore(memory)
    reader = CachedStore(counting, folder=folder, max_bytes=10_000)
    reader.get_many(keys[-3:])
    assert counting.requests() == 0
    reader.get(keys[0])
    assert counting.requests() == 1


def test_one_object_may_not_fill_the_cache(memory: MemoryStore, folder: Path) -> None:
    memory.put(KEY, parquet(b"x" * 5000))
    CachedStore(memory, folder=folder, max_bytes=10_000).get(KEY)
    assert files(folder) == []


def test_deleting_through_it_forgets(memory: MemoryStore, folder: Path) -> None:
    memory.put(KEY, parquet())
    store = CachedStore(memory, folder=folder)
    store.get(KEY)
    store.delete([KEY])
    assert files(folder) == []
    with pytest.raises(MissingObject):
        store.get(KEY)


def test_a_folder_that_cannot_be_made_costs_no_answer(counting: CountingStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    counting.inner.put(KEY, parquet())
    store = CachedStore(counting, folder=tmp_path / "file" / "cache")
    assert store.get(KEY) == store.get(KEY) == parquet()
    assert store.get_many([KEY]) == {KEY: parquet()}
    store.delete([KEY])
    assert counting.counts == {"get": 3, "delete": 1}


def test_many_threads_share_a_folder(memory: MemoryStore, folder: Path) -> None:
    keys = [f"runs/project=p/r-{n:02d}.parquet" for n in range(20)]
    for key in keys:
        memory.put(key, parquet(key.encode() * 50))
    trouble: list[str] = []

    def read() -> None:
        store = CachedStore(memory, folder=folder, max_bytes=20_000)
        for _ in range(5):
            for key in keys:
                if store.get(key) != parquet(key.encode() * 50):
                    trouble.append(key)  # noqa: PERF401 the loop is the test

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    assert not [path for path in files(folder) if path.name.startswith("tmp-")]


def test_only_this_user_may_look(memory: MemoryStore, folder: Path) -> None:
    memory.put(KEY, parquet())
    CachedStore(memory, folder=folder).get(KEY)
    (entry,) = files(folder)
    assert folder.stat().st_mode & 0o077 == 0
    assert entry.stat().st_mode & 0o077 == 0


def test_local_lakes_and_a_cap_of_nought_need_no_cache(memory: MemoryStore, tmp_path: Path) -> None:
    local = LocalStore(tmp_path)
    assert cached(local) is local
    assert cached(memory, max_bytes=0) is memory
    assert isinstance(cached(memory), CachedStore)


def test_the_default_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    one, other = default_folder("s3://a/b"), default_folder("s3://a/c")
    assert one is not None
    assert one.parent == tmp_path / "xdg" / "lakeboard"
    assert one != other
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    found = default_folder("s3://a/b")
    assert found is not None
    assert found.parent == tmp_path / "home" / ".cache" / "lakeboard"


def test_without_a_home_there_is_no_cache(monkeypatch: pytest.MonkeyPatch, memory: MemoryStore) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    assert cached(memory) is memory
