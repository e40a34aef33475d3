"""The frame of every page: settings, navigation, and what is said when there is no lake to show."""

from __future__ import annotations

from typing import Final

import streamlit as st

from .adapters import message_queue
from .layout import chrome
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
# Streamlit has settings for the space above and below a page, not for that at its sides, which dense tables need; its
# captions and the colours of its code are fainter than people with weak eyes can read; and the value of a slider stands
# above the line of its neighbours, where it has no label.
_STYLE: Final = """<style>
[data-testid="stMainBlockContainer"] { padding-inline: 1.6rem; }
[data-testid="stCaptionContainer"] { color: inherit; opacity: .78; }
[data-testid="stMultiSelectTagsContainer"] [data-tag] {
 background: color-mix(in srgb, #2582b3 24%, transparent); color: inherit; }
.st-key-curves-smooth [role="group"], .st-key-run-smooth [role="group"] { transform: translateY(9px); }
.st-key-curves-smooth [data-testid="stSliderTickBar"], .st-key-run-smooth [data-testid="stSliderTickBar"] {
 display: none; }
[data-testid="stCode"] .token { color: inherit !important; }
[data-testid="stCode"] .token.keyword { font-weight: 650; }
[data-testid="stMetricValue"] { font-size: 1.5rem; }
@media (max-width: 1200px) {
 [class*="st-key-lb-pair-"] > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"],
 [class*="st-key-lb-pair-"] > [data-testid="stHorizontalBlock"] { flex-direction: column; }
 [class*="st-key-lb-pair-"] [data-testid="stColumn"] { width: 100%; flex: none; } }
[data-testid="stPopoverBody"]:has([class*="st-key-"][class*="-asked"]) { min-width: 0; width: 22rem; max-width: 90vw; }
[class*="st-key-"][class*="-really"] button { background: #b3261e; border-color: #b3261e; color: #fff; }
[class*="st-key-"][class*="-really"] button:hover:not(:disabled) {
 background: #8f1d17; border-color: #8f1d17; color: #fff; }
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] { gap: .75rem; }
</style>"""
_MARK: Final = """<svg xmlns="http://www.w3.org/2000/svg" width="132" height="28" viewBox="0 0 132 28">
<g fill="none" stroke="#2582b3" stroke-linecap="round" stroke-width="3">
<path d="M4 19c3 0 3-3 6-3s3 3 6 3 3-3 6-3"/><path d="M4 12c3 0 3-3 6-3s3 3 6 3 3-3 6-3" stroke-opacity=".55"/></g>
<text x="29" y="20" font-family="'Source Sans','Source Sans 3','Source Sans Pro',system-ui,sans-serif" font-size="18"
 font-weight="700" fill="#2582b3">lakeboard</text></svg>"""


def main() -> None:
    """Draw the page that the address asks for."""
    message_queue.keep_order()
    st.set_page_config(page_title="lakeboard", page_icon=_ICON, layout="wide", initial_sidebar_state=_SIDEBAR_PIXELS)
    st.html(_STYLE)
    st.logo(_MARK, size="large")
    pages = {
        "home": st.Page(page_home.page, title="Home", url_path="home", default=True),
        "leaderboard": st.Page(page_board.page, title="Leaderboard", url_path="leaderboard"),
        "runs": st.Page(page_runs.page, title="Runs", url_path="runs"),
        "curves": st.Page(page_curves.page, title="Curves", url_path="curves"),
        "compare": st.Page(page_compare.page, title="Compare", url_path="compare"),
        "run": st.Page(page_run.page, title="Run", url_path="run", visibility="hidden"),
        "lake": st.Page(page_lake.page, title="Lake", url_path="lake"),
        "trash": st.Page(page_trash.page, title="Trash", url_path="trash"),
    }
    chrome.pages(pages)
    chosen = st.navigation(list(pages.values()), position="top")
    chrome.here(chosen.url_path)
    chosen.run()
