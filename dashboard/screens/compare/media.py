"""What several runs logged beside numbers, side by side: the same key at the same step."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ...components import media
from ...components.media import Group, media_folder
from ...feed.feed import ProjectState, feed
from ...format.numbers import count
from ...layout.media_items import items_of, keys_of
from ...run_tables.run_labels import run_labels
from ...state import address
from ...state.links import PROJECT, link
from ...state.views import CompareView
from . import model as compare_model
from .model import Compared

MOST_RUNS: Final = 12
"""Side by side; of more nobody sees anything."""


def pictured(state: ProjectState, view: CompareView, found: Compared) -> None:
    """The part *Media* of the page. The requests of `Lake.media` for the runs shown, the first time."""
    runs = compare_model.columns_of(found, view)
    ids = runs["run_id"].head(MOST_RUNS).to_list()
    frame = state.once(
        ("compared media", *sorted(ids)), lambda: feed().lake.media(state.project, ids, snapshot=state.snapshot)
    )
    if not frame.height:
        st.caption("None of these runs logged media: pictures, figures, tables, sounds or texts beside its numbers.")
        return
    if found.narrowed.height > len(ids):
        order = compare_model.ordered_as(found)
        st.caption(f"The {order} {len(ids)} of {count(found.narrowed.height, 'run')}; select fewer to see others.")
    names = run_labels(runs, ids)
    groups = [
        Group(names[run_id], link("run", {PROJECT: state.project, "run": run_id, "tab": "media"})) for run_id in ids
    ]
    keys = keys_of(frame)
    chosen = view.media if view.media in {key.name for key in keys} else keys[0].name
    items = items_of(frame, chosen, runs=ids)
    data = media.as_data(keys, chosen, items, folder=media_folder(state.project), groups=groups)
    media.show(data, key="compare.media", on_choose=lambda name: address.change(CompareView, media=name))
