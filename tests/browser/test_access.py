"""Pages that everybody can use: names for what has no words, contrast, order."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Visitor

_SERIOUS = ("serious", "critical")


@pytest.mark.parametrize(
    "page",
    ["", "leaderboard", "runs", "curves", "compare", "run", "lake", "trash"],
    ids=lambda page: page or "home",
)
def test_no_serious_findings(visitor: Visitor, page: str) -> None:
    visitor.page.emulate_media(color_scheme="light")
    visitor.open(page, **({"run": "r0"} if page == "run" else {}))
    assert serious(visitor) == []
    visitor.page.emulate_media(color_scheme="dark")
    expect(visitor.page.locator(".stApp")).not_to_have_css("background-color", "rgb(255, 255, 255)")
    visitor.settle()
    # The words are the same; their colours are not.
    assert serious(visitor, only="color-contrast") == []


@pytest.mark.parametrize(
    ("page", "params", "open_ones", "scheme"),
    [
        ("runs", {"filter": "lr <"}, ["Group", "Columns", "Views", "Export"], "dark"),
        ("runs", {"group": "params.model", "open": "0"}, [], "light"),
        ("curves", {"group": "params.model", "smooth": "0.5"}, ["Lines", "Settings of val/acc"], "dark"),
        ("curves", {"runs": "r0", "chart": "val/acc"}, ["Data", "Lines"], "light"),
        ("compare", {"part": "scatter", "x": "params.lr"}, ["Axes"], "dark"),
        ("compare", {"part": "correlation", "only": "0"}, ["Export"], "light"),
        ("run", {"run": "r0", "tab": "origin"}, ["Edit"], "dark"),
        ("run", {"run": "rx", "tab": "writers"}, ["Delete"], "light"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_no_serious_findings_on_a_small_screen_with_things_open(
    visitor: Visitor, page: str, params: dict[str, str], open_ones: list[str], scheme: str
) -> None:
    visitor.page.set_viewport_size({"width": 1024, "height": 768})
    visitor.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    visitor.open(page, **params)
    for name in open_ones:
        visitor.page.get_by_role("button", name=name).first.click()
        # What is drawn anew is faint meanwhile.
        visitor.settle()
        assert (name, serious(visitor)) == (name, [])
        visitor.page.keyboard.press("Escape")
    if not open_ones:
        assert serious(visitor) == []


def serious(visitor: Visitor, *, only: str | None = None) -> list[tuple[str, list[object]]]:
    """What stands in somebody's way; of all rules, or of one."""
    run = ["wcag2a", "wcag2aa"] if only is None else {"type": "rule", "values": [only]}
    found = Axe().run(visitor.page, options={"runOnly": run})
    faults = [each for each in found.response["violations"] if each["impact"] in _SERIOUS]
    return [(each["id"], [node["target"] for node in each["nodes"]][:4]) for each in faults]
