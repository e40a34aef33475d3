"""A run that travels: what another process needs to write to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..schema.names import stored_run_id
from ..store.kept_options import keep_options

if TYPE_CHECKING:
    from .run import Run
    from .settings import Settings


@dataclass(frozen=True, slots=True)
class RunRef:
    """Names a run for another process. Small, can be pickled and compared, and holds no secret.

    `run.ref()` makes one. Of a run that is known by its id alone, `RunRef(lake, project, id)` will do.
    """

    lake: str
    """Where the lake is: absolute, without secrets."""
    project: str
    """Its project."""
    id: str
    """As `init` was given it, or as the lake has it."""
    mode: str = "online"
    """`online`, `offline` or `disabled`."""
    attempt: int = 1
    """1 for a run that was never resumed, one more at each resume."""
    step: int = -1
    """The largest step logged so far; what is logged without a step goes on after it."""
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Storage options that are no secrets; others the other process finds in its environment, as this one's keys."""
    finish_seconds: float = 30.0
    """How long the end of the other process's writer may take, as `init` takes it."""
    flush_seconds: float | None = None
    """How often that writer sends, as `init` takes it."""
    spool_cap_bytes: int = 1_000_000_000
    """How much it keeps on disk while the store is away, as `init` takes it."""
    console: bool = True
    """Whether it keeps what the other process prints."""

    def __post_init__(self) -> None:
        # Frozen: an id is kept as the lake has it, so that references to one run are equal.
        object.__setattr__(self, "id", stored_run_id(self.id))

    def run(self) -> Run:
        """The run, to write to it from here: the open one itself where this process has it, else another writer.

        That writer belongs to the same attempt; it begins with the first `log`, and ends with this process or with
        `finish()`. Its `config` is empty at first: what is set there is added to the run's.

        Keys of the store are looked for in this process's environment.
        """
        return _attach(self, finished=False)


def reference(run: Run, settings: Settings) -> RunRef:
    """The reference of a run."""
    return RunRef(
        lake=run.lake,
        project=run.project,
        id=run.id,
        mode=settings.mode,
        attempt=run.row.attempt,
        step=run.step,
        options=keep_options(settings.storage_options).options,
        finish_seconds=settings.finish_seconds,
        flush_seconds=settings.flush_seconds,
        spool_cap_bytes=settings.spool_cap_bytes,
        console=settings.console,
    )


def reopened(ref: RunRef, finished: bool) -> Run:
    """What a pickled run is where it is unpickled."""
    return _attach(ref, finished=finished)


def _attach(ref: RunRef, *, finished: bool) -> Run:
    # What begins runs stands above them, and a process that unpickles a reference may have loaded neither.
    run: Run = import_module("lakeboard.logger.start").attach(ref, finished=finished)
    return run
