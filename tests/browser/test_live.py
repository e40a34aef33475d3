"""A page that is open while somebody trains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import lakeboard
from tests.browser.conftest import Visitor
from tests.dashboard import lake as lakes

_CHART = """id => { const plot = document.querySelector(`[data-chart="${id}"] .js-plotly-plot`); return {
  points: Object.fromEntries(plot._fullData.map(trace => [trace.name, trace.x.length])),
  shown: Object.fromEntries(plot._fullData.map(trace => [trace.name, trace.visible])),
  x: plot._fullLayout.xaxis.range, y: plot._fullLayout.yaxis.range } }"""


@pytest.fixture
def training(lake: str) -> Iterator[lakeboard.Run]:
    """A run of the real logger, which the test feeds."""
    run = lakeboard.init(lakes.PROJECT, name="training", lake=lake, flush_seconds=0.3, quiet=True, config={"lr": 0.5})
    yield run
    run.finish()


def log(run: lakeboard.Run, steps: int) -> None:
    for _ in range(steps):
        run.log({"val/acc": 0.5, "train/loss": 0.4})


def chart(visitor: Visitor, label: str) -> dict[str, Any]:
    found: dict[str, Any] = visitor.page.evaluate(_CHART, label)
    return found


def wait_for_points(visitor: Visitor, n: int, label: str = "val/acc", name: str = "training") -> None:
    visitor.page.wait_for_function(
        """([id, name, n]) => { const plot = document.querySelector(`[data-chart="${id}"] .js-plotly-plot`);
          return plot && plot._fullData.some(trace => trace.name === name && trace.x.length >= n) }""",
        arg=[label, name, n],
        timeout=30_000,
    )


def drag(visitor: Visitor, label: str) -> None:
    """Zoom into the middle of a chart."""
    box = visitor.page.locator(f'[data-chart="{label}"] .nsewdrag').bounding_box()
    assert box is not None
    mouse = visitor.page.mouse
    mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.3)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.8, steps=6)
    mouse.up()


def test_a_curve_grows_while_the_page_is_open_and_the_zoom_stays(visitor: Visitor, training: lakeboard.Run) -> None:
    log(training, 3)
    visitor.open("curves", runs=[training.id, "r0"])
    wait_for_points(visitor, 3)
    drag(visitor, "val/acc")
    visitor.page.wait_for_timeout(500)
    before = chart(visitor, "val/acc")
    other = chart(visitor, "train/loss")
    log(training, 20)
    wait_for_points(visitor, 23, "train/loss")
    visitor.page.wait_for_timeout(500)
    after = chart(visitor, "val/acc")
    assert (after["x"], after["y"]) == (before["x"], before["y"])
    # The chart that nobody zoomed into follows the run.
    assert chart(visitor, "train/loss")["x"][1] > other["x"][1]
    visitor.page.locator('[data-chart="val/acc"] .nsewdrag').dblclick()
    wait_for_points(visitor, 23)


def test_hidden_lines_stay_hidden(visitor: Visitor, training: lakeboard.Run) -> None:
    log(training, 3)
    visitor.open("curves", runs=[training.id, "r0"])
    wait_for_points(visitor, 3)
    card = visitor.page.locator('[data-chart="val/acc"]')
    card.hover()
    card.get_by_role("button", name="Enlarge val/acc").click()
    card.locator(".legendtoggle").first.wait_for()
    card.locator(".legendtoggle").first.click()
    visitor.page.wait_for_timeout(800)
    hidden = [name for name, shown in chart(visitor, "val/acc")["shown"].items() if shown == "legendonly"]
    assert len(hidden) == 1
    log(training, 10)
    wait_for_points(visitor, 13, "train/loss")
    assert chart(visitor, "val/acc")["shown"][hidden[0]] == "legendonly"


def test_a_run_appears_on_the_open_table_by_itself(visitor: Visitor, lake: str) -> None:
    visitor.open("runs")
    with lakeboard.init(lakes.PROJECT, name="newcomer", lake=lake, flush_seconds=0.3, quiet=True) as run:
        run.log({"val/acc": 0.1})
        visitor.page.get_by_role("link", name="newcomer").first.wait_for(timeout=20_000)


def test_a_hidden_page_asks_for_nothing_and_catches_up_when_shown(visitor: Visitor, training: lakeboard.Run) -> None:
    log(training, 3)
    visitor.open("runs")
    page = visitor.page

    def shown(state: str) -> None:
        page.evaluate(
            """state => { Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
            document.dispatchEvent(new Event('visibilitychange')) }""",
            state,
        )

    start = visitor.sent
    page.wait_for_timeout(5000)
    assert visitor.sent > start
    shown("hidden")
    page.wait_for_timeout(1500)
    quiet = visitor.sent
    page.wait_for_timeout(6000)
    assert visitor.sent == quiet
    shown("visible")
    page.wait_for_timeout(2500)
    assert visitor.sent > quiet


def test_a_paused_page_asks_for_nothing(visitor: Visitor, training: lakeboard.Run) -> None:
    log(training, 3)
    visitor.open("runs")
    visitor.page.get_by_role("button", name="Pause live refresh").click()
    visitor.page.get_by_text("Paused").wait_for()
    visitor.settle()
    quiet = visitor.sent
    visitor.page.wait_for_timeout(5000)
    assert visitor.sent == quiet
    visitor.page.get_by_role("button", name="Resume live refresh").click()
    visitor.page.wait_for_timeout(4000)
    assert visitor.sent > quiet + 1
