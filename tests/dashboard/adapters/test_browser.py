"""The browser's side of Streamlit: what we find things by is there, and what is missing is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lakeboard.dashboard.adapters import browser, inside
from lakeboard.dashboard.adapters.page_parts import OF_STYLE, part
from lakeboard.dashboard.adapters.page_style import STYLE
from tests.checkout import pyproject

ALL = {name for names in browser.NEEDS.values() for name in names}


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name == inside.__name__]


@pytest.fixture(autouse=True)
def _anew() -> None:
    inside._warn.cache_clear()


def test_all_of_it_is_in_the_installed_streamlit() -> None:
    assert browser.missing_names() == set()


def test_what_no_script_names_is_missing(tmp_path: Path) -> None:
    assert browser.missing_names(tmp_path) == ALL
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "a.js").write_text(
        'x={"data-testid":`stApp`,"data-test-script-state":y};addEventListener("popstate",z)'
    )
    assert browser.missing_names(tmp_path) == set(OF_STYLE)


def test_nothing_is_read_for_the_version_that_is_known() -> None:
    assert inside.is_known(inside.installed()), "the adapters were tested with another version"
    assert browser.check_browser_side() is None


def test_each_missing_part_of_a_later_version_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(browser, "installed", lambda: "1.99.0")
    monkeypatch.setattr(browser, "missing_names", lambda: {"stApp", "stCode", "stColumn"})
    for _ in range(2):
        thread = browser.check_browser_side()
        assert thread is not None
        thread.join()
    of_style, of_state = said(caplog)
    begin = f"Streamlit {inside.installed()} has not what lakeboard knows of"
    known = f"written for {inside.WRITTEN_FOR}"
    assert of_style.startswith(f"{begin} the parts of a page (stCode, stColumn; {known}): these")
    assert of_state.startswith(f"{begin} whether a page is being drawn (stApp; {known}): charts")


def test_versions_are_known_whatever_their_patch() -> None:
    assert [inside.is_known(each) for each in ("1.67.0", "1.67.9", "1.67", "1.68.0", "2.67.0", "1.6.7")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip


def test_the_bound_is_the_next_version() -> None:
    major, minor = map(int, inside.WRITTEN_FOR.split("."))
    extra = pyproject()["project"]["optional-dependencies"]["dashboard"]
    assert f"streamlit>={major}.{minor},<{major}.{minor + 1}" in extra


def test_the_style_names_known_parts_alone_and_all_of_them() -> None:
    named = set(re.findall(r'data-testid="(\w+)"', STYLE))
    assert named == set(OF_STYLE)
    assert STYLE.count("{") == STYLE.count("}")
    assert part("stApp") == '[data-testid="stApp"]'
