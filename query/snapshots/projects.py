"""Which projects a lake has."""

from __future__ import annotations

from typing import Final

import polars as pl

from ...schema.keys import parse_project_dir
from ...store.base import Store

PROJECTS_SCHEMA: Final = {"project": pl.String, "running": pl.Boolean}


def projects_frame(store: Store) -> pl.DataFrame:
    """One row per project, sorted by name: `project`, `running` (it has live tails).

    Three LISTs of folder names, no reads. A job that died without closing its run counts as running until it is
    recovered or tidied up; `Lake.runs` tells more.
    """
    live, runs, edits = (_projects(store, area) for area in ("live", "runs", "edits"))
    names = sorted(live | runs | edits)
    return pl.DataFrame({"project": names, "running": [name in live for name in names]}, schema=PROJECTS_SCHEMA)


def _projects(store: Store, area: str) -> set[str]:
    return {p for name in store.list_dirs(f"{area}/") if (p := parse_project_dir(name)) is not None}
