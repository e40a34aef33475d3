"""Tables whose rows are runs, or fields of runs in groups that fold.

Rows and columns are known by id: selection, sorting and links speak of these, never of places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import streamlit as st

from ..format import palette
from ..format.palette import Mark
from .component import component, nothing

Kind: TypeAlias = Literal[
    "text",
    "wrap",
    "pre",
    "mono",
    "number",
    "score",
    "duration",
    "time",
    "status",
    "tags",
    "run",
    "rank",
    "action",
    "link",
    "links",
    "bar",
    "spark",
    "flex",
    "value",
    "code",
    "quiet",
]
Cell: TypeAlias = str | int | float | dict[str, Any] | None
_HTML: Final = "<div class='lb-table'></div>"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what its cells are and how its head reads."""

    id: str
    label: str
    kind: Kind = "text"
    over: str = ""
    """A small line above the label."""
    title: str = ""
    """Shown when the pointer rests on the head."""
    sortable: bool = False
    pinned: bool = False
    """Whether it stays at the left while the others scroll; only the first ones can."""
    wide: bool = False
    """Whether it is left out where the table is narrow: what it tells stands elsewhere too."""
    menu: Sequence[tuple[str, str]] = ()
    """What its head's menu offers: kinds of acts, and what they are called. With one the column can be drawn wider."""
    narrows: bool = False
    """Whether the menu of its cells offers their value as a filter: the acts `only` and `without`."""
    width: int = 0
    """Pixels; 0 for what its cells take."""
    href: str = ""
    """The page of the run that the column is about."""
    below: str = ""
    """A second line of a run's head."""
    mark: Mark | None = None
    base: bool | None = None
    """Whether its run is the baseline; None where there is none to choose."""


@dataclass(frozen=True, slots=True)
class Field:
    """The head of a row in a table of fields: what the cells beside it are values of, or a group of such rows."""

    name: str
    parent: str = ""
    """The id of the row of the group it is in."""
    depth: int = 0
    group: bool = False
    """Whether it is the head of a group, which has no cells and folds."""
    note: str = ""
    title: str = ""
    find: str = ""
    """What a search looks at besides the cells; else its name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. A cell is its text (of a `time`: milliseconds since 1970), null, or a dict with `text` and more.

    A `score` is a number whose spread (`sub`) and gain (`delta`) stand below it where there is little room. A `link`
    has an `href`; of `links` the text is a list of such cells. A `bar` has a `part` from 0 to 1. Of a `spark` the text
    is a list of numbers. A `flex` has what room the others leave; what does not fit is cut, and told on hover. In a
    table of fields a `value` has a `sub` beside it, of the `tint` `better` or `worse`, and is `off` where the baseline
    says something else.
    """

    id: str
    cells: Sequence[Cell]
    label: str = ""
    """What a screen reader calls the row."""
    tint: Literal["", "quiet", "group", "member", "differs"] = ""
    """`group` stands for several runs and can't be selected; `member` belongs to the group above."""
    field: Field | None = None
    """Its head, which every row has in a table with a `corner`."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did in a table."""

    kind: str
    """`sort`, `fold` (a group's rows shown or hidden), `width`, what a menu offers, or the id of an action column."""
    by: str = ""
    """The column, where the act is about one."""
    id: str = ""
    """The row, where it is about one."""
    to: int = 0
    """For `width`: pixels, 0 for the usual width."""


@dataclass(frozen=True, slots=True)
class Table:
    """Everything a table shows."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    caption: str
    """Its name for those who don't see it."""
    empty: str = ""
    """What it says without rows."""
    sort: str = ""
    """The column it is sorted by, after a minus from high to low."""
    height: int | None = None
    """Pixels before it scrolls."""
    fill: bool = False
    """Whether it is as high as that however few its rows: two of them side by side are of one size."""
    dense: bool = False
    plain: bool = False
    selected: Sequence[str] = ()
    """Row ids chosen at first; afterwards the browser keeps them."""
    corner: str | None = None
    """The head of the column of fields; None for a table whose rows are no fields."""
    find: str = ""
    """What its search field says; without, there is none."""


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


def run_cell(
    run_id: str, name: str | None, href: str, *, mark: Mark | None = None, live: bool = False, sub: str = ""
) -> dict[str, Any]:
    """A cell that names a run, in its colour, and leads to its page."""
    cell: dict[str, Any] = {"text": name or run_id, "id": run_id, "href": href, "title": f"{name or run_id}\n{run_id}"}
    if mark:
        cell["mark"] = _mark(mark)
    return cell | ({"live": True} if live else {}) | ({"sub": sub} if sub else {})
