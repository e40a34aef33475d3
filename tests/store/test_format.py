from __future__ import annotations

import pytest

from lakeboard.schema.errors import AccessDenied, DamagedObject, LakeFormat
from lakeboard.store.format import LakeInfo, check_lake, ensure_lake
from lakeboard.store.testing import CountingStore, Fault, FaultyStore, MemoryStore


def test_a_writer_makes_the_lake_with_one_get_and_one_put() -> None:
    memory = MemoryStore()
    store = CountingStore(memory)
    assert ensure_lake(store) == LakeInfo(format=1, min_reader=1)
    assert store.counts == {"get": 1, "put": 1}
    assert memory.objects == {"_lake.json": b'{"format": 1, "min_reader": 1}'}
    assert ensure_lake(store) == LakeInfo(format=1, min_reader=1)
    assert store.counts == {"get": 2, "put": 1}


def test_a_reader_writes_nothing() -> None:
    store = CountingStore(MemoryStore())
    assert check_lake(store) is None
    assert store.counts == {"get": 1}


def test_a_newer_lake_that_we_can_read_is_read_and_written() -> None:
    store = MemoryStore()
    store.put("_lake.json", b'{"format": 7, "min_reader": 1, "made_by": "the future"}')
    assert check_lake(store) == LakeInfo(format=7, min_reader=1)
    assert ensure_lake(store) == LakeInfo(format=7, min_reader=1)


def test_a_lake_beyond_us_is_refused_with_the_fix() -> None:
    store = MemoryStore()
    store.put("_lake.json", b'{"format": 3, "min_reader": 2}')
    for act in (check_lake, ensure_lake):
        with pytest.raises(LakeFormat, match=r"format 3 .* format 2 or later.*pip install --upgrade lakeboard"):
            act(store)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"x"',
        b"{}",
        b'{"format": 1}',
        b'{"format": "1", "min_reader": 1}',
        b'{"format": true, "min_reader": 1}',
        b'{"format": 1, "min_reader": 0}',
        b'{"format": 1.0, "min_reader": 1}',
    ],
)
def test_a_damaged_note_is_told_by_name_and_never_replaced(note: bytes) -> None:
    store = MemoryStore()
    store.put("_lake.json", note)
    for act in (check_lake, ensure_lake):
        with pytest.raises(DamagedObject, match=r"/_lake\.json") as caught:
            act(store)
        assert caught.value.key == "_lake.json"
    assert store.objects == {"_lake.json": note}


def test_a_store_that_fails_is_not_taken_for_an_empty_one() -> None:
    memory = MemoryStore()
    store = FaultyStore(memory, lambda verb, _key, _n: Fault("before", AccessDenied("no")) if verb == "get" else None)
    with pytest.raises(AccessDenied):
        ensure_lake(store)
    assert memory.objects == {}
