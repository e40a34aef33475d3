"""`lakeboard.log`, `lakeboard.run` and the like: the current run of the calling context."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import datetime
from typing import Any, NoReturn

from ..schema.errors import RunFinished
from ..upkeep.artifacts.artifact import Artifact as StoredArtifact
from .artifacts.artifact import Artifact
from .artifacts.handle import ArtifactHandle
from .ending import EndStatus
from .inputs.config import Config, SummaryView
from .process import PROCESS
from .run import Run


def log(
    metrics: Mapping[str, Any],
    step: int | None = None,
    dataset: str | None = None,
    *,
    timestamp: float | datetime | None = None,
    aside: bool = False,
    commit: bool | None = None,
) -> None:
    """`Run.log` of the current run.

    Raises:
        RunFinished: there is none; call `lakeboard.init` first.
    """
    _needed("log()").log(metrics, step, dataset, timestamp=timestamp, aside=aside, commit=commit)


def log_artifact(
    artifact: str | os.PathLike[str] | Artifact,
    name: str | None = None,
    type: str = "unspecified",  # noqa: A002 the field's own word
    **options: Any,
) -> ArtifactHandle:
    """`Run.log_artifact` of the current run. Takes the same options.

    Raises:
        RunFinished: there is none; call `lakeboard.init` first.
    """
    return _needed("log_artifact()").log_artifact(artifact, name, type, **options)


def use_artifact(name: str, type: str | None = None) -> StoredArtifact:  # noqa: A002 the field's own word
    """`Run.use_artifact` of the current run.

    Raises:
        RunFinished: there is none; call `lakeboard.init` first. What `Run.use_artifact` raises.
    """
    return _needed("use_artifact()").use_artifact(name, type)


def define_metric(
    name: str, *, goal: str | None = None, step_metric: str | None = None, summary: str | None = None
) -> None:
    """`Run.define_metric` of the current run.

    Raises:
        RunFinished: there is none; call `lakeboard.init` first.
        InvalidValue: an unknown goal, or an unknown word for a summary.
    """
    _needed("define_metric()").define_metric(name, goal=goal, step_metric=step_metric, summary=summary)


def finish(
    exit_code: int | None = None,
    *,
    status: EndStatus | None = None,
    error: str | BaseException | None = None,
    timeout: float | None = None,
) -> None:
    """`Run.finish` of the current run; nothing where there is none."""
    run = PROCESS.run
    if run is not None:
        run.finish(exit_code, status=status, error=error, timeout=timeout)


def current_run() -> Run | None:
    """The run that this thread, task or notebook has open; None where there is none."""
    return PROCESS.run


def current_config() -> Config | NoRun:
    """Its params; where there is none, something that says so once it is used."""
    run = PROCESS.run
    return NoRun("config") if run is None else run.config


def current_summary() -> SummaryView | NoRun:
    """Its summary; where there is none, something that says so once it is used."""
    run = PROCESS.run
    return NoRun("summary") if run is None else run.summary


class NoRun(MutableMapping[str, Any]):
    """What `lakeboard.config` and `lakeboard.summary` are before the first run: every use raises `RunFinished`."""

    def __init__(self, what: str) -> None:
        object.__setattr__(self, "_what", what)

    _what: str

    def __getitem__(self, name: str) -> NoReturn:
        raise _missing(self._what)

    def __setitem__(self, name: str, value: Any) -> NoReturn:
        raise _missing(self._what)

    def __delitem__(self, name: str) -> NoReturn:
        raise _missing(self._what)

    def __iter__(self) -> Iterator[str]:
        raise _missing(self._what)

    def __len__(self) -> NoReturn:
        raise _missing(self._what)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        raise _missing(self._what)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise _missing(self._what)

    def __repr__(self) -> str:
        return f"<lakeboard.{self._what}: no run is open>"


def _needed(what: str) -> Run:
    run = PROCESS.run
    if run is None:
        raise _missing(what)
    return run


def _missing(what: str) -> RunFinished:
    return RunFinished(f"lakeboard.{what} needs a run: call lakeboard.init(project=...) first")
