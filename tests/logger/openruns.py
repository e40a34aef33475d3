"""Runs of one process that are open at the same time, none of them the current one."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from lakeboard.logger.carrier import new_writer, now_ms
from lakeboard.logger.console import Console
from lakeboard.logger.process import PROCESS
from lakeboard.logger.run import Run
from lakeboard.logger.settings import resolve
from lakeboard.schema.run.row import RunRow


def open_run(lake: Path | str, run_id: str, **options: float) -> Run:
    """A run that logs into `lake`."""
    settings = resolve(lake=lake, mode=None, env=os.environ, quiet=True, **options)  # type: ignore[arg-type]
    now = now_ms()
    row = RunRow(run_id=run_id, writer=new_writer(1), created_at=now, started_at=now, updated_at=now)
    return Run(settings, "p", row, {}, console=Console(quiet=True), keeper=PROCESS)


def background_threads() -> list[str]:
    """Names of our threads that carry points."""
    ours = ("lakeboard-writer", "lakeboard-upload")
    return sorted(thread.name for thread in threading.enumerate() if thread.name.startswith(ours))
