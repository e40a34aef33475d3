"""The frame of every page: settings, navigation, and what is said when there is no lake to show."""

from __future__ import annotations

from typing import Final

import streamlit as st

from .adapters import message_queue, page_style
from .layout import chrome
from .screens.artifacts import page as page_artifacts
from .screens.board import page as page_board
from .screens.compare import page as page_compare
from .screens.curves import page as page_curves
from .screens.home import page as page_home
from .screens.lake import page as page_lake
from .screens.run import page as page_run
from .screens.runs import page as page_runs
from .screens.trash import page as page_trash

_SIDEBAR_PIXELS: Final = 232
_ICON: Final = """<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 24 24">
<g fill="none" stroke="#2582b3" stroke-linecap="round" stroke-width="3">
<path d="M3 17c3 0 3-3 6-3s3 3 6 3 3-3 6-3"/>
<path d="M3 9c3 0 3-3 6-3s3 3 6 3 3-3 6-3" stroke-opacity=".6"/></g></svg>"""
_MARK: Final = """<svg xmlns="http://www.w3.org/2000/svg" width="132" height="28" viewBox="0 0 132 28">
<g fill="none" stroke="#2582b3" stroke-linecap="round" stroke-width="3">
<path d="M4 19c3 0 3-3 6-3s3 3 6 3 3-3 6-3"/><path d="M4 12c3 0 3-3 6-3s3 3 6 3 3-3 6-3" stroke-opacity=".55"/></g>
<text x="29" y="20" font-family="'Source Sans','Source Sans 3','Source Sans Pro',system-ui,sans-serif" font-size="18"
 font-weight="700" fill="#2582b3">lakeboard</text></svg>"""


def main() -> None:
    """Draw the page that the address asks for."""
    message_queue.keep_order()
    st.set_page_config(page_title="lakeboard", page_icon=_ICON, layout="wide", initial_sidebar_state=_SIDEBAR_PIXELS)
    st.html(page_style.STYLE)
    st.logo(_MARK, size="large")
    pages = {
        "home": st.Page(page_home.page, title="Home", default=True),
        "leaderboard": st.Page(page_board.page, title="Leaderboard", url_path="leaderboard"),
        "runs": st.Page(page_runs.page, title="Runs", url_path="runs"),
        "curves": st.Page(page_curves.page, title="Curves", url_path="curves"),
        "compare": st.Page(page_compare.page, title="Compare", url_path="compare"),
        "artifacts": st.Page(page_artifacts.page, title="Artifacts", url_path="artifacts"),
        "run": st.Page(page_run.page, title="Run", url_path="run", visibility="hidden"),
        "lake": st.Page(page_lake.page, title="Lake", url_path="lake"),
        "trash": st.Page(page_trash.page, title="Trash", url_path="trash"),
    }
    chrome.pages(pages)
    # Home is at the root; whoever types its name is led there.
    by_name = st.Page(_lead_home, title="Home", url_path="home", visibility="hidden")
    chosen = st.navigation([*pages.values(), by_name], position="top")
    chrome.here(chosen.url_path)
    chosen.run()


def _lead_home() -> None:
    chrome.go("home", {name: st.query_params.get_all(name) for name in st.query_params})
