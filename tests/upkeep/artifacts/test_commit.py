from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Literal
from unittest import mock

import pytest

from lakeboard.schema.artifacts.keys import IntentKey, ManifestKey
from lakeboard.schema.artifacts.manifest import decode_manifest
from lakeboard.schema.artifacts.names import Version
from lakeboard.schema.errors import FileChanged, InvalidSetting, StoreError
from lakeboard.store.base import Store
from lakeboard.store.files.source_file import SourceFile
from lakeboard.store.testing import CountingStore, Fault, FaultyStore, MemoryStore, Plan
from lakeboard.store.wrapper import StoreWrapper
from lakeboard.upkeep.artifacts.bundles import BUNDLE_BYTES, bundles
from lakeboard.upkeep.artifacts.commit import commit
from lakeboard.upkeep.artifacts.draft import Draft, Reference
from lakeboard.upkeep.artifacts.versions import read_manifest
from tests.upkeep.artifacts.shelves import NOW_MS, act, draft, files, living, make, named, rands
from tests.upkeep.worlds import P


def key_of(manifest_version: Version, artifact: str = "digits") -> ManifestKey:
    return ManifestKey(P, artifact, manifest_version)


def test_a_version_is_plain_files_and_a_manifest(tmp_path: Path) -> None:
    store = MemoryStore()
    done = make(store, tmp_path, {"a.txt": b"one", "sub/b.bin": b"", "é": b"two"}, run_id="r1")
    assert (done.is_new, done.uploaded, done.manifest.bytes) == (True, 6, 6)
    folder = "files/project=p/digits/v1-00000001/"
    assert {key: store.get(key) for key in files(store.objects)} == {
        f"{folder}a.txt": b"one", f"{folder}sub/b.bin": b"", f"{folder}%C3%A9": b"two",
    }  # fmt: skip
    found = read_manifest(store, key_of(Version(1, "00000001")))
    assert found == done.manifest
    assert [(r.path, r.bytes, r.sha256) for r in found.files] == [
        (path, len(data), hashlib.sha256(data).hexdigest())
        for path, data in (("a.txt", b"one"), ("sub/b.bin", b""), ("é", b"two"))
    ]
    assert (found.head.run_id, found.head.type, found.head.created_at, found.head.base) == (
        "r1", "dataset", NOW_MS, None,
    )  # fmt: skip


def test_the_same_files_make_no_version(tmp_path: Path) -> None:
    store = MemoryStore()
    first = make(store, tmp_path, {"a": b"one", "b": b"two"})
    counted = CountingStore(store)
    again = make(counted, tmp_path, {"b": b"two", "a": b"one"}, rand=9)
    assert (again.is_new, again.uploaded, again.manifest) == (False, 0, first.manifest)
    assert counted.counts == {"list": 1, "get": 1}


def test_unchanged_files_are_referred_to_and_not_sent(tmp_path: Path) -> None:
    store = MemoryStore()
    make(store, tmp_path, {"a": b"one", "b": b"two"})
    second = make(store, tmp_path, {"moved/a": b"one", "b": b"2!!"}, rand=9)
    assert (second.is_new, second.uploaded) == (True, 3)
    assert {r.path: r.object for r in second.manifest.files} == {
        "moved/a": "files/project=p/digits/v1-00000001/a",
        "b": "files/project=p/digits/v2-00000009/b",
    }
    assert second.manifest.head.base == "v1-00000001"
    third = make(store, tmp_path, {"a": b"one", "c": b"new"}, rand=10)
    assert third.manifest.files[0].object == "files/project=p/digits/v1-00000001/a", "of a version before the newest"
    assert named(store.objects) == files(store.objects)


def test_purged_versions_are_not_referred_to(tmp_path: Path) -> None:
    store = MemoryStore()
    first = make(store, tmp_path, {"a": b"one"})
    act(store, "purge", first.manifest.head.version)
    again = make(store, tmp_path, {"a": b"one"}, rand=9)
    assert (again.is_new, again.uploaded) == (True, 3)
    assert again.manifest.head.version == Version(2, "00000009"), "numbers are not used twice"


def test_versions_of_other_names_are_compared_when_told(tmp_path: Path) -> None:
    store = MemoryStore()
    other = make(store, tmp_path, {"a": b"one"}, "raw")
    made = make(store, tmp_path, {"x": b"one"}, also=[key_of(other.manifest.head.version, "raw")], rand=2)
    assert made.uploaded == 0
    assert made.manifest.files[0].object == "files/project=p/raw/v1-00000001/a"


class Meanwhile(StoreWrapper):
    """Does something once, right after the intent was put or the manifest was."""

    def __init__(self, inner: Store, what: type[IntentKey] | type[ManifestKey], then: object) -> None:
        super().__init__(inner)
        self._word = "/i-" if what is IntentKey else "/a-"
        self._then = then

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        self._inner.put(key, data, durable=durable)
        if self._word in key and callable(self._then):
            then, self._then = self._then, None
            then()


def test_what_is_purged_after_the_intent_is_uploaded_after_all(tmp_path: Path) -> None:
    store = MemoryStore()
    first = make(store, tmp_path, {"a": b"one", "b": b"two"}).manifest.head.version
    racing = Meanwhile(store, IntentKey, lambda: act(store, "purge", first))
    made = make(racing, tmp_path, {"a": b"one", "b": b"new"}, rand=9)
    assert made.uploaded == 6
    assert {r.object for r in made.manifest.files} == {
        "files/project=p/digits/v2-00000009/a", "files/project=p/digits/v2-00000009/b",
    }  # fmt: skip


def test_a_version_purged_while_it_is_made_is_made_anew(tmp_path: Path) -> None:
    store = MemoryStore()
    racing = Meanwhile(store, IntentKey, lambda: act(store, "purge", Version(1, "00000001")))
    made = make(racing, tmp_path, {"a": b"one"})
    assert made.manifest.head.version == Version(2, "00000002")
    assert list(living(store.objects)) == [key_of(Version(2, "00000002"))]


def test_one_who_purges_every_try_is_named(tmp_path: Path) -> None:
    store = MemoryStore()

    class Purging(StoreWrapper):
        def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
            self._inner.put(key, data, durable=durable)
            if "/a-" in key:
                act(store, "purge", decode_manifest(data, key=key).head.version)

    with pytest.raises(StoreError, match="'digits' of 'p' was purged 3 times while it was being made"):
        make(Purging(store), tmp_path, {"a": b"one"})
    assert living(store.objects) == {}


def test_two_writers_may_claim_one_number_and_both_stay(tmp_path: Path) -> None:
    store = MemoryStore()
    other = Meanwhile(store, IntentKey, lambda: make(store, tmp_path / "2", {"a": b"two"}, rand=7))
    make(other, tmp_path / "1", {"a": b"one"})
    assert sorted(str(key.version) for key in living(store.objects)) == ["v1-00000001", "v2-00000007"]
    racing = CountingStore(store, keep_log=True)
    make(racing, tmp_path / "3", {"a": b"3"}, rand=8)
    puts = [key for verb, key in racing.log if verb in ("put", "put_file")]
    assert [key.split("/")[2][:2] if key.startswith("artifacts/") else "file" for key in puts] == ["i-", "file", "a-"]


def test_a_failure_shows_nothing_and_repeating_it_is_safe(tmp_path: Path) -> None:
    for step in range(4):
        store = MemoryStore()
        kinds: tuple[Literal["before"], Literal["after"]] = ("before", "after")
        for kind in kinds:
            faulty = FaultyStore(store, _at(step, kind))
            try:
                make(faulty, tmp_path, {"a": b"one", "b": b"two"}, rand=1 if kind == "before" else 50)
            except StoreError:
                assert all(r.object in store.objects for m in living(store.objects).values() for r in m.files)
        make(store, tmp_path, {"a": b"one", "b": b"two"}, rand=100)
        assert named(store.objects) <= files(store.objects)
        assert living(store.objects)


def _at(step: int, kind: Literal["before", "after"]) -> Plan:
    seen = [0]

    def plan(verb: str, key: str, n: int) -> Fault | None:
        if verb not in ("put", "put_file"):
            return None
        seen[0] += 1
        return Fault(kind) if seen[0] == step + 1 else None

    return plan


def test_many_small_files_go_together(tmp_path: Path) -> None:
    store = CountingStore(MemoryStore())
    data = {f"{n % 3}/{n}.txt": bytes([n]) * n for n in range(40)} | {"big": b"x" * 1_000_000}
    made = make(store, tmp_path, data)
    assert store.counts["put_file"] == 2
    assert store.counts["put"] == 2
    archive = "files/project=p/digits/v1-00000001/_pack/1.zip"
    rows = {r.path: r for r in made.manifest.files}
    assert {r.object for p, r in rows.items() if p != "big"} == {archive}
    raw = store.get(archive)
    assert all(raw[r.offset : r.offset + r.bytes] == data[p] for p, r in rows.items() if p != "big")
    with zipfile.ZipFile(io.BytesIO(raw)) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist()} == {p: d for p, d in data.items() if p != "big"}
        assert {info.compress_type for info in opened.infolist()} == {zipfile.ZIP_STORED}
    again = make(store, tmp_path, data | {"0/0.txt": b"changed"}, rand=2)
    assert again.uploaded == 7
    assert {r.object for r in again.manifest.files if r.path not in ("0/0.txt", "big")} == {archive}


def test_bundles_close_before_they_grow_too_large() -> None:
    few = [(n, 10) for n in range(16)]
    assert bundles(few) == []
    assert bundles([*few, (16, 10)]) == [list(range(17))]
    large = [(n, BUNDLE_BYTES // 8) for n in range(20)]
    assert [len(each) for each in bundles(large)] == [8, 8, 4]


def test_references_are_kept_as_addresses(tmp_path: Path) -> None:
    store = MemoryStore()
    made = draft(tmp_path, {"a": b"one"})
    made.add("far", Reference("s3://bucket/key", "etag-1", 12))
    done = commit(store, P, made, now_ms=NOW_MS, new_rand=rands())
    far = done.manifest.files[1]
    assert (far.reference, far.etag, far.bytes, far.sha256, far.object) == ("s3://bucket/key", "etag-1", 12, None, None)
    assert not commit(store, P, made, now_ms=NOW_MS, new_rand=rands(9)).is_new
    made.entries["far"] = Reference("s3://bucket/key", "etag-2", 12)
    assert commit(store, P, made, now_ms=NOW_MS, new_rand=rands(9)).is_new


def test_a_file_that_changes_or_goes_makes_no_version(tmp_path: Path) -> None:
    store = MemoryStore()
    made = draft(tmp_path, {"a": b"one", "b": b"two"})

    read = SourceFile.read

    def growing(source: SourceFile, length: int) -> bytes:
        with (tmp_path / source.path.name).open("ab") as file:
            file.write(b"more")
        return read(source, length)

    with mock.patch.object(SourceFile, "read", growing), pytest.raises(FileChanged, match="a changed while"):
        commit(store, P, made, now_ms=NOW_MS, new_rand=rands())
    (tmp_path / "a").unlink()
    with pytest.raises(FileNotFoundError, match="a"):
        commit(store, P, made, now_ms=NOW_MS, new_rand=rands(5))
    assert living(store.objects) == {}


def test_nothing_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="'digits' has no files"):
        commit(MemoryStore(), P, Draft(artifact="digits"), now_ms=NOW_MS, new_rand=rands())


def test_progress_is_told_over_all_files(tmp_path: Path) -> None:
    told: list[int] = []
    made = draft(tmp_path, {"a": b"1" * 100, "b": b"2" * 50})
    commit(MemoryStore(), P, made, now_ms=NOW_MS, new_rand=rands(), on_bytes=told.append)
    assert told == [100, 150]
    assert replace(made, description="x").entries == made.entries
