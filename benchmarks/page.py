"""What a person waits for: the Runs page of a project of 10,000 runs in a real browser, beside an empty page."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.lakes import PROJECT, many_runs
from benchmarks.measure import Report
from lakeboard import launch
from lakeboard.dashboard.adapters.page_parts import part
from lakeboard.upkeep import open_store
from tests.browser.chromium import IDLE, MAIN, SIZE, chromium

_PORT = 8790
_TABLE = "tbody tr a"
_SHOWN = re.compile(r"[0-9,]+ of [0-9,]+ runs")
_CHANGED = """([main, shown, before]) => (document.querySelector(main).innerText
  .match(new RegExp(shown, 'g')) ?? []).some(each => !before.includes(each))"""
_EMPTY = "import streamlit as st\nst.set_page_config(layout='wide')\nst.markdown('empty')\n"
_ALONE = (
    _EMPTY
    + """
with st.sidebar:
    st.radio("Page", ["Home", "Runs", "Curves"])
with st.container(horizontal=True):
    st.selectbox("View", ["all"])
    st.text_input("Filter")
    st.multiselect("Columns", ["a", "b"])
    st.checkbox("Group")
    st.button("Compare")
    with st.popover("Export"):
        st.download_button("CSV", "a")
st.table({f"column {i}": list(range(50)) for i in range(10)})
"""
)
"""The same kinds of widgets and a table of 50 rows, with nothing to compute and none of our scripts."""


def page(report: Report) -> None:
    """From navigation to the table, of a server that has looked before; a filter; the bytes of a first load."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        where = Path(folder) / "lake"
        many_runs(open_store(where), 10_000)
        script = Path(folder) / "empty.py"
        script.write_text(_EMPTY)
        table = Path(folder) / "table.py"
        table.write_text(_ALONE)
        tables: list[float] = []
        empty, full, filtered = [], [], []
        with _streamlit(table) as bare:
            tables += [_opened(browser, bare, f"{part('stTable')} td")[0] for _ in range(5)]
        with _streamlit(script) as bare, launch(where, port=_PORT + 1, open_browser=False) as server:
            address = f"{server.url}/runs?project={PROJECT}"
            first = _opened(browser, address, _TABLE)[0]
            for _ in range(5):
                empty.append(_opened(browser, bare, part("stMarkdown"))[0])
                span, filter_span = _opened(browser, address, _TABLE, filtering=True)
                full.append(span)
                filtered.append(filter_span)
            sent = _bytes(browser, address)
            visible, hidden = _frames(browser, address)
    reference = report.add("an empty Streamlit page", "s", empty)
    report.add("a Streamlit page of such widgets and 50 rows", "s", tables, against=reference)
    report.add("Runs page of 10,000 runs, first viewer", "s", first, against=reference)
    figure = report.add("Runs page of 10,000 runs", "s", full, against=reference)
    over = [a - b for a, b in zip(sorted(figure.values), sorted(empty), strict=True)]
    report.add("Runs page over the empty page", "s", over, at_most=0.6)
    report.add("a filter until the table is redrawn", "s", filtered, at_most=0.4)
    report.add("bytes of a first load, as sent", "MB", sent)
    report.add("messages of a page in sight, in 6 s", "messages", visible)
    report.add("messages of a hidden tab, in 6 s", "messages", hidden, at_most=0)


def _frames(browser: Browser, address: str) -> tuple[float, float]:
    """What a page of live runs sends to the server by itself: while somebody sees it, and while nobody does."""
    context = browser.new_context()
    tab = context.new_page()
    count = [0]

    def sent(_: object) -> None:
        count[0] += 1

    tab.on("websocket", lambda socket: socket.on("framesent", sent))
    tab.goto(address)
    tab.wait_for_selector(_TABLE, timeout=60_000)
    tab.wait_for_timeout(2_000)
    numbers = []
    for state in ("visible", "hidden"):
        tab.evaluate(
            """state => { Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
            document.dispatchEvent(new Event('visibilitychange')) }""",
            state,
        )
        tab.wait_for_timeout(1_500)
        before = count[0]
        tab.wait_for_timeout(6_000)
        numbers.append(float(count[0] - before))
    context.close()
    return numbers[0], numbers[1]


def _opened(browser: Browser, address: str, wanted: str, *, filtering: bool = False) -> tuple[float, float]:
    """Seconds until something is on the page in a browser without memory; and until a filter has changed the table."""
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]})
    tab = context.new_page()
    start = time.perf_counter()
    tab.goto(address)
    tab.wait_for_selector(wanted, timeout=60_000)
    span = time.perf_counter() - start
    filter_span = _filter(tab) if filtering else 0.0
    context.close()
    return span, filter_span


def _filter(tab: Page) -> float:
    tab.wait_for_selector(IDLE)
    box = tab.get_by_role("combobox", name="Filter runs")
    box.fill("lr < 0.001")
    box.press("Escape")
    before = _SHOWN.findall(tab.inner_text(MAIN))
    start = time.perf_counter()
    box.press("Enter")
    tab.wait_for_function(_CHANGED, arg=[MAIN, _SHOWN.pattern, before], timeout=30_000)
    return time.perf_counter() - start


def _bytes(browser: Browser, address: str) -> float:
    context = browser.new_context()
    tab = context.new_page()
    session = context.new_cdp_session(tab)
    session.send("Network.enable")
    got = [0]

    def count(event: dict[str, int]) -> None:
        got[0] += event["encodedDataLength"]

    session.on("Network.loadingFinished", count)
    tab.goto(address)
    tab.wait_for_selector(_TABLE, timeout=60_000)
    context.close()
    return got[0] / 1e6


@contextmanager
def _streamlit(script: Path) -> Iterator[str]:
    url = f"http://127.0.0.1:{_PORT}"
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    command += [f"--server.port={_PORT}", "--server.address=127.0.0.1", "--browser.gatherUsageStats=false"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)  # noqa: S310
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()
