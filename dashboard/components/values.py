"""What components show, as plain values: columns and rows, figures, axes, choices. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..format.palette import Mark

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
Figure: TypeAlias = dict[str, Any]
"""Traces and axes for `plot.js`."""
Window: TypeAlias = tuple[float, float]
"""The stretch of an x axis that is shown: from, to."""


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
    tint: Literal["", "quiet", "group", "member", "differs", "chosen"] = ""
    """`group` stands for several runs and can't be selected; `member` belongs to the group above; what the page shows
    beside the table is of the `chosen` one."""
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


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the menu of columns: a column, or a metric with its several ones."""

    label: str
    section: Literal["Run", "Param", "Summary", "Tag", "Metric"]
    columns: tuple[tuple[str, str], ...]
    """Column and what it shows, such as `val/acc.max` and `max`; the latter empty where there is but one."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis."""

    id: str
    """The frame's column."""
    label: str
    over: str
    """A small line under the label."""
    values: tuple[float, ...]
    """By run: its number, or the place of its category; NaN for none."""
    categories: tuple[str, ...] = ()
    """From the bottom up; empty on an axis of numbers."""
    log: bool = False
    ticks: tuple[float, ...] = ()
    """Numbers to write beside it, where they are few."""
    low: float = 0.0
    high: float = 1.0
    """Ends of an axis of numbers."""
    pick: Mapping[str, Any] | None = None
    """What is selected on it: `low` and `high`, or `values` of categories and whether `missing`; null for all."""


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours say."""

    label: str
    low: str
    high: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Parallel:
    """Everything that parallel coordinates show."""

    axes: tuple[Axis, ...]
    ids: tuple[str, ...]
    names: tuple[str, ...]
    colours: tuple[float, ...]
    """By run: its place on the scale from 0 to 1, or NaN."""
    on: tuple[bool, ...]
    """By run: whether it is among the selected."""
    legend: Legend | None
    href: str
    """The address of a run's page, but for the run's id at its end."""


def run_cell(
    run_id: str, name: str | None, href: str, *, mark: Mark | None = None, live: bool = False, sub: str = ""
) -> dict[str, Any]:
    """A cell that names a run, in its colour, and leads to its page."""
    cell: dict[str, Any] = {"text": name or run_id, "id": run_id, "href": href, "title": f"{name or run_id}\n{run_id}"}
    if mark:
        shades = {} if mark.shade is None else {"shades": mark.colour}
        cell["mark"] = {"slot": mark.slot, "dash": mark.dash, **shades}
    return cell | ({"live": True} if live else {}) | ({"sub": sub} if sub else {})
