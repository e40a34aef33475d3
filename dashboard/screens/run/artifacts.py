"""The versions of artifacts that the run made and used, and the files of one of them."""

from __future__ import annotations

from typing import Final

import polars as pl
import streamlit as st

from ....query.artifacts.catalog import Catalog
from ....query.run.run import RunView
from ....schema.artifacts.manifest import Manifest
from ....schema.artifacts.names import parse_version
from ....schema.run.lineage import Lineage
from ....schema.sizes import sized
from ...adapters.container import Container
from ...components import table
from ...components.values import Act, Cell, Column, Row, Table
from ...feed.artifacts import artifacts
from ...feed.feed import ProjectState, feed
from ...format import escape
from ...format.numbers import count
from ...format.snippets import call, recipe
from ...layout import chrome, version_panel
from ...layout.export import export_menu
from ...layout.section import HEAD, ROW
from ...layout.version_panel import Shown, short, shown_of
from ...state import address
from ...state.links import PROJECT
from ...state.views import RunPageView

_EXAMPLE: Final = 'run.log_artifact("model.onnx", name="net", type="model", aliases=["best"])'
_MOST_LINES: Final = 8
"""Before the table scrolls."""
_MOST_READ: Final = 100
"""Versions whose sizes are told; a run may have made thousands of checkpoints."""
_COLUMNS: Final = (
    Column("role", "", "quiet"),
    Column("open", "Artifact", "action"),
    Column("type", "Type"),
    Column("aliases", "Aliases", "tags"),
    Column("files", "Files", "number"),
    Column("bytes", "Size", "number"),
    Column("at", "When", "time", title="By the clock of the run's machine"),
)


def section(state: ProjectState, view: RunPageView, found: RunView, line: Container) -> None:
    """The part *Artifacts* of the page. One LIST a project that versions are of, and one GET for each version shown.

    Args:
        state: the project.
        view: what the address asks for.
        found: the run.
        line: where there is room for what can be taken away.
    """
    told = lineage_of(found)
    if not told:
        st.caption("This run made no artifacts and used none: versions of files, such as data sets and models.")
        st.code(_EXAMPLE, language="python")
        return
    watch = artifacts()
    catalogs = {project: watch.catalog(project) for project in dict.fromkeys(each.project for _, each in told)}
    with line:
        _away(state, found)
    read = _read(catalogs, told)
    names = [str(each) for _, each in told]
    chosen = view.version if view.version in names else names[0]
    rows = [_row(role, each, catalogs[each.project], read, own=state.project) for role, each in told]

    def act(done: Act) -> None:
        address.change(RunPageView, version=done.id, file="")

    said = [f"{count(n, 'version')} {role}" for role in ("made", "used") if (n := sum(r == role for r, _ in told))]
    st.caption(f"{', '.join(said)}. Choose one to look into its files.")
    table.show(
        Table(
            columns=_COLUMNS,
            rows=[_marked(row, chosen) for row in rows],
            caption="Artifacts of this run",
            dense=True,
            height=HEAD + ROW * min(len(rows), _MOST_LINES) + 4,
        ),
        key="run.artifacts",
        on_act=act,
    )
    each = dict(zip(names, (each for _, each in told), strict=True))[chosen]
    _one(view, each, catalogs[each.project])


def lineage_of(found: RunView) -> list[tuple[str, Lineage]]:
    """What the run made, then what it used, each once, in the order in which it did."""
    out = [("made", each) for each in found.row.outputs] + [("used", each) for each in found.row.inputs]
    made = {each.identity for each in found.row.outputs}
    return [(role, each) for role, each in out if role == "made" or each.identity not in made]


def lineage_frame(found: RunView) -> pl.DataFrame:
    """The same as a frame: `role`, `project`, `artifact`, `version`, `at`."""
    rows = [(role, each.project, each.artifact, each.version, each.at) for role, each in lineage_of(found)]
    types = {"role": pl.String, "project": pl.String, "artifact": pl.String, "version": pl.String, "at": pl.Int64}
    return pl.DataFrame(rows, schema=types, orient="row").with_columns(
        pl.from_epoch("at", time_unit="ms").dt.replace_time_zone("UTC")
    )


def _read(catalogs: dict[str, Catalog], told: list[tuple[str, Lineage]]) -> dict[tuple[str, str, str], Manifest]:
    keys = {}
    for _, each in told[:_MOST_READ]:
        version = parse_version(each.version)
        if version is not None and version in catalogs[each.project].versions.get(each.artifact, ()):
            keys[each.identity] = catalogs[each.project].key(each.artifact, version)
    found = artifacts().manifests(keys.values())
    read = {identity: found.get(key) for identity, key in keys.items()}
    return {identity: each for identity, each in read.items() if isinstance(each, Manifest)}


def _row(role: str, each: Lineage, catalog: Catalog, read: dict[tuple[str, str, str], Manifest], *, own: str) -> Row:
    versions = catalog.versions.get(each.artifact, ())
    name = f"{each.artifact}:{short(each.version, versions)}"
    if each.project != own:
        name = f"{each.project}/{name}"
    version = parse_version(each.version)
    there = version in versions
    manifest = read.get(each.identity)
    state = "" if there else "purged"
    if there and version is not None and catalog.fate(each.artifact, version).deleted:
        state = "deleted"
    cells: list[Cell] = [
        role,
        {"text": name, "title": str(each)},
        state or (manifest.head.type if manifest else None),
        {"text": list(catalog.aliases.get((each.artifact, version), ()) if version else ())},
        len(manifest.files) if manifest else None,
        {"text": sized(manifest.bytes)} if manifest else None,
        each.at or None,
    ]
    return Row(str(each), cells, label=name, tint="quiet" if state else "")


def _marked(row: Row, chosen: str) -> Row:
    return Row(row.id, row.cells, row.label, "chosen" if row.id == chosen else row.tint)


def _one(view: RunPageView, each: Lineage, catalog: Catalog) -> None:
    version = parse_version(each.version)
    shown = shown_of(catalog, each.artifact, version) if version is not None else f"{each} is no version."
    if not isinstance(shown, Shown):
        st.caption(escape.plain(shown))
        return
    name = f"{each.artifact}:{short(each.version, catalog.versions.get(each.artifact, ()))}"
    st.subheader(escape.plain(name), anchor=False)
    go = {PROJECT: each.project, "artifact": each.artifact, "version": each.version}
    version_panel.facts(
        shown, acts=lambda: chrome.page_link("artifacts", go, "All versions", icon=":material/inventory_2:")
    )
    version_panel.tree(
        shown, chosen=view.file, on_choose=lambda path: address.change(RunPageView, version=str(each), file=path)
    )
    version_panel.metadata(shown)


def _away(state: ProjectState, found: RunView) -> None:
    run_id, project = found.row.run_id, state.project
    line = f"run = {call('lake.run', project, run_id)}.row"
    rows = "rows = [(role, v.project, v.artifact, v.version, v.at) for role, v in"
    code = recipe(
        feed().lake.url,
        line,
        'made = [("made", each) for each in run.outputs]',
        "known = {each.identity for each in run.outputs}",
        'used = [("used", each) for each in run.inputs if each.identity not in known]',
        f"{rows} made + used]",
        'frame = pl.DataFrame(rows, schema=["role", "project", "artifact", "version", "at"], orient="row")',
        'frame = frame.with_columns(pl.from_epoch("at", time_unit="ms").dt.replace_time_zone("UTC"))',
    )
    export_menu(code, lambda: lineage_frame(found), key="run.artifacts.take", name=f"{run_id}-artifacts")
