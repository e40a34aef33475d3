"""What a lake remembers of one project between calls."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Final

from ...schema.problems import Problem
from ..objects.lru import CachePart
from ..objects.retry import Patience
from .snapshot import Snapshot
from .snapshot_size import snapshot_bytes

_MOST_REPORTED: Final = 1_000


class ProjectMemory:
    """The last snapshot, what was waited for in vain, and problems met while reading points.

    Args:
        project: which.
        patience: of its readers.
        snapshots: keeps the snapshot while there is room; without it the next one reads everything.
    """

    def __init__(self, project: str, patience: Patience, snapshots: CachePart) -> None:
        self._project = project
        self._snapshots = snapshots
        self.patience = patience
        self.lock = Lock()
        """Held while a snapshot is taken."""
        self.began = 0.0
        """When reading the snapshot began, by the monotonic clock."""
        self.reported: tuple[Problem, ...] = ()

    @property
    def snapshot(self) -> Snapshot | None:
        """The last one, where it is still at hand."""
        found = self._snapshots.get(self._project)
        return found if isinstance(found, Snapshot) else None

    @snapshot.setter
    def snapshot(self, taken: Snapshot) -> None:
        self._snapshots.put(self._project, taken, snapshot_bytes(taken))

    def report(self, problems: Iterable[Problem]) -> None:
        """Remember problems with points, of each object the newest of each kind."""
        fresh = {(p.key, p.kind): p for p in (*self.reported, *problems)}
        self.reported = tuple(fresh.values())[-_MOST_REPORTED:]

    def forget(self, prefix: str) -> None:
        """Forget problems with what is below a folder, since it is about to be read again."""
        self.reported = tuple(p for p in self.reported if not p.key.startswith(prefix))
