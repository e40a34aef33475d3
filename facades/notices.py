"""Telling once, on stderr, what a facade does not do. A training goes on whatever it asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final


class Notices:
    """What was told already, so that a loop of a million steps tells it once."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def tell(self, message: str, *, about: str | None = None) -> None:
        """Tell a message, once for each thing that it is about; by default the message itself."""
        key = message if about is None else about
        if key not in self._told:
            self._told.add(key)
            sys.stderr.write(f"lakeboard: {message}\n")

    def guard(self, what: str, work: Callable[[], Any]) -> Any:
        """Do it; what it raises is told, once for each `what`, and costs nothing but itself."""
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - whatever was passed: it must not end a training
            self.tell(f"{what} is left out: {type(error).__name__}: {str(error)[:300]}", about=what)
            return None


NOTICES: Final = Notices()
"""Those of this process."""


def missing(module: str, name: str, instead: Mapping[str, str]) -> AttributeError:
    """The error for a name that a facade does not have; says what does the same here, where something does."""
    hint = instead.get(name)
    return AttributeError(f"{module}.{name} is not there: {hint}" if hint else f"{module} has no {name}")
