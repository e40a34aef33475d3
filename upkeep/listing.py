"""What a project's folders hold, as one listing showed it: all that plans look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ..schema.errors import AccessDenied
from ..schema.keys import Area, Key, parse_project_dir, project_prefix
from ..store.base import ObjectInfo, Store

AREAS: Final[tuple[Area, ...]] = ("live", "runs", "edits", "metrics")


@dataclass(frozen=True, slots=True)
class ProjectListing:
    """One project's objects but its sealed points. Listed in readers' order, so that no run falls between."""

    project: str
    live: tuple[ObjectInfo, ...]
    runs: tuple[ObjectInfo, ...]
    edits: tuple[ObjectInfo, ...]


def list_project(store: Store, project: str) -> ProjectListing:
    """List a project. Three LISTs, one page more per 1,000 objects."""
    live, runs, edits = (tuple(store.list(project_prefix(area, project))) for area in ("live", "runs", "edits"))
    return ProjectListing(project, live, runs, edits)


def list_readable(store: Store, prefix: str) -> tuple[list[ObjectInfo], dict[str, AccessDenied]]:
    """Everything below the folder `prefix` that this person may list, sorted by key, and the folders that they may not.

    One LIST per 1,000 objects. Where that is denied, folder by folder: one LIST of names, and one for each.

    Raises:
        AccessDenied: not even the names of its folders may be seen.
    """
    try:
        return store.list(prefix), {}
    except AccessDenied:
        names = store.list_dirs(prefix)
    found: list[ObjectInfo] = []
    closed: dict[str, AccessDenied] = {}
    for name in names:
        folder = f"{prefix}{name}/"
        try:
            inside, denied = list_readable(store, folder) if not prefix else (store.list(folder), {})
        except AccessDenied as error:
            inside, denied = [], {folder: error}
        found += inside
        closed |= denied
    return found, closed


def project_names(store: Store) -> list[str]:
    """Every project that has anything in a lake, sorted. Five LISTs of folder names."""
    areas = (*AREAS, "artifacts")
    return sorted(
        {p for area in areas for name in store.list_dirs(f"{area}/") if (p := parse_project_dir(name)) is not None}
    )


def batches(
    wanted: Iterable[tuple[ObjectInfo, Key]], *, most_bytes: int, most_objects: int
) -> Iterator[list[tuple[ObjectInfo, Key]]]:
    """What is to be read, so much at a time; an object that is larger alone makes a batch of its own. Pure."""
    batch: list[tuple[ObjectInfo, Key]] = []
    size = 0
    for info, key in wanted:
        if batch and (size + info.size > most_bytes or len(batch) >= most_objects):
            yield batch
            batch, size = [], 0
        batch.append((info, key))
        size += info.size
    if batch:
        yield batch
