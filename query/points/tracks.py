"""Points by run and metric as sorted arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...schema.run.summary import metric_label

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
KEYS: Final = ("project", "run_id", "metric", "dataset")
_NUMBERS: Final = count()


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """All points of one metric of one run on one dataset, sorted by step, then time, then order of writing.

    Equal to itself alone. Its `number` stands for its points in a key of what was computed from them, without holding
    them in memory.
    """

    project: str
    run_id: str
    metric: str
    dataset: str | None
    step: Ints
    at: Ints
    """Milliseconds since 1970 UTC."""
    value: Floats
    """NaN and infinities as they were logged."""
    number: int = field(default_factory=lambda: next(_NUMBERS), init=False)
    """No other track of this process has it."""

    @property
    def label(self) -> str:
        """`val/acc`, or `val/acc [cifar10]` with a dataset."""
        return metric_label(self.metric, self.dataset)

    @property
    def nbytes(self) -> int:
        """Memory."""
        return 24 * len(self.step)


def tracks_of(points: pl.DataFrame, *, project: str = "") -> list[Track]:
    """The tracks in a frame of points, in the order of their first points.

    Points that lie together in the frame, as they do in files, are taken together: 5 million cost 0.1 s.

    Args:
        points: columns of `Lake.metrics`; `project`, `writer` and `attempt` may be absent.
        project: where the frame does not say.
    """
    keys = [key for key in KEYS if key in points.columns]
    change = pl.any_horizontal(*(pl.col(key).ne_missing(pl.col(key).shift()) for key in keys))
    parts: dict[tuple[str, str, str, str | None], list[tuple[NDArray[np.generic], ...]]] = {}
    start = 0
    for size in points["step"].chunk_lengths():
        # A chunk's columns are arrays as they are, without a copy.
        chunk = points[start : start + size]
        start += size
        at = chunk.select(change).to_series().arg_true().to_list()
        starts = [0, *(each for each in at if each)] if size else []
        columns = (
            chunk["step"].cast(pl.Int64), chunk["timestamp"].dt.cast_time_unit("ms").to_physical(),
            chunk["value"].cast(pl.Float64).fill_null(float("nan")), chunk["seq"].cast(pl.Int64),
        )  # fmt: skip
        arrays = [column.to_numpy() for column in columns]
        heads = chunk.select(keys)[starts].iter_rows(named=True)
        for first, end, head in zip(starts, [*starts[1:], size], heads, strict=False):
            key = (head.get("project") or project, head["run_id"], head["metric"], head["dataset"])
            parts.setdefault(key, []).append(tuple(array[first:end] for array in arrays))
    # Copies, so that a track does not hold the whole frame in memory.
    return [_sorted_track(key, *map(np.concatenate, zip(*found, strict=True))) for key, found in parts.items()]


def _sorted_track(
    key: tuple[str, str, str, str | None], step: Ints, at: Ints, value: Floats, seq: Ints | None = None
) -> Track:
    if not _in_order(step, at, seq):
        turn = np.lexsort((at, step) if seq is None else (seq, at, step))
        step, at, value = step[turn], at[turn], value[turn]
    return Track(*key, step, at, value)


def _in_order(step: Ints, at: Ints, seq: Ints | None) -> bool:
    if (step[1:] > step[:-1]).all():
        return True
    further = np.diff(step)
    later = np.diff(at)
    written = np.ones(len(later), dtype=bool) if seq is None else np.diff(seq) >= 0
    return bool(((further > 0) | ((further == 0) & ((later > 0) | ((later == 0) & written)))).all())


def extended(track: Track, more: Track) -> Track:
    """A track and later points of the same run, metric and dataset."""
    key = (track.project, track.run_id, track.metric, track.dataset)
    step, at, value = (np.concatenate([getattr(track, name), getattr(more, name)]) for name in ("step", "at", "value"))
    return _sorted_track(key, step, at, value)


def by_run_and_metric(tracks: Iterable[Track]) -> Iterator[tuple[tuple[str, str], list[Track]]]:
    """Tracks gathered over datasets."""
    found: dict[tuple[str, str], list[Track]] = {}
    for track in tracks:
        found.setdefault((track.run_id, track.metric), []).append(track)
    yield from found.items()


def table_of(tracks: Sequence[Track]) -> pl.DataFrame:
    """Tracks as a frame again: project, run_id, metric, dataset, step, value, timestamp, `seq`.

    `seq` is a point's place in its track: in the order of writing among points of one step and time.
    """
    sizes = [len(track.step) for track in tracks]
    place = np.repeat(np.arange(len(tracks), dtype=np.int64), sizes)
    starts = np.repeat(np.cumsum([0, *sizes])[:-1], sizes)
    told = pl.DataFrame(
        {key: [getattr(track, key) for track in tracks] for key in KEYS}, schema=dict.fromkeys(KEYS, pl.String)
    )
    columns = {
        "step": pl.Series(_joined([t.step for t in tracks], np.int64)),
        "value": pl.Series(_joined([t.value for t in tracks], np.float64)),
        "timestamp": pl.Series(_joined([t.at for t in tracks], np.int64)).cast(pl.Datetime("ms", "UTC")),
        "seq": pl.Series(np.arange(len(place), dtype=np.int64) - starts),
    }
    return told[place].with_columns(**columns)


def _joined(arrays: Sequence[NDArray[np.generic]], dtype: type[np.generic]) -> NDArray[np.generic]:
    return np.concatenate(arrays) if arrays else np.empty(0, dtype=dtype)
