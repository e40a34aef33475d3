"""How the end of a run went in the background."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ending:
    """How it went."""

    complete: bool
    """Everything is in the lake; else it waits in the spool."""
    rows: int
    trouble: str | None = None
    """The last failure, where not complete."""
    media: int = 0
    """Pictures and the like beside the points."""
