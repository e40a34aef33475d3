"""A browser, a dashboard over a lake of its own for each test, and a page that must not fail silently."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from lakeboard.dashboard.server.launch import launch
from tests.browser.chromium import SIZE, NoBrowser, chromium, settle
from tests.dashboard import lake as lakes

_REQUIRE = "LAKEBOARD_REQUIRE_BROWSER"
# Five seconds, the usual, are short on a machine that does other work meanwhile.
expect.set_options(timeout=20_000)
_HARMLESS = ("status of 404", "Failed to load resource")
"""Streamlit looks for its server below each page's path first."""

_BLOCKED = "csp"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@dataclass
class Visitor:
    """One browser window on the dashboard, and what went wrong or was asked for in it."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    sent: int = 0
    """Messages to the server."""

    def watch(self) -> Visitor:
        """Take note of errors, of requests to anywhere else, and of questions to the server."""
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console",
            lambda said: (
                self.faults.append(said.text)
                if said.type == "error" and not any(each in said.text for each in _HARMLESS)
                else None
            ),
        )
        self.page.on(
            "request",
            lambda request: (
                None if request.url.startswith((self.url, "data:", "blob:")) else self.outside.append(request.url)
            ),
        )
        # Chromium tells of a request also where a policy kept it from being made.
        self.page.on(
            "requestfailed",
            lambda request: (
                self.outside.remove(request.url)
                if request.failure == _BLOCKED and request.url in self.outside
                else None
            ),
        )
        self.page.on("websocket", lambda socket: socket.on("framesent", lambda _: self._count()))
        return self

    def _count(self) -> None:
        self.sent += 1

    def open(self, path: str = "", **params: str | list[str]) -> Visitor:
        """Go to an address and wait until it is drawn."""
        # The pages about all projects take none.
        chosen = {} if path in ("", "lake") else {"project": lakes.PROJECT}
        query = urlencode({**chosen, **params}, doseq=True)
        self.page.goto(f"{self.url}/{path}?{query}")
        self.page.locator("h1").first.wait_for(timeout=30_000)
        settle(self.page)
        return self

    def settle(self) -> None:
        """Wait until everything is drawn."""
        settle(self.page)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, or no test."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(chromium())
        except NoBrowser as error:
            if os.environ.get(_REQUIRE) == "1":
                pytest.fail(str(error))
            pytest.skip(str(error))
        yield found


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One lake for all tests: each leaves it as it was, or works on a run of its own."""
    return lakes.make(tmp_path_factory.mktemp("browser") / "lake")


@pytest.fixture(scope="session")
def url(lake: str) -> Iterator[str]:
    """A dashboard over it."""
    with launch(lake, port=8700, open_browser=False) as server:
        yield server.url


@pytest.fixture
def visitor(browser: Browser, url: str) -> Iterator[Visitor]:
    """A window; in the end nothing may have gone wrong in it, and nothing may have been asked of anyone else."""
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]})
    found = Visitor(context.new_page(), url).watch()
    yield found
    context.close()
    assert found.faults == []
    assert found.outside == []
