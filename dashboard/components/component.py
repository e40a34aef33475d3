"""Our own browser components: a script and a style sheet for each in `browser/`, registered once a process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Final

import streamlit as st

from .scripts import joined

BROWSER: Final = files(__package__).joinpath("browser")
"""The folder of scripts and style sheets: one below it for each component, and `shared`."""


@cache
def component(name: str, html: str, *, isolate: bool = True) -> Callable[..., Any]:
    """The function that puts `browser/<name>/<name>.js`, styled by the sheet beside it, onto a page.

    Reads its files, and joins what its script imports, the first time. What it shows must come in `data` and be set as
    text there: names in a lake are anybody's. Characters that cannot be seen are shown by their number.

    Args:
        name: of the folder, the script and the style sheet.
        html: what the script finds to work in.
        isolate: whether its styles and the page's keep apart; Plotly's must reach the page.
    """
    style = BROWSER.joinpath(name, f"{name}.css").read_text(encoding="utf-8")
    mount: Callable[..., Any] = st.components.v2.component(
        f"lakeboard_{name}",
        html=html,
        css=style,
        js=joined(BROWSER, f"{name}/{name}.js"),
        isolate_styles=isolate,
    )
    return mount


def nothing() -> None:
    """A callback for states that are only read."""
