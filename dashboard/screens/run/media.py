"""What the run logged beside numbers: pictures, figures, tables, sounds, texts."""

from __future__ import annotations

from typing import Final

import polars as pl
import streamlit as st

from ....query.run.run import RunView
from ...adapters.container import Container
from ...components import media
from ...components.media import archive_address, media_folder
from ...feed.feed import ProjectState, feed
from ...format.snippets import call, recipe
from ...layout.export import export_menu
from ...layout.media_items import items_of, keys_of
from ...state import address
from ...state.views import RunPageView

_BESIDE_HEIGHT: Final = 330
_EXAMPLE: Final = 'run.log({"val/acc": 0.9, "samples": [lakeboard.Image(x, caption="cat") for x in batch]})'


def section(state: ProjectState, view: RunPageView, found: RunView, line: Container) -> None:
    """The part *Media* of the page. The requests of `Lake.media`, the first time.

    Args:
        state: the project.
        view: what the address asks for.
        found: the run.
        line: where there is room for what can be taken away.
    """
    if not _frame(state, found).height:
        st.caption("This run logged no media: pictures, figures, tables, sounds or texts beside its numbers.")
        st.code(_EXAMPLE, language="python")
        return
    with line:
        _away(state, found)
    _show(state, view, found)


def beside(state: ProjectState, view: RunPageView, found: RunView) -> None:
    """The same above the curves of the part *Metrics*, which move its slider; nothing where there are no media."""
    if _frame(state, found).height:
        # Curves stay in sight.
        with st.container(height=_BESIDE_HEIGHT, border=False, key="run-beside"):
            _show(state, view, found)


def _frame(state: ProjectState, found: RunView) -> pl.DataFrame:
    run_id = found.row.run_id
    return state.once(("media", run_id), lambda: feed().lake.media(state.project, run_id, snapshot=state.snapshot))


def _show(state: ProjectState, view: RunPageView, found: RunView) -> None:
    frame = _frame(state, found)
    keys = keys_of(frame)
    chosen = view.media if view.media in {key.name for key in keys} else keys[0].name
    folder = media_folder(state.project, found.row.run_id)
    every = archive_address(state.project, found.row.run_id, chosen)
    data = media.as_data(keys, chosen, items_of(frame, chosen), folder=folder, archive=every)
    media.show(data, key="run.media", on_choose=lambda name: address.change(RunPageView, media=name))


def _away(state: ProjectState, found: RunView) -> None:
    """What of it can be taken away: the table of all items, and the code that reads them."""
    run_id, project = found.row.run_id, state.project
    export_menu(
        recipe(feed().lake.url, f"frame = {call('lake.media', project, run_id)}"),
        lambda: feed().lake.media(project, run_id, snapshot=state.snapshot),
        key="run.media.take",
        name=f"{run_id}-media",
    )
