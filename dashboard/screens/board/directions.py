"""Which way is better on a board that does not say so itself: what is assumed is shown, and switched in the link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from ....query.boards.versions import BoardVersion
from ...format.escape import plain
from ...layout.directions import choose
from ...run_tables.directions import explain_how_to_direct
from ...state import address
from ...state.views import BoardView
from .doubts import Doubt, switched, who_states

_FEW: Final = 3
"""Metrics that get a line each; of more, one menu has them all."""
_WORD: Final = {"maximize": "more", "minimize": "less"}


def strip(view: BoardView, found: Sequence[Doubt], *, boards: Sequence[BoardVersion], project: str, own: bool) -> None:
    """A line for each doubt, with the switch; nothing without any.

    Args:
        view: of the page.
        found: of `find_doubts`.
        boards: all saved ones.
        project: whose.
        own: whether the board is a saved one, which could say it itself.
    """
    if len(found) > _FEW:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            open_ones = [each.metric for each in found if each.by == "assumed"]
            if open_ones:
                words = f"Nothing says which way is better for {len(open_ones)} of these metrics; more is taken to be."
                st.markdown(f":material/swap_vert: {words}", width="content")
            with st.popover("Say which way is better", type="tertiary", width="content"):
                choose(view, [each.metric for each in found], key="board.goals")
        return
    for n, each in enumerate(found):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"board-goal-{n}"):
            st.markdown(
                f":material/swap_vert: {_sentence(each, boards, project)}",
                width="content",
                help=plain(f"{'Edit the board to say it. ' if own else ''}{explain_how_to_direct(each.metric)}"),
            )
            other = "less" if each.goal == "maximize" else "more"
            st.button(
                f"{other.capitalize()} is better",
                icon=":material/south:" if other == "less" else ":material/north:",
                on_click=address.changing(BoardView, **switched(view, each.metric, other)),
                key=f"board.goal.{n}.switch",
            )
            if each.by == "link":
                st.button(
                    "Forget",
                    type="tertiary",
                    on_click=address.changing(BoardView, **switched(view, each.metric, None)),
                    key=f"board.goal.{n}.forget",
                )


def _sentence(doubt: Doubt, boards: Sequence[BoardVersion], project: str) -> str:
    metric, word = plain(doubt.metric), _WORD[doubt.goal]
    match doubt.by:
        case "assumed":
            return f"Nothing says which way is better for **{metric}**; {word} is taken to be."
        case "link":
            return f"By this link, {word} of **{metric}** is better."
    title = who_states(doubt.metric, boards, project)
    return f"{word.capitalize()} of **{metric}** is better, as the board {plain(title)} states."
