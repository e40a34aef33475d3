"""Addresses of pages. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode


def link(page: str, params: Mapping[str, str | Sequence[str]]) -> str:
    """The address of a page in a state, relative to any other page."""
    path = "./" if page == "home" else page
    return f"{path}?{urlencode(params, doseq=True)}" if params else path


PROJECT: Final = "project"
