"""Sheets: things in rows, runs or fields in columns, in groups that fold, searchable where they are long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import streamlit as st

from ..format import palette
from ..format.palette import Mark
from .component import component

Value: TypeAlias = str | dict[str, Any] | None
"""Text, null, or a dict: `text`, `title` (on hover), `sub` (beside it), `tint` of the latter (`better` or `worse`),
`off` (it is not what the baseline says)."""
_HTML: Final = "<div class='lb-sheet'></div>"


@dataclass(frozen=True, slots=True)
class Head:
    """One column."""

    id: str
    label: str
    href: str = ""
    title: str = ""
    sub: str = ""
    """A second line."""
    mark: Mark | None = None
    base: bool | None = None
    """Whether it is the baseline; null where there is none to choose."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row, or the head of a group of rows."""

    id: str
    name: str
    cells: Sequence[Value] = ()
    parent: str = ""
    """The id of the group it is in."""
    depth: int = 0
    group: bool = False
    note: str = ""
    title: str = ""
    differs: bool = False
    kind: str = ""
    """`mono` or `quiet`: how its cells look."""
    kinds: Sequence[str] = ()
    """The same for each cell."""
    find: str = ""
    """What a search looks at besides the cells; else its name."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a sheet shows."""

    columns: Sequence[Head]
    lines: Sequence[Line]
    caption: str
    """Its name for those who don't see it."""
    corner: str = ""
    empty: str = ""
    find: str = ""
    """What its search field says; without, there is none."""
    height: int | None = None


def as_data(sheet: Sheet) -> dict[str, Any]:
    """What the browser's side is given."""
    return {
        "columns": [_head(each) for each in sheet.columns],
        "rows": [_line(each) for each in sheet.lines],
        "caption": sheet.caption,
        "corner": sheet.corner,
        "empty": sheet.empty,
        "find": sheet.find,
        "height": sheet.height,
        "palette": palette.both(),
    }


def _head(head: Head) -> dict[str, Any]:
    out: dict[str, Any] = {"id": head.id, "label": head.label}
    out |= {name: value for name in ("href", "title", "sub") if (value := getattr(head, name))}
    if head.mark:
        out["mark"] = {"slot": head.mark.slot, "dash": head.mark.dash}
    return out if head.base is None else out | {"base": head.base}


def _line(line: Line) -> dict[str, Any]:
    out: dict[str, Any] = {"id": line.id, "name": line.name, "depth": line.depth}
    names = ("parent", "group", "note", "title", "differs", "kind", "find")
    out |= {name: value for name in names if (value := getattr(line, name))}
    if line.kinds:
        out["kinds"] = list(line.kinds)
    return out if line.group else out | {"cells": list(line.cells)}


def show(sheet: Sheet, *, key: str, on_base: Callable[[str], None] | None = None) -> None:
    """Put a sheet onto the page.

    Args:
        sheet: what.
        key: of the widget.
        on_base: called with the id of a column that is made the baseline.
    """

    def acted() -> None:
        act = st.session_state[key].act
        if isinstance(act, dict) and act.get("kind") == "base" and on_base:
            on_base(str(act.get("id", "")))

    component("sheet", _HTML, parts=("dom",))(key=key, data=as_data(sheet), on_act_change=acted)
