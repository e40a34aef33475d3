"""The states of a lake's projects, each read once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from ...schema.errors import UnknownProject, UnknownRun
from ...schema.keys import run_prefix
from ...schema.names import check_project, same_run_id
from ...schema.problems import Problem
from ...schema.text.nearest import no_such
from ...store.base import Store
from ..objects.lru import MemoryCache
from ..objects.reader import HeldObjects
from ..objects.retry import Patience, Sleep
from .project_memory import ProjectMemory
from .projects import projects_frame
from .snapshot import Snapshot, take_snapshot
from .survey import LiveCensus, Survey, take_survey

_SHOWN: Final = 5


class SnapshotReader:
    """Takes snapshots of projects and remembers the last of each. Safe to share between threads."""

    def __init__(
        self,
        store: Store,
        *,
        cache: MemoryCache,
        wall: Callable[[], datetime],
        sleep: Sleep,
        folder: Path | None = None,
    ) -> None:
        """Read from `store`.

        Args:
            store: the lake's objects.
            cache: keeps small objects that were read, and the last snapshot of each project, while there is room.
            wall: this machine's clock.
            sleep: waits for listings to catch up.
            folder: of this lake on this machine, for what is worked out once; None keeps it in memory alone.
        """
        self._store = store
        self.objects = HeldObjects(cache.part("tails"), folder)
        """Small objects that were read."""
        self._cache = cache
        self._snapshots = cache.part("projects")
        self._wall = wall
        self._sleep = sleep
        self._lock = Lock()
        self._projects: dict[str, ProjectMemory] = {}

    def memory_of(self, project: str) -> ProjectMemory:
        """What is remembered of a project. No request.

        Raises:
            InvalidName: no project can have this name.
        """
        check_project(project)
        with self._lock:
            return self._projects.setdefault(project, ProjectMemory(project, Patience(self._sleep), self._snapshots))

    def problems(self, project: str) -> list[Problem]:
        """What could not be read so far of a project: as of its last snapshot, and of points. No request."""
        state = self.memory_of(project)
        known = state.snapshot
        return [*(known.problems if known is not None else ()), *state.reported]

    def forget_problems(self, project: str, run_id: str) -> None:
        """Forget what could not be read of a run's points. No request."""
        self.memory_of(project).forget(run_prefix(project, run_id))

    def survey(self, *, unread: int | None = None) -> Survey:
        """The state of every project: see `take_survey`."""
        return take_survey(
            self._store, self.memory_of, memory=self.objects, sleep=self._sleep, wall=self._wall, unread=unread
        )

    def census(self) -> LiveCensus:
        """A counter of live runs by project."""
        part = self._cache.part("projects")
        return LiveCensus(self._store, memory=self.objects, snapshots=part, sleep=self._sleep, wall=self._wall)

    def take(self, project: str, *, previous: Snapshot | None = None) -> Snapshot:
        """The state of one project: see `Lake.snapshot`."""
        asked = time.monotonic()
        state = self.memory_of(project)
        with state.lock:
            known = state.snapshot
            if known is not None and state.began > asked and previous is None:
                return known
            state.began = time.monotonic()
            state.snapshot = taken = take_snapshot(
                self._store,
                project,
                previous=previous or known,
                memory=self.objects,
                wall=self._wall,
                sleep=self._sleep,
            )
            return taken

    def take_known(self, project: str) -> Snapshot:
        """The state of a project that the lake has. The requests of `take`.

        Raises:
            UnknownProject: the lake holds nothing of it; names those that it may be.
        """
        snapshot = self.take(project)
        if snapshot.empty:
            near = no_such(project, projects_frame(self._store)["project"])
            raise UnknownProject(f"lake {self._store.url} has no project {project!r}{near}")
        return snapshot

    def take_all(self, project: str | Sequence[str] | None) -> list[Snapshot]:
        """The states of one project, several, or (None) all. The requests of `take` for each.

        Raises:
            UnknownProject: the lake holds nothing of one of them.
        """
        if project is None:
            return list(self.survey().snapshots)
        names = [project] if isinstance(project, str) else dict.fromkeys(project)
        return [self.take_known(name) for name in names]

    def check_runs(self, snapshot: Snapshot, run_ids: Iterable[str]) -> list[str]:
        """The ids under which the project has these runs, each once; those that `init` was given find them, too.

        Raises:
            UnknownRun: it lacks one; names those.
        """
        wanted = {same_run_id(asked): str(asked) for asked in run_ids}
        unknown = sorted(wanted[each] for each in wanted.keys() - snapshot.known_runs())
        if unknown:
            more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
            shown = ", ".join(unknown[:_SHOWN]) + more
            raise UnknownRun(f"project {snapshot.project!r} of lake {self._store.url} has no run {shown}")
        return list(wanted)
