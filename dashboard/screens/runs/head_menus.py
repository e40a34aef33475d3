"""What the menus of the table of runs do: order, pin, hide, move, widen, group by columns, filter by values. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from ....query.filters.language import parse_filter
from ....query.filters.refine import KINDS, alike, narrowed
from ....query.names.columns import column_kind, given_prefix
from ....schema.errors import FilterError
from ...components.values import Act, Column
from ...run_tables import run_columns
from ...run_tables.run_columns import LEAD, Offer
from ...state import row_keys
from ...state.views import RunsView
from .table import Layout, groupable, layout_of

_WIDTH: Final = re.compile(r"(\d{2,4}) (.+)", re.DOTALL)
NARROWEST: Final = 44
WIDEST: Final = 900


def widths_of(view: RunsView) -> dict[str, int]:
    """Pixels by column; what makes no sense is left out."""
    found = (_WIDTH.fullmatch(each) for each in view.widths)
    return {each[2]: min(WIDEST, max(NARROWEST, int(each[1]))) for each in found if each}


def with_menus(
    heads: Sequence[Column], view: RunsView, layout: Layout, offer: Offer, runs: pl.DataFrame
) -> list[Column]:
    """Heads of the table of runs with their menus and widths.

    Args:
        heads: of the table; of groups or of runs.
        view: as it is.
        layout: the columns.
        offer: what there is to choose from.
        runs: all of them.
    """
    widths, by = widths_of(view), groupable(view, offer)
    schema = runs.schema
    names, pinned = list(layout.names), [name for name in layout.names if name in layout.pins]
    out = []
    for head in heads:
        name = head.id
        menu: list[tuple[str, str]] = []
        if head.sortable:
            number = head.kind in ("number", "duration")
            time = head.kind == "time"
            menu.append(("ascending", "Low to high" if number else "Oldest first" if time else "A to Z"))
            menu.append(("descending", "High to low" if number else "Newest first" if time else "Z to A"))
        if name in names and name not in by:
            menu.append(("unpin", "Let it scroll") if name in pinned else ("pin", "Keep at the left"))
            row = pinned if name in pinned else [each for each in names if each not in pinned]
            if row[0] != name:
                menu.append(("left", "Move left"))
            if row[-1] != name:
                menu.append(("right", "Move right"))
        if name in offer.groups and name not in by:
            menu.append(("group", "Group by this"))
        if by and name == by[0]:
            menu.append(("ungroup", "One row per run"))
        if name in names and name not in by and len(names) > 1:
            menu.append(("hide", "Hide"))
        narrows = name in schema and column_kind(schema[name]) in KINDS and _asked_for(name)
        # A group's row stands for several runs, which have no one value.
        out.append(replace(head, menu=menu, narrows=narrows and not by, width=widths.get(name, 0)))
    return out


def _asked_for(name: str) -> bool:
    """Whether anybody would look for runs with just this value: what was set, not what was measured."""
    own = bool(run_columns.heading(name)) or name == LEAD
    return bool(given_prefix(name)) or (own and name not in ("duration", "rows", "last_step", "notes", "error"))


def acted(view: RunsView, act: Act, offer: Offer) -> RunsView | None:
    """The view after an act on a head; null for acts of another kind."""
    layout = layout_of(view, offer)
    name, names, pins = act.by, list(layout.names), set(layout.pins)
    match act.kind:
        case "ascending" | "descending":
            return replace(view, sort=name if act.kind == "ascending" else f"-{name}", page=1)
        case "width":
            kept = {column: pixels for column, pixels in widths_of(view).items() if column != name}
            kept |= {name: min(WIDEST, max(NARROWEST, act.to))} if act.to else {}
            return replace(view, widths=tuple(f"{pixels} {column}" for column, pixels in kept.items()))
        case "group" if name in offer.groups:
            return replace(view, group=tuple(dict.fromkeys((*groupable(view, offer), name))), page=1, open=())
        case "ungroup":
            return replace(view, group=(), page=1, open=())
        case _ if name not in names:
            return None
        case "pin" | "unpin":
            pins = pins | {name} if act.kind == "pin" else pins - {name}
        case "hide" if len(names) > 1:
            names.remove(name)
        case "left" | "right":
            at = names.index(name)
            to = at + (1 if act.kind == "right" else -1)
            if not 0 <= to < len(names) or (names[to] in pins) != (name in pins):
                return view
            names[at], names[to] = names[to], names[at]
        case _:
            return None
    return replace(view, columns=tuple(names), pins=tuple(each for each in names if each in pins))


def filtered(view: RunsView, act: Act, runs: pl.DataFrame, project: str) -> RunsView:
    """The view that also asks for the value of a cell, or leaves it out; in the box, where it can be read and changed.

    Args:
        view: as it is.
        act: `only` or `without`.
        runs: all of them.
        project: of the page.

    Raises:
        FilterError: the language has no room or no word for the value.
    """
    home, run_id = row_keys.of_key(act.id, project)
    found = runs.filter((pl.col("run_id") == run_id) & (pl.col("project") == home)) if act.by in runs.columns else runs
    if found.height != 1:
        return view
    value = found[act.by].to_list()[0]
    more = alike(act.by, value, runs.schema, without=act.kind == "without")
    try:
        parse_filter(view.filter)
    except FilterError:
        # Half a filter stays in the box, to be mended there.
        return replace(view, where=narrowed(view.where, more), page=1)
    return replace(view, filter=narrowed(view.filter, more), page=1)
