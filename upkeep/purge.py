"""Purging: the bytes of runs that somebody decided to remove for ever.

The decision is an edit, the tombstone, and it comes first: from then on no reader shows the run. The bytes go after a
grace, and again whenever a writer that did not know puts new ones. The tombstone itself is never dropped, so that
a copy that comes back, out of an old pack or another lake, stays hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..schema.ahead import is_ahead
from ..schema.errors import UnknownRun
from ..schema.keys import RowKey, TailKey, encode_segment, parse_key, project_prefix, run_prefix
from ..schema.logs.keys import logs_prefix
from ..schema.media.keys import media_prefix
from ..schema.names import same_run_id
from ..store.base import ObjectInfo, Store
from .clock import GRACE
from .packing.pack import read_marks
from .packing.packed import RowId


@dataclass(frozen=True, slots=True)
class Erase:
    """A task: remove the bytes of a purged run. May be repeated."""

    project: str
    run_id: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of an `Erase`."""

    objects: int
    freed: int
    """Bytes."""


def is_meant(typed: str, *, project: str, names: Mapping[str, str]) -> bool:
    """Whether somebody who typed this means to purge these runs. Pure.

    Args:
        typed: of a single run its name or id; of several their number or the project's name.
        project: theirs.
        names: by run id.
    """
    # Nobody can type the tabs and lines of a name into one line.
    text = " ".join(typed.split())
    if len(names) == 1:
        ((run_id, name),) = names.items()
        return bool(text) and text in (" ".join(name.split()), run_id)
    return len(names) > 1 and text in (str(len(names)), project)


def artifacts_prefix(project: str, run_id: str) -> str:
    """The folder that holds a run's files, with a trailing slash."""
    return f"artifacts/project={encode_segment(project)}/run_id={run_id}/"


def tombstones(edits: Sequence[ObjectInfo], known: Mapping[str, Sequence[RowId]]) -> dict[str, datetime]:
    """By purged run: when the store took the oldest of its tombstones that are still there. Pure.

    Args:
        edits: a listing of the project's edits.
        known: what was read of them.
    """
    out: dict[str, datetime] = {}
    for info in edits:
        for mark in known.get(info.key, ()):
            # (run_id, hlc, rand, op, arg); a purge of a time that can't be is nobody's: readers pass it over, too.
            if mark.tombstone and not is_ahead(int(str(mark.identity[1])), info.modified):
                out[mark.run_id] = min(info.modified, out.get(mark.run_id, info.modified))
    return out


def due_purges(since: Mapping[str, datetime], *, now: datetime, grace: timedelta = GRACE) -> frozenset[str]:
    """Purged runs whose bytes may go. Pure."""
    return frozenset(run_id for run_id, at in since.items() if now - at >= grace)


def erase_run(store: Store, task: Erase) -> Erased:
    """Remove a purged run's points, tails, media, files, console and row. 6 LISTs, one DELETE per 1,000 objects.

    Its row inside a pack goes with the next packing. Call it for purged runs alone.
    """
    return erase_runs(store, task.project, [task.run_id])


def erase_runs(store: Store, project: str, run_ids: Sequence[str]) -> Erased:
    """The same for many runs of a project. 2 LISTs, and three for each run; one DELETE per 1,000 objects."""
    wanted = frozenset(run_ids)
    doomed = [
        info
        for area in ("live", "runs")
        for info in store.list(project_prefix(area, project))
        if isinstance(key := parse_key(info.key), (TailKey, RowKey)) and key.run_id in wanted
    ]
    for run_id in sorted(wanted):
        doomed += store.list(run_prefix(project, run_id))
        doomed += store.list(media_prefix(project, run_id))
        doomed += store.list(artifacts_prefix(project, run_id))
        doomed += store.list(logs_prefix(project, run_id))
    if doomed:
        store.delete([info.key for info in doomed])
    return Erased(len(doomed), sum(info.size for info in doomed))


def purge_now(store: Store, project: str, run_ids: str | Sequence[str]) -> Erased:
    """Remove purged runs' bytes without waiting for the grace. Reads the project's edits to be sure.

    A reader that listed a moment ago may find points missing and lists again; a job of the run that still writes
    puts new ones, which the next `tidy` clears away.

    Raises:
        UnknownRun: nobody purged one of the runs; nothing was removed.
    """
    wanted = [same_run_id(each) for each in ([run_ids] if isinstance(run_ids, str) else run_ids)]
    edits = store.list(project_prefix("edits", project))
    known, _ = read_marks(store, [info.key for info in edits], "edits")
    purged = tombstones(edits, known)
    for run_id in wanted:
        if run_id not in purged:
            raise UnknownRun(
                f"run {run_id!r} of project {project!r} was not purged; lakeboard purge {run_id} does both"
            )
    return erase_runs(store, project, wanted)
