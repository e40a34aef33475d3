"""What an import left in a lake, as an analyst reads it."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import lakeboard
from lakeboard.importers.everything import Failed, Skipped, import_all
from lakeboard.importers.source import Source
from lakeboard.importers.write import Imported
from lakeboard.store.local import LocalStore

NOW = 1_800_000_000_000


def bring(source: Source, lake: Path, **options: Any) -> list[Imported | Failed | Skipped]:
    """Import all of a source; what became of each run."""
    rands = (f"{n:08x}" for n in itertools.count())
    store = LocalStore(lake)
    return [r for _, r in import_all(store, source, now_ms=lambda: NOW, new_rand=lambda: next(rands), **options)]


def counts(results: list[Imported | Failed | Skipped]) -> list[tuple[str, int, int]]:
    """Of each imported run its name, its new points, and all of its points."""
    return [(r.run.name or "", r.new, r.points) for r in results if isinstance(r, Imported)]


def points(lake: Path, project: str, run_id: str) -> dict[str, list[tuple[int, float]]]:
    """All points by metric: step and value, by attempt and in the order they were logged."""
    frame = lakeboard.open(lake).metrics(project, runs=[run_id]).sort("metric", "attempt", "seq")
    out: dict[str, list[tuple[int, float]]] = {}
    for metric, step, value in frame.select("metric", "step", "value").collect().rows():
        out.setdefault(metric, []).append((step, value))
    return out
