"""A team's board, in real browsers: made by one, opened by another, changed, its history read."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from lakeboard.dashboard.server.launch import launch
from lakeboard.query.lake import open_lake
from tests.browser.conftest import Visitor
from tests.dashboard import lake as lakes


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A lake whose runs are known to the last: others' would take part."""
    return lakes.make(tmp_path_factory.mktemp("boards") / "lake")


@pytest.fixture(scope="module")
def url(lake: str) -> Iterator[str]:
    """A dashboard over it."""
    with launch(lake, port=8720, open_browser=False) as server:
        yield server.url


def choose(page: Page, label: str, option: str) -> None:
    """Pick from a menu."""
    page.get_by_label(label, exact=True).first.click()
    page.get_by_role("option", name=option, exact=True).click()


def ranks(page: Page) -> list[str]:
    table = page.get_by_role("region", name="Leaderboard of")
    return [" ".join(text.split()[:2]) for text in table.locator("tbody tr").all_inner_texts()]


def ranked(page: Page, expected: list[str] | int) -> None:
    """Wait until the board's rows are these, or so many."""
    for _ in range(100):
        found = ranks(page)
        if found == expected or len(found) == expected:
            return
        page.wait_for_timeout(200)
    assert found == expected


def test_a_board_is_made_shared_changed_and_its_history_read(visitor: Visitor, browser: Browser, lake: str) -> None:
    visitor.open("leaderboard")
    page = visitor.page
    page.get_by_role("button", name="Save as board").click()
    page.get_by_role("heading", name="New board").wait_for()
    visitor.settle()
    page.get_by_role("button", name="Save the board").click()
    page.get_by_text("Give the board a title").wait_for()
    page.get_by_label("Title", exact=True).fill("Digits cup")
    page.keyboard.press("Tab")
    visitor.settle()
    choose(page, "A row is a", "value of a param")
    visitor.settle()
    choose(page, "The param", "model")
    visitor.settle()
    page.get_by_label("Only runs that match").fill("lr <")
    page.get_by_label("Only runs that match").press("Tab")
    fault, line, save = (
        each.bounding_box()
        for each in (
            page.get_by_role("alert").filter(has_text="expected"),
            page.get_by_label("Only runs that match"),
            page.get_by_role("button", name="Save the board"),
        )
    )
    assert fault is not None
    assert line is not None
    assert save is not None
    assert line["y"] + line["height"] <= fault["y"] + 1, "what is wrong stands below what was typed"
    assert fault["y"] + fault["height"] <= save["y"], "and above the button"
    page.get_by_label("Only runs that match").fill("status = finished")
    page.get_by_label("Only runs that match").press("Tab")
    visitor.settle()
    page.get_by_role("button", name="Save the board").click()
    page.wait_for_function("() => new URLSearchParams(location.search).get('board') === 'digits-cup'")
    visitor.settle()
    (saved,) = open_lake(lake).boards(lakes.PROJECT)
    assert (saved.title, saved.definition.entry, saved.definition.where) == (
        "Digits cup", "param:model", "status = finished",
    )  # fmt: skip
    ranked(page, ["1 c", "2 b", "3 a"])

    context = browser.new_context(viewport={"width": 1024, "height": 800})
    other = Visitor(context.new_page(), visitor.url).watch()
    other.page.goto(page.url)
    other.page.get_by_role("region", name="Leaderboard of").wait_for(timeout=30_000)
    other.settle()
    ranked(other.page, ["1 c", "2 b", "3 a"])
    other.page.get_by_role("button", name="Edit").click()
    baselines = other.page.get_by_label("Baselines: runs, by name or id, or rows")
    other.settle()
    baselines.fill("b")
    other.page.get_by_role("option", name="Add: b").click()
    other.page.keyboard.press("Escape")
    other.settle()
    other.page.get_by_role("button", name="Save a new version").click()
    other.page.get_by_role("button", name="Save a new version").wait_for(state="detached")
    other.settle()
    ranked(other.page, ["1 c", "base b", "2 a"])
    expect(other.page.locator(".delta.better").first).to_have_text("+0.1000")
    expect(other.page.locator(".delta.worse").first).to_have_text("-0.1000")
    assert (other.faults, other.outside) == ([], [])
    context.close()

    visitor.open("leaderboard", board="digits-cup")
    page.get_by_role("button", name="History").click()
    versions = page.get_by_role("region", name="Versions of the board")
    expect(versions.locator("tbody tr")).to_have_count(2)
    expect(versions.locator("tbody tr").first).to_contain_text("baselines: none → b")
    versions.get_by_role("link", name="Version 1").click()
    page.get_by_text("An old version").wait_for()
    visitor.settle()
    ranked(page, ["1 c", "2 b", "3 a"])
    assert parse_qs(urlsplit(page.url).query)["version"] == [saved.id]
    page.get_by_role("button", name="Show the newest").click()
    page.get_by_text("An old version").wait_for(state="detached")
    page.get_by_role("button", name="History").click()
    versions.get_by_role("button", name="Restore").click()
    expect(versions.locator("tbody tr")).to_have_count(3)
    assert open_lake(lake).saved_board("digits-cup").definition == saved.definition


def test_the_board_of_another_day(visitor: Visitor) -> None:
    visitor.open("leaderboard", by="run", at="2023-11-14T22:13:23")
    page = visitor.page
    page.get_by_text("As it was on 2023-11-14 22:13 UTC").wait_for()
    ranked(page, 6)
    page.get_by_role("button", name="As of 2023-11-14 22:13 UTC").click()
    page.get_by_role("button", name="Back to now").first.click()
    page.get_by_text("As it was on").wait_for(state="detached")
    visitor.settle()
    ranked(page, 11)


def test_the_first_columns_stay_when_the_table_scrolls(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 380, "height": 800})
    visitor.open("leaderboard", by="config")
    frame = visitor.page.get_by_role("region", name="Leaderboard of")
    head = frame.locator("td.k-run").first
    before = head.bounding_box()
    frame.evaluate("each => { each.scrollLeft = 90 }")
    after = head.bounding_box()
    assert before is not None
    assert after is not None
    assert frame.evaluate("each => each.scrollLeft") > 50
    assert abs(after["x"] - before["x"]) < 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_editor_can_be_used_by_everybody(visitor: Visitor, scheme: str) -> None:
    visitor.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    visitor.open("leaderboard", tool="new")
    found = Axe().run(visitor.page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    serious = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
    told = [(each["id"], [(node["target"], node["html"][:150]) for node in each["nodes"]][:4]) for each in serious]
    assert told == []
