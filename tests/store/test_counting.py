from __future__ import annotations

from pathlib import Path

from lakeboard.schema.errors import MissingObject
from lakeboard.store.files.parts import PART_BYTES
from lakeboard.store.testing import CountingStore, MemoryStore


def test_counts_what_an_object_store_would_bill() -> None:
    store = CountingStore(MemoryStore(), keep_log=True)
    store.put("a/1", b"12345")
    store.put("a/2", b"123")
    assert store.get("a/1") == b"12345"
    assert store.get_tail("a/1", 2) == b"45"
    found = store.get_many(["a/1", "a/2", "a/missing"])
    assert isinstance(found["a/missing"], MissingObject)
    store.list("a/")
    store.list_dirs("")
    store.delete(["a/1", "a/2"])
    assert store.counts == {"put": 2, "get": 4, "get_tail": 1, "list": 1, "list_dirs": 1, "delete": 1}
    assert store.requests() == 10
    assert store.bytes_written == 8
    assert store.bytes_read == 5 + 2 + 8
    assert store.log[0] == ("put", "a/1")
    assert store.log[-2:] == [("delete", "a/1"), ("delete", "a/2")]


def test_files_count_by_the_part(tmp_path: Path) -> None:
    store = CountingStore(MemoryStore(), keep_log=True)
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b"12345")
    large.write_bytes(bytes(2 * PART_BYTES + 1))
    store.put_file("a/small", small)
    store.put_file("a/large", large)
    assert store.counts == {"put_file": 1 + 5}
    store.get_file("a/large", large, size=2 * PART_BYTES + 1)
    assert store.get_range("a/small", 1, 3) == b"23"
    assert store.get_range("a/small", 3, 3) == b""
    store.copy("a/small", "b", size=5)
    assert store.counts == {"put_file": 6, "get_file": 3, "get_range": 1, "copy": 1}
    assert (store.bytes_written, store.bytes_read) == (2 * PART_BYTES + 6, 2 * PART_BYTES + 3)
    assert store.log[-1] == ("copy", "b")


def test_long_listings_and_deletes_count_by_the_page() -> None:
    memory = MemoryStore()
    store = CountingStore(memory)
    for n in range(2001):
        memory.put(f"a/{n}/x", b"")
    assert len(store.list("a/")) == 2001
    assert len(store.list_dirs("a/")) == 2001
    store.delete(info.key for info in memory.list("a/"))
    store.delete([])
    store.get_many([])
    assert store.counts == {"list": 3, "list_dirs": 3, "delete": 3}


def test_failed_requests_count_and_reset_forgets() -> None:
    store = CountingStore(MemoryStore())
    try:
        store.get("nowhere")
    except MissingObject:
        assert store.counts["get"] == 1
    store.reset()
    assert store.requests() == 0
    assert store.counts["get"] == 0
