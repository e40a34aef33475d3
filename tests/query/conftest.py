"""Stores of a fresh lake that count what is asked of them; files that need another have their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.store.base import Store
from lakeboard.store.local import LocalStore
from lakeboard.store.testing import CountingStore, MemoryStore
from tests.query.lakes import note_lake


@pytest.fixture
def store() -> CountingStore:
    return _counting(MemoryStore())


@pytest.fixture(params=["memory", "local"])
def either_store(request: pytest.FixtureRequest, tmp_path: Path) -> CountingStore:
    """Local lakes are scanned by Polars itself, others read as bytes."""
    # A folder that looks like a partition, wildcards and all.
    return _counting(MemoryStore() if request.param == "memory" else LocalStore(tmp_path / "team=ml [x]*?" / "lake"))


def _counting(inner: Store) -> CountingStore:
    store = CountingStore(inner, keep_log=True)
    note_lake(store)
    return store
