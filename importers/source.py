"""What every importer makes of its tool's files: runs, each with its points as columns."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from ..schema.media.rows import MediaRow
from ..schema.run.row import Status

KINDS: Final = ("mlflow", "tensorboard", "wandb", "trackio", "transformers", "csv", "dvclive", "sacred")
"""The tools whose runs can be imported."""
IMPORTED_FROM: Final = "imported_from"
IMPORTED_ID: Final = "imported_id"
IMPORTED_AT: Final = "imported_at"
"""Entries of an imported run's `env`: the tool, the run's id there, and when it came."""


class SourceUnreadable(ValueError):
    """A source, or one run of it, is not what it must be; says what and where."""


@dataclass(slots=True)
class Series:
    """Points of one metric, in the order in which the source got them. A source that grows adds to the end."""

    metric: str
    dataset: str | None = None
    steps: array[int] = field(default_factory=lambda: array("q"))
    times: array[float] = field(default_factory=lambda: array("d"))
    """Seconds since 1970."""
    values: array[float] = field(default_factory=lambda: array("d"))

    def add(self, step: int, time: float, value: float) -> None:
        """Append one point."""
        self.steps.append(step)
        self.times.append(time)
        self.values.append(value)

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRun:
    """One run of another tool. Times are milliseconds since 1970, UTC; None where the source does not say."""

    run_id: str
    """The id that it gets in the lake: the same at every import."""
    tool: str
    """`mlflow`, `tensorboard`, `wandb`, …"""
    source_id: str
    """What the tool calls it, as text."""
    project: str
    """The project it belongs to there."""
    status: Status
    """`running` where the source does not say how it ended; in the lake that is `crashed`, since no writer of this
    lake's is at it."""
    read: Callable[[], Iterable[Series]]
    """Read all of its points. Each metric (on each dataset) comes once."""
    name: str | None = None
    user: str | None = None
    host: str | None = None
    group: str | None = None
    job_type: str | None = None
    parent_run_id: str | None = None
    tags: tuple[str, ...] = ()
    tag_values: Mapping[str, str] = field(default_factory=dict)
    notes: str | None = None
    error: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    results: Mapping[str, object] = field(default_factory=dict)
    """What its summary says beside metrics."""
    env: Mapping[str, str] = field(default_factory=dict)
    started_at: int | None = None
    ended_at: int | None = None
    deleted: bool = False
    """Whether it is in the source's bin."""
    files: tuple[tuple[str, Path], ...] = ()
    """Folders of files that it made, each with where it goes in the artifact ("" for its root)."""
    media: Callable[[], Iterable[MediaRow]] = tuple
    """Read its pictures and texts; a source that grows adds to the end. Their `seq` is not used."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """What it has besides and an import does not bring: how many of each kind."""


class Source(Protocol):
    """The runs of one place of one tool. Nothing there is ever changed."""

    tool: str
    """Its name."""

    def runs(self) -> Iterator[SourceRun]:
        """All runs, in an order of their own. A run that can't be read is told and passed over.

        Raises:
            SourceUnreadable: the whole source can't be read; says why.
        """
        ...
