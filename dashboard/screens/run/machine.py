"""How busy the machine was while one run went on."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from ....query.run.run import RunView
from ....schema.names import SYSTEM
from ...charts.grid import charts, request
from ...feed.feed import ProjectState
from ...state.views import RunPageView


def machine(state: ProjectState, view: RunPageView, found: RunView) -> None:
    """The tab: a chart for each metric below `system/`, over seconds since the start."""
    labels = sorted(label for label in found.row.summary if label.startswith(SYSTEM))
    if not labels:
        st.caption(
            "No samples of the machine. They are taken every 15 s where psutil is installed: "
            '`pip install "lakeboard[system]"`.'
        )
        return
    asked = request(labels, find="", page=view.page)
    open_view = replace(view, x="relative", smooth=0.0, logy=False, fold=(SYSTEM.rstrip("/"),))
    charts(state, [found.row.run_id], open_view, asked, key=f"run.machine.{found.row.run_id}")
