"""Tables of the page Artifacts, as plain rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from ....query.artifacts.catalog import Catalog, Read
from ....schema.artifacts.keys import ManifestKey
from ....schema.artifacts.manifest import FileRow, Manifest
from ....schema.artifacts.names import Version
from ....schema.sizes import sized
from ....upkeep.artifacts.summaries import difference
from ...components.values import Cell, Column, Row, run_cell
from ...format.palette import mark_of
from ...state.links import PROJECT, link
from ...state.row_keys import key_of

ARTIFACT_COLUMNS: Final = (
    Column("artifact", "Artifact", "link"),
    Column("type", "Type"),
    Column("versions", "Versions", "number"),
    Column("newest", "Newest", "link"),
    Column("bytes", "Size", "text", title="Of the newest version"),
    Column("aliases", "Aliases", "tags", title="Of all versions"),
    Column("made_by", "Made by", "run", title="The run that made the newest version"),
    Column("at", "Changed", "time", title="When its newest version came into the lake"),
)
VERSION_COLUMNS: Final = (
    Column("version", "Version", "link"),
    Column("aliases", "Aliases", "tags"),
    Column("bytes", "Size"),
    Column("used", "Used", "number", title="Runs of this project that used it"),
    Column("at", "Made", "time"),
)
USE_COLUMNS: Final = (
    Column("run", "Run", "run"),
    Column("role", "", "quiet"),
    Column("at", "When", "time", title="By the clock of the run's machine"),
)
CHANGE_COLUMNS: Final = (
    Column("change", "Change", "quiet"),
    Column("path", "File", "mono"),
    Column("before", "Before"),
    Column("after", "After"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One artifact in the list."""

    name: str
    versions: tuple[Version, ...]
    """Those that are not deleted, the highest number last; where all are, all."""
    aliases: tuple[str, ...]
    """Of all its versions."""
    changed: int
    """When its newest version came into the lake, in milliseconds since 1970."""
    deleted: bool
    """Whether all its versions are deleted."""

    @property
    def newest(self) -> Version:
        """The version with the highest number."""
        return self.versions[-1]


def lines(catalog: Catalog, *, find: str = "", deleted: bool = False) -> list[Line]:
    """The artifacts of a project, the one that changed last first.

    Args:
        catalog: of the project.
        find: words, each of which a name or an alias must hold.
        deleted: also those of which every version is deleted.
    """
    at = {(key.artifact, key.version): info.modified for key, info in catalog.shelf.listing.manifests}
    words = find.casefold().split()
    out = []
    for name, versions in catalog.versions.items():
        shown = catalog.shown(name)
        if not shown and not deleted:
            continue
        aliases = tuple(sorted({a for v in shown or versions for a in catalog.aliases.get((name, v), ())}))
        told = [name.casefold(), *aliases]
        if all(any(word in each for each in told) for word in words):
            newest = (shown or versions)[-1]
            when = round(at[name, newest].timestamp() * 1000)
            out.append(Line(name, shown or versions, aliases, when, not shown))
    return sorted(out, key=lambda line: (-line.changed, line.name))


def artifact_rows(
    shown: Sequence[Line],
    catalog: Catalog,
    read: Mapping[ManifestKey, Read],
    names: Mapping[str, str],
    colours: Mapping[str, int],
) -> list[Row]:
    """Rows of the list, for `ARTIFACT_COLUMNS`.

    Args:
        shown: the lines.
        catalog: of the project.
        read: manifests of their newest versions.
        names: of the project's runs, by id.
        colours: of its runs.
    """
    project = catalog.project
    out = []
    for line in shown:
        manifest = read.get(catalog.key(line.name, line.newest))
        told = manifest if isinstance(manifest, Manifest) else None
        run_id = told.head.run_id if told else None
        cells: list[Cell] = [
            {"text": line.name, "href": link("artifacts", {PROJECT: project, "artifact": line.name})},
            ("deleted" if line.deleted else told.head.type) if told else "unreadable" if manifest else None,
            len(line.versions),
            {"text": f"v{line.newest.number}", "title": str(line.newest), "href": version_href(project, line)},
            sized(told.bytes) if told else None,
            {"text": list(line.aliases)},
            maker_cell(run_id, project, names, colours),
            line.changed,
        ]
        out.append(Row(line.name, cells, label=line.name, tint="quiet" if line.deleted else ""))
    return out


def version_href(project: str, line: Line) -> str:
    """The address of its newest version."""
    return link("artifacts", {PROJECT: project, "artifact": line.name, "version": str(line.newest)})


def maker_cell(run_id: str | None, project: str, names: Mapping[str, str], colours: Mapping[str, int]) -> Cell:
    """The run that made something, as a link; a word for one that is not there, None where none did."""
    if run_id is None:
        return None
    if run_id not in names:
        return {"text": run_id, "id": run_id, "href": "", "title": f"{run_id}\nis no run of this project any more"}
    href = link("run", {PROJECT: project, "run": run_id})
    return run_cell(run_id, names[run_id], href, mark=mark_of(key_of(run_id, project, project), colours))


def version_rows(
    artifact: str, chosen: Version, catalog: Catalog, read: Mapping[ManifestKey, Read], uses: pl.DataFrame
) -> list[Row]:
    """Rows of an artifact's versions, the highest number first, for `VERSION_COLUMNS`.

    Args:
        artifact: its name.
        chosen: the version that is shown.
        catalog: of the project.
        read: manifests of some versions.
        uses: of `uses_frame`.
    """
    versions = catalog.versions.get(artifact, ())
    at = {key.version: info.modified for key, info in catalog.shelf.listing.manifests if key.artifact == artifact}
    mine = uses.filter((pl.col("artifact") == artifact) & (pl.col("role") == "used"))
    used = dict(mine.group_by("version").len().iter_rows())
    doubled = {v.number for v in versions if sum(o.number == v.number for o in versions) > 1}
    out = []
    for version in reversed(versions):
        manifest = read.get(catalog.key(artifact, version))
        deleted = catalog.fate(artifact, version).deleted
        params = {PROJECT: catalog.project, "artifact": artifact, "version": str(version)}
        text = str(version) if version.number in doubled else f"v{version.number}"
        cells: list[Cell] = [
            {
                "text": text,
                "title": str(version),
                "href": link("artifacts", params),
                "sub": "deleted" if deleted else "",
            },
            {"text": list(catalog.aliases.get((artifact, version), ()))},
            sized(manifest.bytes) if isinstance(manifest, Manifest) else None,
            used.get(str(version), 0),
            round(at[version].timestamp() * 1000),
        ]
        row = Row(str(version), cells, label=text, tint="quiet" if deleted else "")
        out.append(replace(row, tint="chosen") if version == chosen else row)
    return out


def use_rows(uses: pl.DataFrame, project: str, names: Mapping[str, str], colours: Mapping[str, int]) -> list[Row]:
    """Rows of the runs that made and used one version, for `USE_COLUMNS`."""
    out = []
    for run_id, role, at in uses.select("run_id", "role", "at").iter_rows():
        when = None if at is None else round(at.timestamp() * 1000)
        out.append(Row(f"{role} {run_id}", [maker_cell(run_id, project, names, colours), role, when], label=run_id))
    return out


def change_rows(before: Manifest, after: Manifest, *, most: int) -> tuple[list[Row], int]:
    """How the files of two versions differ, for `CHANGE_COLUMNS`, at most so many; and how many there are in all."""
    found = difference(before, after)
    old, new = ({row.path: row for row in manifest.files} for manifest in (before, after))
    told = [(path, "changed") for path in found.changed]
    told += [(path, "added") for path in found.added] + [(path, "removed") for path in found.removed]
    rows = [
        Row(f"{word} {path}", [word, path, _size(old.get(path)), _size(new.get(path))], label=path)
        for path, word in told[:most]
    ]
    return rows, len(told)


def _size(row: FileRow | None) -> str | None:
    return None if row is None else sized(row.bytes)


def types_of(read: Iterable[Read]) -> list[str]:
    """The types of some versions, sorted."""
    return sorted({each.head.type for each in read if isinstance(each, Manifest)})
