"""Which way is better: as the address says, as declared, and where names do not tell either, as saved boards state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import streamlit as st

from ...query.boards.directions import stated_goals, with_stated
from ...query.names.metrics import metric_labels
from ..feed.feed import ProjectState, feed
from ..format import escape
from ..format.numbers import count
from ..run_tables.directions import undirected_metrics
from ..state import address
from ..state.views import BoardView, CompareView, RunPageView, directions_in

_FEW: Final = 3


def declared(state: ProjectState) -> Mapping[str, str]:
    """What `define_metric` said, by metric or label."""
    return state.once(
        "declared", lambda: {name: each.goal for name, each in state.snapshot.metrics().items() if each.goal}
    )


def known(state: ProjectState) -> Mapping[str, str]:
    """What `define_metric` said, and where neither that nor a name tells, what saved boards state.

    The boards' one LIST, as good as they are kept, and only where a metric of the project needs it.
    """
    goals = declared(state)
    open_ones = state.once("undirected", lambda: undirected_metrics(metric_labels(state.runs.schema), goals))
    return with_stated(goals, stated_goals(feed().boards(), state.project)) if open_ones else goals


def goals_of(state: ProjectState, view: RunPageView | CompareView) -> Mapping[str, str]:
    """What is known of each metric, by metric or label: what the address says counts before all else."""
    return {**known(state), **directions_in(view)}


def undirected(labels: Iterable[str], state: ProjectState, view: RunPageView | CompareView) -> list[str]:
    """The metrics whose direction only the address can say, and those of which it does."""
    return list(dict.fromkeys([*undirected_metrics(labels, known(state)), *directions_in(view)]))


def ask(state: ProjectState, view: RunPageView | CompareView, labels: Iterable[str], *, key: str) -> None:
    """Show which metrics have no known direction, and controls that put one into the address; nothing without any."""
    options = undirected(labels, state, view)
    if not options:
        return
    open_ones = undirected_metrics(options, goals_of(state, view))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if open_ones:
            which = ", ".join(open_ones) if len(open_ones) <= _FEW else count(len(open_ones), "metric")
            st.caption(escape.plain(f"Nothing says which way is better for {which}."), width="content")
        with st.popover("Say which way is better", icon=":material/swap_vert:", type="tertiary", width="content"):
            choose(view, options, key=key)


def choose(view: BoardView | RunPageView | CompareView, options: list[str], *, key: str) -> None:
    """Controls that put a direction into the address."""
    st.caption("Kept in this page's link. For good, `run.define_metric(name, goal=…)` says it, or a saved board.")
    for field, words, other in (("more", "More is better", "less"), ("less", "Less is better", "more")):
        taken = getattr(view, other)
        st.multiselect(
            words,
            [each for each in options if each not in taken],
            placeholder="None",
            **address.bound(view, field, f"{key}.{field}", unseen=True),
        )
