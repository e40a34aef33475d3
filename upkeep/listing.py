"""What a project's folders hold, as one listing showed it: all that plans look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..schema.keys import Area, parse_project_dir, project_prefix
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


def project_names(store: Store) -> list[str]:
    """Every project that has anything in a lake, sorted. Four LISTs of folder names."""
    return sorted(
        {p for area in AREAS for name in store.list_dirs(f"{area}/") if (p := parse_project_dir(name)) is not None}
    )
