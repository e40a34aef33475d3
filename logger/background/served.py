"""What the background threads see of a run that they serve."""

from __future__ import annotations

from typing import Protocol

from ..native import Latch


class Served(Protocol):
    """One run's part of the work, in pieces. None of it waits; `fail` apart, what it raises costs this run alone."""

    lane: str
    """Whose turns its requests take."""
    looked: Latch
    """Opened when earlier runs have been looked for."""

    @property
    def is_ending(self) -> bool:
        """Whether it is to end."""
        ...

    @property
    def is_over(self) -> bool:
        """Whether it needs no more visits."""
        ...

    @property
    def in_flow(self) -> bool:
        """Whether a request of it is under way."""
        ...

    @property
    def needs_slot(self) -> bool:
        """Whether the next step begins a flush, or the end, of which a lake takes only so many at once."""
        ...

    def visit(self) -> None:
        """Take the points away and spool them."""
        ...

    def is_due(self, now: float) -> bool:
        """Whether `step` has something to do, other than to hear an answer."""
        ...

    def step(self) -> None:
        """Do one piece of what is due; encodes one object at most."""
        ...

    def fail(self, error: BaseException) -> None:
        """End short, since serving it failed."""
        ...
