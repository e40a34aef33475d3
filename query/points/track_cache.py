"""Tracks of a lake, each point read once: what is kept is not read again, and of running runs only what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final, TypeAlias

import polars as pl

from ...schema.keys import run_prefix
from ..objects.lru import LruCache
from ..rows.live_writers import Who
from ..snapshots.snapshot import Snapshot
from .plan import WriterPoints, writers_of
from .reader import LakeReader
from .tracks import Track, by_run_and_metric, extended, tracks_of

BUDGET: Final = 768 * 1024 * 1024
"""Bytes of points kept: 32 million."""
Shape: TypeAlias = frozenset[tuple[str, int | None, str | None]]
_COLUMNS: Final = ("run_id", "metric", "dataset", "step", "value", "timestamp", "seq")


@dataclass(frozen=True, slots=True)
class _Kept:
    """One metric of one run as of some moment."""

    shape: Shape
    """The run's writers, what a resume hides of each, and the run's dataset; with another one all is read anew."""
    marks: Mapping[str, int]
    """By writer: rows before this one are in the tracks."""
    tracks: tuple[Track, ...]
    """By dataset; none where the run has no such points."""
    final: bool
    """The run has ended, so nothing will come."""


class TrackStore:
    """Points of a lake as tracks. Safe to share between threads: one of them reads a project at a time.

    Kept in memory up to `budget` bytes; what was unused longest is forgotten and read again when asked for.
    """

    def __init__(self, lake: LakeReader, *, budget: int = BUDGET) -> None:
        self._lake = lake
        self._shelf = LruCache(budget)
        self._lock = Lock()
        self._locks: dict[str, Lock] = {}

    def get(self, snapshot: Snapshot, run_ids: Iterable[str], metrics: Iterable[str]) -> list[Track]:
        """The tracks of some metrics of some runs as of `snapshot`, by run, metric and dataset.

        Of what is kept, only rows that running runs added are read; nothing, where all runs have ended. See
        `Lake.metrics` for what reading costs.

        Raises:
            UnknownRun: one of the runs does not exist.
        """
        wanted, names = list(dict.fromkeys(run_ids)), list(dict.fromkeys(metrics))
        if not wanted or not names:
            return []
        with self._lock:
            lock = self._locks.setdefault(snapshot.project, Lock())
        with lock:
            found = self._refreshed(snapshot, wanted, names)
        return [track for run_id in wanted for name in names for track in found[run_id, name].tracks]

    def _refreshed(
        self, snapshot: Snapshot, run_ids: Sequence[str], names: Sequence[str]
    ) -> dict[tuple[str, str], _Kept]:
        project = snapshot.project
        writers: dict[str, list[WriterPoints]] = {run_id: [] for run_id in run_ids}
        for writer in writers_of(snapshot, run_ids):
            writers[writer.run_id].append(writer)
        shapes = {
            run_id: frozenset((w.writer, w.before_step, w.dataset) for w in each) for run_id, each in writers.items()
        }
        ended = {run_id: not any(w.live for w in each) for run_id, each in writers.items()}
        # Rows that no file had may turn up in one: then what is kept is not to be built on.
        holes = [problem.key for problem in self._lake.problems(project) if problem.kind == "incomplete"]
        whole = {run_id: not any(key.startswith(run_prefix(project, run_id)) for key in holes) for run_id in run_ids}
        out: dict[tuple[str, str], _Kept] = {}
        cold: dict[str, list[str]] = {}
        warm: dict[str, list[str]] = {}
        for run_id in run_ids:
            for name in names:
                kept = self._shelf.get((project, run_id, name))
                if not isinstance(kept, _Kept) or kept.shape != shapes[run_id] or not (kept.final or whole[run_id]):
                    cold.setdefault(run_id, []).append(name)
                    continue
                out[run_id, name] = kept
                if not (kept.final and ended[run_id]):
                    warm.setdefault(run_id, []).append(name)
        for metrics, group in _alike(cold):
            points = self._read(snapshot, group, metrics, {})
            for run_id in group:
                for name in metrics:
                    out[run_id, name] = _Kept(shapes[run_id], {}, (), ended[run_id])
            # Nothing is marked yet, so all that was read counts.
            self._add(out, points, project)
        if warm:
            asked = {name for each in warm.values() for name in each}
            since: dict[Who, int] = {}
            for run_id, each in warm.items():
                for w in writers[run_id]:
                    since[run_id, w.writer] = min(out[run_id, name].marks.get(w.writer, 0) for name in each)
            self._add(out, self._read(snapshot, list(warm), sorted(asked), since), project)
            for run_id, each in warm.items():
                for name in each:
                    kept = out[run_id, name]
                    out[run_id, name] = _Kept(kept.shape, kept.marks, kept.tracks, ended[run_id])
        for key, kept in out.items():
            # Rows of other metrics count as well: what the snapshot knows of was read.
            known = {w.writer: max(w.rows, kept.marks.get(w.writer, 0)) for w in writers[key[0]]}
            kept = _Kept(kept.shape, known, kept.tracks, kept.final)
            self._shelf.put((project, *key), kept, sum(track.nbytes for track in kept.tracks))
        return out

    def _read(
        self, snapshot: Snapshot, run_ids: Sequence[str], metrics: Sequence[str], since: Mapping[Who, int]
    ) -> pl.DataFrame:
        running = any(run_id in run_ids for run_id, _ in snapshot.live)
        columns = [*_COLUMNS, *(["writer"] if running else [])]
        lazy = self._lake.metrics(
            snapshot.project, metrics=list(metrics), runs=list(run_ids), since=since, snapshot=snapshot
        )
        return lazy.select(columns).collect()

    def _add(self, out: dict[tuple[str, str], _Kept], points: pl.DataFrame, project: str) -> None:
        """Put points that are new onto what is kept."""
        if not points.height:
            return
        marks: dict[tuple[str, str], dict[str, int]] = {}
        if "writer" in points.columns:
            known = [(*key, writer, mark) for key, kept in out.items() for writer, mark in kept.marks.items() if mark]
            if known:
                table = pl.DataFrame(known, schema=["run_id", "metric", "writer", "_mark"], orient="row")
                points = points.join(table, on=["run_id", "metric", "writer"], how="left", maintain_order="left")
                points = points.filter(pl.col("_mark").is_null() | (pl.col("seq") >= pl.col("_mark")))
            tops = points.group_by("run_id", "metric", "writer").agg(pl.col("seq").max() + 1)
            for run_id, name, writer, mark in tops.iter_rows():
                marks.setdefault((run_id, name), {})[writer] = mark
        for key, found in by_run_and_metric(tracks_of(points, project=project)):
            kept = out.get(key)
            if kept is None:
                continue
            tracks = {track.dataset: track for track in kept.tracks}
            for track in found:
                before = tracks.get(track.dataset)
                tracks[track.dataset] = track if before is None else extended(before, track)
            out[key] = _Kept(kept.shape, {**kept.marks, **marks.get(key, {})}, tuple(tracks.values()), kept.final)


def _alike(wanted: Mapping[str, Sequence[str]]) -> list[tuple[list[str], list[str]]]:
    """Runs of which the same metrics are wanted, so that they are read together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for run_id, names in wanted.items():
        groups.setdefault(tuple(sorted(names)), []).append(run_id)
    return [(list(names), run_ids) for names, run_ids in groups.items()]
