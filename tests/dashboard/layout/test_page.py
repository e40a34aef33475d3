"""While a lake is read for the first time, the page shows a shape; later looks leave what is there."""

from __future__ import annotations

import pytest
import streamlit as st

from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen
from tests.dashboard.insides import DeltaGenerator


@pytest.mark.parametrize("page", ["runs", "home"])
def test_a_first_look_is_waited_for_with_a_shape(screen: Screen, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    shown: list[int] = []

    def skeleton(_: DeltaGenerator, *, height: int) -> object:
        shown.append(height)
        return st.empty()

    monkeypatch.setattr(DeltaGenerator, "skeleton", skeleton)
    screen.open("" if page == "home" else page, project=lakes.PROJECT)
    first = len(shown)
    assert first >= 1
    screen.run()
    assert len(shown) == first
