"""The few lines a run says to the person who started it, on stderr: one at the start, one at the end, and trouble."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from ..schema.text.printable import printable
from .hearing.streams import unheard


@dataclass(frozen=True, slots=True)
class Console:
    """Where a run talks."""

    quiet: bool = False
    """Say nothing but trouble."""

    def say(self, message: str) -> None:
        """Good news; not kept with what the program prints."""
        if not self.quiet:
            unheard(lambda: self.warn(message))

    def warn(self, message: str) -> None:
        """Trouble; said even when quiet."""
        if sys.stderr is None:
            # print() would take standard output instead, which belongs to the program.
            return
        try:
            print(printable(f"lakeboard: {message}", lines=True), file=sys.stderr, flush=True)  # noqa: T201
        except Exception:  # noqa: BLE001, S110 - stderr may be closed, gone, a broken pipe or somebody's own object
            # A message is never worth a training.
            pass
