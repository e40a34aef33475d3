"""Small curves for cells: read of the runs that are shown, and of a run again once it has grown by a part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from ...schema.text.labels import split_label
from ..curves.sparklines import sparkline
from ..points.reader import LakeReader
from ..snapshots.snapshot import Snapshot

_GROWN: Final = 1.05
_LONGER: Final = "metrics."
CURVE_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "project": pl.String(),
    "run_id": pl.String(),
    "metric": pl.String(),
    "values": pl.List(pl.Float64()),
}


@dataclass(frozen=True, slots=True)
class _Drawn:
    rows: int
    running: bool
    values: tuple[float, ...]

    def stale(self, rows: int, *, running: bool) -> bool:
        """Whether the run has grown by a twentieth since, or has grown and ended."""
        return rows > self.rows * _GROWN or (rows != self.rows and not running)


@dataclass(frozen=True, slots=True)
class _Wanted:
    run_id: str
    label: str
    dataset: str | None
    """The run's own."""
    rows: int
    running: bool


class LiveCurves:
    """Small curves of runs, one metric each, kept between calls while there is room. Safe to share between threads.

    Args:
        lake: where the runs are.
        n: values at most of each.
    """

    def __init__(self, lake: LakeReader, *, n: int = 40) -> None:
        self._lake = lake
        self._n = n
        self._part = lake.memory.part("small curves")
        self.read = 0
        """Runs whose points the last call read."""

    def of(self, snapshots: Mapping[str, Snapshot], runs: pl.DataFrame) -> pl.DataFrame:
        """One row per run that has any: `project`, `run_id`, `metric`, `values` over even stretches of its steps.

        The points of a run are read when it was never drawn, or has a twentieth more points than when it was, or has
        ended since: over a run's whole life some ten times for each tenfold of its points. Newest tails are mostly at
        hand already; each sealed file is one GET, once where a cache on disk keeps it.

        Args:
            snapshots: of the projects, by name.
            runs: which: `project`, `run_id`, `metric` (the column's label, such as `val/acc [cifar10]`), `dataset`
                (the run's own), `rows`, and `state` or `status`. Those without a metric, of other projects, or gone
                from their project are left out.
        """
        state = "state" if "state" in runs.columns else "status"
        shown = runs.filter(pl.col("metric").is_not_null() & pl.col("project").is_in(list(snapshots))).select(
            "project", "run_id", "metric", "dataset", pl.col("rows").fill_null(0), pl.col(state).eq_missing("running")
        )
        stale: dict[str, list[_Wanted]] = {}
        drawn: dict[tuple[str, str, str], tuple[float, ...]] = {}
        for project, run_id, label, dataset, rows, running in shown.iter_rows():
            known = self._part.get((project, run_id, label))
            if not isinstance(known, _Drawn) or known.stale(rows, running=running):
                stale.setdefault(project, []).append(_Wanted(run_id, label, dataset, rows, running))
            else:
                drawn[project, run_id, label] = known.values
        self.read = sum(map(len, stale.values()))
        for project, wanted in stale.items():
            drawn |= self._draw(snapshots[project], wanted)
        keys = shown.select("project", "run_id", "metric").iter_rows()
        found = [(*key, list(values)) for key in keys if (values := drawn.get(key))]
        return pl.DataFrame(found, schema=CURVE_SCHEMA, orient="row")

    def _draw(self, snapshot: Snapshot, wanted: Sequence[_Wanted]) -> dict[tuple[str, str, str], tuple[float, ...]]:
        project, there = snapshot.project, snapshot.known_runs()
        labels = _meant(snapshot, {each.label for each in wanted})
        known = [each for each in wanted if each.run_id in there]
        metrics = sorted({labels[each.label][0] for each in known})
        drawn: dict[tuple[str, str], dict[str | None, tuple[float, ...]]] = {}
        if known:
            ids = list(dict.fromkeys(each.run_id for each in known))
            points = self._lake.metrics(project, metrics=metrics, runs=ids, snapshot=snapshot)
            for _, run_id, metric, dataset, values in sparkline(points, self._n).iter_rows():
                drawn.setdefault((run_id, metric), {})[dataset] = tuple(values)
        out = {}
        for each in wanted:
            metric, dataset = labels[each.label]
            curves = drawn.get((each.run_id, metric), {})
            # Points that name no dataset take their run's.
            values = curves.get(dataset if dataset is not None else each.dataset, ())
            key = (project, each.run_id, each.label)
            self._part.put(key, _Drawn(each.rows, each.running, values), 300 + 32 * len(values))
            out[key] = values
        return out


def _meant(snapshot: Snapshot, labels: set[str]) -> dict[str, tuple[str, str | None]]:
    """The metric and the dataset that each label means."""
    out = {label: split_label(label) for label in labels}
    longer = {label for label in labels if label.startswith(_LONGER)}
    known = snapshot.metrics() if longer else {}
    for label in longer:
        # A metric that shares its name with another column has a longer one in the frame.
        info = known.get(label) or known.get(label.removeprefix(_LONGER))
        out[label] = (info.metric, info.dataset) if info is not None else out[label]
    return out
