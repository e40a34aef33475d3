"""What every store owes of files: tests that the suite of `conformance` includes."""

# ruff: noqa: D102 a test's name is its docstring

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from ..schema.errors import DamagedObject, FileChanged, InvalidSetting, MissingObject, StoreError
from .base import Store, Stored
from .files.parts import PART_BYTES
from .files.source_file import SourceFile
from .local import LocalStore
from .memory import MemoryStore


@contextmanager
def _meanwhile(change: Callable[[], object]) -> Iterator[None]:
    """Do `change` once, right after the first bytes of a file were read."""
    read, done = SourceFile.read, list[bool]()

    def spoiled(source: SourceFile, length: int) -> bytes:
        data = read(source, length)
        if not done:
            done.append(True)
            change()
        return data

    with mock.patch.object(SourceFile, "read", spoiled):
        yield


class FileTests:
    """Files go in and come out whole, right, and without being held in memory."""

    def raw_get(self, store: Store, key: str) -> bytes | None:
        """What the place itself holds."""
        raise NotImplementedError

    def test_put_file_stores_the_file_and_tells_its_size_and_hash(self, store: Store, tmp_path: Path) -> None:
        for data in (b"", b"x", bytes(range(256)) * 5000):
            path = tmp_path / "file"
            path.write_bytes(data)
            told: list[int] = []
            stored = store.put_file("a/b", path, on_bytes=told.append, durable=True)
            assert stored == Stored(len(data), hashlib.sha256(data).hexdigest())
            assert self.raw_get(store, "a/b") == data
            assert told == sorted(told)
            assert told[-1:] == [len(data)] or not data
        assert [info.key for info in store.list("")] == ["a/b"]

    @pytest.mark.slow
    def test_files_of_several_parts_go_there_and_back(self, store: Store, tmp_path: Path) -> None:
        block = bytes(range(256)) * 4096
        data = b"".join(n.to_bytes(4, "big") + block for n in range(2 * PART_BYTES // len(block) + 1))
        path, note, back = tmp_path / "file", tmp_path / "note", tmp_path / "new" / "back"
        path.write_bytes(data)
        stored = store.put_file("a/b", str(path), note=note)
        assert stored == Stored(len(data), hashlib.sha256(data).hexdigest())
        assert not note.exists()
        assert [(info.key, info.size) for info in store.list("")] == [("a/b", len(data))]
        told: list[int] = []
        store.get_file("a/b", back, size=len(data), sha256=stored.sha256, on_bytes=told.append)
        assert back.read_bytes() == data
        assert (told == sorted(told), told[-1]) == (True, len(data))
        assert store.get_range("a/b", PART_BYTES - 3, PART_BYTES + 3) == data[PART_BYTES - 3 : PART_BYTES + 3]
        store.copy("a/b", "c/d", size=len(data))
        assert self.raw_get(store, "c/d") == data
        assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["file"]
        assert [p.name for p in back.parent.iterdir()] == ["back"]

    def test_put_file_refuses_what_is_no_file(self, store: Store, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fifo")
        for path in (tmp_path, tmp_path / "fifo"):
            with pytest.raises(InvalidSetting, match="no plain file"):
                store.put_file("a", path)
        with pytest.raises(FileNotFoundError, match="nowhere") as caught:
            store.put_file("a", tmp_path / "nowhere")
        assert not isinstance(caught.value, StoreError)
        assert store.list("") == []

    def test_put_file_refuses_a_file_that_changed_meanwhile(self, store: Store, tmp_path: Path) -> None:
        path = tmp_path / "file"
        changes: list[Callable[[], object]] = [
            lambda: path.write_bytes(b"other bytes"),
            lambda: path.write_bytes(b""),
            lambda: path.unlink(),
            lambda: (tmp_path / "new").write_bytes(b"same size!") and (tmp_path / "new").replace(path),
        ]
        for change in changes:
            path.write_bytes(b"some bytes")
            with pytest.raises(FileChanged, match=str(path)), _meanwhile(change):
                store.put_file("a/b", path)
        assert store.list("") == []

    def test_get_file_takes_only_what_is_right(self, store: Store, tmp_path: Path) -> None:
        store.put("a", b"0123456789")
        path = tmp_path / "file"
        path.write_bytes(b"before")
        for size, digest in ((9, None), (11, None), (0, None), (10, "0" * 64)):
            with pytest.raises(DamagedObject, match="a "):
                store.get_file("a", path, size=size, sha256=digest)
        with pytest.raises(MissingObject):
            store.get_file("b", path, size=10)
        assert path.read_bytes() == b"before"
        store.get_file("a", path, size=10, sha256=hashlib.sha256(b"0123456789").hexdigest())
        assert path.read_bytes() == b"0123456789"
        store.put("empty", b"")
        store.get_file("empty", path, size=0)
        assert path.read_bytes() == b""
        assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["file"]

    def test_get_range_returns_what_lies_between(self, store: Store) -> None:
        data = b"0123456789"
        store.put("a", data)
        for start, stop in ((0, 1), (0, 10), (3, 7), (9, 10), (8, 12), (10, 11), (50, 60), (4, 4)):
            assert store.get_range("a", start, stop) == data[start:stop]
        for start, stop in ((-1, 4), (5, 4)):
            with pytest.raises(InvalidSetting, match="range"):
                store.get_range("a", start, stop)
        with pytest.raises(MissingObject):
            store.get_range("b", 0, 4)
        store.put("empty", b"")
        assert store.get_range("empty", 0, 4) == b""

    def test_copy_keeps_bytes_and_checks_them(self, store: Store) -> None:
        for data in (b"", b"0123456789"):
            store.put("a/b", data)
            store.copy("a/b", "c/d", size=len(data), durable=True)
            assert self.raw_get(store, "c/d") == data
        assert self.raw_get(store, "a/b") == b"0123456789"
        with pytest.raises(DamagedObject):
            store.copy("a/b", "e", size=9)
        with pytest.raises(MissingObject):
            store.copy("nowhere", "e", size=9)
        assert [info.key for info in store.list("")] == ["a/b", "c/d"]

    def test_copy_takes_from_other_stores_and_gives_to_them(self, store: Store, tmp_path: Path) -> None:
        memory, local = MemoryStore(), LocalStore(tmp_path / "other")
        memory.put("a/b", b"from memory")
        local.put("a/b", b"from a folder")
        store.copy("a/b", "m", size=11, source=memory)
        store.copy("a/b", "l", size=13, source=local)
        assert (self.raw_get(store, "m"), self.raw_get(store, "l")) == (b"from memory", b"from a folder")
        memory.copy("l", "back", size=13, source=store)
        local.copy("m", "back", size=11, source=store)
        assert (memory.get("back"), local.get("back")) == (b"from a folder", b"from memory")
        for other in (memory, local):
            with pytest.raises(DamagedObject):
                store.copy("a/b", "x", size=5, source=other)
            with pytest.raises(MissingObject):
                store.copy("nowhere", "x", size=5, source=other)
        assert [info.key for info in store.list("")] == ["l", "m"]
