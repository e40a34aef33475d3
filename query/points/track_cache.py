"""Tracks of a lake, each point read once: what is kept is not read again, and of running runs only what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final, TypeAlias
from weakref import ref

import polars as pl

from ...schema.errors import StoreError
from ...schema.problems import unread_runs
from ..objects.lru import MemoryCache
from ..rows.live_writers import Who
from ..snapshots.snapshot import Snapshot
from .plan import WriterPoints, list_runs, writers_of
from .reader import LakeReader
from .tracks import Track, by_run_and_metric, extended, tracks_of

Shape: TypeAlias = frozenset[tuple[str, int | None, str | None]]
Look: TypeAlias = frozenset[tuple[str, int, datetime | None]]
"""What there is of a run's points: by key, size and when it came."""
_COLUMNS: Final = ("run_id", "metric", "dataset", "step", "value", "timestamp", "seq")
_MOST_LISTED: Final = 16
"""Folders of runs with unreadable points that one call lists; a folder's turn comes again after the others'."""


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
    lacking: Look | None = None
    """Not all of it could be read, and what there was then; it is read again once something else is there."""


class TrackStore:
    """Points of a lake as tracks. Safe to share between threads: one of them reads a project at a time.

    Kept in memory while there is room; what was unused longest is forgotten and read again when asked for.

    Args:
        lake: whose points.
        memory: where they are kept; default: the lake's own.
    """

    def __init__(self, lake: LakeReader, *, memory: MemoryCache | None = None) -> None:
        self._lake = lake
        self._part = (memory if memory is not None else lake.memory).part("points")
        self._lock = Lock()
        self._locks: dict[str, Lock] = {}
        self._listed: dict[str, dict[str, Look]] = {}
        """By project, of runs with unreadable points, the last listing of their folder; the one listed longest ago
        first."""
        self._looks: dict[str, ref[Snapshot]] = {}
        """By project: as of which snapshot folders were listed."""

    def get(self, snapshot: Snapshot, run_ids: Iterable[str], metrics: Iterable[str]) -> list[Track]:
        """The tracks of some metrics of some runs as of `snapshot`, by run, metric and dataset.

        Of what is kept, only rows that running runs added are read; nothing, where all runs have ended. See
        `Lake.metrics` for what reading costs. Runs of which some file was damaged or missing cost one LIST each, of
        16 at most in one call, and are read again when that shows something else than before.

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
        kept_of = {
            (run_id, name): kept
            for run_id in run_ids
            for name in names
            if isinstance(kept := self._part.get((project, run_id, name)), _Kept) and kept.shape == shapes[run_id]
        }
        lacking = dict.fromkeys(run_id for (run_id, _), kept in kept_of.items() if kept.lacking is not None)
        self._list(snapshot, lacking)
        out: dict[tuple[str, str], _Kept] = {}
        cold: dict[str, list[str]] = {}
        warm: dict[str, list[str]] = {}
        for run_id in run_ids:
            for name in names:
                kept = kept_of.get((run_id, name))
                # Where something was lacking and something else is there now, what is kept is not to be built on.
                if kept is None or kept.lacking not in (None, self._there(project, writers[run_id])):
                    cold.setdefault(run_id, []).append(name)
                    continue
                out[run_id, name] = kept
                if not (kept.final and ended[run_id]) and kept.lacking is None:
                    warm.setdefault(run_id, []).append(name)
        for run_id in cold.keys() & (lacking.keys() | unread_runs(self._lake.problems(project))):
            self._lake.forget_problems(project, run_id)
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
        read = {*cold, *warm}
        hurt = read & unread_runs(self._lake.problems(project))
        for key, kept in out.items():
            if key[0] not in read:
                continue
            own = writers[key[0]]
            # Rows of other metrics count as well: what the snapshot knows of was read.
            known = {w.writer: max(w.rows, kept.marks.get(w.writer, 0)) for w in own}
            lacks = self._there(project, own) if key[0] in hurt else None
            kept = _Kept(kept.shape, known, kept.tracks, kept.final, lacks)
            self._part.put((project, *key), kept, sum(track.nbytes for track in kept.tracks))
        for run_id in cold:
            if run_id not in hurt:
                self._listed.get(project, {}).pop(run_id, None)
        return out

    def _list(self, snapshot: Snapshot, run_ids: Iterable[str]) -> None:
        """List the folders of some runs, those whose turn it is, once for each snapshot. One LIST each."""
        project, last = snapshot.project, self._looks.get(snapshot.project)
        if last is not None and last() is snapshot:
            return
        known = self._listed.setdefault(project, {})
        turn = {run_id: place for place, run_id in enumerate(known)}
        ordered = sorted(run_ids, key=lambda run_id: turn.get(run_id, -1))[:_MOST_LISTED]
        if not ordered:
            return
        self._looks[project] = ref(snapshot)
        try:
            listed = list_runs(self._lake.store, project, ordered)
        except StoreError:
            return  # What is kept is shown while the lake does not answer; whoever lists next says that it does not.
        for run_id, found in listed.items():
            known.pop(run_id, None)
            known[run_id] = frozenset((info.key, info.size, info.modified) for info in found)

    def _there(self, project: str, writers: Sequence[WriterPoints]) -> Look:
        """What there is of a run's points: its folder, as it was listed last, and its tails.

        Of a folder that was not listed yet nothing is known, so once it is, what was lacking is looked for again.
        """
        tails = frozenset((p.name, p.hi - p.lo, None) for w in writers for p in w.parts if not p.sealed)
        known = self._listed.get(project, {})
        return tails.union(*(known.get(run_id, ()) for run_id in {w.run_id for w in writers}))

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
