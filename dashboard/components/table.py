"""Tables whose rows are runs, known by id: selection, sorting and links speak of ids and columns, never of places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from ..format import palette
from .component import component, nothing
from .values import Act, Table

_HTML: Final = "<div class='lb-table'></div>"


def as_data(table: Table, *, selectable: bool, revision: int) -> dict[str, Any]:
    """What the browser's side is given."""
    by = table.sort.removeprefix("-")
    return {
        "columns": [
            {
                "id": c.id,
                "label": c.label,
                "kind": c.kind,
                "over": c.over,
                "title": c.title,
                "sortable": c.sortable,
                "pinned": c.pinned,
                "wide": c.wide,
            }
            | ({"menu": [list(each) for each in c.menu], "narrows": c.narrows, "width": c.width} if c.menu else {})
            for c in table.columns
        ],
        "rows": [{"id": r.id, "cells": list(r.cells), "label": r.label, "tint": r.tint} for r in table.rows],
        "sort": {"by": by, "descending": table.sort.startswith("-")} if by else None,
        "caption": table.caption,
        "empty": table.empty,
        "height": table.height,
        "fill": table.fill,
        "dense": table.dense,
        "plain": table.plain,
        "selectable": selectable,
        "selected": list(table.selected),
        "revision": revision,
        "palette": palette.both(),
    }


def show(
    table: Table,
    *,
    key: str,
    on_act: Callable[[Act], None] | None = None,
    on_select: Callable[[list[str]], None] | None = None,
) -> None:
    """Put a table onto the page.

    Args:
        table: what.
        key: of the widget.
        on_act: called when a head or a button is clicked.
        on_select: makes rows selectable; called with all selected ids, shown or not, when they change.
    """
    selectable = on_select is not None

    def acted() -> None:
        act = st.session_state[key].act
        if act and on_act:
            to = act.get("to", 0)
            on_act(
                Act(
                    str(act.get("kind", "")),
                    str(act.get("by", "")),
                    str(act.get("id", "")),
                    to if isinstance(to, int) else 0,
                )
            )

    def picked() -> None:
        if on_select:
            on_select(_ids(st.session_state[key].selected))

    component("table", _HTML, parts=("dom", "table_menu"))(
        key=key,
        data=as_data(table, selectable=selectable, revision=_revision(key)),
        default={"selected": list(table.selected)},
        on_selected_change=picked if selectable else nothing,
        on_act_change=acted,
    )


def reselect(key: str) -> None:
    """Make the browser take `Table.selected` at the next drawing instead of its own selection."""
    st.session_state[f"{key}.revision"] = _revision(key) + 1


def _revision(key: str) -> int:
    return int(st.session_state.get(f"{key}.revision", 0))


def _ids(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, (list, tuple)) else []
