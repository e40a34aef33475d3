"""A lake, a screen, and no memory between tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives a whole page takes its time, and is marked for it."""
    for item in items:
        if isinstance(item, pytest.Function) and getattr(item.module, "Screen", None) is Screen:
            item.add_marker(pytest.mark.page)


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Caches outlive a session; a test must not see another's."""
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a small lake, which the dashboard shows."""
    url = lakes.make(tmp_path / "lake")
    monkeypatch.setenv("LAKEBOARD_LAKE", url)
    return url


@pytest.fixture
def screen(lake: str) -> Screen:
    """A viewer of that lake."""
    return Screen()
