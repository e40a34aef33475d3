"""Every project of a lake at one moment, for the price of one listing."""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, TypeAlias

from ...schema.errors import AccessDenied
from ...schema.keys import Area, RowKey, TailKey, parse_key, parse_project_dir, project_prefix
from ...schema.problems import Problem, problem_of
from ...store.base import ObjectInfo, Store
from ...store.counting import CountingStore
from ...store.wrapper import StoreWrapper
from ...upkeep.listing import list_readable
from ..objects.lru import CachePart
from ..objects.reader import HeldObjects
from ..objects.retry import Sleep
from .project_memory import ProjectMemory
from .snapshot import Snapshot, take_snapshot
from .snapshot_size import snapshot_bytes

_AREAS: Final[tuple[Area, ...]] = ("live", "runs", "edits")
"""In readers' order, so that a run that ends meanwhile is not missed."""
Listing: TypeAlias = Mapping[str, Sequence[ObjectInfo]]
"""By area's folder of one project, such as `live/project=digits/`: what it holds."""


@dataclass(frozen=True, slots=True)
class Survey:
    """All projects of a lake, as one look at it found them."""

    snapshots: tuple[Snapshot, ...]
    """Of the projects that were read, by name."""
    pending: tuple[str, ...]
    """Projects with so much unread that they were left for another look, by name."""
    requests: int
    """What it cost: LIST pages and GETs."""
    closed: tuple[Problem, ...] = ()
    """Folders of projects that this person may not read."""

    @property
    def projects(self) -> tuple[str, ...]:
        """All projects, read or not, by name."""
        return tuple(sorted([*(s.project for s in self.snapshots), *self.pending]))


class Listed(StoreWrapper):
    """A store that answers the first listing of each folder out of a listing made before; later ones are real.

    Args:
        inner: the store.
        listing: made before.
    """

    def __init__(self, inner: Store, listing: Listing) -> None:
        super().__init__(inner)
        self._left = dict(listing)

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        """Every object below a folder."""
        known = self._left.pop(prefix, None)
        return self._inner.list(prefix) if known is None else builtins.list(known)


def list_projects(store: Store) -> tuple[list[str], dict[str, list[ObjectInfo]], tuple[Problem, ...]]:
    """The projects by name, of each its three folders, and what this person may not read.

    Three LISTs, one page more per 1,000 objects. Where a project is closed to this person, one LIST for each project.

    Raises:
        AccessDenied: not even the names of projects may be seen.
    """
    found: dict[str, list[ObjectInfo]] = {}
    closed: dict[str, AccessDenied] = {}
    for area in _AREAS:
        listed, denied = list_readable(store, f"{area}/")
        closed |= denied
        for info in listed:
            folder, slash, _ = info.key[len(area) + 1 :].partition("/")
            if slash:
                found.setdefault(f"{area}/{folder}/", []).append(info)
    hidden = {prefix.split("/")[1] for prefix in closed}
    # Of a project that is closed in part nothing would be right.
    names = {parse_project_dir(folder) for prefix in found if (folder := prefix.split("/")[1]) not in hidden}
    projects = sorted(name for name in names if name is not None)
    listing = {prefix: found.get(prefix, []) for name in projects for prefix in _prefixes(name)}
    return projects, listing, tuple(problem_of(prefix, error) for prefix, error in sorted(closed.items()))


def take_survey(
    store: Store,
    recall: Callable[[str], ProjectMemory],
    *,
    memory: HeldObjects,
    sleep: Sleep,
    wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    unread: int | None = None,
) -> Survey:
    """Read what is new in all projects, and leave it with what is remembered of each.

    Three LISTs in all, one page more per 1,000 objects, and one GET for each object not seen before, as
    `take_snapshot` reads them. A project in which nothing changed costs nothing more.

    Args:
        store: the lake.
        recall: what is remembered of a project.
        memory: bytes at hand.
        sleep: waits for what may still come.
        wall: this machine's clock.
        unread: objects at most that are read of projects not seen before, those with the latest news first; the
            others stay pending. At least one is read. Null: read everything.

    Raises:
        AccessDenied, StoreUnreachable: a listing failed.
    """
    counting = CountingStore(store)
    began = time.monotonic()
    projects, listing, closed = list_projects(counting)
    snapshots, pending, read = [], [], 0
    for name in sorted(projects, key=lambda each: (-_newest(listing, each), each)):
        state = recall(name)
        with state.lock:
            known = state.snapshot
            if known is not None and state.began >= began:
                # Somebody read it after our listing; going back in time would lose news.
                snapshots.append(known)
                continue
            there = {info.key: info for prefix in _prefixes(name) for info in listing[prefix]}
            fresh = len(there) if known is None else len(there.keys() - known.cache.listed.keys())
            if known is None and unread is not None and read and read + fresh > unread:
                pending.append(name)
                continue
            read += fresh
            state.began = began
            if known is not None and not known.problems and known.cache.listed == there:
                taken = replace(known, now=known.cache.clock.now(wall()), requests=0)
            else:
                own = {prefix: listing[prefix] for prefix in _prefixes(name)}
                taken = take_snapshot(
                    Listed(counting, own), name, previous=known, memory=memory, wall=wall, sleep=sleep
                )
            state.snapshot = taken
            snapshots.append(taken)
    return Survey(
        tuple(sorted(snapshots, key=lambda s: s.project)),
        tuple(sorted(pending)),
        requests=counting.requests(),
        closed=closed,
    )


class LiveCensus:
    """How many runs of each project are live, for far less than a survey: only what running writers put is read.

    Safe to share between threads that take turns.

    Args:
        store: the lake.
        memory: bytes at hand.
        sleep: waits for what may still come.
        wall: this machine's clock.
        snapshots: keeps what was read of each project while there is room.
    """

    def __init__(
        self,
        store: Store,
        *,
        memory: HeldObjects,
        snapshots: CachePart,
        sleep: Sleep = time.sleep,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._memory = memory
        self._sleep = sleep
        self._wall = wall
        self._snapshots = snapshots
        self.requests = 0
        """What the last count cost."""

    def count(self) -> dict[str, int]:
        """By project, in order of names: runs that are running, have sent news in time, and not deleted.

        Three LISTs, one page more per 1,000 objects; of projects with a running writer its newest tail where that is
        new, the decisions, and the final rows of runs that still have tails. A run whose final row is in a pack
        while its tails are still there counts until they fall silent.

        Raises:
            AccessDenied, StoreUnreachable: a listing failed.
        """
        counting = CountingStore(self._store)
        projects, listing, _ = list_projects(counting)
        out = {}
        for name in projects:
            own = {prefix: listing[prefix] for prefix in _prefixes(name)}
            live = own[project_prefix("live", name)]
            if not live:
                self._snapshots.discard(name)
                out[name] = 0
                continue
            runs = {key.run_id for info in live if isinstance(key := parse_key(info.key), TailKey)}
            own[project_prefix("runs", name)] = [
                info
                for info in own[project_prefix("runs", name)]
                if _may_be_of(info.key, runs) and isinstance(key := parse_key(info.key), RowKey) and key.run_id in runs
            ]
            known = self._snapshots.get(name)
            snapshot = take_snapshot(
                Listed(counting, own),
                name,
                previous=known if isinstance(known, Snapshot) else None,
                memory=self._memory,
                wall=self._wall,
                sleep=self._sleep,
                count=False,
            )
            self._snapshots.put(name, snapshot, snapshot_bytes(snapshot))
            out[name] = live_runs(snapshot)
        self.requests = counting.requests()
        return out


def _may_be_of(key: str, runs: Set[str]) -> bool:
    """Whether a row's key begins with one of some run ids: parsing all of 100,000 would take half a second."""
    return key.rpartition("/")[2].removeprefix("r-").partition(".")[0] in runs


def live_runs(snapshot: Snapshot) -> int:
    """How many runs are running, have sent news in time, and not deleted. No request."""
    return len(
        {
            run_id
            for (run_id, _), writer in snapshot.live.items()
            if not writer.ended and not writer.silent(snapshot.now) and not _hidden(snapshot, run_id)
        }
    )


def _hidden(snapshot: Snapshot, run_id: str) -> bool:
    decided = snapshot.decisions.get(run_id)
    return decided is not None and (decided.deleted or decided.purged)


def _prefixes(project: str) -> Iterable[str]:
    return [project_prefix(area, project) for area in _AREAS]


def _newest(listing: Listing, project: str) -> float:
    """When the project's newest object came, in seconds since 1970."""
    found = [info.modified for prefix in _prefixes(project) for info in listing[prefix]]
    return max(found).timestamp() if found else 0.0
