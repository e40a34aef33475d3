"""How far a run has come and how long it will take: one value for every page that tells it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

_LEAST: Final = 0.02
"""Part of its steps after which a run's pace says how long the rest will take."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Of one run."""

    step: int
    """The last one logged."""
    total: float | None = None
    """How many steps there will be; null where no param tells."""
    param: str | None = None
    """The param that tells."""
    part: float | None = None
    """0 to 1, of the total."""
    seconds_left: float | None = None
    """At the pace so far; null while that says nothing, and once all steps are done."""


def progress_of(row: Mapping[str, Any], *, now: datetime) -> Progress | None:
    """The progress of one run; null before its first step.

    Args:
        row: `last_step`, `started_at` and `created_at` of the run, `total` and `total_param` of `endings`.
        now: until when the pace counts.
    """
    step, total = row["last_step"], row["total"]
    if step is None:
        return None
    if total is None:
        return Progress(step)
    part = min(1.0, (step + 1) / total)
    began = row["started_at"] or row["created_at"]
    left = (now - began).total_seconds() * (1 - part) / part if began is not None and _LEAST < part < 1 else None
    return Progress(step, total, row["total_param"], part, left)
