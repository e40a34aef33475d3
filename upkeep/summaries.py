"""The summary of a run that others end: folded again from all of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..schema.cover import Part, cover
from ..schema.fold import fold
from ..schema.keys import PointsKey, parse_key, run_prefix
from ..schema.parquet import decode_table
from ..schema.rows import RunRow, SealedFile
from ..schema.spool import Segment
from ..schema.summary import Summary, merge, metric_label, update
from ..store.base import Store
from .checks import check_points
from .findings import Finding, finding_of
from .points import plain, rows_between

if TYPE_CHECKING:
    import pyarrow as pa


def summary_of(
    found: Sequence[Segment], first: RunRow, store: Store, project: str, files: tuple[SealedFile, ...]
) -> dict[str, Summary]:
    """The summary of all rows in the lake: from the spool where it holds them all, else from the sealed files."""
    spooled_to = found[-1].rows.hi
    sealed_to = cover(
        Part(k.lo, k.hi, True, k.path)
        for f in files
        if isinstance(k := parse_key(run_prefix(project, first.run_id) + f.name), PointsKey)
    ).complete_to
    header = found[0].header
    summary = {label: Summary.from_json(s) for label, s in (header.get("summary") or {}).items()}
    if spooled_to >= sealed_to and all(a.rows.hi == b.rows.lo for a, b in pairwise(found)):
        for segment in found:
            fold(summary, [(g, 0) for g in segment.rows.groups.values()])
    else:
        summary = _summary_of_files(store, project, first, files)
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
) -> tuple[dict[str, Summary], list[Finding]]:
    """The summary of all points in a writer's sealed files, with the goals that were told; and what can't be read.

    One GET per file that the reader's rule takes; one file's points are in memory at a time.
    """
    by_name = {key.path: key for key in sealed}
    out: dict[str, Summary] = {}
    findings: list[Finding] = []
    for take in cover(Part(k.lo, k.hi, True, k.path) for k in sealed).takes:
        key = by_name[take.part.name]
        data = store.get_many([key.path])[key.path]
        if isinstance(data, Exception):
            findings.append(finding_of(key.path, data))
            continue
        table, bad = check_points(key, data)
        findings += bad
        if table is None:
            continue
        for label, fresh in _fold_table(_with_int_times(rows_between([table], take.first_seq, key.hi))).items():
            out[label] = merge(out[label], fresh, in_order=True) if label in out else fresh
    for label, known in told.items():
        if label in out:
            out[label] = replace(out[label], goal=known.goal, step_metric=known.step_metric)
    return out, findings


def _with_int_times(table: pa.Table) -> pa.Table:
    import pyarrow as pa

    return table.cast(pa.schema([f if f.name != "timestamp" else f.with_type(pa.int64()) for f in table.schema]))


def _summary_of_files(store: Store, project: str, first: RunRow, files: tuple[SealedFile, ...]) -> dict[str, Summary]:
    prefix = run_prefix(project, first.run_id)
    tables = [plain(decode_table(store.get(prefix + f.name), key=prefix + f.name)) for f in files]
    if not tables:
        return {}
    return _fold_table(_with_int_times(rows_between(tables, 0, 2**62)))


def _fold_table(table: pa.Table) -> dict[str, Summary]:
    rows: dict[tuple[str, str | None], tuple[list[float], list[int], list[int]]] = {}
    for metric, dataset, value, step, at in zip(
        *(table[c].to_pylist() for c in ("metric", "dataset", "value", "step", "timestamp")), strict=True
    ):
        values, steps, times = rows.setdefault((metric, dataset), ([], [], []))
        values.append(value)
        steps.append(step)
        times.append(at)
    return {metric_label(m, d): update(Summary(m, d), *columns) for (m, d), columns in rows.items()}
