"""`mode="disabled"`: a run that does nothing, so that a script needs no `if`. No thread, no spool, no pyarrow."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..schema.rows import RunRow
from .config import Config
from .console import Console
from .ending import EndStatus
from .run import Run
from .settings import Settings


class DisabledRun(Run):
    """Takes every call a run takes and keeps nothing but `config`, which scripts read back."""

    def __init__(self, settings: Settings, project: str, row: RunRow, config: Mapping[str, Any]) -> None:
        self._settings = settings
        self._project = project
        self._console = Console(quiet=True)
        self._lock = threading.RLock()
        self._definitions = ()
        self._finished = False
        self._ended = threading.Event()
        self._finisher = None
        self._row = row
        self._config = Config(config, changed=lambda values: None)
        self._summary = self._new_summary()
        self._carrier = None
        self._lake = settings.lake
        self._buffer = self._new_buffer(-1)

    def log(self, metrics: Mapping[str, Any], step: int | None = None, dataset: str | None = None) -> None:
        """Nothing."""

    def finish(
        self,
        *,
        status: EndStatus = "finished",
        error: str | BaseException | None = None,
        timeout: float | None = None,
    ) -> None:
        """Nothing but marking it finished."""
        self._finished = True
        self._ended.set()
        self._row = replace(self._row, status=status, error=None if error is None else str(error))

    def after_fork(self) -> None:
        """Nothing."""

    def _log_summary(self, values: dict[str, Any]) -> None:
        pass

    def _keep_result(self, name: str, value: object) -> None:
        pass
