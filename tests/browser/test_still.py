"""A page that looks again by itself keeps still: nothing moves under the reader's eyes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import lakeboard
from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.query.lake import open_lake
from tests.browser.conftest import Visitor

_MOST = 0.02
_WATCH = """() => { window.moved = []; new PerformanceObserver(list => list.getEntries().forEach(each => {
  if (!each.hadRecentInput) window.moved.push([each.value, ...each.sources.map(s =>
    `${s.node?.nodeName} ${s.node?.className} ${s.previousRect.y}->${s.currentRect.y}`)]);
})).observe({ type: 'layout-shift', buffered: false }); }"""
# Of pages that look seldom, the clock is put forward.
_LATER = "() => { const now = Date.now; Date.now = () => now() + 61000 }"
_SHOWN = """name => { const tables = [...document.querySelectorAll('*')].map(each => each.shadowRoot).filter(Boolean);
  return tables.some(root => [...root.querySelectorAll('td')].some(td => td.textContent === name)) }"""


@pytest.fixture
def training(lake: str) -> Iterator[lakeboard.Run]:
    """A run in a project of its own."""
    run = lakeboard.init("restless", lake=lake, flush_seconds=0.3, quiet=True, config={"epochs": 40})
    run.log({"val/acc": 0.05}, step=0)
    yield run
    run.finish()
    for path in Path(lake).glob("*/project=restless/**/*.parquet"):
        path.unlink()


def until_shown(visitor: Visitor, text: str) -> None:
    """Let time go by faster until some cell says so."""
    for _ in range(40):
        if visitor.page.evaluate(_SHOWN, text):
            return
        visitor.page.evaluate(_LATER)
        visitor.page.wait_for_timeout(700)
    raise AssertionError(text)


@pytest.mark.parametrize(
    ("path", "params"), [("", {}), ("leaderboard", {"project": "restless", "by": "run"}), ("lake", {})]
)
def test_nothing_moves_at_a_refresh(
    visitor: Visitor, training: lakeboard.Run, path: str, params: dict[str, str | list[str]]
) -> None:
    # Points are what the page Lake counts, the last value what the others show.
    shown = ["1", "2", "3", "4"] if path == "lake" else ["0.0500", "0.1000", "0.2000", "0.3000"]
    visitor.open(path, **params)
    until_shown(visitor, shown[0])
    visitor.settle()
    visitor.page.evaluate(_WATCH)
    for step in range(1, 4):
        training.log({"val/acc": 0.1 * step}, step=step)
        until_shown(visitor, shown[step])
    visitor.page.wait_for_timeout(500)
    moved = visitor.page.evaluate("() => window.moved")
    assert sum(each[0] for each in moved) < _MOST, moved


def test_the_board_that_was_edited_last_opens_and_its_address_says_so(visitor: Visitor, lake: str) -> None:
    board = Definition(measures=(Measure("val/acc"),), title="Latest cup", entry="user")
    open_lake(lake).save_board(board, "latest-cup", editor="ada")
    try:
        page = visitor.page
        page.goto(visitor.url)
        page.get_by_role("heading", name="Home").wait_for(timeout=30_000)
        visitor.settle()
        page.get_by_role("link", name="Leaderboard", exact=True).click()
        page.wait_for_url("**board=latest-cup**", timeout=20_000)
        page.get_by_role("link", name="Runs", exact=True).click()
        page.wait_for_url("**/runs?**")
        visitor.settle()
        # Nothing of it is a step: two pages back is home.
        page.go_back()
        page.wait_for_url("**board=latest-cup**", timeout=20_000)
        visitor.settle()
        page.go_back()
        page.get_by_role("heading", name="Home").wait_for()
        page.go_forward()
        page.wait_for_url("**board=latest-cup**", timeout=20_000)
        page.get_by_role("region", name="Leaderboard of").wait_for()
    finally:
        open_lake(lake).delete_board("latest-cup")
