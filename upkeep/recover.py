"""Finish what a killed job left: bring every spooled row to the lake, exactly once, and end its run.

What is missing is judged by `metrics/` alone. The rows come from the spool and from the run's tails, since a power
loss can leave the spool shorter than what was acknowledged. Nothing that exists is written again, and a recovery
that is itself interrupted can be repeated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..schema.batch import encode_groups
from ..schema.cover import Part, cover
from ..schema.errors import AccessDenied, DamagedObject, LakeboardError
from ..schema.keys import PointsKey, RowKey, TailKey, parse_key, project_prefix
from ..schema.parquet import encode_points, encode_table
from ..schema.rowtable import rows_to_table
from ..schema.run.lineage import united
from ..schema.run.row import BEHIND_ENV, RECOVERY, RunRow, SealedFile, final_version
from ..schema.spool import NEWER, Segment, read_segment, why_unreadable
from ..store.base import Store
from ..store.opening import open_limited
from .host import BEAT_SECONDS
from .left_tails import newest_changes, tail_keys, tail_tables
from .logs import send_log
from .media import send_media
from .points import dense_rows, rows_between, table_of_groups
from .recovered import Recovered, left_elsewhere, withheld
from .sealed import sealed_keys
from .spooldir import (
    SpoolLock,
    last_write,
    lock_spool,
    remove_spool,
    segments,
    set_spool_aside,
    spool_folders,
    spool_host,
)
from .summaries import summary_of
from .uploaded import send_artifacts

if TYPE_CHECKING:
    pass


def recover_host(
    roots: Iterable[Path],
    *,
    only_lake: str | None = None,
    only_runs: Collection[str] | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Callable[[Recovered], None] | None = None,
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    stop: Callable[[], bool] = lambda: False,
    accept_loss: bool = False,
    others_after: float | None = None,
    only_project: str | None = None,
) -> list[Recovered]:
    """Recover every spool of this host whose process is gone. One spool's trouble does not keep the others.

    Spools that another host wrote, where hosts share the folder, are left alone and named (`Recovered.elsewhere`),
    unless they were not written to for long.

    Memory: the points of one segment (some 20 MB) and their encoding, however large the spool.

    Args:
        roots: folders that hold spools.
        only_lake: leave spools of other lakes alone.
        only_runs: leave spools of other runs alone.
        options: for fsspec.
        progress: called after each.
        now_ms: milliseconds since 1970.
        stop: asked between objects; once true, the rest is left for the next time.
        accept_loss: where points are in no readable object, or a spool can't be read at all, set it aside once all
            that can be sent is in the lake, so that it is not tried for ever. Nothing of it is deleted.
        others_after: seconds without a write after which another host's job counts as dead; null: never.
        only_project: leave spools of other projects alone.
    """
    done = []
    for root in roots:
        try:
            folders = list(spool_folders(root))
        except OSError as error:
            folders, result = [], Recovered(root, error=f"can't look for spools: {error}")
            done.append(result)
            if progress is not None:
                progress(result)
        for folder in folders:
            if stop():
                return done
            if only_runs is not None and folder.name.partition(".")[0] not in only_runs:
                continue
            one = recover_spool(
                folder,
                only_lake=only_lake,
                only_project=only_project,
                options=options,
                now_ms=now_ms,
                stop=stop,
                accept_loss=accept_loss,
                others_after=others_after,
            )
            if one is not None:
                done.append(one)
                if progress is not None:
                    progress(one)
    return done


def recover_spool(
    folder: Path,
    *,
    only_lake: str | None = None,
    options: Mapping[str, Any] | None = None,
    now_ms: Callable[[], int],
    store: Store | None = None,
    stop: Callable[[], bool] = lambda: False,
    accept_loss: bool = False,
    others_after: float | None = None,
    only_project: str | None = None,
) -> Recovered | None:
    """Recover one spool; None where its process lives, or it is of another lake, or it never held anything.

    One that another host wrote is left alone until it was not written to for `others_after` seconds.

    Raises nothing: whatever went wrong is told in the answer, and the spool is left as it is.
    """
    found: list[_Spooled] = []
    lock = None
    try:
        foreign = left_elsewhere(folder, others_after)
        if foreign is not None:
            is_wanted = only_lake in (None, foreign.lake) and only_project in (None, foreign.project)
            return foreign if is_wanted else None
        lock = lock_spool(folder)
        if lock is None:
            return None
        found, damage = _look(folder)
        if not found and not damage:
            if not segments(folder) and spool_host(folder) is None and time.time() - last_write(folder) < BEAT_SECONDS:
                # Perhaps another host's, which has made its lock and not said so yet.
                return None
            # Killed before its first record: there is nothing to lose.
            remove_spool(lock)
            return None
        if not found:
            newer = NEWER in damage[0]
            # What a newer version can read is not lost.
            if accept_loss and only_lake is None and not newer:
                return Recovered(folder, lost=damage[0], aside=set_spool_aside(lock))
            return Recovered(folder, lost=None if newer else damage[0], error=f"{damage[0]}; it is left alone")
        header = found[0].segment.header
        lake = str(header["lake"])
        if only_lake not in (None, lake) or only_project not in (None, header["project"]):
            return None
        kept = header.get("options")
        every = {**(kept if isinstance(kept, dict) else {}), **(options or {})}
        return _recover(
            lock, found, damage, store or open_limited(lake, options=every or None), now_ms, stop, accept_loss
        )
    except AccessDenied as error:
        return _untouched(folder, found, f"{error}{withheld(found[0].segment.header) if found else ''}")
    except (LakeboardError, OSError) as error:
        return _untouched(folder, found, f"{error}")
    except Exception as error:  # noqa: BLE001 - one spool that makes no sense must not keep the others
        return _untouched(folder, found, f"it makes no sense ({type(error).__name__}: {error}); it is left alone")
    finally:
        if lock is not None:
            lock.release()


@dataclass(frozen=True, slots=True)
class _Spooled:
    """One file of a spool, without its points."""

    path: Path
    segment: Segment

    @property
    def lo(self) -> int:
        return self.segment.rows.lo

    @property
    def hi(self) -> int:
        return self.segment.rows.hi

    def read(self) -> Segment:
        """The file with its points."""
        segment = read_segment(self.path.read_bytes())
        if segment is None or (segment.rows.lo, segment.rows.hi) != (self.lo, self.hi):
            raise DamagedObject(f"{self.path} changed while it was read", key=str(self.path))
        return segment


def _untouched(folder: Path, found: Sequence[_Spooled], error: str) -> Recovered:
    header = found[0].segment.header if found else {}
    run = header.get("run")
    run_id = run.get("run_id") if isinstance(run, dict) else None
    return Recovered(folder, run_id, header.get("project"), header.get("lake"), error=error)


def _look(folder: Path) -> tuple[list[_Spooled], list[str]]:
    """What a spool's files tell, and what is wrong with them; a file cut short by its writer's death is not wrong."""
    found, damage = [], []
    for path in segments(folder):
        data = path.read_bytes()
        segment = read_segment(data, outline=True)
        if segment is not None:
            found.append(_Spooled(path, segment))
            if segment.damaged:
                damage.append(f"{path} is damaged after point {segment.rows.hi:,}")
        elif (why := why_unreadable(data)) is not None:
            damage.append(f"can't read {path}: {why}")
    return found, damage


def _recover(
    lock: SpoolLock,
    found: Sequence[_Spooled],
    damage: Sequence[str],
    store: Store,
    now_ms: Callable[[], int],
    stop: Callable[[], bool],
    accept_loss: bool,
) -> Recovered:
    header = found[0].segment.header
    project = header["project"]
    first = RunRow.from_json(header["run"])
    # live/ before metrics/: a range that a living hand seals meanwhile is then seen in at least one of them.
    tails = tail_keys(store, project, first)
    sealed = sealed_keys(store, project, (first.run_id, first.writer))
    known_to = max([s.hi for s in found] + [k.hi for k in tails] + [k.hi for k in sealed])
    result = Recovered(lock.folder, first.run_id, project, store.url)
    sent = 0
    for lo, hi in _missing(found, sealed, known_to):
        if stop():
            return replace(result, error="interrupted; the rest is sent the next time")
        data, hi = _encoded(store, found, tails, first, lo, hi)
        if hi == lo:
            continue  # A hole: what comes after it is sent all the same.
        key = PointsKey(project, first.run_id, first.writer, hi, hi - lo)
        store.put(key.path, data, durable=True)
        sealed[key] = -1
        sent += hi - lo
    media = send_media(store, lock.folder, project, (first.run_id, first.writer), stop=stop)
    if media is None:
        return replace(result, error="interrupted; the rest is sent the next time")
    # Before the final row, which tells of them and is never written again.
    artifacts = send_artifacts(store, lock.folder, now_ms=now_ms, stop=stop)
    if artifacts is None:
        return replace(result, error="interrupted; the rest is sent the next time")
    result = replace(result, artifacts=artifacts.sent, refused=artifacts.refused)
    files, rows = _files(store, project, first)
    final = _final_row(found, first, newest_changes(store, tails), files, rows, now_ms(), sent)
    if not _has_final_row(store, project, first, rows):
        summary = summary_of([s.segment for s in found], (s.read() for s in found), first, store, project, files)
        row_key = RowKey(project, first.run_id, first.writer, final.version)
        final = replace(final, summary=summary, media_rows=media.rows, media_files=media.files)
        final = replace(final, outputs=united((final.outputs, artifacts.made)))
        store.put(row_key.path, encode_table(rows_to_table([final])), durable=True)
    result = replace(result, status=final.status, rows=rows, sent=sent)
    if not send_log(store, lock.folder, project, first.run_id, first.writer, stop=stop):
        return replace(result, error="interrupted; the rest is sent the next time")
    # Nothing may go while points are known to be missing.
    why = _hole(rows, known_to, sealed_keys(store, project, (first.run_id, first.writer))) if rows < known_to else None
    why = why or (damage[0] if damage else None)
    if why is not None and accept_loss:
        return replace(result, lost=why, aside=set_spool_aside(lock))
    if why is not None:
        result = replace(result, lost=why)
        return replace(result, error=f"{rows:,} points of {first.run_id} are in the lake, but {why}; the spool stays")
    store.delete([k.path for k in tails])
    remove_spool(lock)
    return result


def _hole(rows: int, known_to: int, sealed: Iterable[PointsKey]) -> str:
    """Which points are in no readable object."""
    after = min((k.lo for k in sealed if k.lo > rows), default=known_to)
    later = " (later ones are in the lake)" if after < known_to else ""
    return f"points {rows} to {after - 1} are in no readable object{later}"


def _encoded(
    store: Store, found: Sequence[_Spooled], tails: Sequence[TailKey], first: RunRow, lo: int, hi: int
) -> tuple[bytes, int]:
    """The points `lo` to `hi` as the lake holds them, and how far they reach without a hole."""
    for spooled in found:
        if (spooled.lo, spooled.hi) == (lo, hi):
            groups = spooled.read().rows.groups.values()
            if sum(len(g.values) for g in groups) == hi - lo:
                return encode_groups(groups, writer=first.writer, attempt=first.attempt), hi
    # A power loss can leave the spool shorter than what was acknowledged: the tails have the rest.
    tables = [
        table_of_groups(s.read().rows.groups.values(), first) for s in found if s.lo < hi and s.hi > lo
    ] + tail_tables(store, [k for k in tails if k.lo < hi and k.hi > lo])
    if not tables:
        return b"", lo
    table = rows_between(tables, lo, hi)
    if len(table) < hi - lo:
        # A hole that no source fills: what comes before it is sealed, and nothing is guessed.
        hi = lo + dense_rows(table, lo)
        table = rows_between([table], lo, hi)
    return encode_points(table), hi


def _has_final_row(store: Store, project: str, first: RunRow, rows: int) -> bool:
    """Whether the run itself, or an earlier recovery that knew as much, put its final row."""
    keys = (parse_key(i.key) for i in store.list(project_prefix("runs", project)))
    return any(
        isinstance(k, RowKey)
        and (k.run_id, k.writer) == (first.run_id, first.writer)
        and k.version >= final_version(rows, RECOVERY)
        for k in keys
    )


def _missing(found: Sequence[_Spooled], sealed: Mapping[PointsKey, int], known_to: int) -> list[tuple[int, int]]:
    """Ranges to seal: those that the writer had pinned, under the same names, then what is left."""
    parts = [Part(k.lo, k.hi, True, k.path) for k in sealed]
    pins = [(s.lo, n.lo) for s, n in pairwise(found)]
    last = found[-1]
    if last.segment.ending is not None:
        pins.append((last.lo, int(last.segment.ending["hi"])))
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


def _files(store: Store, project: str, first: RunRow) -> tuple[tuple[SealedFile, ...], int]:
    sealed = sealed_keys(store, project, (first.run_id, first.writer))
    files = tuple(SealedFile(k.name, size) for k, size in sorted(sealed.items(), key=lambda i: i[0].path))
    return files, cover(Part(k.lo, k.hi, True, k.path) for k in sealed).complete_to


def _final_row(
    found: Sequence[_Spooled],
    first: RunRow,
    tail_changes: Mapping[str, Any],
    files: tuple[SealedFile, ...],
    rows: int,
    now: int,
    sent: int,
) -> RunRow:
    last = found[-1].segment
    changes = {**tail_changes, **(last.changes or last.header.get("changes") or {})}
    row = first.with_changes({k: v for k, v in changes.items() if k not in ("summary", "files", "media_files")})
    ending = last.ending
    at = datetime.fromtimestamp(now / 1000, UTC)
    ended_at = ending.get("ended_at") if ending else _last_time(found) or row.updated_at
    behind = {BEHIND_ENV: f"{sent:,} points until their recovery, at {at:%Y-%m-%d %H:%M:%S} UTC"} if sent else {}
    return replace(
        row,
        env={**row.env, **behind},
        version=final_version(rows, RECOVERY),
        status=ending["status"] if ending else "crashed",
        error=ending.get("error") if ending else "the process ended without finishing the run",
        # Its last points may have been logged after the clock was set back.
        ended_at=ended_at if ended_at is None else max(ended_at, row.started_at or ended_at),
        updated_at=now,
        closed_by="recover",
        rows=rows,
        files=files,
    )


def _last_time(found: Sequence[_Spooled]) -> int | None:
    times = [s.segment.last_time for s in found if s.segment.last_time is not None]
    return int(max(times) * 1000) if times else None
