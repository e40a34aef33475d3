"""Which projects a lake has."""

from __future__ import annotations

import pytest

from lakeboard.query.snapshots.projects import projects_frame
from lakeboard.schema.errors import StoreUnreachable
from lakeboard.store.testing import Fault, FaultyStore, MemoryStore
from tests.query.lakes import Writer, put_edit


def test_projects_of_all_areas_in_order_of_names() -> None:
    store = MemoryStore()
    Writer(store, project="b").start()
    Writer(store, project="a").start().finish()
    put_edit(store, ["r1"], "delete", hlc=1, project="c")
    store.put("live/project=nan/x", b"")
    store.put("live/other=b/x", b"")
    store.put("live/stray.txt", b"")
    assert projects_frame(store).rows() == [("a", False), ("b", True), ("c", False)]


def test_trouble_with_a_listing_is_raised() -> None:
    faulty = FaultyStore(MemoryStore(), lambda verb, key, n: Fault("before", StoreUnreachable("nobody there")))
    with pytest.raises(StoreUnreachable, match="nobody there"):
        projects_frame(faulty)
