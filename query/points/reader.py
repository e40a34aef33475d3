"""What reads points and states of projects: `Lake` does, and whatever stands in for it. No import of `Lake` needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl

from ...schema.problems import Problem
from ...store.base import Store
from ..objects.lru import MemoryCache
from ..snapshots.snapshot import Snapshot


class LakeReader(Protocol):
    """The part of `Lake` that boards, curves and caches of points need."""

    @property
    def url(self) -> str:
        """Where it is."""
        ...

    @property
    def exists(self) -> bool:
        """Whether anything was ever written there."""
        ...

    def snapshots(self, project: str | Sequence[str] | None) -> list[Snapshot]:
        """See `Lake.snapshots`."""
        ...

    def metrics(
        self,
        project: str,
        *,
        metrics: str | Sequence[str] | None = None,
        runs: str | Sequence[str] | None = None,
        dataset: str | None = None,
        hidden: bool = False,
        since: Mapping[tuple[str, str], int] | None = None,
        snapshot: Snapshot | None = None,
    ) -> pl.LazyFrame:
        """See `Lake.metrics`."""
        ...

    @property
    def memory(self) -> MemoryCache:
        """See `Lake.memory`."""
        ...

    @property
    def store(self) -> Store:
        """See `Lake.store`."""
        ...

    def forget_problems(self, project: str, run_id: str) -> None:
        """See `Lake.forget_problems`."""
        ...

    def problems(self, project: str) -> tuple[Problem, ...]:
        """See `Lake.problems`."""
        ...
