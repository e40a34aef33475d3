"""What a run logged beside numbers, on the page: keys, a slider over steps, the items of one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import streamlit as st

from ..format.numbers import count
from .component import component
from .plot import library_path

FOLDER: Final = "lb-media"
"""Below the server's address, where items are."""
ARCHIVES: Final = "lb-media-archives"
"""Where all items of one key of a run are as one."""
MOST_ITEMS: Final = 10_000
"""Of one key; the browser is given no more."""
_HTML: Final = "<div class='lb-media'></div>"


@dataclass(frozen=True, slots=True)
class Key:
    """What something was logged as."""

    name: str
    kind: str
    items: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One item of the key that is shown."""

    step: int
    address: str
    """Below the folder of its run."""
    kind: str
    media_type: str
    caption: str
    width: int
    height: int
    bytes: int
    layers: int
    group: int = 0
    """Place of its run, where several runs are shown."""


@dataclass(frozen=True, slots=True)
class Group:
    """A run, of several whose items stand side by side."""

    name: str
    href: str
    """The address of its page."""


def media_folder(project: str, run_id: str = "") -> str:
    """Where the media of a run, or (without) of all, are, relative to the server's address, with a slash at the end."""
    # Encoded twice: a server decodes a path once before it looks for slashes.
    return "/".join(filter(None, [FOLDER, quote(quote(project, safe=""), safe=""), run_id])) + "/"


def archive_address(project: str, run_id: str, key: str) -> str:
    """Where all items of a key are as one archive, relative to the server's address."""
    return f"{ARCHIVES}/{quote(quote(project, safe=''), safe='')}/{run_id}?key={quote(key, safe='')}"


def as_data(
    keys: Sequence[Key],
    key: str,
    items: Sequence[Shown],
    *,
    folder: str,
    archive: str = "",
    groups: Sequence[Group] = (),
) -> dict[str, Any]:
    """What the browser's side is given.

    Args:
        keys: all that there are.
        key: the one that is shown.
        items: its own, in order of steps and places.
        folder: of their addresses.
        archive: address of all items as one; empty for none.
        groups: runs whose items stand side by side, by `Shown.group`; none for a single run.
    """
    kept = items[-MOST_ITEMS:]
    steps = sorted({item.step for item in kept})
    place = {step: at for at, step in enumerate(steps)}
    left = len(items) - len(kept)
    return {
        "keys": [{"name": each.name, "kind": each.kind, "n": each.items} for each in keys],
        "key": key,
        "steps": steps,
        "items": [
            {
                "s": place[item.step],
                "at": item.address,
                "k": item.kind,
                "t": item.media_type,
                "c": item.caption,
                "w": item.width,
                "h": item.height,
                "b": item.bytes,
                "l": item.layers,
                "g": item.group,
            }
            for item in kept
        ],
        "groups": [{"name": each.name, "href": each.href} for each in groups],
        "folder": folder,
        "archive": archive,
        "library": library_path(),
        "rest": f"{count(left, 'earlier item')} not shown." if left else "",
    }


def show(data: Mapping[str, Any], *, key: str, on_choose: Callable[[str], None]) -> None:
    """Put media onto the page. Costs no request; the browser asks for each item that comes into view.

    Args:
        data: of `as_data`.
        key: of the widget.
        on_choose: called with the key that somebody chose.
    """

    def acted() -> None:
        act = st.session_state[key].act
        if isinstance(act, Mapping) and isinstance(act.get("key"), str):
            on_choose(act["key"])

    # Plotly's styles, which figures need, are the page's.
    component("media", _HTML, isolate=False)(key=key, data=data, on_act_change=acted)
