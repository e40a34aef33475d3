"""Checking a lake: every object against its name, every run's rows against its files; and putting right what can be.

Nothing is deleted that is the only copy of a row. Objects that others put there, and those that can't be read, are
named and left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from ..schema.ahead import is_ahead
from ..schema.artifacts.keys import ActKey, FileKey, IntentKey, ManifestKey
from ..schema.errors import AccessDenied, DamagedObject, LakeFormat, MissingObject
from ..schema.keys import LAKE_KEY, DocumentKey, EditKey, Key, PackKey, PointsKey, TailKey, parse_key
from ..schema.logs.keys import LOGS, LogKey
from ..schema.media.keys import MediaFileKey, MediaKey
from ..schema.parquet import FOOTER_GUESS_BYTES
from ..schema.problems import Problem, problem_of
from ..store.base import ObjectInfo, Store
from ..store.format import check_lake
from ..store.wrapper import passed_over
from .artifacts.check import ArtifactCheck
from .checks import (
    check_document,
    check_edits,
    check_footer,
    check_points,
    check_points_end,
    check_rows,
    check_times,
    edit_marks,
)
from .clock import PROBE_PREFIX
from .janitor import SILENT
from .listing import batches, list_readable
from .logs import check_logs
from .media import check_media
from .relations import WriterState, relate
from .repair import repair_writer
from .tails import Who

_READ_BYTES: Final = 32 * 2**20
_READ_OBJECTS: Final = 256
_RELATED: Final = ("incomplete", "overlap", "row", "orphan", "unpromised")
_ARTIFACTS: Final = "artifacts/"
_NAMED: Final = 20
"""So many runs are named in a message."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found."""

    objects: int
    bytes: int
    problems: tuple[Problem, ...]
    """In order of keys; after a repair what is left."""
    put: tuple[str, ...] = ()
    """What a repair wrote."""
    deleted: tuple[str, ...] = ()
    """What it removed."""


@dataclass(slots=True)
class _Seen:
    """What one pass over a lake found."""

    objects: int = 0
    bytes: int = 0
    problems: list[Problem] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    tails: dict[tuple[str, Who], list[TailKey]] = field(default_factory=dict)
    sealed: dict[tuple[str, Who], dict[PointsKey, datetime]] = field(default_factory=dict)
    finals: dict[tuple[str, Who], WriterState] = field(default_factory=dict)
    purged: set[tuple[str, str]] = field(default_factory=set)
    artifacts: ArtifactCheck = field(default_factory=ArtifactCheck)


def fsck(
    store: Store,
    *,
    now: datetime,
    silent: timedelta = SILENT,
    repair: bool = False,
    quick: bool = False,
    artifacts: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Check a whole lake, and with `repair` put right what can be, then check again.

    One LIST per 1,000 objects and one GET per object (two where it must be looked at again, since somebody may have
    moved it meanwhile).

    Args:
        store: the lake.
        now: the store's time, or any time before it.
        silent: points that no row promises count as left over after so long.
        repair: keep one copy of each row, put rows that name the right files and promise all points.
        quick: of sealed points read the footers alone: bytes that flipped inside go unnoticed.
        artifacts: also read every file of artifacts and compare it with its SHA-256.
        progress: told (bytes read, bytes in all) now and then.

    Raises:
        StoreError: the lake can't be listed.
    """
    seen = _pass(store, now, silent, quick=quick, progress=progress)
    problems = [_with_hidden_runs(f, seen) for f in _lasting(store, seen, now, silent, quick=quick)]
    reread = seen.artifacts.reread(store, progress) if artifacts else []
    problems += reread
    if not repair or all(f.repair is None for f in problems):
        return Report(seen.objects, seen.bytes, tuple(sorted(set(problems))))
    put: list[str] = []
    deleted: list[str] = []
    for project, who in sorted(seen.sealed.keys() | seen.finals.keys()):
        state = _state(seen, project, who)
        if any(f.repair for f in relate(project, state, unreadable=seen.unreadable, now=now, silent=silent)):
            done = repair_writer(store, project, who, now=now, silent=silent)
            put += done.put
            deleted += done.deleted
    again = _pass(store, now, silent, quick=quick, progress=progress)
    left = [_with_hidden_runs(f, again) for f in _lasting(store, again, now, silent, quick=quick)] + reread
    return Report(again.objects, again.bytes, tuple(sorted(set(left))), tuple(put), tuple(deleted))


def _lasting(store: Store, seen: _Seen, now: datetime, silent: timedelta, *, quick: bool) -> list[Problem]:
    """The findings; those about how objects fit together only where a second look, upstream first, agrees."""
    related = [f for f in seen.problems if f.kind in _RELATED]
    if not related:
        return seen.problems
    second = _pass(store, now, silent, quick=quick, only={f.key.split("/")[1] for f in related})
    agreed = {(f.key, f.kind) for f in second.problems}
    return [f for f in seen.problems if f.kind not in _RELATED or (f.key, f.kind) in agreed]


def _with_hidden_runs(problem: Problem, seen: _Seen) -> Problem:
    """Of a pack that can't be read: also whose rows it may have held, and what can be done."""
    key = parse_key(problem.key)
    if not isinstance(key, PackKey) or key.area != "runs" or problem.kind not in ("damaged", "empty"):
        return problem
    told = {run_id for project, (run_id, _) in seen.finals.keys() | seen.tails.keys() if project == key.project}
    hidden = sorted({run_id for project, (run_id, _) in seen.sealed if project == key.project} - told)
    hidden = [run_id for run_id in hidden if (key.project, run_id) not in seen.purged]
    shown = ", ".join(hidden[:_NAMED]) + (f" and {len(hidden) - _NAMED:,} more" if len(hidden) > _NAMED else "")
    which = (
        f"{len(hidden):,} runs with points have no row elsewhere and are not shown: {shown}"
        if hidden
        else ("every run with points has its row elsewhere")
    )
    text = (
        f"{problem.message}. {which}. Runs without points, if it held any, are not known. If there is a copy, remove "
        f"this object and put the copy's in its place (lakeboard sync COPY LAKE)"
    )
    if hidden:
        text += (
            "; else lakeboard fsck --repair writes rows from the points of runs that are a day old: points, summaries "
            "and what people decided stay; params, origin, status and steps of resumes are lost (points that a "
            "resume hid show again), and a pack that comes back later wins"
        )
    return replace(problem, message=text)


def _pass(
    store: Store,
    now: datetime,
    silent: timedelta,
    *,
    quick: bool,
    progress: Callable[[int, int], None] = lambda done, total: None,
    only: set[str] | None = None,
) -> _Seen:
    seen = _Seen()
    listed, closed = _listed(store, only)
    seen.problems += [problem_of(folder, error) for folder, error in closed.items()]
    seen.unreadable |= closed.keys()
    # Of a project that is closed in part nothing could be told rightly, and nothing may be put right.
    hidden = {project for folder in closed for project in folder.split("/")[1:2] if project}
    listed = [info for info in listed if not hidden.intersection(info.key.split("/")[1:2])]
    odd = passed_over(store, "")
    seen.problems += [Problem(key, "foreign", f"{key} is {what}: it is passed over") for key, what in odd.items()]
    seen.objects, seen.bytes = len(listed), sum(i.size for i in listed)
    if only is None:
        seen.problems += _note(store, listed)
    seen.problems += check_logs(listed)
    wanted: list[tuple[ObjectInfo, Key]] = []
    for info in listed:
        key = parse_key(info.key)
        if isinstance(key, FileKey):
            seen.artifacts.listed(info)
        elif key is not None:
            # The console has no checksum: what can be told of it the listing tells.
            wanted += [] if isinstance(key, LogKey) else [(info, key)]
        elif info.key != LAKE_KEY and not info.key.startswith((PROBE_PREFIX, _ARTIFACTS)):
            text = f"{info.key} is not an object of lakeboard's; readers pass it over"
            seen.problems.append(Problem(info.key, "foreign", text))
    done = 0
    for batch in batches(wanted, most_bytes=_READ_BYTES, most_objects=_READ_OBJECTS):
        _read(store, batch, seen, quick=quick)
        done += sum(info.size for info, _ in batch)
        progress(done, seen.bytes)
    for project, who in sorted(seen.tails.keys() | seen.sealed.keys() | seen.finals.keys()):
        if (project, who[0]) not in seen.purged:
            state = _state(seen, project, who)
            seen.problems += relate(project, state, unreadable=seen.unreadable, now=now, silent=silent)
    seen.problems += seen.artifacts.relate()
    return seen


def _listed(store: Store, only: set[str] | None) -> tuple[list[ObjectInfo], dict[str, AccessDenied]]:
    if only is None:
        return list_readable(store, "")
    # In the order in which readers list.
    found = [
        i
        for area in ("live", "runs", "metrics", "edits", LOGS)
        for folder in sorted(only)
        for i in store.list(f"{area}/{folder}/")
    ]
    return found, {}


def _note(store: Store, listed: Sequence[ObjectInfo]) -> list[Problem]:
    try:
        if check_lake(store) is None and listed:
            text = f"{LAKE_KEY} is missing in {store.url}: a newer lakeboard can't tell which format this is"
            return [Problem(LAKE_KEY, "lake", text)]
    except (DamagedObject, LakeFormat) as error:
        return [problem_of(LAKE_KEY, error)]
    return []


def _read(store: Store, batch: Sequence[tuple[ObjectInfo, Key]], seen: _Seen, *, quick: bool) -> None:
    whole = [info.key for info, key in batch if not (quick and isinstance(key, PointsKey) and info.size)]
    found = store.get_many(whole)
    for info, key in batch:
        try:
            data = found[info.key] if info.key in found else store.get_tail(info.key, FOOTER_GUESS_BYTES)
            if isinstance(data, Exception):
                raise data
        except MissingObject:
            continue
        except (OSError, DamagedObject) as error:
            seen.problems.append(problem_of(info.key, error))
            seen.unreadable.add(info.key)
            _remember(seen, info, key)
            continue
        bad = _check(seen, info, key, data, whole=info.key in found)
        seen.problems += bad
        if bad:
            seen.unreadable.add(info.key)
        _remember(seen, info, key)


def _check(seen: _Seen, info: ObjectInfo, key: Key, data: bytes, *, whole: bool) -> list[Problem]:
    if isinstance(key, PointsKey):
        return check_points(key, data)[1] if whole else check_points_end(key, data)
    if isinstance(key, TailKey):
        return check_points(key, data)[1] or check_footer(key, data)[1]
    if isinstance(key, MediaKey):
        return check_media(key, data)
    if isinstance(key, MediaFileKey):
        return [] if data else [Problem(key.path, "empty", f"{key.path} has no bytes at all")]
    if isinstance(key, DocumentKey):
        return check_document(key, data) or check_times(key, info.modified, [key.hlc])
    if isinstance(key, EditKey) or (isinstance(key, PackKey) and key.area == "edits"):
        bad = check_edits(key, data)
        if not bad:
            marks = [(mark, int(str(mark.identity[1]))) for mark in edit_marks(key, data)]
            bad = check_times(key, info.modified, [hlc for _, hlc in marks])
            # What is ahead of its object's time does not count.
            seen.purged |= {
                (key.project, mark.run_id) for mark, hlc in marks if mark.tombstone and not is_ahead(hlc, info.modified)
            }
        return bad
    if isinstance(key, LogKey):
        return []
    if isinstance(key, (ManifestKey, IntentKey, ActKey)):
        return seen.artifacts.read(key, data)
    assert not isinstance(key, FileKey), "files are not read whole"
    rows, bad = check_rows(key, data)
    for row in rows:
        who = (row.run_id, row.writer)
        known = seen.finals.get((key.project, who))
        if known is None or known.final is None or row.version > known.final.version:
            seen.finals[key.project, who] = WriterState(who, final=row, source=key.path)
    return bad


def _remember(seen: _Seen, info: ObjectInfo, key: Key) -> None:
    if isinstance(key, TailKey):
        seen.tails.setdefault((key.project, (key.run_id, key.writer)), []).append(key)
    elif isinstance(key, PointsKey):
        seen.sealed.setdefault((key.project, (key.run_id, key.writer)), {})[key] = info.modified


def _state(seen: _Seen, project: str, who: Who) -> WriterState:
    known = seen.finals.get((project, who), WriterState(who))
    return WriterState(
        who,
        tuple(seen.tails.get((project, who), ())),
        seen.sealed.get((project, who), {}),
        known.final,
        known.source,
    )
