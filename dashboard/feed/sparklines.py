"""Curves for the cells of a table: read for the rows on the screen alone, kept while nothing changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from ...query.curves.sparklines import sparkline
from ..state.row_keys import key_of
from .feed import Feed, ProjectState

VALUES: Final = 30
_MOST_KEPT: Final = 20_000
_ONLY: Final = "\x00"
_Key = tuple[str, str, str, object]


class Sparks:
    """What was read so far of some lake's curves. Safe to share: entries are whole and never change."""

    def __init__(self) -> None:
        self._kept: dict[_Key, tuple[float, ...]] = {}

    def of(self, feed: Feed, look: ProjectState, shown: pl.DataFrame, label: str) -> dict[str, tuple[float, ...]]:
        """By row id, a metric's values in even stretches of steps; rows without any are left out.

        Reads the points of the rows that it does not know yet: at least one GET for each such run.

        Args:
            feed: the lake.
            look: the state that is shown; of several projects a joined one.
            shown: the rows on the screen, with `project`, `run_id`, `dataset`, `updated_at` and `rows`.
            label: the metric's column, such as `val/acc` or `val/acc [cifar10]`.
        """
        known = self._kept
        out: dict[str, tuple[float, ...]] = {}
        missing: dict[str, list[tuple[str, str | None, _Key]]] = {}
        wanted = shown.select("project", "run_id", "dataset", "updated_at", "rows")
        for project, run_id, dataset, updated, rows in wanted.iter_rows():
            key: _Key = (project, run_id, label, (updated, rows))
            if key in known:
                out[key_of(run_id, project, look.project)] = known[key]
            else:
                missing.setdefault(project, []).append((run_id, dataset, key))
        fresh: dict[_Key, tuple[float, ...]] = {}
        for project, each in missing.items():
            found = self._read(feed, look if project == look.project else feed.look(project), each, label)
            for run_id, dataset, key in each:
                lines = found.get(run_id, {})
                fresh[key] = lines.get(_ONLY) or lines.get(dataset) or lines.get(None, ())
                out[key_of(run_id, project, look.project)] = fresh[key]
        # One assignment, so that threads see all of it or nothing.
        self._kept = fresh if len(known) > _MOST_KEPT else {**known, **fresh} if fresh else known
        return {key: values for key, values in out.items() if values}

    def _read(
        self, feed: Feed, look: ProjectState, missing: Sequence[tuple[str, str | None, _Key]], label: str
    ) -> Mapping[str, Mapping[str | None, tuple[float, ...]]]:
        """By run and dataset; `_ONLY` where the label names one. Points that name none take their run's."""
        known = look.once("catalog", look.snapshot.metrics)
        # A metric that shares its name with another column has a longer one in the frame.
        info = known.get(label) or known.get(label.removeprefix("metrics."))
        if info is None:
            return {}
        there = look.snapshot.known_runs()
        points = feed.lake.metrics(
            look.project,
            metrics=info.metric,
            runs=[run_id for run_id, _, _ in missing if run_id in there],
            snapshot=look.snapshot,
        ).select("project", "run_id", "metric", "dataset", "step", "value")
        if info.dataset is not None:
            points = points.filter(pl.col("dataset") == info.dataset)
        out: dict[str, dict[str | None, tuple[float, ...]]] = {}
        for run_id, dataset, values in sparkline(points, VALUES).select("run_id", "dataset", "values").iter_rows():
            out.setdefault(run_id, {})[dataset if info.dataset is None else _ONLY] = tuple(values)
        return out
