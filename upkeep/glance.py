"""What is wrong in a lake as far as names and sizes tell: no object is read. `fsck` reads them all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from ..schema.artifacts.keys import FileKey
from ..schema.keys import LAKE_KEY, PointsKey, parse_key
from ..schema.problems import Problem
from ..store.base import ObjectInfo
from .clock import PROBE_PREFIX
from .janitor import SILENT

_PASSED_OVER: Final = ("artifacts/", PROBE_PREFIX, "_tmp/")


def glance(
    listed: Iterable[ObjectInfo],
    *,
    now: datetime,
    known_runs: Mapping[str, Collection[str]] | None = None,
    silent: timedelta = SILENT,
) -> list[Problem]:
    """Names that lakeboard did not give, objects without a byte, points of runs that have no row. Pure.

    Args:
        listed: a whole lake.
        now: the store's time.
        known_runs: by project: ids of all its runs, purged ones too; projects that are not named are not judged.
        silent: what is older than this is not a job at work.
    """
    found: list[Problem] = []
    orphans: dict[tuple[str, str], ObjectInfo] = {}
    noted = there = False
    for info in listed:
        there = True
        key = parse_key(info.key)
        if key is None:
            noted |= info.key == LAKE_KEY
            if info.key != LAKE_KEY and not info.key.startswith(_PASSED_OVER):
                text = f"{info.key} is not an object of lakeboard's; readers pass it over"
                found.append(Problem(info.key, "foreign", text))
        elif not info.size and not isinstance(key, FileKey):
            found.append(Problem(info.key, "empty", f"{info.key} has no bytes"))
        elif isinstance(key, PointsKey) and now - info.modified >= silent and not _known(key, known_runs):
            orphans.setdefault((key.project, key.run_id), info)
    for (project, run_id), info in sorted(orphans.items()):
        text = f"{info.key}: points of run {run_id} of {project}, which has no row; lakeboard fsck tells more"
        found.append(Problem(info.key, "orphan", text))
    if there and not noted:
        found.append(Problem(LAKE_KEY, "lake", f"{LAKE_KEY} is missing: a newer lakeboard can't tell the format"))
    return sorted(found)


def _known(key: PointsKey, known_runs: Mapping[str, Collection[str]] | None) -> bool:
    return known_runs is None or key.project not in known_runs or key.run_id in known_runs[key.project]
