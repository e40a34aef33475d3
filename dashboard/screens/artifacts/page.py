"""All artifacts of a project; or one of them, with its versions, files, makers and users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl
import streamlit as st

from ....query.artifacts.catalog import Catalog
from ....query.run.uses import uses_frame
from ....schema.artifacts.keys import ManifestKey
from ....schema.problems import Problem
from ...components import table
from ...components.values import Table
from ...feed.artifacts import artifacts
from ...feed.feed import ProjectState, feed
from ...feed.run_colours import colours_of
from ...format.numbers import count
from ...format.snippets import call, recipe
from ...layout import chrome, editing
from ...layout.export import export_menu
from ...layout.page import frame
from ...state import address
from ...state.views import ArtifactsView
from . import model
from .detail import detail
from .model import Line

PAGE_ROWS: Final = 50
READ_AT_ONCE: Final = 200
"""Of so many artifacts the types are read at once; of more, those of the page, and all where one is asked for."""
_HEIGHT: Final = 620
_EXAMPLE: Final = 'run.log_artifact("data/train.parquet", name="digits", type="dataset")'


def page() -> None:
    """The page."""
    frame(body, page="artifacts")


def body(state: ProjectState) -> None:
    """Everything below the navigation. One LIST within some seconds, and one GET for each version first shown."""
    view = address.read(ArtifactsView)
    catalog = artifacts().catalog(state.project)
    uses = state.once(("artifacts", "uses"), lambda: uses_frame(state.snapshot))
    names = state.once(("artifacts", "names"), lambda: _names(state))
    if view.artifact:
        detail(state, view, catalog, uses, names)
    else:
        _list(state, view, catalog, names)
    chrome.problems(catalog.problems)


def _names(state: ProjectState) -> dict[str, str]:
    """Of the project's runs by id, deleted ones too; the id where one has no name."""
    every = pl.concat([state.runs.select("run_id", "name"), state.deleted.select("run_id", "name")])
    return {run_id: name or run_id for run_id, name in every.iter_rows()}


def _list(state: ProjectState, view: ArtifactsView, catalog: Catalog, names: Mapping[str, str]) -> None:
    every = model.lines(catalog, deleted=view.deleted)
    found = model.lines(catalog, find=view.find, deleted=view.deleted)
    watch = artifacts()

    def keys(lines: list[Line]) -> list[ManifestKey]:
        return [catalog.key(line.name, line.newest) for line in lines]

    read = watch.manifests(keys(found)) if view.type or len(every) <= READ_AT_ONCE else {}
    if view.type:
        fitting = {key.artifact for key, each in read.items() if model.types_of([each]) == [view.type]}
        found = [line for line in found if line.name in fitting]
    pages = max(1, -(-len(found) // PAGE_ROWS))
    at = min(view.page, pages)
    shown = found[(at - 1) * PAGE_ROWS : at * PAGE_ROWS]
    read = watch.manifests(keys(shown)) | read
    versions = sum(len(line.versions) for line in every)
    note = f"{count(len(every), 'artifact')}, {count(versions, 'version')}" if every else "no artifacts"
    chrome.head(state.project, state, note=note, requests=catalog.requests)
    if not catalog.versions:
        st.caption("No run of this project logged an artifact yet: versions of files, such as data sets and models.")
        st.code(_EXAMPLE, language="python")
        return
    _toolbar(state, view, model.types_of(read.values()), len(found), len(every))
    table.show(
        Table(
            columns=model.ARTIFACT_COLUMNS,
            rows=model.artifact_rows(shown, catalog, read, names, colours_of(state)),
            caption=f"Artifacts of {state.project}",
            empty="No artifact matches." if every else "All artifacts are deleted; the switch above shows them.",
            height=_HEIGHT,
            dense=True,
        ),
        key="artifacts.table",
    )
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Page {at} of {pages}", width="content")
            back, on = (address.changing(ArtifactsView, page=at + by) for by in (-1, 1))
            st.button("Previous", disabled=at <= 1, on_click=back, key="artifacts.prev")
            st.button("Next", disabled=at >= pages, on_click=on, key="artifacts.next")
    chrome.problems([each for each in read.values() if isinstance(each, Problem)])


def _toolbar(state: ProjectState, view: ArtifactsView, types: list[str], found: int, every: int) -> None:
    """What narrows the list, and what can be taken away."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            "Find artifacts",
            type="search",
            placeholder="Find by name or alias",
            label_visibility="collapsed",
            live=True,
            width=300,
            **address.bound(view, "find", "artifacts.find", also={"page": 1}),
        )
        options = sorted({*types, *([view.type] if view.type else [])})
        st.selectbox(
            "Type",
            ["", *options],
            format_func=lambda each: each or "All types",
            label_visibility="collapsed",
            width=180,
            accept_new_options=every > READ_AT_ONCE,
            **address.bound(view, "type", "artifacts.type", also={"page": 1}),
        )
        st.toggle("Deleted", **address.bound(view, "deleted", "artifacts.deleted", also={"page": 1}))
        narrowed = found != every
        st.caption(f"{found:,} of {count(every, 'artifact')}" if narrowed else "", width="stretch")
        editing.undo_button("artifacts.list.undo")
        options_given = {"type": view.type or None, "deleted": view.deleted or None}
        export_menu(
            recipe(feed().lake.url, f"frame = {call('lake.artifacts', state.project, **options_given)}"),
            lambda: feed().lake.artifacts(state.project, type=view.type or None, deleted=view.deleted),
            key="artifacts.take",
            name=f"{state.project}-artifacts",
        )
