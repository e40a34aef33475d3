from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lakeboard.schema.artifacts.manifest import FileRow, Manifest
from lakeboard.schema.errors import DamagedObject, InvalidSetting, MissingObject
from lakeboard.store.testing import CountingStore, MemoryStore
from lakeboard.upkeep.artifacts.download import download, fetch, read, verify
from tests.upkeep.artifacts.shelves import make

DATA = {f"{n % 3}/{n}.txt": bytes([n]) * n for n in range(20)} | {"big": b"x" * 1_000_000, "b\nr": b"line"}


@pytest.fixture
def shelf(tmp_path: Path) -> tuple[MemoryStore, Manifest]:
    store = MemoryStore()
    return store, make(store, tmp_path / "source", DATA).manifest


def test_every_file_comes_back_under_its_path(shelf: tuple[MemoryStore, Manifest], tmp_path: Path) -> None:
    store, manifest = shelf
    root = download(store, manifest, tmp_path / "out" / "here")
    assert {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()} == DATA
    counted = CountingStore(store)
    (root / "big").write_bytes(b"y" * 1_000_000)
    download(counted, manifest, root)
    assert (root / "big").read_bytes() == DATA["big"]
    assert counted.counts == {"get_file": 1}, "what is there already is not fetched again"


def test_a_file_of_a_bundle_is_one_range(shelf: tuple[MemoryStore, Manifest]) -> None:
    store, manifest = shelf
    counted = CountingStore(store)
    row = next(r for r in manifest.files if r.path == "1/19.txt")
    assert read(counted, row) == DATA["1/19.txt"]
    assert counted.counts == {"get_range": 1}
    assert counted.bytes_read == 19


def test_verify_finds_every_changed_byte(shelf: tuple[MemoryStore, Manifest], tmp_path: Path) -> None:
    store, manifest = shelf
    assert list(verify(store, manifest)) == []
    row = next(r for r in manifest.files if r.path == "1/19.txt")
    assert row.object is not None
    archive = bytearray(store.get(row.object))
    archive[row.offset + 3] ^= 1
    store.put(row.object, bytes(archive))
    (found,) = verify(store, manifest)
    assert (found.key, found.kind) == (row.object, "damaged")
    assert "1/19.txt in it is not the 19 bytes that were stored" in found.message
    for act in (lambda: read(store, row), lambda: fetch(store, row, tmp_path / "x")):
        with pytest.raises(DamagedObject, match=r"1/19\.txt"):
            act()
    assert not (tmp_path / "x").exists()
    big = next(r for r in manifest.files if r.path == "big")
    assert big.object is not None
    store.delete([big.object])
    assert sorted(p.kind for p in verify(store, manifest)) == ["damaged", "missing"]


def test_an_empty_file_is_looked_for_too(tmp_path: Path) -> None:
    store = MemoryStore()
    manifest = make(store, tmp_path, {"empty": b"", "a": b"x"}).manifest
    (row,) = (r for r in manifest.files if r.path == "empty")
    assert row.object is not None
    assert read(store, row) == b""
    store.delete([row.object])
    assert [p.kind for p in verify(store, manifest)] == ["missing"]


def test_a_purge_meanwhile_ends_it_with_that_word_and_keeps_what_is_there(
    shelf: tuple[MemoryStore, Manifest], tmp_path: Path
) -> None:
    store, manifest = shelf
    big = next(r for r in manifest.files if r.path == "big")
    assert big.object is not None
    store.delete([big.object])
    with pytest.raises(MissingObject):
        download(store, manifest, tmp_path / "out")
    assert (tmp_path / "out" / "0" / "3.txt").read_bytes() == DATA["0/3.txt"]
    assert not (tmp_path / "out" / "big").exists()


def test_references_are_left_out_and_told(tmp_path: Path) -> None:
    store = MemoryStore()
    manifest = make(store, tmp_path / "source", {"a": b"one"}).manifest
    far = FileRow(path="far", bytes=3, reference="s3://bucket/key")
    root = download(store, replace(manifest, files=(*manifest.files, far)), tmp_path / "out")
    assert [p.name for p in root.iterdir()] == ["a"]
    for act in (lambda: read(store, far), lambda: fetch(store, far, tmp_path / "x")):
        with pytest.raises(InvalidSetting, match="far is a reference to s3://bucket/key"):
            act()
