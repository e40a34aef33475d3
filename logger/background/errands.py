"""What is done beside a run and may take its time: it must hold up neither the spool nor the flushes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..console import Console

Stop = Callable[[], bool]
"""Says when to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errands:
    """Three of them, each run once, in the background. None raises: one that fails costs nobody a training."""

    prepare: Callable[[], None] = lambda: None
    """At the start; the start and the end of the run wait for it, some seconds."""
    after_start: Callable[[Stop], object] = lambda stop: None
    """Once the lake knows of the run, such as recovering earlier ones. Runs that begin together share it."""
    after_finish: Callable[[Stop, bool], object] = lambda time_is_up, others: None
    """Once everything is in the lake; is told whether other runs of this lake are open, which may do it for both.

    What it raises is passed over: what is left another job or a person does.
    """
    is_due: Callable[[], bool] = lambda: False
    """Whether something beside points is to be sent with the next flush."""
    console: Console = Console()  # noqa: RUF009 - a frozen value

    def run_prepare(self) -> None:
        """Do the first."""
        try:
            self.prepare()
        except Exception as error:  # noqa: BLE001 - see the class
            self._tell(error)

    def run_after_start(self, stop: Stop) -> None:
        """Do the second."""
        try:
            self.after_start(stop)
        except Exception as error:  # noqa: BLE001 - see the class
            self._tell(error)

    def run_after_finish(self, seconds: float, *, others: bool) -> None:
        """Do the third, within so many seconds."""
        end = time.monotonic() + seconds
        try:
            self.after_finish(lambda: time.monotonic() >= end, others)
        except Exception:  # noqa: BLE001, S110 - the run is whole
            pass

    def _tell(self, error: Exception) -> None:
        self.console.warn(f"a chore beside the run failed ({type(error).__name__}: {error}); the run goes on")
