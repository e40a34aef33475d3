"""Sheets: things in rows, runs or fields in columns, in groups that fold, searchable where they are long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from ..format import palette
from .component import component
from .values import Head, Line, Sheet

_HTML: Final = "<div class='lb-sheet'></div>"


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
