"""Our own browser components: a script and a style sheet beside this file, registered once a process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Final

import streamlit as st

_FIRST: Final = ("invisible", "numbers")
"""Scripts that all have: how text and numbers are written."""
MAIN: Final = "export default function (component) {"
"""How the function that draws begins in every script."""


@cache
def component(name: str, html: str, *, isolate: bool = True, parts: tuple[str, ...] = ()) -> Callable[..., Any]:
    """The function that puts `<name>.js`, styled by `<name>.css`, onto a page.

    Reads its files the first time. What it shows must come in `data` and be set as text there: names in a lake are
    anybody's. Characters that cannot be seen are shown by their number (`visible.js`).

    Args:
        name: of the two files in this folder.
        html: what the script finds to work in.
        parts: scripts of this folder, without suffix, that are put before its own.
        isolate: whether its styles and the page's keep apart; Plotly's must reach the page.
    """
    here = files(__package__)
    style = here.joinpath(f"{name}.css").read_text(encoding="utf-8")
    script = "\n".join(here.joinpath(f"{part}.js").read_text(encoding="utf-8") for part in (*_FIRST, *parts, name))
    script = script.replace(MAIN, f"{MAIN}\n  watchUnseen(component.parentElement);")
    mount: Callable[..., Any] = st.components.v2.component(
        f"lakeboard_{name}", html=html, css=style, js=script, isolate_styles=isolate
    )
    return mount


def nothing() -> None:
    """A callback for states that are only read."""
