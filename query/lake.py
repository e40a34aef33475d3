"""A lake, opened for reading."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import Final

import polars as pl

from ..schema.errors import UnknownProject
from ..store.base import Store
from ..store.format import check_lake
from ..store.opening import open_store
from .frame import Frames
from .objects import Memory
from .projects import projects_frame
from .snapshot import Snapshot, take_snapshot

ENVIRONMENT: Final = "LAKEBOARD_LAKE"
DEFAULT_LAKE: Final = "lake"


def open_lake(
    url: str | os.PathLike[str] | None = None, *, options: Mapping[str, object] | None = None, cache: bool = True
) -> Lake:
    """Open a lake for reading. Writes nothing; one GET.

    A lake that does not exist yet is an empty one.

    Args:
        url: where it is; without, what the environment variable `LAKEBOARD_LAKE` says, else the folder `lake`.
        options: arguments of the fsspec file system, such as `endpoint_url`.
        cache: keep what was read of remote lakes on local disk.

    Raises:
        LakeFormat: it is written in a format newer than this version reads.
        StoreUnreachable, AccessDenied: with the address and the fix.
        InvalidSetting: no such kind of address.
    """
    place = url if url is not None else os.environ.get(ENVIRONMENT) or DEFAULT_LAKE
    store = open_store(place, options=options)
    exists = check_lake(store) is not None
    return Lake(store, exists=exists)


class Lake:
    """Runs, points and people's decisions of one lake. Safe to share between threads.

    Every call sees what was acknowledged before it began. What was read once is not read again: a call costs three
    LISTs and one GET for each object that is new.
    """

    def __init__(self, store: Store, *, exists: bool = True) -> None:
        self._store = store
        self._exists = exists
        self._memory = Memory()
        self._lock = Lock()
        self._snapshots: dict[str, Snapshot] = {}

    def __repr__(self) -> str:
        return f"Lake({self.url!r})"

    @property
    def url(self) -> str:
        """Where it is; never with a secret in it."""
        return self._store.url

    @property
    def store(self) -> Store:
        """Its objects."""
        return self._store

    @property
    def exists(self) -> bool:
        """Whether anything was ever written here. One GET while the answer is no."""
        if not self._exists:
            self._exists = check_lake(self._store) is not None
        return self._exists

    def projects(self) -> pl.DataFrame:
        """One row per project, sorted by name: `project`, `running` (has live tails). Three LISTs."""
        return projects_frame(self._store)

    def snapshot(self, project: str, *, previous: Snapshot | None = None) -> Snapshot:
        """The state of one project. Three LISTs, and one GET for each object not seen before.

        Args:
            project: its name; one that the lake does not have gives an empty snapshot.
            previous: what to build on; without, the last one that this lake took.
        """
        if previous is None:
            with self._lock:
                previous = self._snapshots.get(project)
        snapshot = take_snapshot(self._store, project, previous=previous, memory=self._memory, sleep=time.sleep)
        with self._lock:
            self._snapshots[project] = snapshot
        return snapshot

    def runs(
        self,
        project: str | Sequence[str] | None = None,
        *,
        where: str | None = None,
        deleted: bool = False,
        columns: Iterable[str] | None = None,
        snapshot: Snapshot | None = None,
    ) -> pl.DataFrame:
        """One row per run, newest first."""
        frames = Frames([snapshot] if snapshot is not None else self._snapshots_of(project))
        if not where:
            return frames.build(deleted=deleted, columns=columns)
        from .filters import compile_filter

        return frames.build(deleted=deleted, columns=columns, where=lambda schema: compile_filter(where, schema))

    def _snapshots_of(self, project: str | Sequence[str] | None) -> list[Snapshot]:
        if isinstance(project, str):
            snapshot = self.snapshot(project)
            if snapshot.empty:
                known = self.projects()["project"].to_list()
                raise UnknownProject(f"lake {self.url} has no project {project!r}; it has {', '.join(known) or 'none'}")
            return [snapshot]
        names = self.projects()["project"].to_list() if project is None else project
        return [self.snapshot(name) for name in dict.fromkeys(names)]
