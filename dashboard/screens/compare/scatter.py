"""The scatter plot of a comparison: any two columns, a third as colour, and the runs that no other beats on both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import polars as pl
import streamlit as st

from ....query.compare.axes import axis_kind, direction_of, reads_log, usual_axes
from ....query.compare.pareto import on_frontier
from ....query.names.direction import Goal
from ...charts.model import cut
from ...components import plot, table
from ...components.values import Table
from ...feed.feed import ProjectState, feed
from ...feed.run_colours import colours_of
from ...format import escape
from ...format.numbers import count, number
from ...format.palette import mark_of
from ...layout.export import export_menu
from ...run_tables.run_columns import column_for, rows_of
from ...state import address, links
from ...state.views import AXIS_GOALS, SCALES, CompareView
from . import model as compare_model
from . import snippets as compare_snippets
from .figures import MOST_DOTS, Dot, ScatterInfo, places_on, scatter_figure, side
from .model import Compared

_HEIGHT: Final = 470
_LISTED: Final = 100
_LONGEST: Final = 60
"""Characters of a name along an axis."""
_GOALS: Final = {"": "as known", "minimize": "less is better", "maximize": "more is better", "none": "neither"}
_SCALES: Final = {"": "auto", "linear": "linear", "log": "log"}
_NO_COLOUR: Final = "none"


def sides(view: CompareView, found: Compared) -> tuple[str, str] | None:
    """The two columns: those asked for, else the first param of numbers against what runs are judged by."""
    frame = found.frame
    schema = frame.schema
    known = {name for name in schema if axis_kind(schema[name])}
    usual = [name for name in usual_axes(frame, None) if axis_kind(schema[name]) == "number"]
    y = view.y if view.y in known else found.metric or next(iter(usual), None)
    x = view.x if view.x in known else next((name for name in [*usual, "duration"] if name != y and name in known), y)
    return (x, y) if x is not None and y is not None else None


def goal_of(column: str, asked: str, frame: pl.DataFrame, *, goals: Mapping[str, str]) -> Goal | None:
    """Which way is better on an axis: as asked, else as declared or guessed; null for neither."""
    if axis_kind(frame.schema[column]) != "number" or asked == "none":
        return None
    if asked in ("minimize", "maximize"):
        return "minimize" if asked == "minimize" else "maximize"
    direction = direction_of(column, frame.schema, goals=goals)
    return direction.goal if direction and direction.is_known else None


def objectives(view: CompareView, found: Compared, x: str, y: str, *, goals: Mapping[str, str]) -> dict[str, Goal]:
    """Both columns with their directions; empty where one has none, or both are one."""
    wanted = {x: goal_of(x, view.xgoal, found.frame, goals=goals), y: goal_of(y, view.ygoal, found.frame, goals=goals)}
    known = {column: goal for column, goal in wanted.items() if goal is not None}
    return known if len(known) == 2 else {}


def scatter_info(
    view: CompareView, found: Compared, x: str, y: str, *, goals: Mapping[str, str], href: str
) -> tuple[ScatterInfo, pl.DataFrame]:
    """What the chart shows, and the runs on the frontier, best on y first."""
    runs, schema = found.narrowed, found.frame.schema
    aims = objectives(view, found, x, y, goals=goals)
    front = runs.filter(on_frontier(runs, aims)) if aims else runs.clear()
    if aims:
        front = front.sort(y, descending=aims[y] == "maximize", maintain_order=True)
    words = {name: cut(compare_model.in_words(name, schema, goals=goals), _LONGEST) for name in (x, y)}
    across, up = (
        side(
            name,
            found.frame,
            words[name],
            scale=scale,
            log=axis_kind(schema[name]) == "number" and reads_log(found.frame[name].to_list()),
            better=aims.get(name, "") or goal_of(name, asked, found.frame, goals=goals) or "",
        )
        for name, scale, asked in ((x, view.xscale, view.xgoal), (y, view.yscale, view.ygoal))
    )
    drawn = compare_model.spread(runs, front, MOST_DOTS)
    color = view.color if view.color in found.frame.columns else found.metric or ""
    color = "" if view.color == _NO_COLOUR or (color and not axis_kind(schema[color])) else color
    by_group = bool(color) and axis_kind(schema[color]) == "category"
    better = direction_of(color, schema, goals=goals) if color else None
    shade = compare_model.shade_of(found.frame[color], better) if color and not by_group else None
    told = drawn[color].to_list() if color else [None] * drawn.height
    fronts = set(front["run_id"])
    dots = []
    names = drawn.select(pl.coalesce("name", "run_id")).to_series()
    for run_id, name, at_x, at_y, value in zip(
        drawn["run_id"], names, places_on(drawn[x], across.kind), places_on(drawn[y], up.kind), told, strict=True
    ):
        if at_x is None or at_y is None:
            continue
        said = "" if value is None else number(value, significant=5) if isinstance(value, float) else str(value)
        dots.append(
            Dot(
                run_id,
                name,
                at_x,
                at_y,
                shade=shade.place(value) if shade else None,
                group=(str(value) if value is not None else _NO_COLOUR) if by_group else None,
                front=run_id in fronts,
                told=said,
            )
        )
    colour = cut(compare_model.in_words(color, schema, goals=goals), _LONGEST) if color else ""
    return (
        ScatterInfo(
            across,
            up,
            tuple(dots),
            missing=drawn.height - len(dots),
            skipped=runs.height - drawn.height,
            legend=compare_model.legend_of(colour, shade, better) if shade else None,
            colour=colour if color not in (x, y) else "",
            href=href,
        ),
        front,
    )


def scatter(state: ProjectState, view: CompareView, found: Compared, goals: Mapping[str, str]) -> None:
    """The chart with its controls, and the frontier as a table."""
    chosen = sides(view, found)
    if chosen is None:
        st.caption("These runs have nothing to plot yet.")
        return
    x, y = chosen
    choices = state.once(("offered", view.more, view.less), lambda: compare_model.offered(state.runs, goals=goals))
    _controls(view, found, choices, x, y, goals)
    href = links.link("run", {links.PROJECT: state.project, "run": ""})
    key = ("scatter", replace(view, part="scatter", find="", page=1, base="", only=True, axes=(), plot=True))
    shown, front = state.once(key, lambda: scatter_info(view, found, x, y, goals=goals, href=href))
    left, right = st.columns([6.4, 3.6], gap="medium")
    with left:
        plot.grid([scatter_figure(shown)], key="compare.scatter", columns=1, height=_HEIGHT)
    with right:
        _front(state, view, found, x, y, front, goals)


def _controls(view: CompareView, found: Compared, choices: list[str], x: str, y: str, goals: Mapping[str, str]) -> None:
    frame = found.frame
    schema = frame.schema

    def words(name: str) -> str:
        return name if name == _NO_COLOUR else compare_model.in_words(name, schema, goals=goals)

    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        for axis, column in (("x", x), ("y", y)):
            options = choices if column in choices else [column, *choices]
            shown = replace(view, x=column) if axis == "x" else replace(view, y=column)
            numbers = axis_kind(frame.schema[column]) == "number"
            known = goal_of(column, "", frame, goals=goals)
            # Streamlit knows an option by its words: two alike are one, and nobody's choice becomes somebody's.
            as_known = f"known: {_GOALS[known].partition(' ')[0]}" if known else "not known"
            # The three of an axis stay in one line, however narrow the window.
            with st.container(horizontal=True, gap="small", vertical_alignment="bottom", width="content", wrap=False):
                st.selectbox(
                    "Across" if axis == "x" else "Up",
                    options,
                    format_func=words,
                    width=160,
                    **address.bound(shown, axis, f"compare.{axis}"),
                )
                st.selectbox(
                    "Better",
                    list(AXIS_GOALS),
                    format_func=partial(_goal_words, as_known),
                    width=158,
                    disabled=not numbers,
                    label_visibility="visible",
                    **address.bound(view, f"{axis}goal", f"compare.{axis}goal"),
                )
                st.selectbox(
                    "Scale",
                    list(SCALES),
                    format_func=lambda scale: _SCALES[scale],
                    width=92,
                    disabled=not numbers,
                    **address.bound(view, f"{axis}scale", f"compare.{axis}scale"),
                )
        color = view.color if view.color in choices or view.color == _NO_COLOUR else found.metric or _NO_COLOUR
        st.selectbox(
            "Colour",
            [_NO_COLOUR, *(choices if color in (*choices, _NO_COLOUR) else [color, *choices])],
            format_func=words,
            width=160,
            **address.bound(replace(view, color=color), "color", "compare.color"),
        )


def _goal_words(known: str, goal: str) -> str:
    return _GOALS[goal] if goal else known


def _front(
    state: ProjectState,
    view: CompareView,
    found: Compared,
    x: str,
    y: str,
    front: pl.DataFrame,
    goals: Mapping[str, str],
) -> None:
    aims = objectives(view, found, x, y, goals=goals)
    words = {name: compare_model.in_words(name, found.frame.schema, goals=goals) for name in (x, y)}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Pareto frontier", anchor=False, width="stretch")
        names = list(dict.fromkeys([x, y, *([view.color] if view.color in found.frame.columns else [])]))
        export_menu(
            compare_snippets.dots(feed().lake.url, state.project, view, found, names, dict(aims)),
            lambda: dots_frame(found, names, aims),
            key="compare.scatter.take",
            name=f"{state.project}-scatter",
        )
    if not aims:
        sided = ((x, view.xgoal), (y, view.ygoal))
        unsaid = [words[name] for name, asked in sided if goal_of(name, asked, found.frame, goals=goals) is None]
        text = f"Say above which way is better for {' and '.join(unsaid)}." if unsaid else "It takes two columns."
        st.caption(escape.plain(text))
        return
    said = " and ".join(f"{'less' if goal == 'minimize' else 'more'} {words[name]}" for name, goal in aims.items())
    st.caption(escape.plain(f"{count(front.height, 'run')} that no other beats on both: {said}."))
    shown = front.head(_LISTED)
    colours = colours_of(state)
    marks = {run_id: mark_of(run_id, colours) for run_id in shown["run_id"]}
    table.show(
        Table(
            columns=[column_for(name, state.runs) for name in ("name", *dict.fromkeys((y, x)))],
            rows=rows_of(front, list(dict.fromkeys((y, x))), project=state.project, marks=marks, shown=shown),
            caption="Runs on the frontier",
            empty="No run has finite values of both.",
            height=_HEIGHT - 40,
            dense=True,
        ),
        key="compare.front",
    )
    if front.height > _LISTED:
        st.caption(f"The first {_LISTED} of {front.height:,}.")


def dots_frame(found: Compared, names: list[str], aims: Mapping[str, Goal]) -> pl.DataFrame:
    """The runs of the chart with their columns, and whether each is on the frontier where there is one."""
    runs, lead = found.narrowed, list(dict.fromkeys(["run_id", "name", *names]))
    return runs.with_columns(on_frontier(runs, aims)).select(*lead, "frontier") if aims else runs.select(lead)
