"""Putting one ended writer's files and row right: each row in one file, and a row that names these files.

What is new is put before anything is removed, nothing that exists is written again, and a file goes only when every
row it has was read back out of files that stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..schema.cover import Part, cover
from ..schema.errors import MissingObject
from ..schema.keys import PointsKey, RowKey, attempt_of, parse_key, project_prefix
from ..schema.parquet import encode_points, encode_table
from ..schema.rowtable import rows_to_table
from ..schema.run.row import JANITOR, RunRow, SealedFile, final_version
from ..store.base import Store
from .checks import check_points
from .finals import known_final
from .media import media_files
from .points import rows_between
from .relations import REPAIR
from .sealed import sealed_keys
from .summaries import summary_of_files
from .tails import Who, tails_by_writer

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was done about one writer."""

    put: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


def repair_writer(store: Store, project: str, who: Who, *, now: datetime, silent: timedelta) -> Repaired:
    """Do it; nothing for a writer with tails, or whose points are not all readable. May be repeated.

    3 LISTs, one GET for each of its sealed files and rows (or each pack), one PUT for a row, and for each file that
    overlaps another one in part; one DELETE.
    """
    if tails_by_writer(store.list(project_prefix("live", project))).get(who):
        return Repaired()
    runs = store.list(project_prefix("runs", project))
    final, problems = known_final(store, runs, who, search_packs=True)
    if any(f.kind in ("denied", "unreachable") for f in problems):
        return Repaired()
    sealed = sealed_keys(store, project, who)
    tables = _intact(store, sealed)
    if tables is None:
        return Repaired()
    good = [key for key in sealed if key in tables]
    rows = cover(Part(k.lo, k.hi, True, k.path) for k in good).complete_to
    promised = final.rows or 0 if final is not None else -1
    if rows < max([promised, *(k.hi for k in sealed)], default=0):
        return Repaired()
    put: list[str] = []
    kept: dict[PointsKey, int] = {}
    for key, table in _chosen(project, who, tables, final).items():
        if table is None:
            kept[key] = sealed[key]
            continue
        data = encode_points(table)
        store.put(key.path, data, durable=True)
        kept[key] = len(data)
        put.append(key.path)
    row = _row(store, project, who, final, kept, rows)
    if row is not None and (final is not None or _is_old(store, project, who, now, silent)):
        taken = {info.key for info in runs}
        versions = (row.version, final_version(rows, REPAIR))
        free = [v for v in versions if RowKey(project, *who, v).path not in taken]
        if free and (final is None or free[0] > final.version):
            path = RowKey(project, *who, free[0]).path
            store.put(path, encode_table(rows_to_table([replace(row, version=free[0])])), durable=True)
            put.append(path)
    doomed = sorted(key.path for key in sealed if key not in kept)
    if doomed:
        store.delete(doomed)
    return Repaired(tuple(put), tuple(doomed))


def _intact(store: Store, sealed: Mapping[PointsKey, int]) -> dict[PointsKey, pa.Table] | None:
    """The files that are what their names promise; None where some can't be judged now."""
    out = {}
    for path, data in store.get_many([key.path for key in sealed]).items():
        key = parse_key(path)
        assert isinstance(key, PointsKey)
        if isinstance(data, MissingObject):
            continue
        if isinstance(data, Exception):
            return None
        table, problems = check_points(key, data)
        if any(f.kind == "format" for f in problems):
            return None
        if table is not None:
            out[key] = table
    return out


def _chosen(
    project: str, who: Who, tables: Mapping[PointsKey, pa.Table], final: RunRow | None
) -> dict[PointsKey, pa.Table | None]:
    """Files that together have each row once: those that stay (None), and those to be put with their rows."""
    by_name = {key.path: key for key in tables}
    named = {f.name for f in final.files} if final is not None else set()
    for keys in ([k for k in tables if k.name in named], list(tables)):
        found = cover(Part(k.lo, k.hi, True, k.path) for k in keys)
        if found.complete_to == max((k.hi for k in tables), default=0) and (
            all(t.whole for t in found.takes) or len(keys) == len(tables)
        ):
            break
    out: dict[PointsKey, pa.Table | None] = {}
    for take in found.takes:
        key = by_name[take.part.name]
        if take.whole:
            out[key] = None
        else:
            cut = PointsKey(project, *who, key.hi, key.hi - take.first_seq)
            # A file of just these rows may be there already.
            out[cut] = None if cut in tables else rows_between([tables[key]], take.first_seq, key.hi)
    return out


def _is_old(store: Store, project: str, who: Who, now: datetime, silent: timedelta) -> bool:
    prefix = f"{project_prefix('metrics', project)}run_id={who[0]}/"
    return all(now - info.modified >= silent for info in store.list(prefix))


def _row(
    store: Store, project: str, who: Who, final: RunRow | None, kept: Mapping[PointsKey, int], rows: int
) -> RunRow | None:
    """The row that fits the files, or None where the final row does."""
    files = tuple(SealedFile(k.name, size) for k, size in sorted(kept.items(), key=lambda item: item[0].path))
    if final is not None and (final.rows or 0) == rows:
        repaired = replace(final, version=final_version(rows, REPAIR), rows=rows, files=files)
        fits = final.version in [final_version(rows, rank) for rank in range(1, REPAIR + 1)]
        same = {f.name for f in files} == {f.name for f in final.files}
        return None if fits and same and final.rows is not None else repaired
    base = final or RunRow(*who, attempt=attempt_of(who[1]))
    summary, _ = summary_of_files(store, kept, base.summary)
    media = media_files(store, project, who)
    last = max((s.last_at for s in summary.values() if s.last_at is not None), default=None)
    return replace(
        base,
        version=final_version(rows, JANITOR),
        status="crashed" if final is None else final.status,
        error=base.error or "its row was lost or came before its last points; written again from the points",
        closed_by="fsck",
        ended_at=last,
        updated_at=last,
        started_at=base.started_at,
        summary=summary,
        rows=rows,
        files=files,
        media_rows=media.rows,
        media_files=media.files,
    )
