"""What every store owes, as tests that a backend inherits.

::

    class TestMyStore(StoreTests):
        @pytest.fixture
        def store(self): ...                    # an empty lake
        def raw_put(self, store, key, data): ...    # past the code under test
        def raw_get(self, store, key): ...

Raw access goes to the place itself (files, a plain client), so that a store which writes and reads the same
wrong thing fails.
"""

# ruff: noqa: D102 a test's name is its docstring

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from ..schema.errors import InvalidName, MissingObject, StoreError
from .base import Store
from .file_conformance import FileTests
from .keyrules import MAX_KEY_BYTES, MAX_SEGMENT_BYTES, TMP

HOSTILE_KEYS: Final = (
    "_lake.json",
    "live/project=a%2Fb%25/r.w001-0badcafe.00000000.000000000000-000000000000.parquet",
    "runs/project=%C3%A9%F0%9F%A6%86/r-x.parquet",
    "runs/project=%2E%2E/r-x.parquet",
    "edits/project=_.~-+@,:;!$&'()%20/e.parquet",
    "boards/a b/1.json",
    "boards/.hidden/..1.json",
    "long/" + "/".join("x" * (MAX_SEGMENT_BYTES - 1) for _ in range(3)) + "/" + "y" * (MAX_KEY_BYTES - 5 - 3 * 255),
)
"""Legal keys that a careless backend encodes, decodes, cuts or expands."""
BAD_KEYS: Final = (
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "../a",
    "a/../b",
    "a/./b",
    "a/..",
    "a\0b",
    "a\nb",
    "a\x7f",
    "a\\b",
    "a*",
    "a?versionId=1",
    "a[0]",
    "a#b",
    "é",
    "\udc80",
    f"{TMP}/x",
    "x" * (MAX_SEGMENT_BYTES + 1),
    "/".join("x" * 200 for _ in range(5)),
)
"""Keys that every backend refuses."""
_BIG: Final = bytes(range(256)) * (5 * 4096)


class StoreTests(FileTests):
    """The conformance suite; see the module for what to add."""

    clock_slack = timedelta(seconds=5)
    """How far the store's clock may be from this machine's in these tests."""

    def raw_put(self, store: Store, key: str, data: bytes) -> None:
        """Place an object without the code under test."""
        raise NotImplementedError

    def raw_get(self, store: Store, key: str) -> bytes | None:
        """An object's bytes without the code under test; None where there is none."""
        raise NotImplementedError

    def test_is_a_store(self, store: Store) -> None:
        assert isinstance(store, Store)
        assert not store.url.endswith("/")

    @pytest.mark.parametrize("data", [b"hello", b"", b"\0\r\n\xff", _BIG], ids=["text", "empty", "binary", "5MB"])
    def test_put_then_get_returns_the_bytes(self, store: Store, data: bytes) -> None:
        store.put("a/b", data)
        assert store.get("a/b") == data
        assert self.raw_get(store, "a/b") == data

    @pytest.mark.parametrize("data", [b"hello", b""])
    def test_get_returns_what_others_put(self, store: Store, data: bytes) -> None:
        self.raw_put(store, "a/b", data)
        assert store.get("a/b") == data
        assert store.get_tail("a/b", 3) == data[-3:]
        assert [(info.key, info.size) for info in store.list("a/")] == [("a/b", len(data))]

    def test_durable_put_is_a_put(self, store: Store) -> None:
        store.put("a/b/c", b"x", durable=True)
        assert self.raw_get(store, "a/b/c") == b"x"

    def test_put_takes_any_bytes_and_keeps_its_own_copy(self, store: Store) -> None:
        data = bytearray(b"before")
        store.put("a", data)  # type: ignore[arg-type]
        data[:] = b"after!"
        assert store.get("a") == b"before"

    def test_put_twice_is_harmless(self, store: Store) -> None:
        store.put("a/b", b"same")
        store.put("a/b", b"same")
        assert store.get("a/b") == b"same"
        assert [info.key for info in store.list("a/")] == ["a/b"]

    @pytest.mark.parametrize("key", HOSTILE_KEYS)
    def test_hostile_keys_survive_every_verb(self, store: Store, key: str) -> None:
        data = key.encode()
        store.put(key, data)
        assert self.raw_get(store, key) == data
        assert store.get(key) == data
        assert store.get_tail(key, 4) == data[-4:]
        assert store.get_many([key]) == {key: data}
        assert [info.key for info in store.list("")] == [key]
        if "/" in key:
            folder = key.rpartition("/")[0]
            assert [info.key for info in store.list(folder + "/")] == [key]
            assert store.list_dirs("") == [key.partition("/")[0]]
        store.delete([key])
        assert self.raw_get(store, key) is None
        assert store.list("") == []

    def test_bad_keys_are_refused_by_every_verb(self, store: Store) -> None:
        store.put("a/b", b"kept")
        for key in BAD_KEYS:
            with pytest.raises(InvalidName):
                store.put(key, b"x")
            with pytest.raises(InvalidName):
                store.get(key)
            with pytest.raises(InvalidName):
                store.get_tail(key, 1)
            with pytest.raises(InvalidName):
                store.get_range(key, 0, 1)
            with pytest.raises(InvalidName):
                store.put_file(key, __file__)
            with pytest.raises(InvalidName):
                store.copy("a/b", key, size=4)
            with pytest.raises(InvalidName):
                store.copy(key, "c", size=4)
            with pytest.raises(InvalidName):
                store.get_many([key])
            with pytest.raises(InvalidName):
                store.scan_paths([key])
            with pytest.raises(InvalidName):
                store.delete(["a/b", key])
        assert store.get("a/b") == b"kept"
        assert len(store.list("")) == 1

    def test_bad_prefixes_are_refused(self, store: Store) -> None:
        for prefix in ("a", "/", "/a/", "a//", "../", "a/../", "./", f"{TMP}/"):
            with pytest.raises(InvalidName):
                store.list(prefix)
            with pytest.raises(InvalidName):
                store.list_dirs(prefix)

    def test_a_missing_object_is_told_as_such(self, store: Store) -> None:
        store.put("a/b/c", b"x")
        for key in ("nowhere", "a/nothing", "a/b", "a", "a/b/c/d"):
            with pytest.raises(MissingObject, match=key):
                store.get(key)
            with pytest.raises(MissingObject):
                store.get_tail(key, 8)

    def test_an_empty_lake_reads_as_empty(self, store: Store) -> None:
        assert store.list("") == []
        assert store.list("live/") == []
        assert store.list_dirs("") == []
        assert store.list_dirs("live/") == []
        store.delete(["live/x"])
        with pytest.raises(MissingObject):
            store.get("_lake.json")

    def test_get_tail_returns_the_end(self, store: Store) -> None:
        data = b"0123456789"
        store.put("a", data)
        for length in (0, 1, 9, 10, 11, 10_000):
            assert store.get_tail("a", length) == data[max(0, 10 - length) :]

    def test_get_tail_of_an_empty_object_is_empty(self, store: Store) -> None:
        store.put("a", b"")
        assert store.get_tail("a", 8) == b""

    def test_get_tail_of_a_big_object(self, store: Store) -> None:
        store.put("a", _BIG)
        assert store.get_tail("a", 70_000) == _BIG[-70_000:]

    def test_get_many_maps_a_missing_key_to_its_error(self, store: Store) -> None:
        store.put("a/1", b"one")
        store.put("a/2", b"")
        found = store.get_many(["a/2", "a/missing", "a/1", "a/2"])
        assert list(found) == ["a/2", "a/missing", "a/1"]
        assert found["a/1"] == b"one"
        assert found["a/2"] == b""
        assert isinstance(found["a/missing"], MissingObject)
        assert store.get_many([]) == {}

    def test_get_many_of_many(self, store: Store) -> None:
        keys = [f"a/{n:03d}" for n in range(80)]
        for key in keys:
            store.put(key, key.encode())
        assert store.get_many(keys) == {key: key.encode() for key in keys}

    def test_list_is_recursive_and_sorted_by_key(self, store: Store) -> None:
        keys = ["a/b/c", "a/b-c", "a/b", "a.b", "a/a/z", "a-b", "A", "a/b0"]
        keys.remove("a/b")  # A file system can't hold both a/b and a/b/c.
        for key in keys:
            store.put(key, b"x")
        assert [info.key for info in store.list("")] == sorted(keys)
        assert [info.key for info in store.list("a/")] == ["a/a/z", "a/b-c", "a/b/c", "a/b0"]

    def test_list_keeps_to_the_folder(self, store: Store) -> None:
        for key in ("a/b/1", "a/bc/2", "a/b-/3", "ab/4", "b/a/b/5"):
            store.put(key, b"x")
        assert [info.key for info in store.list("a/b/")] == ["a/b/1"]
        assert [info.key for info in store.list("b/")] == ["b/a/b/5"]
        assert store.list("a/b/1/") == []

    def test_list_tells_size_and_time(self, store: Store) -> None:
        before = datetime.now(UTC) - self.clock_slack
        store.put("a/b", b"12345")
        (info,) = store.list("a/")
        assert info.size == 5
        assert info.modified.utcoffset() == timedelta(0)
        assert before <= info.modified <= datetime.now(UTC) + self.clock_slack

    def test_list_sees_each_put_and_delete_at_once(self, store: Store) -> None:
        for n in range(5):
            store.put(f"a/p/{n}", b"x")
            assert len(store.list("a/")) == n + 1
            self.raw_put(store, f"a/q/{n}", b"y")
            assert len(store.list("a/")) == 2 * (n + 1) - n
            store.delete([f"a/q/{n}"])
            assert len(store.list("a/")) == n + 1

    def test_list_dirs_names_the_folders_directly_below(self, store: Store) -> None:
        for key in (
            "runs/project=b/r",
            "runs/project=a/r",
            "runs/project=a/s",
            "runs/project=c/x/y",
            "runs/note",
            "other/x",
        ):
            store.put(key, b"x")
        assert store.list_dirs("runs/") == ["project=a", "project=b", "project=c"]
        assert store.list_dirs("") == ["other", "runs"]
        assert store.list_dirs("runs/project=a/") == []
        assert store.list_dirs("nowhere/") == []

    def test_delete_removes_and_minds_nothing_missing(self, store: Store) -> None:
        for key in ("a/1", "a/2", "a/3", "b/1"):
            store.put(key, b"x")
        store.delete(iter(["a/1", "a/missing", "nowhere/x", "a/3", "b/1"]))
        assert [info.key for info in store.list("")] == ["a/2"]
        store.delete(["a/1"])
        store.delete([])
        store.delete(["a"])
        assert [info.key for info in store.list("")] == ["a/2"]

    def test_put_after_delete_brings_the_folder_back(self, store: Store) -> None:
        for _ in range(3):
            store.put("a/b/c", b"x")
            store.delete(["a/b/c"])
        store.put("a/b/c", b"y")
        assert store.get("a/b/c") == b"y"

    def test_scan_paths_keeps_the_order(self, store: Store) -> None:
        paths, _ = store.scan_paths(["b/2", "a/1"])
        assert len(paths) == 2
        assert paths[0].endswith("b/2")
        assert paths[1].endswith("a/1")
        assert store.scan_paths([])[0] == []

    def test_nobody_sees_a_part_of_an_object(self, store: Store) -> None:
        body = b"z" * 300_000
        keys = [f"live/project=p/{n:03d}" for n in range(24)]
        done = threading.Event()
        trouble: list[str] = []

        def write(mine: Iterable[str]) -> None:
            try:
                for key in mine:
                    store.put(key, body)
                    store.put(key, body)
            except StoreError as error:
                trouble.append(f"put failed: {error!r}")

        def watch() -> None:
            while not done.is_set():
                try:
                    infos = store.list("live/")
                    trouble.extend(f"{info.key} listed with {info.size}" for info in infos if info.size != len(body))
                    for key, data in store.get_many([info.key for info in infos[-3:]]).items():
                        if data != body:
                            trouble.append(f"{key} read as {data!r:.60}")
                except StoreError as error:
                    trouble.append(f"read failed: {error!r}")
                time.sleep(0.001)

        watchers = [threading.Thread(target=watch) for _ in range(2)]
        writers = [threading.Thread(target=write, args=(keys[n::4],)) for n in range(4)]
        for thread in watchers + writers:
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        for thread in watchers:
            thread.join()
        assert trouble == []
        assert [info.key for info in store.list("live/")] == keys

    def test_puts_and_deletes_in_one_folder_do_not_disturb_each_other(self, store: Store) -> None:
        trouble: list[str] = []

        def churn(name: str) -> None:
            try:
                for n in range(25):
                    key = f"live/project=p/{name}-{n}"
                    store.put(key, b"x")
                    if store.get(key) != b"x":
                        trouble.append(f"{key} changed")
                    store.delete([key])
            except StoreError as error:
                trouble.append(repr(error))

        threads = [threading.Thread(target=churn, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert trouble == []
        assert store.list("") == []
