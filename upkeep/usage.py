"""What a lake takes up and costs, by project and run, from listings alone. Pure but for the LISTs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..schema.keys import EditKey, PackKey, PointsKey, RowKey, TailKey, parse_key, parse_project_dir
from ..schema.names import check_run_id
from ..store.base import ObjectInfo, Store

GB_MONTH_DOLLARS: Final = 0.023
"""What Amazon S3 Standard asks for keeping 2**30 bytes for a month in us-east-1 (first 50 TB, list price of 2025)."""
_GB: Final = 2**30
_ARTIFACT: Final = re.compile(r"artifacts/(?P<project>project=[^/]+)/run_id=(?P<run>[^/]+)/.+")


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes and objects of one run, of a project's shared objects, or of the lake's."""

    project: str | None
    """None: belongs to no project (leaderboards, saved views, the lake's note, foreign objects)."""
    run_id: str | None
    """None: shared by the project's runs (packs of rows, edits)."""
    objects: int
    bytes: int

    def monthly(self, gb_month: float = GB_MONTH_DOLLARS) -> float:
        """Dollars a month for keeping it."""
        return self.bytes / _GB * gb_month


def lake_usage(store: Store, project: str | None = None) -> list[Usage]:
    """`usage` of a whole lake, or of one project. One LIST per 1,000 objects."""
    found = usage(store.list(""))
    return [u for u in found if project is None or u.project == project]


def usage(listed: Iterable[ObjectInfo]) -> list[Usage]:
    """One entry per run, per project with shared objects, and for the rest; largest first. Pure."""
    sums: dict[tuple[str | None, str | None], tuple[int, int]] = {}
    for info in listed:
        owner = _owner(info.key)
        objects, size = sums.get(owner, (0, 0))
        sums[owner] = (objects + 1, size + info.size)
    found = [Usage(*owner, *numbers) for owner, numbers in sums.items()]
    return sorted(found, key=lambda u: (-u.bytes, u.project or "", u.run_id or ""))


def by_project(found: Iterable[Usage]) -> list[Usage]:
    """One entry per project, its runs and shared objects together; largest first. Pure."""
    sums: dict[str | None, tuple[int, int]] = {}
    for part in found:
        objects, size = sums.get(part.project, (0, 0))
        sums[part.project] = (objects + part.objects, size + part.bytes)
    out = [Usage(project, None, *numbers) for project, numbers in sums.items()]
    return sorted(out, key=lambda u: (-u.bytes, u.project or ""))


def _owner(path: str) -> tuple[str | None, str | None]:
    key = parse_key(path)
    if isinstance(key, (TailKey, PointsKey, RowKey)):
        return key.project, key.run_id
    if isinstance(key, (PackKey, EditKey)):
        return key.project, None
    match = _ARTIFACT.fullmatch(path)
    project = parse_project_dir(match["project"]) if match else None
    if match is None or project is None:
        return None, None
    try:
        return project, check_run_id(match["run"])
    except ValueError:
        return project, None
