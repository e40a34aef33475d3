"""Objects that move or vanish between listing and reading, and stores that refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lakeboard.query.objects.retry import RELISTS
from lakeboard.schema.errors import AccessDenied, StoreUnreachable
from lakeboard.schema.keys import PackKey
from lakeboard.store.testing import CountingStore, Fault, FaultyStore, StoreWrapper
from tests.query.lakes import Writer, loss, put_edit, put_pack
from tests.query.snapshots.test_snapshot import open_lake, statuses


class Moving(StoreWrapper):
    """Something happens between a listing and what follows it."""

    def __init__(self, inner: CountingStore, happens: Callable[[], object], *, after: str, skip: int = 0) -> None:
        super().__init__(inner)
        self._happens: Callable[[], object] | None = happens
        self._after = after
        self._skip = skip

    def list(self, prefix):  # type: ignore[no-untyped-def]
        found = super().list(prefix)
        if prefix.startswith(self._after) and self._happens is not None:
            if self._skip:
                self._skip -= 1
            else:
                happens, self._happens = self._happens, None
                happens()
        return found


def test_run_that_ends_between_listing_and_reading(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(3))
    w.flush()
    lake, waits = open_lake(Moving(store, w.finish, after="live/"))
    assert statuses(lake.snapshot("digits"), lake) == {"r1": "finished"}
    assert lake.problems("digits") == ()
    assert len(waits) <= 1


def test_run_that_flushes_twice_between_listing_and_reading(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(3))
    w.flush()

    def flushes() -> None:
        for _ in range(3):
            w.log(loss(2)).flush()

    lake, waits = open_lake(Moving(store, flushes, after="live/"))
    assert lake.runs("digits")["rows"].to_list() == [9]
    assert lake.problems("digits") == ()
    assert len(waits) == 1


def test_rows_that_are_packed_between_listing_and_reading(store: CountingStore) -> None:
    w = Writer(store).start()
    key = w.finish()

    def pack() -> None:
        put_pack(store, [w.final_row()])
        store.delete([key])

    lake, waits = open_lake(Moving(store, pack, after="runs/"))
    assert statuses(lake.snapshot("digits"), lake) == {"r1": "finished"}
    assert len(waits) == 1


def test_edit_that_is_packed_between_listing_and_reading(store: CountingStore) -> None:
    Writer(store).start().finish()
    key = put_edit(store, ["r1"], "rename", "new", hlc=1)

    def pack() -> None:
        store.put(PackKey("edits", "digits", 1, "0000000a").path, store.get(key))
        store.delete([key])

    lake, _ = open_lake(Moving(store, pack, after="edits/"))
    assert lake.runs("digits")["name"].to_list() == ["new"]


def test_listed_object_that_never_comes_is_a_problem(store: CountingStore) -> None:
    from lakeboard.schema.errors import MissingObject

    Writer(store, run_id="fine").start().finish()
    bad = Writer(store, run_id="bad").start().finish()
    faulty = FaultyStore(
        store, lambda verb, key, n: Fault("before", MissingObject(key)) if key == bad and verb == "get" else None
    )
    lake, waits = open_lake(faulty)
    assert lake.runs("digits")["run_id"].to_list() == ["fine"]
    assert [(p.kind, p.key) for p in lake.problems("digits")] == [("missing", bad)]
    assert len(waits) == RELISTS
    faulty.plan = lambda verb, key, n: None
    assert sorted(lake.runs("digits")["run_id"]) == ["bad", "fine"]
    assert lake.problems("digits") == ()
    assert len(waits) == RELISTS


@pytest.mark.parametrize("error", [AccessDenied("no"), StoreUnreachable("nobody there")], ids=["denied", "unreachable"])
def test_trouble_with_one_object_is_a_problem_until_it_passes(
    store: CountingStore, error: AccessDenied | StoreUnreachable
) -> None:
    w = Writer(store, run_id="live").start()
    w.log(loss(2)).flush()
    bad = w.log(loss(2)).flush()
    faulty = FaultyStore(store, lambda verb, key, n: Fault("before", error) if key == bad else None)
    lake, _ = open_lake(faulty)
    assert lake.runs("digits").select("run_id", "rows", "last_step").row(0) == ("live", 4, 1)
    assert [p.kind for p in lake.problems("digits")] == ["denied" if isinstance(error, AccessDenied) else "unreachable"]
    faulty.plan = lambda verb, key, n: None
    assert lake.runs("digits")["loss"].len() == 1
    assert lake.problems("digits") == ()


@pytest.mark.parametrize("area", ["live", "runs", "edits"])
@pytest.mark.parametrize("error", [AccessDenied("no"), StoreUnreachable("nobody there")], ids=["denied", "unreachable"])
def test_listing_that_fails_raises(store: CountingStore, area: str, error: AccessDenied | StoreUnreachable) -> None:
    Writer(store).start()
    faulty = FaultyStore(
        store, lambda verb, key, n: Fault("before", error) if verb == "list" and key.startswith(area) else None
    )
    lake, _ = open_lake(faulty)
    with pytest.raises(type(error)):
        lake.snapshot("digits")
