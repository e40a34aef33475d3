"""Finish what a killed job left: bring every spooled row to the lake, exactly once, and end its run.

What is missing is judged by `metrics/` alone. The rows come from the spool and from the run's tails, since a power
loss can leave the spool shorter than what was acknowledged. Nothing that exists is written again, and a recovery
that is itself interrupted can be repeated.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..schema.cover import Part, cover
from ..schema.errors import DamagedObject, LakeboardError, MissingObject
from ..schema.keys import PointsKey, RowKey, TailKey, parse_key, project_prefix, run_prefix
from ..schema.parquet import decode_footer, decode_table, encode_points, encode_table
from ..schema.rows import RECOVERY, RunRow, SealedFile, final_version
from ..schema.rowtable import rows_to_table
from ..schema.spool import Segment, read_segment
from ..store.base import Store
from ..store.opening import open_store
from .points import dense_rows, plain, rows_between, table_of_groups
from .spooldir import SpoolLock, lock_spool, remove_spool, segments, spool_folders
from .summaries import summary_of

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one spool."""

    folder: Path
    run_id: str | None = None
    project: str | None = None
    lake: str | None = None
    status: str | None = None
    rows: int = 0
    """Points of the run, all in the lake now."""
    sent: int = 0
    """Of these, points that were not there before."""
    error: str | None = None
    """Why it could not be done; the spool is untouched."""


def recover_host(
    roots: Iterable[Path],
    *,
    only_lake: str | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Callable[[Recovered], None] | None = None,
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
) -> list[Recovered]:
    """Recover every spool on this host whose process is gone.

    Args:
        roots: folders that hold spools.
        only_lake: leave spools of other lakes alone.
        options: for fsspec.
        progress: called after each.
        now_ms: milliseconds since 1970.
    """
    done = []
    for root in roots:
        for folder in spool_folders(root):
            result = recover_spool(folder, only_lake=only_lake, options=options, now_ms=now_ms)
            if result is not None:
                done.append(result)
                if progress is not None:
                    progress(result)
    return done


def recover_spool(
    folder: Path,
    *,
    only_lake: str | None = None,
    options: Mapping[str, Any] | None = None,
    now_ms: Callable[[], int],
    store: Store | None = None,
) -> Recovered | None:
    """Recover one spool; None where its process lives, or it is of another lake."""
    lock = lock_spool(folder)
    if lock is None:
        return None
    try:
        found = [s for p in segments(folder) if (s := _read(p)) is not None]
        if not found:
            # Killed before its first record: there is nothing to lose.
            remove_spool(lock)
            return None
        header = found[0].header
        if only_lake is not None and header["lake"] != only_lake:
            return None
        return _recover(lock, found, store or open_store(header["lake"], options=options), now_ms)
    except (LakeboardError, OSError) as error:
        return Recovered(folder, error=f"{error}")
    finally:
        lock.release()


def _read(path: Path) -> Segment | None:
    return read_segment(path.read_bytes())


def _recover(lock: SpoolLock, found: Sequence[Segment], store: Store, now_ms: Callable[[], int]) -> Recovered:
    header = found[0].header
    project = header["project"]
    first = RunRow.from_json(header["run"])
    # live/ before metrics/: a range that a living hand seals meanwhile is then seen in at least one of them.
    tails = _tails(store, project, first)
    sealed = _sealed(store, project, first)
    tail_tables = [t.table for t in tails if t.table is not None]
    known_to = max([s.rows.hi for s in found] + [t.key.hi for t in tails] + [k.hi for k in sealed])
    sent = 0
    for lo, hi in _missing(found, sealed, known_to):
        spooled = [s.rows.groups.values() for s in found if s.rows.lo < hi and s.rows.hi > lo]
        table = rows_between([*(table_of_groups(g, first) for g in spooled), *tail_tables], lo, hi)
        if len(table) < hi - lo:
            # A hole that no source fills: what comes before it is sealed, and nothing is guessed.
            hi = lo + dense_rows(table, lo)
            if hi == lo:
                break
            table = rows_between([table], lo, hi)
        key = PointsKey(project, first.run_id, first.writer, hi, hi - lo)
        store.put(key.path, encode_points(table), durable=True)
        sealed[key] = -1
        sent += hi - lo
    files, rows = _files(store, project, first)
    final = _final_row(found, first, _newest_changes(tails), files, rows, now_ms())
    if not _has_final_row(store, project, first, rows):
        summary = summary_of(found, first, store, project, files)
        row_key = RowKey(project, first.run_id, first.writer, final.version)
        store.put(row_key.path, encode_table(rows_to_table([replace(final, summary=summary)])), durable=True)
    # Only what was read may go, and nothing while rows are known to be missing.
    result = Recovered(lock.folder, first.run_id, project, store.url, final.status, rows, sent)
    unread = [t.key.path for t in tails if not t.read]
    if rows < known_to or unread:
        why = f"rows {rows} to {known_to} are in no readable object" if rows < known_to else f"can't read {unread[0]}"
        return replace(result, error=f"{rows:,} points of {first.run_id} are in the lake, but {why}; the spool stays")
    store.delete([t.key.path for t in tails])
    remove_spool(lock)
    return result


@dataclass(frozen=True, slots=True)
class _Tail:
    """One of the writer's tails, read."""

    key: TailKey
    read: bool
    table: pa.Table | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


def _has_final_row(store: Store, project: str, first: RunRow, rows: int) -> bool:
    """Whether the run itself, or an earlier recovery that knew as much, put its final row."""
    keys = (parse_key(i.key) for i in store.list(project_prefix("runs", project)))
    return any(
        isinstance(k, RowKey)
        and (k.run_id, k.writer) == (first.run_id, first.writer)
        and k.version >= final_version(rows, RECOVERY)
        for k in keys
    )


def _missing(found: Sequence[Segment], sealed: Mapping[PointsKey, int], known_to: int) -> list[tuple[int, int]]:
    """Ranges to seal: those that the writer had pinned, under the same names, then what is left."""
    parts = [Part(k.lo, k.hi, True, k.path) for k in sealed]
    pins = [(s.rows.lo, n.rows.lo) for s, n in pairwise(found)]
    if found[-1].ending is not None:
        pins.append((found[-1].rows.lo, int(found[-1].ending["hi"])))
    out: list[tuple[int, int]] = []
    for lo, hi in pins:
        covered = cover(parts).complete_to
        if covered < hi and lo < hi and covered >= lo:
            out.append((lo, hi))
            parts.append(Part(lo, hi, True, f"pinned {hi}"))
    covered = cover(parts).complete_to
    if covered < known_to:
        out.append((covered, known_to))
    return out


def _tails(store: Store, project: str, first: RunRow) -> list[_Tail]:
    """The writer's tails, each read whole; one that vanishes meanwhile was superseded and is passed over."""
    out = []
    for info in store.list(project_prefix("live", project)):
        key = parse_key(info.key)
        if not isinstance(key, TailKey) or (key.run_id, key.writer) != (first.run_id, first.writer):
            continue
        try:
            data = store.get(key.path)
            table = plain(decode_table(data, key=key.path)) if key.length else None
            out.append(_Tail(key, True, table, decode_footer(data, key=key.path)))
        except MissingObject:
            continue
        except DamagedObject:
            out.append(_Tail(key, False))
    return out


def _newest_changes(tails: Sequence[_Tail]) -> Mapping[str, Any]:
    """What the newest readable tail says of the run's row."""
    said = [t for t in tails if t.read and t.key.k]
    return max(said, key=lambda t: t.key.k).changes if said else {}


def _sealed(store: Store, project: str, first: RunRow) -> dict[PointsKey, int]:
    out = {}
    for info in store.list(run_prefix(project, first.run_id)):
        key = parse_key(info.key)
        if isinstance(key, PointsKey) and key.writer == first.writer:
            out[key] = info.size
    return out


def _files(store: Store, project: str, first: RunRow) -> tuple[tuple[SealedFile, ...], int]:
    sealed = _sealed(store, project, first)
    files = tuple(SealedFile(k.name, size) for k, size in sorted(sealed.items(), key=lambda i: i[0].path))
    return files, cover(Part(k.lo, k.hi, True, k.path) for k in sealed).complete_to


def _final_row(
    found: Sequence[Segment],
    first: RunRow,
    tail_changes: Mapping[str, Any],
    files: tuple[SealedFile, ...],
    rows: int,
    now: int,
) -> RunRow:
    last = found[-1]
    changes = {**tail_changes, **(last.changes or last.header.get("changes") or {})}
    row = first.with_changes({k: v for k, v in changes.items() if k not in ("summary", "files")})
    ending = last.ending
    return replace(
        row,
        version=final_version(rows, RECOVERY),
        status=ending["status"] if ending else "crashed",
        error=ending.get("error") if ending else "the process ended without finishing the run",
        ended_at=ending.get("ended_at") if ending else _last_time(found) or row.updated_at,
        updated_at=now,
        closed_by="recover",
        rows=rows,
        files=files,
    )


def _last_time(found: Sequence[Segment]) -> int | None:
    times = [g.times[-1] for s in found for g in s.rows.groups.values() if g.calls]
    return int(max(times) * 1000) if times else None


def read_header(folder: Path) -> Mapping[str, Any] | None:
    """What a spool says of its run, without locking it; None where it says nothing readable."""
    for path in segments(folder):
        try:
            segment = read_segment(path.read_bytes())
        except (OSError, json.JSONDecodeError):
            continue
        if segment is not None:
            return segment.header
    return None
