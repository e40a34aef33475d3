"""`lakeboard.log` and `lakeboard.finish`: the same on the current run of this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..schema.errors import RunFinished
from .ending import EndStatus
from .process import PROCESS


def log(metrics: Mapping[str, Any], step: int | None = None, dataset: str | None = None) -> None:
    """`Run.log` of the current run.

    Raises:
        RunFinished: there is none; call `lakeboard.init` first.
    """
    run = PROCESS.run
    if run is None:
        raise RunFinished("lakeboard.log() needs a run: call lakeboard.init(project=...) first")
    run.log(metrics, step, dataset)


def finish(*, status: EndStatus = "finished", error: str | BaseException | None = None) -> None:
    """`Run.finish` of the current run; nothing where there is none."""
    run = PROCESS.run
    if run is not None:
        run.finish(status=status, error=error)
