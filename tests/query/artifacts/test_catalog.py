"""Artifacts as readers keep them: what one look costs, and what the next one does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.query.artifacts.catalog import Catalogs
from lakeboard.query.objects.lru import MemoryCache
from lakeboard.schema.artifacts.manifest import Manifest
from lakeboard.schema.artifacts.names import Version
from lakeboard.schema.problems import Problem
from lakeboard.store.testing import CountingStore, MemoryStore
from tests.upkeep.artifacts.samples import act, make
from tests.upkeep.worlds import P

V1, V2 = Version(1, "00000001"), Version(2, "00000009")


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    found = MemoryStore()
    make(found, tmp_path, {"a": b"one"})
    make(found, tmp_path, {"a": b"two"}, rand=9)
    act(found, "alias", V1, "best")
    return CountingStore(found)


def catalogs(store: CountingStore) -> Catalogs:
    return Catalogs(store, MemoryCache(10**7).part("artifacts"))


def test_a_look_costs_one_listing_and_what_is_new(store: CountingStore) -> None:
    reader = catalogs(store)
    first = reader.take(P)
    assert (first.requests, dict(store.counts)) == (2, {"list": 1, "get": 1})
    assert first.versions == {"digits": (V1, V2)}
    assert first.aliases == {("digits", V1): ("best",)}
    store.reset()
    assert reader.take(P).requests == 1
    assert dict(store.counts) == {"list": 1}
    act(store, "alias", V2, "best")
    act(store, "delete", V1)
    store.reset()
    last = reader.take(P)
    assert (last.requests, store.counts["get"]) == (3, 2)
    assert last.aliases == {("digits", V2): ("best",)}
    assert last.shown("digits") == (V2,)
    assert (last.holds("digits", V2), last.holds("digits", V1), last.holds("other", V1)) == (True, False, False)
    assert last.fate("digits", V1).deleted


def test_purged_versions_are_nobody_s(store: CountingStore) -> None:
    act(store, "purge", V1)
    found = catalogs(store).take(P)
    assert found.versions == {"digits": (V2,)}
    act(store, "purge", V2)
    assert catalogs(store).take(P).versions == {}


def test_a_manifest_is_read_once_and_damage_is_told(store: CountingStore, tmp_path: Path) -> None:
    reader = catalogs(store)
    found = reader.take(P)
    one, two = (found.key("digits", v) for v in (V1, V2))
    store.put(two.path, b"x")
    store.reset()
    read = reader.manifests([one, two, one])
    assert store.counts["get"] == 2
    assert isinstance(read[one], Manifest)
    assert isinstance(read[two], Problem)
    assert reader.manifests([one, two]) == read
    assert store.counts["get"] == 2
    assert reader.known([one, two]) == 2
    store.delete([two.path])
    assert catalogs(store).manifests([two]) == {}
