"""What a lake can be asked about what runs printed."""

from __future__ import annotations

from typing import Protocol

from ...store.base import Store
from .console import RunConsole


class _Lake(Protocol):
    @property
    def store(self) -> Store: ...

    def run(self, project: str, run_id: str) -> object: ...


class Consoles:
    """A verb of `Lake`."""

    def console(self: _Lake, project: str, run_id: str) -> RunConsole:
        """What the processes of a run printed: `.text()`, `.tail()`, `.search()`. Running ones, too, as far as sent.

        The requests of `snapshot`, and one LIST of the run's console; its parts are read when they are asked for.

        Raises:
            UnknownProject: the lake holds nothing of `project`.
            UnknownRun: no such run, or it is purged.
        """
        self.run(project, run_id)
        return RunConsole(self.store, project, run_id)
