"""What a lake remembers of one project between calls."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Final

from ..objects.problems import Problem
from ..objects.retry import Patience
from .snapshot import Snapshot

_MOST_REPORTED: Final = 1_000


class ProjectMemory:
    """The last snapshot, what was waited for in vain, and problems met while reading points."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self.lock = Lock()
        """Held while a snapshot is taken."""
        self.snapshot: Snapshot | None = None
        self.began = 0.0
        """When reading the snapshot began, by the monotonic clock."""
        self.reported: tuple[Problem, ...] = ()

    def report(self, problems: Iterable[Problem]) -> None:
        """Remember problems with points, of each object the newest of each kind."""
        fresh = {(p.key, p.kind): p for p in (*self.reported, *problems)}
        self.reported = tuple(fresh.values())[-_MOST_REPORTED:]
