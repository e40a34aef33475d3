from __future__ import annotations

import time
from pathlib import Path

import pytest

from lakeboard.schema.errors import AccessDenied, StoreUnreachable
from lakeboard.store.testing import Fault, FaultyStore, MemoryStore, SlowStore


def test_before_leaves_the_store_alone_and_after_does_not() -> None:
    memory = MemoryStore()
    faults = {0: Fault("before"), 1: Fault("after", AccessDenied("planned"))}
    store = FaultyStore(memory, lambda verb, _key, n: faults.get(n) if verb == "put" else None)
    with pytest.raises(StoreUnreachable):
        store.put("a", b"1")
    assert memory.objects == {}
    with pytest.raises(AccessDenied, match="planned"):
        store.put("a", b"1")
    assert memory.objects == {"a": b"1"}
    store.put("b", b"2")
    assert memory.objects == {"a": b"1", "b": b"2"}


def test_later_lands_on_command_in_any_order() -> None:
    memory = MemoryStore()
    store = FaultyStore(memory, lambda _verb, _key, _n: Fault("later"))
    for n in range(3):
        with pytest.raises(StoreUnreachable):
            store.put(f"k{n}", b"x")
    assert store.pending == 3
    store.land(1)
    assert list(memory.objects) == ["k1"]
    store.land()
    assert sorted(memory.objects) == ["k0", "k1", "k2"]
    assert store.pending == 0
    with pytest.raises(StoreUnreachable):
        store.delete(["k0", "k1"])
    store.land()
    assert sorted(memory.objects) == ["k1", "k2"]


def test_a_delete_that_fails_midway_has_removed_those_before() -> None:
    memory = MemoryStore()
    for key in "abc":
        memory.put(key, b"x")
    store = FaultyStore(memory, lambda verb, key, _n: Fault("before") if (verb, key) == ("delete", "b") else None)
    with pytest.raises(StoreUnreachable):
        store.delete(["a", "b", "c"])
    assert list(memory.objects) == ["b", "c"]


def test_reads_fail_by_key_and_get_many_maps_them() -> None:
    memory = MemoryStore()
    memory.put("a/1", b"x")
    memory.put("a/2", b"y")
    bad = {("get", "a/1"), ("list", "a/"), ("get_tail", "a/2"), ("list_dirs", "")}
    store = FaultyStore(memory, lambda verb, key, _n: Fault("before") if (verb, key) in bad else None)
    found = store.get_many(["a/1", "a/2"])
    assert isinstance(found["a/1"], StoreUnreachable)
    assert found["a/2"] == b"y"
    for ask in (lambda: store.list("a/"), lambda: store.get_tail("a/2", 1), lambda: store.list_dirs("")):
        with pytest.raises(StoreUnreachable):
            ask()
    assert store.get_tail("a/1", 1) == b"x"


def test_files_fail_as_planned(tmp_path: Path) -> None:
    memory = MemoryStore()
    path = tmp_path / "file"
    path.write_bytes(b"x")
    plan = {
        "put_file": Fault("later"),
        "copy": Fault("after"),
        "get_file": Fault("before"),
        "get_range": Fault("after"),
    }
    store = FaultyStore(memory, lambda verb, _key, n: plan.get(verb) if n == 0 else None)
    for act in (
        lambda: store.put_file("a", path),
        lambda: store.get_file("a", path, size=1),
        lambda: store.get_range("a", 0, 1),
    ):
        with pytest.raises(StoreUnreachable):
            act()
    assert memory.objects == {}
    store.land()
    with pytest.raises(StoreUnreachable):
        store.copy("a", "b", size=1)
    assert memory.objects == {"a": b"x", "b": b"x"}
    assert store.put_file("c", path).bytes == 1
    store.get_file("c", path, size=1)
    assert store.get_range("c", 0, 1) == b"x"
    store.copy("c", "d", size=1)
    assert memory.objects["d"] == b"x"


def test_slow_store_waits_once_for_many() -> None:
    store = SlowStore(MemoryStore(), latency_seconds=0.05)
    begun = time.monotonic()
    store.get_many([f"k{n}" for n in range(50)])
    assert 0.05 <= time.monotonic() - begun < 1.0
    begun = time.monotonic()
    store.put("a", b"x")
    store.get("a")
    assert time.monotonic() - begun >= 0.1
