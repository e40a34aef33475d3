"""Small curves of running runs that cost little to keep fresh: a run is read again once it has grown by a part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final

import polars as pl

from ...schema.labels import split_label
from ..curves.sparklines import sparkline
from ..points.reader import LakeReader
from .overview import Overview

_GROWN: Final = 1.05
_MOST_KEPT: Final = 2_000
CURVE_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "project": pl.String(),
    "run_id": pl.String(),
    "metric": pl.String(),
    "values": pl.List(pl.Float64()),
}


@dataclass(frozen=True, slots=True)
class _Drawn:
    rows: int
    values: tuple[float, ...]


class LiveCurves:
    """Curves of the main metric of runs, remembered between calls. Safe to share between threads.

    Args:
        lake: where the runs are.
        n: values at most of each.
    """

    def __init__(self, lake: LakeReader, *, n: int = 40) -> None:
        self._lake = lake
        self._n = n
        self._lock = Lock()
        self._kept: dict[tuple[str, str, str], _Drawn] = {}
        self.read = 0
        """Runs whose points the last call read."""

    def of(self, overview: Overview, runs: pl.DataFrame) -> pl.DataFrame:
        """One row per run that has any: `project`, `run_id`, `metric`, `values` over even stretches of its steps.

        The points of a run are read when it was never drawn or has a twentieth more points than when it was: over a
        run's whole life some ten times for each tenfold of its points. Newest tails are mostly at hand already;
        each sealed file is one GET, once where a cache on disk keeps it.

        Args:
            overview: whose snapshots are read.
            runs: some of `overview.runs`; those without a metric, or of projects not read, are left out.
        """
        wanted = runs.filter(pl.col("metric").is_not_null() & pl.col("project").is_in(list(overview.told))).select(
            "project", "run_id", "metric", "dataset", pl.col("rows").fill_null(0)
        )
        with self._lock:
            stale = [
                (project, run_id, metric, dataset, rows)
                for project, run_id, metric, dataset, rows in wanted.iter_rows()
                if (known := self._kept.get((project, run_id, metric))) is None or rows > known.rows * _GROWN
            ]
            self.read = len(stale)
            for project in dict.fromkeys(each[0] for each in stale):
                self._draw(overview, project, [each for each in stale if each[0] == project])
            found = [
                (project, run_id, metric, list(known.values))
                for project, run_id, metric, _, _ in wanted.iter_rows()
                if (known := self._kept.get((project, run_id, metric))) is not None and known.values
            ]
            if len(self._kept) > _MOST_KEPT:
                self._kept.clear()
        return pl.DataFrame(found, schema=CURVE_SCHEMA, orient="row")

    def _draw(self, overview: Overview, project: str, stale: list[tuple[str, str, str, str | None, int]]) -> None:
        snapshot = overview.told[project][0]
        labels = {run_id: split_label(metric) for _, run_id, metric, _, _ in stale}
        points = self._lake.metrics(
            project, metrics=sorted({metric for metric, _ in labels.values()}), runs=list(labels), snapshot=snapshot
        )
        drawn: dict[tuple[str, str], list[tuple[str | None, list[float]]]] = {}
        for _, run_id, metric, dataset, values in sparkline(points, self._n).iter_rows():
            drawn.setdefault((run_id, metric), []).append((dataset, values))
        for _, run_id, label, own, rows in stale:
            metric, dataset = labels[run_id]
            curves = dict(drawn.get((run_id, metric), []))
            # Points that name no dataset take their run's.
            values = curves.get(dataset if dataset is not None else own, [])
            self._kept[project, run_id, label] = _Drawn(rows, tuple(values))
