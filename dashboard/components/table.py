"""Tables whose rows are runs, or fields of runs in groups that fold.

Rows and columns are known by id: selection, sorting and links speak of these, never of places.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from ..format import palette
from ..format.palette import Mark
from .component import component, nothing
from .values import Act, Column, Row, Table

_HTML: Final = "<div class='lb-table'></div>"


def as_data(table: Table, *, selectable: bool, revision: int) -> dict[str, Any]:
    """What the browser's side is given."""
    by = table.sort.removeprefix("-")
    return {
        "columns": [_column(each) for each in table.columns],
        "rows": [_row(each) for each in table.rows],
        "sort": {"by": by, "descending": table.sort.startswith("-")} if by else None,
        "caption": table.caption,
        "corner": table.corner,
        "find": table.find,
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


def _column(column: Column) -> dict[str, Any]:
    names = ("id", "label", "kind", "over", "title", "sortable", "pinned", "wide")
    out: dict[str, Any] = {name: getattr(column, name) for name in names}
    if column.menu:
        out |= {"menu": [list(each) for each in column.menu], "narrows": column.narrows, "width": column.width}
    out |= {name: value for name in ("href", "below") if (value := getattr(column, name))}
    if column.mark:
        out["mark"] = _mark(column.mark)
    return out if column.base is None else out | {"base": column.base}


def _row(row: Row) -> dict[str, Any]:
    out: dict[str, Any] = {"id": row.id, "cells": list(row.cells), "label": row.label, "tint": row.tint}
    if row.field is None:
        return out
    names = ("parent", "depth", "group", "note", "title", "find")
    return out | {
        "field": {"name": row.field.name} | {name: value for name in names if (value := getattr(row.field, name))}
    }


def _mark(mark: Mark) -> dict[str, Any]:
    return {"slot": mark.slot, "dash": mark.dash} | ({} if mark.shade is None else {"shades": mark.colour})


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

    component("table", _HTML)(
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
