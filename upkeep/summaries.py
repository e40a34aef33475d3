"""The summary of a run that others end: folded again from all of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..schema.arrays import scalar, texts
from ..schema.batch import Group
from ..schema.cover import Part, cover
from ..schema.fold import fold
from ..schema.keys import PointsKey, parse_key, run_prefix
from ..schema.parquet import metric_runs
from ..schema.problems import Problem, problem_of
from ..schema.run.row import RunRow, SealedFile
from ..schema.run.summary import Summary, merge
from ..schema.spool import Segment
from ..store.base import Store
from .checks import check_points
from .points import rows_between

if TYPE_CHECKING:
    import pyarrow as pa


def summary_of(
    found: Sequence[Segment],
    whole: Iterable[Segment],
    first: RunRow,
    store: Store,
    project: str,
    files: tuple[SealedFile, ...],
) -> dict[str, Summary]:
    """The summary of all rows in the lake: from the spool where it holds them all, else from the sealed files.

    Args:
        found: what the spool's files tell; their points are not needed.
        whole: the same with their points, read one at a time.
        first: the run's row at its start.
        store: the lake.
        project: which project.
        files: the writer's sealed files.
    """
    prefix = run_prefix(project, first.run_id)
    sealed = {k: f.bytes for f in files if isinstance(k := parse_key(prefix + f.name), PointsKey)}
    sealed_to = cover(Part(k.lo, k.hi, True, k.path) for k in sealed).complete_to
    if found[-1].rows.hi >= sealed_to and all(a.rows.hi == b.rows.lo for a, b in pairwise(found)):
        told = found[0].header.get("summary") or {}
        summary = {label: Summary.from_json(s) for label, s in told.items()}
        for segment in whole:
            fold(summary, [(g, 0) for g in segment.rows.groups.values()])
    else:
        summary, _ = summary_of_files(store, sealed, {})
    definitions: Sequence[Sequence[Any]] = next(
        (s.changes["definitions"] for s in reversed(found) if s.changes.get("definitions")), []
    )
    for label, known in summary.items():
        for pattern, goal, step_metric in definitions:
            if fnmatchcase(known.metric, pattern):
                summary[label] = known = replace(
                    known, goal=goal or known.goal, step_metric=step_metric or known.step_metric
                )
    return summary


def summary_of_files(
    store: Store, sealed: Mapping[PointsKey, int], told: Mapping[str, Summary]
) -> tuple[dict[str, Summary], list[Problem]]:
    """The summary of all points in a writer's sealed files, with the goals that were told; and what can't be read.

    One GET per file that the reader's rule takes; one file's points are in memory at a time.
    """
    by_name = {key.path: key for key in sealed}
    out: dict[str, Summary] = {}
    problems: list[Problem] = []
    for take in cover(Part(k.lo, k.hi, True, k.path) for k in sealed).takes:
        key = by_name[take.part.name]
        data = store.get_many([key.path])[key.path]
        if isinstance(data, Exception):
            problems.append(problem_of(key.path, data))
            continue
        table, bad = check_points(key, data)
        problems += bad
        if table is None:
            continue
        for label, fresh in _fold_table(rows_between([table], take.first_seq, key.hi)).items():
            out[label] = merge(out[label], fresh, in_order=True) if label in out else fresh
    for label, known in told.items():
        if label in out:
            out[label] = replace(out[label], goal=known.goal, step_metric=known.step_metric)
    return out, problems


def _fold_table(table: pa.Table) -> dict[str, Summary]:
    """Of a table sorted by (metric, seq); one metric at a time, in pyarrow's kernels."""
    out: dict[str, Summary] = {}
    start = 0
    for length in metric_runs(table):
        fold(out, [(group, 0) for group in _groups(table.slice(start, length))])
        start += length
    return out


def _groups(table: pa.Table) -> Iterator[Group]:
    """The points of one metric, as if each had been logged alone; one group per dataset."""
    import pyarrow as pa
    import pyarrow.compute as pc

    metric = table["metric"][0].as_py()
    for dataset in pc.unique(table["dataset"]).to_pylist():
        mine = pc.is_null(table["dataset"]) if dataset is None else pc.equal(table["dataset"], texts([dataset])[0])
        rows = table.filter(mine)
        group = Group((metric,), dataset)
        millis = pc.cast(rows["timestamp"].cast(pa.int64()), pa.float64())
        # The middle of the millisecond, so that cutting it back to whole ones gives the same.
        seconds = pc.divide(pc.add(millis, scalar(0.5, pa.float64())), scalar(1000.0, pa.float64()))
        columns = ((group.values, rows["value"]), (group.starts, rows["seq"]), (group.times, seconds))
        for column, values in (*columns, (group.steps, rows["step"])):
            column.frombytes(_bytes(values))
        yield group


def _bytes(column: pa.ChunkedArray) -> memoryview:
    import pyarrow as pa

    joined = pa.concat_arrays(column.chunks)
    buffer = joined.buffers()[1]
    return memoryview(buffer)[8 * joined.offset : 8 * (joined.offset + len(joined))]
