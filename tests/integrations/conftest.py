"""Fixtures of the integrations' tests: the frameworks' own quiet, and no warnings of theirs as errors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lakeboard


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "integrations" in item.path.parts:
            item.add_marker(pytest.mark.framework)
            item.add_marker(pytest.mark.filterwarnings("default"))


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small and offline, and no run left to the next test."""
    for name, value in {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}.items():
        monkeypatch.setenv(name, value)
    yield
    lakeboard.finish()
