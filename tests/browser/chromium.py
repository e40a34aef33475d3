"""Which Chromium drives the tests, and how a page is opened in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from lakeboard.dashboard.adapters.page_parts import APP, SCRIPT_STATE, part

ENVIRONMENT = "LAKEBOARD_CHROMIUM"
SIZE = (1440, 900)
MAIN = part("stMain")
"""What a page shows, without its navigation."""
IDLE = f"{part(APP)}[data-{SCRIPT_STATE}=notRunning]"
"""The page, while nothing of it is being drawn."""
_SYSTEM = Path("/usr/bin/chromium")
_DRAWN = """(waiting) => !document.querySelector(waiting) &&
  [...document.querySelectorAll('.lb-plot')].every(plot => {
    const box = plot.getBoundingClientRect();
    return box.top > innerHeight || box.bottom < 0 || plot.dataset.drawn;
  })"""
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


class NoBrowser(Exception):
    """There is no Chromium here; the message says how to get one."""


def executable() -> str | None:
    """The Chromium to use: as the environment says, else the system's; null for playwright's own."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        return named
    return str(_SYSTEM) if _SYSTEM.exists() else None


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser that is closed in the end.

    Raises:
        NoBrowser: none can be started.
    """
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=executable(), args=_ARGUMENTS)
        except Error as error:
            raise NoBrowser(
                f"no Chromium could be started: {str(error).splitlines()[0]}; install one, name it in {ENVIRONMENT}, "
                "or run: playwright install chromium"
            ) from error
        try:
            yield browser
        finally:
            browser.close()


def settle(page: Page, *, quiet_ms: int = 400, timeout_ms: int = 30_000) -> None:
    """Wait until Streamlit has stopped running and every chart in view is drawn."""
    page.wait_for_selector(IDLE, timeout=timeout_ms)
    page.wait_for_function(_DRAWN, arg=part("stSkeleton"), timeout=timeout_ms)
    page.wait_for_timeout(quiet_ms)
    page.wait_for_selector(IDLE, timeout=timeout_ms)
