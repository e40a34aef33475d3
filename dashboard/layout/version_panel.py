"""One version of an artifact on a page: what it is, its aliases, what its maker noted, its files."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import polars as pl
import streamlit as st

from ...query.artifacts.catalog import Catalog
from ...schema.artifacts.keys import ManifestKey, version_prefix
from ...schema.artifacts.manifest import Manifest
from ...schema.artifacts.names import Version, parse_version
from ...schema.sizes import sized
from ...schema.values import flatten_params
from ..components import files, table
from ..components.values import Column, Field, Row, Table
from ..feed.artifacts import artifacts
from ..feed.feed import feed
from ..format import escape
from ..format.numbers import count
from ..format.snippets import call, recipe
from ..state.links import PROJECT, link
from . import chrome
from .export import export_menu

_FILE_COLUMNS: Final = ("path", "bytes", "sha256", "object", "offset", "reference", "media_type")
_METADATA_HEIGHT: Final = 260
_FEW: Final = 12
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A version to show."""

    key: ManifestKey
    manifest: Manifest
    aliases: tuple[str, ...]
    deleted: bool
    description: str | None

    @property
    def name(self) -> str:
        """As commands and code call it: `digits:v3-9f2c01ab`."""
        return f"{self.key.artifact}:{self.key.version}"

    @property
    def shared(self) -> int:
        """Bytes that lie in other versions' folders."""
        own = version_prefix(self.key.project, self.key.artifact, self.key.version)
        return sum(row.bytes for row in self.manifest.files if row.object and not row.object.startswith(own))


def shown_of(catalog: Catalog, artifact: str, version: Version) -> Shown | str:
    """A version of a project; for one that can't be shown, why. At most one GET.

    Raises:
        StoreError: it can't be fetched.
    """
    if version not in catalog.versions.get(artifact, ()):
        purge = catalog.fate(artifact, version).purged
        by = f" by {purge.editor}" if purge is not None and purge.editor else ""
        return f"{artifact}:{version} was purged{by}." if purge else f"There is no version {version} of {artifact}."
    key = catalog.key(artifact, version)
    found = artifacts().manifests([key]).get(key)
    if found is None:
        return f"{artifact}:{version} was purged meanwhile."
    if not isinstance(found, Manifest):
        return found.message
    fate = catalog.fate(artifact, version)
    told = found.head.description if fate.description is None else fate.description
    return Shown(key, found, catalog.aliases.get((artifact, version), ()), fate.deleted, told or None)


def version_link(project: str, artifact: str, version: str) -> str:
    """The address of a version's page."""
    return link("artifacts", {PROJECT: project, "artifact": artifact, "version": version})


def short(version: str, among: Sequence[Version]) -> str:
    """`v3` where one version alone has that number, else in full."""
    parsed = parse_version(version)
    if parsed is None or sum(each.number == parsed.number for each in among) > 1:
        return version
    return f"v{parsed.number}"


def facts(shown: Shown, *, acts: Callable[[], None] | None = None) -> None:
    """The line of what it is, and below it what can be done with it.

    Args:
        shown: the version.
        acts: draws further controls.
    """
    head, manifest = shown.manifest.head, shown.manifest
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if shown.deleted:
            st.badge("deleted", color="red")
        for alias in shown.aliases:
            st.markdown(f":blue-badge[{escape.plain(alias)}]", width="content")
        made = datetime.fromtimestamp(head.created_at / 1000, UTC)
        shared = f", {sized(shown.shared)} of it shared with other versions" if shown.shared else ""
        parts = [
            head.type,
            count(len(manifest.files), "file"),
            sized(manifest.bytes) + shared,
            f"{made:%Y-%m-%d %H:%M} UTC",
        ]
        st.caption(escape.plain(" · ".join(filter(None, parts))), width="stretch")
        st.caption(f"`{shown.key.version}`", width="content")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if acts is not None:
            acts()
        project, key = shown.key.project, shown.name
        name = f"{project}/{key}"
        export_menu(
            recipe(feed().lake.url, f"frame = pl.DataFrame({call('lake.artifact', name)}.files())"),
            lambda: files_frame(manifest),
            key="version.take",
            name=f"{shown.key.artifact}-{shown.key.version}",
        )
    if shown.description:
        st.text(shown.description)


def files_frame(manifest: Manifest) -> pl.DataFrame:
    """What `Artifact.files` gives, as a frame."""
    types = {name: pl.Int64 if name in ("bytes", "offset") else pl.String for name in _FILE_COLUMNS}
    return pl.DataFrame({name: [getattr(row, name) for row in manifest.files] for name in _FILE_COLUMNS}, schema=types)


def tree(shown: Shown, *, chosen: str, on_choose: Callable[[str], None]) -> None:
    """Its files, with a look into the chosen one. No request; the browser asks for that one."""
    if shown.deleted:
        st.caption("This version was deleted. Restoring it shows its files again.")
        return
    key = shown.key
    rows = shown.manifest.files
    if not chosen and len(rows) == 1:
        chosen = rows[0].path
    folder = files.files_folder(key.project, key.artifact, str(key.version))
    every = files.archive_folder(key.project, key.artifact, str(key.version))
    files.show(
        files.as_data(rows, folder=folder, archive=every, chosen=chosen), key="version.files", on_choose=on_choose
    )


def metadata(shown: Shown) -> None:
    """What its maker noted beside the files, where there is anything."""
    noted = flatten_params(shown.manifest.head.metadata)
    if not noted:
        return
    st.subheader("Metadata", anchor=False)
    rows = []
    for name, param in sorted(noted.items()):
        value = param.decode()
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        rows.append(Row(f"m.{name}", [{"text": cut}], name, field=Field(name, "", 0, title=name, find=name)))
    table.show(
        Table(
            columns=[Column("value", "Value", "code")],
            rows=rows,
            caption="Metadata",
            corner=count(len(rows), "value"),
            find=f"Find among {count(len(rows), 'value')}" if len(rows) > _FEW else "",
            height=_METADATA_HEIGHT,
        ),
        key="version.metadata",
    )


def maker(shown: Shown, known: Callable[[str], str | None]) -> None:
    """A link to the run that made it, where one did and is still there.

    Args:
        shown: the version.
        known: the name of a run of the project, by id; None for one that is not there.
    """
    run_id = shown.manifest.head.run_id
    if run_id is None:
        return
    name = known(run_id)
    if name is None:
        st.caption(f"Made by `{run_id}`, which is gone", width="content")
        return
    chrome.page_link(
        "run", {PROJECT: shown.key.project, "run": run_id}, f"Made by {escape.plain(name)}", icon=":material/output:"
    )
