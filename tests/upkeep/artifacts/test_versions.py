from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.schema.artifacts.keys import ManifestKey
from lakeboard.schema.artifacts.manifest import encode_manifest
from lakeboard.schema.artifacts.names import Version
from lakeboard.schema.errors import DamagedObject, InvalidName, InvalidValue, UnknownArtifact
from lakeboard.store.base import Store
from lakeboard.store.testing import CountingStore, MemoryStore
from lakeboard.upkeep.artifacts.acts import put_act, read_acts
from lakeboard.upkeep.artifacts.listing import list_artifacts
from lakeboard.upkeep.artifacts.versions import look, read_manifest, resolve
from tests.upkeep.artifacts.shelves import NOW_MS, act, make
from tests.upkeep.worlds import DAY, T0, P, memory

V1, V2, V3 = Version(1, "00000001"), Version(2, "00000002"), Version(3, "00000003")


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    found = MemoryStore()
    for n in (1, 2, 3):
        make(found, tmp_path, {"a": bytes([n])}, rand=n)
    make(found, tmp_path, {"a": b"other"}, "letters")
    return found


def meant(store: Store, name: str) -> Version:
    key = resolve(store, look(store, P), name)
    assert (key.project, key.artifact) == (P, name.partition(":")[0])
    return key.version


def test_names_mean_the_newest_and_numbers_and_aliases_their_versions(store: MemoryStore) -> None:
    act(store, "alias", V2, "best")
    assert meant(store, "digits") == meant(store, "digits:latest") == V3
    assert meant(store, "digits:v1") == meant(store, "digits:v1-00000001") == V1
    assert meant(store, "digits:best") == V2
    act(store, "alias", V1, "best")
    assert meant(store, "digits:best") == V1


def test_the_newest_is_found_in_one_list(store: MemoryStore) -> None:
    counted = CountingStore(store)
    assert meant(counted, "digits:latest") == V3
    assert counted.counts == {"list": 1}


def test_deleted_versions_are_not_the_newest_but_have_their_numbers(store: MemoryStore) -> None:
    act(store, "delete", V3)
    assert (meant(store, "digits"), meant(store, "digits:v3")) == (V2, V3)
    act(store, "restore", V3)
    assert meant(store, "digits") == V3
    for version in (V1, V2, V3):
        act(store, "delete", version)
    with pytest.raises(UnknownArtifact, match="all versions of 'digits' in 'p' are deleted"):
        meant(store, "digits")


def test_two_versions_of_one_number(store: MemoryStore) -> None:
    first = read_manifest(store, ManifestKey(P, "digits", V3))
    for rand, later in (("ffffffff", -5), ("00000000", 5)):
        twin = type(first.head)(
            artifact="digits", version=Version(3, rand), type="dataset", created_at=first.head.created_at + later
        )
        store.put(ManifestKey(P, "digits", twin.version).path, encode_manifest(type(first)(twin, first.files)))
    assert meant(store, "digits") == Version(3, "00000000"), "the one that was made last"
    with pytest.raises(UnknownArtifact, match="could be v3-00000000 or v3-00000003 or v3-ffffffff: name one in full"):
        meant(store, "digits:v3")
    assert meant(store, "digits:v3-ffffffff") == Version(3, "ffffffff")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing", "project 'p' has no artifact 'nothing'; it has digits, letters"),
        ("digits:v9", "has no version 'v9'; there are v3-00000003, v2-00000002, v1-00000001"),
        ("digits:v1-ffffffff", "has no version 'v1-ffffffff'"),
        ("digits:champion", "no version of 'digits' in 'p' has the alias 'champion'; there are latest, and v3"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(store: MemoryStore, name: str, said: str) -> None:
    with pytest.raises(UnknownArtifact, match=said):
        meant(store, name)


def test_a_purged_version_is_told_as_such(store: MemoryStore) -> None:
    act(store, "alias", V2, "best")
    act(store, "purge", V2)
    for name in ("digits:v2", "digits:best", "digits:v2-00000002"):
        with pytest.raises(UnknownArtifact, match="is v2-00000002, which was purged by ann"):
            meant(store, name)
    act(store, "purge", Version(1, "00000001"), artifact="letters")
    with pytest.raises(UnknownArtifact, match="no artifact 'letters'; 1 versions of it were purged"):
        meant(store, "letters")


def test_bad_names_are_refused(store: MemoryStore) -> None:
    for name in ("", "a/b", ":v3", "a@b"):
        with pytest.raises(InvalidName):
            meant(store, name)


def test_a_manifest_under_a_wrong_name_is_damage(store: MemoryStore) -> None:
    wrong = ManifestKey(P, "digits", Version(7, "00000001"))
    store.put(wrong.path, store.get(ManifestKey(P, "digits", V1).path))
    with pytest.raises(DamagedObject, match="tells of digits:v1-00000001, not of what it is named after"):
        read_manifest(store, wrong)


def test_decisions_from_the_future_do_not_count() -> None:
    store, _ = memory()
    ahead = int((T0 + 3 * DAY).timestamp() * 1000)
    put_act(store, P, "purge", "digits", V1, now_ms=ahead, seen=0, rand="00000000")
    found = read_acts(store, list_artifacts(store, P))
    assert found.acts == ()
    assert [p.kind for p in found.problems] == ["ahead"]
    assert found.newest == 0


def test_decisions_are_later_than_what_their_author_saw(store: MemoryStore) -> None:
    first = put_act(store, P, "delete", "digits", V1, now_ms=NOW_MS, seen=0, rand="00000000")
    second = put_act(store, P, "restore", "digits", V1, now_ms=NOW_MS - 5000, seen=first.hlc, rand="00000000")
    assert second.hlc == first.hlc + 1
    assert not look(store, P).decided.fates["digits", V1].deleted
    with pytest.raises(InvalidValue):
        put_act(store, P, "promote", "digits", V1, now_ms=NOW_MS, seen=0, rand="00000000")
