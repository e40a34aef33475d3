"""Home, Lake and Trash in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

import lakeboard
from lakeboard.query.lake import open_lake
from lakeboard.store.local import LocalStore
from tests.browser.conftest import Visitor
from tests.dashboard import lake as lakes
from tests.query.lakes import Writer, loss


@pytest.fixture
def doomed(lake: str) -> Iterator[str]:
    """A deleted run of a project of its own; its name needs escaping wherever Markdown is read."""
    writer = Writer(LocalStore(lake), "scrap", "d1", rand="000000d1", fields={"name": "a *bad* idea"}).start()
    writer.log(loss(20)).flush()
    writer.finish()
    open_lake(lake).delete("scrap", ["d1"], editor="ada")
    yield "d1"
    for path in Path(lake).glob("*/project=scrap/*"):
        if path.is_file():
            path.unlink()


def go_home(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.url}/")
    visitor.page.get_by_role("heading", name="Home").wait_for(timeout=30_000)
    visitor.settle()


def test_home_by_its_name_is_home_at_the_root(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.url}/home?within=week")
    visitor.page.get_by_role("heading", name="Home").wait_for(timeout=30_000)
    visitor.page.wait_for_url(f"{visitor.url}/?within=week")
    visitor.settle()
    expect(visitor.page.get_by_text("Page not found")).to_have_count(0)
    visitor.page.get_by_role("link", name="Runs", exact=True).click()
    visitor.page.wait_for_url("**/runs?**")
    visitor.page.go_back()
    visitor.page.wait_for_url(f"{visitor.url}/?within=week")


def test_a_run_appears_on_home_by_itself_and_its_row_leads_to_it(visitor: Visitor, lake: str) -> None:
    go_home(visitor)
    page = visitor.page
    live = page.get_by_role("region", name="Running now")
    expect(live.get_by_role("link", name=lakes.LIVE, exact=True)).to_be_visible(timeout=20_000)
    expect(page.get_by_role("link", name="newcomer", exact=True)).to_have_count(0)
    run = lakeboard.init(
        lakes.PROJECT, name="newcomer", lake=lake, flush_seconds=0.3, quiet=True, config={"max_steps": 10}
    )
    for step in range(5):
        run.log({"val/acc": 0.1 * step}, step=step)
    row = live.locator("tr", has=page.get_by_role("link", name="newcomer", exact=True))
    row.wait_for(timeout=20_000)
    expect(row.locator("td.k-bar")).to_have_text("50%", timeout=20_000)
    expect(row.locator("svg.spark polyline")).to_have_count(1, timeout=20_000)
    page.get_by_role("navigation", name="Projects").get_by_label("2 running").wait_for()
    run.finish()
    expect(row).to_have_count(0, timeout=20_000)
    ended = page.get_by_role("region", name="Recently finished runs")
    ended.get_by_role("link", name="newcomer", exact=True).click()
    page.wait_for_url("**/run?**")
    page.get_by_role("heading", name="newcomer").wait_for()
    page.go_back()
    page.get_by_role("heading", name="Home").wait_for()
    page.get_by_role("region", name="Projects").get_by_role("link", name=lakes.PROJECT).first.click()
    page.wait_for_url("**/leaderboard?**")
    page.get_by_role("heading", name=lakes.PROJECT).wait_for()


def test_a_search_narrows_while_it_is_typed_and_stays_in_the_address(visitor: Visitor) -> None:
    go_home(visitor)
    page = visitor.page
    box = page.get_by_label("Find runs, projects, people")
    box.press_sequentially("c-2", delay=30)
    found = page.get_by_role("region", name="Runs found")
    expect(found.get_by_role("link", name="c-2", exact=True)).to_be_visible(timeout=15_000)
    expect(box).to_have_value("c-2")
    page.wait_for_url("**find=c-2**")
    page.reload()
    expect(found.get_by_role("link", name="c-2", exact=True)).to_be_visible(timeout=30_000)


def test_an_old_link_to_the_leaderboard_leads_there(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.url}/?project={lakes.PROJECT}&by=user")
    visitor.page.wait_for_url(re.compile(r"/leaderboard\?.*by=user"))
    visitor.page.get_by_role("heading", name=lakes.PROJECT).wait_for()


def test_a_hidden_home_asks_for_nothing(visitor: Visitor) -> None:
    go_home(visitor)
    page = visitor.page
    page.evaluate(
        """() => { Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true });
                   document.dispatchEvent(new Event('visibilitychange')); }"""
    )
    visitor.settle()
    quiet = visitor.sent
    page.wait_for_timeout(4500)
    assert visitor.sent == quiet


def test_a_run_is_purged_after_its_name_was_typed(visitor: Visitor, lake: str, doomed: str) -> None:
    visitor.open("trash", project="scrap")
    page = visitor.page
    page.get_by_role("checkbox", name="Select a *bad* idea").check()
    page.get_by_role("button", name="Purge", exact=False).first.click()
    page.get_by_label("Type the run's name").fill("a bad idea")
    page.get_by_role("button", name="Purge 1 run").click()
    page.get_by_text("nothing was done").wait_for()
    assert list(Path(lake).glob("metrics/project=scrap/run_id=d1/*"))
    page.get_by_label("Type the run's name").fill("a *bad* idea")
    page.get_by_role("button", name="Purge 1 run").click()
    page.get_by_text(re.compile(r"Purged a \*bad\* idea: 2 objects, .* freed")).wait_for()
    page.get_by_text("The trash is empty").wait_for()
    assert not list(Path(lake).glob("metrics/project=scrap/run_id=d1/*"))


def test_a_lake_is_checked_and_planned_from_the_screen(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.url}/lake")
    page = visitor.page
    page.get_by_role("heading", name="Lake").wait_for(timeout=30_000)
    visitor.settle()
    page.get_by_role("button", name="Check quickly").click()
    page.get_by_text(re.compile(r"Quick check (just now|.* ago)")).wait_for(timeout=20_000)
    page.get_by_role("button", name="Plan", exact=True).click()
    page.get_by_text(re.compile(r"Planned (just now|.* ago)")).wait_for(timeout=20_000)
