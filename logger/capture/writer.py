"""A writer that carries what was printed along with the points."""

from __future__ import annotations

import math
from typing import Any

from ...schema.batch import Group
from ...schema.run.row import RunRow
from ..steps import Steps
from ..writer import Writer
from .console_log import ConsoleLog


class LoggingWriter(Writer):
    """A `Writer` with a console beside its points. The lake knows of the run before any part; points go first.

    Args:
        log: the console; the rest is as for `Writer`.
    """

    def __init__(self, log: ConsoleLog, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._log = log

    def take(self, groups: list[Group], hi: int) -> None:
        """Take rows in, and then what was printed."""
        super().take(groups, hi)
        try:
            self._log.take()
        except Exception as error:  # noqa: BLE001 - a defect of the console must not cost the run its points
            self._log.give_up(error)

    def flushing(self, *, due_seconds: float, late_after_seconds: float = math.inf) -> Steps:
        """The requests of `flush`, then those of the console where a part is due: one PUT for each."""
        yield from super().flushing(due_seconds=due_seconds, late_after_seconds=late_after_seconds)
        yield from self._log.sending()

    def finishing(self, row: RunRow, *, late_after_seconds: float = math.inf) -> Steps:
        """The requests of `finish`; the console's last part comes before the final row."""
        self.note_ending(row)
        yield from self.beginning()
        yield from self._log.finishing()
        yield from super().finishing(row, late_after_seconds=late_after_seconds)

    def close(self, *, complete: bool) -> None:
        """Let go of the spool."""
        self._log.close(complete=complete)
        super().close(complete=complete)
