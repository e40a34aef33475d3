"""Tidying a project: one look, a plan of tasks, and doing them one by one or side by side.

The plan is a pure function of what the look showed; every task may be done twice, by two at once, or not at all, and
carries all it needs, so that any `concurrent.futures.Executor` can do it anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias

from ..schema.errors import StoreError
from ..schema.keys import EditKey, PackKey, RowKey, TailKey, parse_key, project_prefix
from ..schema.logs.keys import logs_folder
from ..schema.problems import Problem
from ..store.base import Store
from .clock import GRACE
from .janitor import SILENT, Close, Closed, close_writer, plan_janitor
from .listing import ProjectListing, list_project
from .packing.pack import MIN_SINGLES, Pack, Packed, coverage, pack, plan_pack, read_marks
from .packing.packed import PackArea, RowId
from .purge import Erase, Erased, artifacts_prefix, due_purges, erase_run, tombstones


@dataclass(frozen=True, slots=True)
class Drop:
    """A task: remove objects that packs cover since longer than the grace."""

    area: PackArea
    project: str
    keys: tuple[str, ...]
    size: int
    """Bytes of these."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """What became of a `Drop`."""

    objects: int
    freed: int


Task: TypeAlias = Pack | Drop | Close | Erase
Result: TypeAlias = Packed | Dropped | Closed | Erased


@dataclass(frozen=True, slots=True)
class Done:
    """A task and what became of it."""

    task: Task
    result: Result | None
    error: str | None = None
    """Why it could not be done; doing it again may help."""


@dataclass(frozen=True, slots=True)
class Look:
    """All that a plan needs to know of a project."""

    listing: ProjectListing
    rows: Mapping[str, Sequence[RowId]]
    """Of each pack of run rows that could be read: whose."""
    edits: Mapping[str, Sequence[RowId]]
    """Of each object of edits that could be read: which."""
    folders: frozenset[str]
    """Runs that have sealed points, media, files or a console; known only where something was purged."""
    problems: tuple[Problem, ...]
    """Packs and edits that could not be read."""


def look_at(store: Store, project: str) -> Look:
    """Look at a project. 3 LISTs, one GET for each pack and each object of edits; three LISTs more after a purge."""
    listing = list_project(store, project)
    packs = [i.key for i in listing.runs if isinstance(parse_key(i.key), PackKey)]
    rows, bad = read_marks(store, packs, "runs")
    wanted = [i.key for i in listing.edits if isinstance(parse_key(i.key), (PackKey, EditKey))]
    edits, worse = read_marks(store, wanted, "edits")
    folders: set[str] = set()
    if tombstones(listing.edits, edits):
        bases = (
            project_prefix("metrics", project),
            project_prefix("media", project),
            artifacts_prefix(project, "_").removesuffix("run_id=_/"),
            logs_folder(project),
        )
        folders = {name.removeprefix("run_id=") for base in bases for name in store.list_dirs(base)}
    return Look(listing, rows, edits, frozenset(folders), (*bad, *worse))


def plan_tidy(
    seen: Look,
    *,
    now: datetime,
    silent: timedelta = SILENT,
    grace: timedelta = GRACE,
    min_singles: int = MIN_SINGLES,
) -> list[Task]:
    """What there is to do, in the order in which it is best done. Pure.

    Args:
        seen: a look at the project.
        now: the store's time, or any time before it.
        silent: without a tail for so long, a writer counts as dead.
        grace: so long what was packed or purged stays.
        min_singles: up to this many objects of one row stay unpacked.
    """
    listing, project = seen.listing, seen.listing.project
    purged = due_purges(tombstones(listing.edits, seen.edits), now=now, grace=grace)
    kept = {
        k.run_id for i in (*listing.live, *listing.runs) if isinstance(k := parse_key(i.key), (TailKey, RowKey))
    } | seen.folders
    tasks: list[Task] = [Erase(project, run_id) for run_id in sorted(purged & kept)]
    tasks += [
        task
        for task in plan_janitor(project, listing.live, listing.runs, now=now, silent=silent)
        if task.run_id not in purged
    ]
    drops: list[Task] = []
    areas: list[tuple[PackArea, Mapping[str, Sequence[RowId]]]] = [("runs", seen.rows), ("edits", seen.edits)]
    for area, known in areas:
        listed = listing.runs if area == "runs" else listing.edits
        found = coverage(listed, known, now=now, grace=grace, purged=purged)
        rewrite = {key for key, rows in known.items() if _has_both(rows, purged)} - found.covered
        task = plan_pack(
            listed,
            area=area,
            project=project,
            min_singles=min_singles,
            skip=found.covered,
            rewrite=rewrite,
            purged=purged,
        )
        tasks += [task] if task is not None else []
        # The rows of purged runs go with the rest of them.
        due = tuple(k for k in found.due if not (isinstance(p := parse_key(k), RowKey) and p.run_id in purged))
        if due:
            sizes = {info.key: info.size for info in listed}
            drops.append(Drop(area, project, due, sum(sizes[key] for key in due)))
    return tasks + drops


def _has_both(rows: Iterable[RowId], purged: frozenset[str]) -> bool:
    """Whether some rows must go and others must stay."""
    going = [mark.run_id in purged and not mark.tombstone for mark in rows]
    return any(going) and not all(going)


def execute(store: Store, task: Task, *, now: datetime, silent: timedelta = SILENT) -> Done:
    """Do one task. A failure of the store is told, not raised: the others may still be done."""
    try:
        if isinstance(task, Pack):
            return Done(task, pack(store, task))
        if isinstance(task, Close):
            return Done(task, close_writer(store, task, now=now, silent=silent))
        if isinstance(task, Erase):
            return Done(task, erase_run(store, task))
        store.delete(task.keys)
        return Done(task, Dropped(len(task.keys), task.size))
    except StoreError as error:
        return Done(task, None, str(error))


def execute_all(
    store: Store,
    tasks: Sequence[Task],
    *,
    now: datetime,
    silent: timedelta = SILENT,
    executor: Executor | None = None,
) -> Iterator[Done]:
    """Do tasks, in order or, with an executor, side by side in any order; each as it is done.

    Args:
        store: the lake; for executors of other processes one that can be pickled.
        tasks: from `plan_tidy`.
        now: the store's time, or any time before it.
        silent: as the plan was made with.
        executor: threads, processes, or any cluster's that keeps to `concurrent.futures`.
    """
    act = partial(execute, store, now=now, silent=silent)
    if executor is None:
        yield from map(act, tasks)
        return
    for future in as_completed([executor.submit(act, task) for task in tasks]):
        yield future.result()
