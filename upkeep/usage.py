"""What a lake takes up and costs, by project and run, from listings alone. Pure but for the LISTs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..schema.keys import DocumentKey, EditKey, PackKey, PointsKey, RowKey, TailKey, parse_key, parse_project_dir
from ..schema.logs.keys import LogKey
from ..schema.media.keys import MediaFileKey, MediaKey
from ..schema.names import check_run_id
from ..store.base import ObjectInfo, Store

GB_MONTH_DOLLARS: Final = 0.023
"""What Amazon S3 Standard asks for keeping 2**30 bytes for a month in us-east-1 (first 50 TB, list price of 2025)."""
_GB: Final = 2**30
_FLUSH_SECONDS: Final = 30.0
_FIRST_FLUSHES: Final = 6
_FIXED_PUTS: Final = 4
AREAS: Final = ("files", "metrics", "media", "live", "runs", "edits", "artifacts", "logs", "boards", "views")
"""Folders of a lake, those that hold most first; whatever else is there counts as `other`."""
_ARTIFACT: Final = re.compile(r"artifacts/(?P<project>project=[^/]+)/run_id=(?P<run>[^/]+)/.+")


@dataclass(frozen=True, slots=True)
class Prices:
    """What a store asks for. Dollars."""

    name: str
    gb_month: float
    """For keeping 2**30 bytes for a month."""
    thousand_writes: float
    """For a thousand PUTs or LISTs. DELETEs are free."""
    thousand_reads: float
    """For a thousand GETs."""

    def requests(self, *, writes: float = 0.0, reads: float = 0.0) -> float:
        """Dollars for so many PUTs and LISTs, and GETs."""
        return writes / 1000 * self.thousand_writes + reads / 1000 * self.thousand_reads


S3_STANDARD: Final = Prices("Amazon S3 Standard, us-east-1", GB_MONTH_DOLLARS, 0.005, 0.0004)
"""List prices of 2025; traffic out of the region is not in them."""


@dataclass(frozen=True, slots=True)
class AreaUsage:
    """Bytes and objects in one folder of a lake."""

    area: str
    objects: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Packing:
    """How far a project's small objects are packed."""

    project: str
    single_rows: int
    """Objects of one run row each."""
    row_packs: int
    single_edits: int
    edit_packs: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes and objects of one run, of a project's shared objects, or of the lake's."""

    project: str | None
    """None: belongs to no project (leaderboards, saved views, the lake's note, foreign objects)."""
    run_id: str | None
    """None: shared by the project's runs (packs of rows, edits, artifacts and their files)."""
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


def by_area(listed: Iterable[ObjectInfo]) -> list[AreaUsage]:
    """One entry per folder that holds anything, in the order of `AREAS`, then `other`. Pure."""
    sums: dict[str, tuple[int, int]] = {}
    for info in listed:
        first, slash, _ = info.key.partition("/")
        area = first if slash and first in AREAS else "other"
        objects, size = sums.get(area, (0, 0))
        sums[area] = (objects + 1, size + info.size)
    return [AreaUsage(area, *sums[area]) for area in (*AREAS, "other") if area in sums]


def packing(listed: Iterable[ObjectInfo]) -> list[Packing]:
    """One entry per project that has run rows or edits, by name. Pure."""
    sums: dict[str, list[int]] = {}
    for info in listed:
        key = parse_key(info.key)
        if isinstance(key, (RowKey, EditKey, PackKey)):
            counts = sums.setdefault(key.project, [0, 0, 0, 0])
            edits = isinstance(key, EditKey) or (isinstance(key, PackKey) and key.area == "edits")
            counts[2 * edits + isinstance(key, PackKey)] += 1
    return [Packing(project, *counts) for project, counts in sorted(sums.items())]


def writes_at_most(seconds: Iterable[float | None]) -> float:
    """PUTs and LISTs of jobs that ran for so long, if they flushed as often as they do to an object store.

    An upper bound for the default `flush_seconds`: a job with nothing new to tell writes less. Pure.
    """
    known = [max(0.0, s) for s in seconds if s is not None]
    return sum(_FIXED_PUTS + min(float(_FIRST_FLUSHES), s / 2) + s / _FLUSH_SECONDS for s in known)


def _owner(path: str) -> tuple[str | None, str | None]:
    key = parse_key(path)
    if isinstance(key, (TailKey, PointsKey, MediaKey, MediaFileKey, RowKey, LogKey)):
        return key.project, key.run_id
    if key is not None and not isinstance(key, DocumentKey):
        return key.project, None
    match = _ARTIFACT.fullmatch(path)
    project = parse_project_dir(match["project"]) if match else None
    if match is None or project is None:
        return None, None
    try:
        return project, check_run_id(match["run"])
    except ValueError:
        return project, None
