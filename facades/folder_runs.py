"""Runs by the folder that a script writes them to: several writers of one folder share one."""

from __future__ import annotations

import threading
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .. import init
from .notices import NOTICES

if TYPE_CHECKING:
    from .. import Run

_NOTE: Final = "lakeboard-run"
"""The file in such a folder that says which run was written to last."""


class OpenRuns:
    """Runs by the folder they stand for: writers of its parts share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[Path, tuple[Run, int]] = {}

    def take(self, home: Path, purge_step: int | None) -> Run:
        """The folder's open run, or a new one: with `purge_step` the one before goes on from there."""
        with self._lock:
            run, count = self._runs.get(home, (None, 0))
            if run is None or run.finished:
                run, count = _begin(home, purge_step), 0
            self._runs[home] = run, count + 1
            return run

    def give_back(self, home: Path) -> None:
        """A writer of the folder is closed; its run ends with the last one."""
        with self._lock:
            run, count = self._runs.pop(home, (None, 0))
            if run is not None and count > 1:
                self._runs[home] = run, count - 1
                return
        if run is not None:
            run.finish()


OPEN: Final = OpenRuns()
"""Those of this process."""


def _begin(home: Path, purge_step: int | None) -> Run:
    note = home / _NOTE
    options: dict[str, Any] = {}
    if purge_step is not None and (known := _read(note)):
        options = {"id": known, "resume": "allow", "resume_step": purge_step}
    run = apart(project=home.parent.name or "runs", name=home.name or "run", **options)
    NOTICES.guard(f"the note {note}", lambda: note.write_text(f"{run.id}\n"))
    return run


def _read(note: Path) -> str | None:
    try:
        return note.read_text().strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def apart(**options: Any) -> Run:
    """A run that is not the current one where there is one: `lakeboard.log` goes on to log to that."""
    from .. import run as current

    begin = copy_context().run if current is not None else (lambda work: work())
    return begin(lambda: init(reinit="create_new", **options))
