"""Documents of any kind: what counts, what is kept, what it costs, and what damage and limits do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lakeboard.query.documents.library import DocumentKind, DocumentLibrary
from lakeboard.query.documents.version import Version
from lakeboard.schema.documents import Document, encode_document
from lakeboard.schema.errors import AccessDenied, DamagedObject, InvalidName, InvalidSetting, InvalidValue, UnknownBoard
from lakeboard.schema.keys import DocumentKey
from lakeboard.store.testing import CountingStore, MemoryStore

START = datetime(2026, 11, 1, tzinfo=UTC)
Plain = Mapping[str, Any]


def _decode(fields: Plain) -> Plain:
    if "bad" in fields:
        raise InvalidSetting("bad is there")
    return dict(fields)


KIND: DocumentKind[Plain, Version[Plain]] = DocumentKind(
    area="boards",
    noun="report",
    decode=_decode,
    encode=dict,
    known=frozenset({"text"}),
    version=Version,
    unknown=UnknownBoard,
    restored_by="restore({slug!r})",
    max_bytes=2_000,
)


class Clock:
    """A wall clock that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def store() -> CountingStore:
    return CountingStore(MemoryStore())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reports(store: CountingStore, clock: Clock) -> DocumentLibrary[Plain, Version[Plain]]:
    return DocumentLibrary(store, KIND, wall=clock)


Reports = DocumentLibrary[Plain, Version[Plain]]


def test_the_newest_counts_and_all_are_kept(reports: Reports, clock: Clock) -> None:
    first = reports.save("a", {"text": "1"}, editor="ann")
    clock.now += timedelta(minutes=1)
    second = reports.save("a", {"text": "2"}, editor="ben")
    assert reports.list().versions == {"a": second}
    assert reports.list(as_of=START).versions == {"a": first}
    assert reports.list(as_of=START - timedelta(days=1)).versions == {}
    assert reports.get("a", version=first.id) == first
    assert reports.get("a", as_of=START - timedelta(days=1)) == first
    assert reports.history("a") == ((first, second), ())
    assert (second.editor, second.at) == ("ben", START + timedelta(minutes=1))


def test_deleting_and_restoring_are_versions(reports: Reports) -> None:
    first = reports.save("a", {"text": "1"})
    gone = reports.delete("a", editor="ben")
    assert (gone.deleted, gone.content) == (True, {"text": "1"})
    with pytest.raises(UnknownBoard, match=r"report 'a' was deleted by ben on 2026-11-01 00:00 UTC; restore\('a'\)"):
        reports.get("a")
    with pytest.raises(UnknownBoard, match="deleted"):
        reports.delete("a")
    assert reports.get("a", deleted=True) == gone
    assert reports.restore("a").content == {"text": "1"}
    assert reports.restore("a", first.id).deleted is False
    assert [each.deleted for each in reports.history("a")[0]] == [False, True, False]


def test_fields_that_nobody_knows_stay_but_where_an_old_version_is_restored(reports: Reports) -> None:
    first = reports.save("a", {"text": "1"})
    reports.save("a", {"text": "2", "later": [1, {"b": None}]})
    assert reports.save("a", {"text": "3"}).content == {"text": "3", "later": [1, {"b": None}]}
    assert reports.save("a", {"text": "3", "later": 5}).content == {"text": "3", "later": 5}
    assert reports.restore("a", first.id).content == {"text": "1"}


def test_what_acts_cost(reports: Reports, store: CountingStore) -> None:
    def cost() -> dict[str, int]:
        found = dict(store.counts)
        store.reset()
        return found

    reports.save("a", {"text": "1"})
    assert cost() == {"list": 1, "put": 1}
    reports.save("a", {"text": "1"}, editor="says nothing new")
    assert cost() == {"list": 1}
    reports.save("b", {"text": "1"})
    cost()
    fresh = DocumentLibrary(store, KIND)
    assert (fresh.list().requests, fresh.list().requests) == (3, 1)
    assert cost() == {"list": 2, "get": 2}
    fresh.delete("a")
    assert cost() == {"list": 2, "put": 1}
    fresh.restore("a")
    assert cost() == {"list": 2, "put": 1}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        encode_document(Document({"bad": 1}), what="x"),
        encode_document(Document({"text": "a"}), what="x").replace(b'"a"', b'"b"'),
        encode_document(Document({"text": "a" * 3_000}), what="x"),
    ],
)
def test_what_does_not_read_is_named_and_the_version_before_counts(
    reports: Reports, store: CountingStore, data: bytes
) -> None:
    first = reports.save("a", {"text": "1"})
    bad = DocumentKey("boards", "a", first.hlc + 5, "0000000a").path
    store.put(bad, data)
    store.put("boards/a/readme.txt", b"hello")
    found = reports.list()
    assert found.versions == {"a": first}
    assert sorted((each.key, each.kind) for each in found.problems) == [
        (bad, "damaged"), ("boards/a/readme.txt", "foreign"),
    ]  # fmt: skip
    assert reports.history("a")[0] == (first,)
    # Saving the same again mends it, and counts after it.
    assert reports.save("a", {"text": "1"}).hlc == first.hlc + 6
    store.put(DocumentKey("boards", "lost", 1, "0000000a").path, data)
    with pytest.raises(DamagedObject, match="boards/lost"):
        reports.get("lost")


def test_what_is_too_large_is_named_and_never_fetched(reports: Reports, store: CountingStore) -> None:
    store.put(DocumentKey("boards", "a", 1, "0000000a").path, b" " * 2_001)
    store.reset()
    (problem,) = reports.list().problems
    assert "takes 2,001 bytes; at most 2,000 are read" in problem.message
    assert dict(store.counts) == {"list": 1}


def test_what_can_not_be_saved_says_so_and_writes_nothing(reports: Reports, store: CountingStore) -> None:
    with pytest.raises(InvalidValue, match=r"report 'a' takes .* bytes; at most 2,000 fit"):
        reports.save("a", {"text": "x" * 2_000})
    with pytest.raises(InvalidName, match="report name"):
        reports.save("..", {})
    with pytest.raises(InvalidName, match="editor"):
        reports.save("a", {}, editor=" ")
    assert store.counts["put"] == 0


def test_one_that_is_not_there_names_those_that_are(reports: Reports) -> None:
    with pytest.raises(UnknownBoard, match=r"no report 'alpha', nor any other yet"):
        reports.get("alpha")
    reports.save("alpine", {})
    with pytest.raises(UnknownBoard, match=r"no report 'alpina'; did you mean 'alpine'\?"):
        reports.history("alpina")
    with pytest.raises(UnknownBoard, match="no version 17"):
        reports.get("alpine", version="17")


def test_a_failure_of_the_store_is_tried_again(clock: Clock) -> None:
    class Denying(MemoryStore):
        denied = True

        def get_many(self, keys: Any) -> Any:
            found = super().get_many(keys)
            return {key: AccessDenied(f"no permission to read {key}") for key in found} if self.denied else found

    store = Denying()
    first = DocumentLibrary(store, KIND, wall=clock).save("a", {"text": "1"})
    other = DocumentLibrary(store, KIND)
    assert [each.kind for each in other.list().problems] == ["denied"]
    store.denied = False
    assert other.list().versions == {"a": first}


def test_the_first_document_makes_the_lake(store: CountingStore) -> None:
    DocumentLibrary(store, KIND, exists=lambda: False).save("a", {})
    assert json.loads(store.get("_lake.json"))["format"] == 1
