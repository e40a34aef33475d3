"""The correlations of a comparison: how strongly each param goes along with what runs are judged by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl
import streamlit as st

from ....query.compare.correlation import ENOUGH, rank_correlations
from ...components import plot, table
from ...components.values import Act, Table
from ...feed.feed import ProjectState, feed
from ...format import escape
from ...format.numbers import count
from ...layout.export import export_menu
from ...state import address
from ...state.views import CompareView
from . import model as compare_model
from . import snippets as compare_snippets
from .figures import CORRELATION_COLUMNS, correlation_figure, correlation_rows
from .model import Compared

_LISTED: Final = 100
_HEIGHT: Final = 440


def correlation(state: ProjectState, view: CompareView, found: Compared, goals: Mapping[str, str]) -> None:
    """A chart of the strongest, a table of all, and what to make of them."""
    target = found.metric
    if target is None:
        st.caption("These runs have no metric yet.")
        return
    runs = found.narrowed
    key = ("correlations", view.runs, view.where, view.filter, view.brush, target)
    every = state.once(key, lambda: rank_correlations(runs, target))
    words = compare_model.in_words(target, runs.schema, goals=goals)
    names = {column: column.removeprefix("params.") for column in every["column"]}
    st.caption(escape.plain(caption(every, runs.height, words)))
    wanted = view.find.casefold().split()
    there = pl.Series([all(word in names[column].casefold() for word in wanted) for column in every["column"]])
    matching = every.filter(there) if every.height else every
    left, right = st.columns([4.4, 5.6], gap="medium")
    with left:
        if every["value"].is_not_null().any():
            plot.grid(
                [correlation_figure(every, names, target=words)], key="compare.correlation", columns=1, height=_HEIGHT
            )
        else:
            st.caption("Among these runs no param varies, or the metric does not: nothing can go along.")
    with right:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text_input(
                "Find params",
                placeholder=f"Find among {count(every.height, 'param')}",
                label_visibility="collapsed",
                **address.bound(view, "find", "compare.find.params"),
            )
            export_menu(
                compare_snippets.correlations(feed().lake.url, state.project, view, found),
                lambda: every,
                key="compare.correlation.take",
                name=f"{state.project}-correlations",
            )
        table.show(
            Table(
                columns=CORRELATION_COLUMNS,
                rows=correlation_rows(matching.head(_LISTED), names),
                caption=f"Rank correlations with {words}",
                empty="No param matches." if every.height else "These runs have no params.",
                height=_HEIGHT,
                dense=True,
            ),
            key="compare.correlations",
            on_act=lambda act: _act(act, target),
        )
        if matching.height > _LISTED:
            st.caption(f"The strongest {_LISTED} of {matching.height:,}.")


def _act(act: Act, target: str) -> None:
    if act.kind == "plot":
        address.change(CompareView, part="scatter", x=act.id, y=target)


def caption(every: pl.DataFrame, n: int, words: str) -> str:
    """What to make of correlations: of what, of how many runs, and how many are there by chance."""
    known = every.filter(pl.col("value").is_not_null()).height
    parts = [f"How {words} goes along with each param among {count(n, 'run')}, by ranks."]
    parts.append("It shows what went together in what was tried, not what causes it.")
    if n < ENOUGH:
        parts.append(f"With fewer than {ENOUGH} runs it shows next to nothing.")
    elif known >= ENOUGH:
        parts.append(f"Of {known:,} params about {max(1, round(known / 20)):,} would look clear by chance.")
    parts.append("Grey: chance alone may show as much.")
    return " ".join(parts)
