"""One artifact: its versions, and of one of them the files, who made it and who used it, and what changed."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote
from typing import Final

import polars as pl
import streamlit as st

from ....query.artifacts.catalog import Catalog
from ....schema.artifacts.manifest import Manifest
from ....schema.artifacts.names import Version, parse_version
from ...components import table
from ...components.values import Table
from ...feed.artifacts import artifacts
from ...feed.feed import ProjectState
from ...feed.run_colours import colours_of
from ...format import escape
from ...format.numbers import count
from ...format.snippets import call
from ...layout import chrome, version_panel
from ...layout.section import HEAD, ROW
from ...layout.version_panel import Shown, short, shown_of
from ...state import address
from ...state.views import ARTIFACT_PARTS, ArtifactsView
from . import model
from .acts import controls

_MOST_LINES: Final = 14
_MOST_READ: Final = 100
"""Versions whose sizes are told: the newest ones."""
_MOST_CHANGES: Final = 500
_CHANGES_HEIGHT: Final = 420
_PARTS: Final = {"files": "Files", "changes": "Changes", "code": "Code"}


def detail(
    state: ProjectState, view: ArtifactsView, catalog: Catalog, uses: pl.DataFrame, names: Mapping[str, str]
) -> None:
    """Everything below the navigation, for one artifact."""
    name = view.artifact
    versions = catalog.versions.get(name, ())
    chrome.head(name, state, note=count(len(versions), "version"), requests=catalog.requests)
    if not versions:
        st.caption(escape.plain(f"{state.project} has no artifact {name}, or all its versions were purged."))
        _back()
        return
    shown_ones = catalog.shown(name)
    version = parse_version(view.version) or (shown_ones or versions)[-1]
    mine = uses.filter((pl.col("project") == state.project) & (pl.col("artifact") == name))
    left, right = st.columns([3.4, 6.6], gap="medium")
    with left:
        _back()
        _versions(catalog, name, version, mine)
        _runs(state, mine.filter(pl.col("version") == str(version)), names)
    with right:
        found = shown_of(catalog, name, version)
        if isinstance(found, Shown):
            _version(view, catalog, found, names)
        else:
            st.caption(escape.plain(found))


def _back() -> None:
    st.button(
        "All artifacts",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=address.changing(ArtifactsView, artifact="", version="", file="", base="", show="files"),
        key="artifacts.back",
    )


def _versions(catalog: Catalog, name: str, chosen: Version, uses: pl.DataFrame) -> None:
    versions = catalog.versions[name]
    read = artifacts().manifests(catalog.key(name, each) for each in versions[-_MOST_READ:])
    table.show(
        Table(
            columns=model.VERSION_COLUMNS,
            rows=model.version_rows(name, chosen, catalog, read, uses),
            caption=f"Versions of {name}",
            dense=True,
            height=HEAD + ROW * min(len(versions), _MOST_LINES) + 4,
        ),
        key="artifacts.versions",
    )


def _runs(state: ProjectState, uses: pl.DataFrame, names: Mapping[str, str]) -> None:
    """Who made this version, and who used it."""
    st.subheader("Runs", anchor=False)
    if not uses.height:
        st.caption("No run of this project made or used this version.")
        return
    rows = model.use_rows(uses, state.project, names, colours_of(state))
    table.show(
        Table(
            columns=model.USE_COLUMNS,
            rows=rows,
            caption="Runs that made or used this version",
            dense=True,
            height=HEAD + ROW * min(len(rows), _MOST_LINES) + 4,
        ),
        key="artifacts.runs",
    )


def _version(view: ArtifactsView, catalog: Catalog, found: Shown, names: Mapping[str, str]) -> None:
    key = found.key
    st.subheader(
        escape.plain(f"{key.artifact}:{short(str(key.version), catalog.versions[key.artifact])}"), anchor=False
    )

    def acts() -> None:
        version_panel.maker(found, names.get)
        controls(catalog, found)

    version_panel.facts(found, acts=acts)
    st.segmented_control(
        "Part",
        list(ARTIFACT_PARTS),
        format_func=lambda part: _PARTS[part],
        label_visibility="collapsed",
        required=True,
        **address.bound(view, "show", "artifacts.show"),
    )
    if view.show == "changes":
        _changes(view, catalog, found)
    elif view.show == "code":
        _code(found)
    else:
        version_panel.tree(
            found,
            chosen=view.file,
            on_choose=lambda path: address.change(
                ArtifactsView, artifact=key.artifact, version=str(key.version), file=path
            ),
        )
        version_panel.metadata(found)


def _changes(view: ArtifactsView, catalog: Catalog, found: Shown) -> None:
    """What differs from another version: the one before, unless somebody chose one."""
    name, version = found.key.artifact, found.key.version
    versions = catalog.versions[name]
    others = {str(each): each for each in reversed(versions) if each != version}
    if not others:
        st.caption("There is no other version to compare with.")
        return
    before = [text for text, each in others.items() if each < version]
    base = view.base if view.base in others else (before or list(others))[0]
    st.selectbox(
        "Compared with",
        list(others),
        index=list(others).index(base),
        format_func=lambda each: short(each, versions),
        width=220,
        key=f"artifacts.base.{version}.{base}",
        on_change=lambda: address.change(ArtifactsView, base=st.session_state[f"artifacts.base.{version}.{base}"]),
    )
    key = catalog.key(name, others[base])
    old = artifacts().manifests([key]).get(key)
    if not isinstance(old, Manifest):
        st.caption(escape.plain("It was purged meanwhile." if old is None else old.message))
        return
    rows, total = model.change_rows(old, found.manifest, most=_MOST_CHANGES)
    words = [
        f"{n:,} {word}" for word in ("added", "removed", "changed") if (n := sum(r.cells[0] == word for r in rows))
    ]
    if total > len(rows):
        st.caption(f"{total:,} files differ; the first {len(rows):,} are shown.")
    else:
        st.caption(", ".join(words) if words else "Both have the same files.")
    if rows:
        table.show(
            Table(
                columns=model.CHANGE_COLUMNS,
                rows=rows,
                caption=f"Files that differ from {short(base, versions)}",
                dense=True,
                height=_CHANGES_HEIGHT,
            ),
            key="artifacts.changes",
        )


def _code(found: Shown) -> None:
    """How to fetch it."""
    name = f"{found.key.project}/{found.name}"
    st.caption("In a run, which then names it as its input:")
    st.code(f"folder = {call('run.use_artifact', name)}.download()", language="python")
    st.caption("In a notebook:")
    st.code(f"folder = {call('lake.artifact', name)}.download()", language="python")
    st.caption("In a terminal:")
    st.code(f"lakeboard artifact get {quote(name)} {quote(found.key.artifact)}", language="bash")
