"""The few lines a run says to the person who started it, on stderr: one at the start, one at the end, and trouble."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Console:
    """Where a run talks."""

    quiet: bool = False
    """Say nothing but trouble."""

    def say(self, message: str) -> None:
        """Good news."""
        if not self.quiet:
            self.warn(message)

    def warn(self, message: str) -> None:
        """Trouble; said even when quiet."""
        try:
            print(f"lakeboard: {message}", file=sys.stderr, flush=True)  # noqa: T201 - this is the console
        except (OSError, ValueError, AttributeError):
            # stderr may be closed, gone or a broken pipe; a message is never worth a training.
            pass
