"""The states of a lake's projects, each read once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from threading import Lock
from typing import Final

from ...schema.errors import UnknownProject, UnknownRun
from ...schema.names import check_project
from ...schema.nearest import no_such
from ...store.base import Store
from ..objects.reader import Memory
from ..objects.retry import Patience, Sleep
from .project_memory import ProjectMemory
from .projects import projects_frame
from .snapshot import Snapshot, take_snapshot
from .survey import LiveCensus, Survey, take_survey

_SHOWN: Final = 5


class SnapshotReader:
    """Takes snapshots of projects and remembers the last of each. Safe to share between threads."""

    def __init__(self, store: Store, *, memory: Memory, wall: Callable[[], datetime], sleep: Sleep) -> None:
        """Read from `store`.

        Args:
            store: the lake's objects.
            memory: keeps small objects that were read.
            wall: this machine's clock.
            sleep: waits for listings to catch up.
        """
        self._store = store
        self._memory = memory
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
            return self._projects.setdefault(project, ProjectMemory(Patience(self._sleep)))

    def survey(self, *, unread: int | None = None) -> Survey:
        """The state of every project: see `take_survey`."""
        return take_survey(
            self._store, self.memory_of, memory=self._memory, sleep=self._sleep, wall=self._wall, unread=unread
        )

    def census(self) -> LiveCensus:
        """A counter of live runs by project."""
        return LiveCensus(self._store, memory=self._memory, sleep=self._sleep, wall=self._wall)

    def take(self, project: str, *, previous: Snapshot | None = None) -> Snapshot:
        """The state of one project: see `Lake.snapshot`."""
        asked = time.monotonic()
        state = self.memory_of(project)
        with state.lock:
            if state.snapshot is not None and state.began > asked and previous is None:
                return state.snapshot
            state.began = time.monotonic()
            state.snapshot = take_snapshot(
                self._store,
                project,
                previous=previous or state.snapshot,
                memory=self._memory,
                wall=self._wall,
                sleep=self._sleep,
            )
            return state.snapshot

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
        """`run_ids`, each once, when the project has them all.

        Raises:
            UnknownRun: it lacks one; names those.
        """
        wanted = list(dict.fromkeys(run_ids))
        unknown = sorted(set(wanted) - snapshot.known_runs())
        if unknown:
            more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
            shown = ", ".join(unknown[:_SHOWN]) + more
            raise UnknownRun(f"project {snapshot.project!r} of lake {self._store.url} has no run {shown}")
        return wanted
