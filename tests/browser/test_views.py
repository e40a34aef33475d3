"""A view is its address: whoever opens it sees the same, however the other came there; and nothing moves by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, WebSocketRoute, expect

import lakeboard
from lakeboard.dashboard.state.views import CompareView, CurvesView, RunPageView, RunsView
from tests.browser.chromium import SIZE
from tests.browser.conftest import Visitor
from tests.browser.reading import texts
from tests.browser.test_acts import row
from tests.browser.test_live import log, wait_for_points
from tests.dashboard import lake as lakes

Params = Mapping[str, str | list[str]]

# Each field of the view has a value of its own here, or the test fails.
RUNS: Final[Params] = {
    "filter": "lr <= 1", "where": 'user in ("ada")', "sort": "name",
    "columns": ["val/acc", "params.lr", "params.model"], "pins": ["params.lr"],
    "widths": ["240 params.lr"], "group": ["params.model"], "open": ["0"], "projects": ["other"], "view": "gone",
    "page": "2", "panel": "0",
}  # fmt: skip
CURVES: Final[Params] = {
    "runs": ["r0", "r1", "r4"], "metrics": ["val/acc", "train/loss"], "x": "relative", "smooth": "0.4",
    "kind": "gaussian", "logx": "1", "logy": "1", "outliers": "1", "pair": "1", "group": ["params.model"],
    "band": "ci95", "members": "1", "color": "user", "base": "r8", "legend": "{name} {lr}", "find": "a",
    "charts": "a", "chart": "val/acc", "own": ["train/loss;log_y=1"], "pins": ["train/loss"], "fold": ["train"],
    "page": "2",
}  # fmt: skip
RUN: Final[Params] = {
    "run": "r4", "tab": "history", "x": "time", "smooth": "0.2", "kind": "running", "logx": "1", "logy": "1",
    "outliers": "1", "pair": "1", "find": "acc", "chart": "val/acc", "own": ["val/acc;x=step"], "pins": ["val/acc"],
    "fold": ["train"], "more": ["val/acc"], "less": ["train/loss"], "page": "2", "media": "samples",
    "beside": "1", "version": "digits:v1-00000001", "file": "a.csv",
}  # fmt: skip
COMPARE: Final[Params] = {
    "runs": ["r0", "r1", "r4", "r8"], "filter": "lr <= 1", "where": "seed < 3", "brush": "seed >= 0", "only": "0",
    "metric": "train/loss.min", "axes": ["params.model", "train/loss"], "plot": "0", "part": "scatter", "base": "r4",
    "find": "e", "page": "2", "x": "params.lr", "y": "val/acc", "color": "params.model", "xgoal": "minimize",
    "ygoal": "none", "more": ["train/loss"], "less": ["val/acc"], "xscale": "log", "yscale": "linear",
    "media": "samples",
}  # fmt: skip
VIEWS: Final = {
    "runs": (RunsView, RUNS), "curves": (CurvesView, CURVES),
    "run": (RunPageView, RUN), "compare": (CompareView, COMPARE),
}  # fmt: skip
HIDING: Final = {"chart", "group", "tab", "part", "plot", "panel", "find", "charts", "fold", "view"}
"""Fields that hide what others do."""
_FOLLOW: Final = "to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate', { state: {} })) }"
_WATCH: Final = """() => { window.shifts = [];
  new PerformanceObserver(list => { for (const each of list.getEntries()) if (!each.hadRecentInput)
    window.shifts.push([each.value, each.sources.map(s => s.node?.className || s.node?.nodeName)]) })
  .observe({ type: 'layout-shift' }) }"""


@pytest.mark.parametrize("page", list(VIEWS))
def test_a_link_shows_the_same_to_whoever_opens_it(visitor: Visitor, browser: Browser, page: str) -> None:
    kind, every = VIEWS[page]
    assert set(every) == {field.name for field in fields(kind)}
    some = {name: value for name, value in every.items() if name not in HIDING}
    # One is on the page already, as it is by default, and follows both links; another opens them the other way round.
    visitor.open(page, **({"run": "r0"} if page == "run" else {}))
    pause(visitor)
    first = [shown(visitor, page, every), shown(visitor, page, some)]
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]})
    other = Visitor(context.new_page(), visitor.url).watch().open(page, **some)
    pause(other)
    second = [texts(other.page), shown(other, page, every)][::-1]
    assert first == second
    visitor.page.go_back()
    visitor.page.wait_for_timeout(300)
    visitor.settle()
    assert texts(visitor.page) == first[0]
    assert other.faults == []
    context.close()


def test_a_message_under_way_takes_nothing_back_from_a_followed_link(visitor: Visitor) -> None:
    held: list[str | bytes] = []
    holding = False
    sockets: list[WebSocketRoute] = []

    def route(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        sockets.append(socket)
        server.on_message(lambda message: held.append(message) if holding else socket.send(message))

    visitor.page.route_web_socket("**/_stcore/stream", route)
    visitor.open("run", run="r0")
    holding = True
    query = urlencode({"project": lakes.PROJECT, **RUN, "run": "r0"}, doseq=True)
    visitor.page.evaluate(_FOLLOW, f"{visitor.url}/run?{query}")
    visitor.page.wait_for_timeout(1_000)
    # The new view is drawn by now, and the browser does not know: its next message names what the old one showed.
    visitor.page.get_by_role("button", name="Pause live refresh").click()
    visitor.page.wait_for_timeout(1_000)
    assert held
    holding = False
    for message in held:
        sockets[-1].send(message)
    visitor.page.get_by_text("Paused").wait_for()
    visitor.settle()
    assert parse_qs(urlsplit(visitor.page.url).query) == parse_qs(query)


def pause(visitor: Visitor) -> None:
    """No refresh meanwhile: what it would change is not the link's doing."""
    visitor.page.get_by_role("button", name="Pause live refresh").click()
    visitor.page.get_by_text("Paused").wait_for()
    visitor.settle()


def shown(visitor: Visitor, page: str, params: Params) -> list[str]:
    """What is there after following a link within the page; the address is what the link said."""
    query = urlencode({"project": lakes.PROJECT, **params}, doseq=True)
    visitor.page.evaluate(_FOLLOW, f"{visitor.url}/{page}?{query}")
    visitor.page.wait_for_timeout(300)
    visitor.settle()
    assert parse_qs(urlsplit(visitor.page.url).query) == parse_qs(query)
    return texts(visitor.page)


def test_nothing_moves_when_a_page_refreshes_itself(visitor: Visitor, lake: str) -> None:
    with lakeboard.init(lakes.PROJECT, name="shifting", lake=lake, flush_seconds=0.3, quiet=True) as run:
        log(run, 3)
        asked: dict[str, dict[str, str | list[str]]] = {
            "runs": {},
            "curves": {"runs": [run.id, "r0"]},
            "run": {"run": run.id},
        }
        for n, (page, params) in enumerate(asked.items(), start=1):
            visitor.open(page, **params)
            visitor.page.evaluate(_WATCH)
            log(run, 20)
            if page == "runs":
                expect(row(visitor, "shifting")).to_contain_text("0.5")
                visitor.page.wait_for_timeout(4_500)
            else:
                wait_for_points(visitor, 3 + 20 * n, "train/loss", name="shifting")
                visitor.page.wait_for_timeout(500)
            shifts = visitor.page.evaluate("window.shifts")
            assert sum(value for value, _ in shifts) < 0.02, (page, shifts)
