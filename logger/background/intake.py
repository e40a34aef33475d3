"""How points come from the training to the writer: taken away twice a second, earlier where the training asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from ...schema.run.row import RunRow
from ..buffer import Buffer
from ..console import Console
from ..inputs.definitions import MetricDefinition
from ..writer import Writer
from .line import Line, let_through

HURRY_SECONDS: Final = 1.0
"""No call of `log` waits longer than this for its points to be taken away."""
LET_PASS_SECONDS: Final = 0.25
"""Nor longer than this for them to be spooled."""


class Intake:
    """The points of one run on their way into its spool.

    Args:
        writer: where they go.
        buffer: where they come from.
        told: gives the run's row and metric definitions as they are now; called in the background.
        ask: has `take` called in the background, soon.
        console: where to tell that points are refused.
        lake: how to call the lake there.
        spool_bytes: size of the spool now.
        spool_cap_bytes: from this size of spool (or memory, without one) points are refused.
    """

    def __init__(
        self,
        writer: Writer,
        buffer: Buffer,
        *,
        told: Callable[[], tuple[RunRow, tuple[MetricDefinition, ...]]],
        ask: Callable[[], None],
        console: Console,
        lake: str,
        spool_bytes: Callable[[], int],
        spool_cap_bytes: int,
    ) -> None:
        self._writer = writer
        self._buffer = buffer
        self._told = told
        self._ask = ask
        self._console = console
        self._lake = lake
        self._spool_bytes = spool_bytes
        self._spool_cap_bytes = spool_cap_bytes
        self._for_taken = Line()
        self._for_spooled = Line()
        self._refusing = False
        self.closed = False
        """Whether no point is taken any more."""

    # -- called on the training's threads ---------------------------------------------------------------------

    def call(self) -> None:
        """Called when the buffer is filling up: have its points taken away soon. Does not wait."""
        if not self.closed:
            self._ask()

    def hurry(self) -> None:
        """Called when the buffer is full: wait until its points are taken away, a second at most."""
        self._for_taken.wait(self._ask, HURRY_SECONDS)

    def let_pass(self) -> None:
        """Called when the points were not taken away in time: let the background spool them while this thread waits.

        Else a training that keeps the interpreter busy would keep the background from it for as long again at each
        of its steps. A quarter of a second at most.
        """
        self._for_spooled.wait(self._ask, LET_PASS_SECONDS)

    def flush(self, timeout: float) -> bool:
        """Ask for everything logged so far to be spooled now; whether that happened within `timeout` seconds."""
        wanted, end = self._buffer.hi, time.monotonic() + timeout
        while self._writer.rows < wanted and not self.closed and time.monotonic() < end:
            self._for_spooled.wait(self._ask, max(0.0, end - time.monotonic()))
        return self._writer.rows >= wanted

    # -- called in the background -----------------------------------------------------------------------------

    def take(self) -> None:
        """Take the points away and spool them; those who wait for that go on."""
        # Those that come later may wait for points that came later.
        spooled, taken = self._for_spooled.called(), self._for_taken.called()
        known = self._writer.rows
        try:
            groups, hi = self._buffer.take()
            let_through(taken)
            self._writer.take(groups, hi)
            self._writer.tell(*self._told())
        finally:
            # A defect of ours must not cost the training a wait.
            let_through(spooled)
        if hi != known or self._refusing:
            self._mind_cap()

    def take_last(self) -> None:
        """Take what there is, and refuse what comes later."""
        # A thread that is still inside log() is told that its points came too late: they count as dropped.
        self._buffer.refuse(True)
        self.closed = True
        self._writer.take(*self._buffer.take())
        self._writer.tell(*self._told())
        self._let_go()

    def fail(self) -> None:
        """Refuse points from now on, and take none."""
        self._buffer.refuse(True)
        self.closed = True
        self._let_go()

    def last_definitions(self) -> tuple[MetricDefinition, ...]:
        """Those of the run as they are now."""
        return self._told()[1]

    def _let_go(self) -> None:
        self._for_taken.close()
        self._for_spooled.close()

    def _mind_cap(self) -> None:
        full = max(self._spool_bytes(), self._writer.memory_bytes) > self._spool_cap_bytes
        if full != self._refusing:
            self._refusing = full
            self._buffer.refuse(full)
            if full:
                self._console.warn(
                    f"{self._spool_cap_bytes / 1e6:,.0f} MB of points wait for {self._lake}: further points are "
                    "dropped and counted until it answers (raise the cap with init(spool_cap_bytes=...))"
                )
