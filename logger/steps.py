"""Requests to a store given one by one, so that whoever carries them out decides where and when."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeAlias

Steps: TypeAlias = Generator[Callable[[], None], None, None]
"""Requests to the store, in order; each must have succeeded before the next is asked for, its error be thrown in."""


def drive(steps: Steps, do: Callable[[Callable[[], None]], None] = lambda request: request()) -> None:
    """Carry out requests one by one; raises what the steps do not handle."""
    try:
        request = next(steps)
        while True:
            try:
                do(request)
            except Exception as error:  # noqa: BLE001 - the steps decide
                request = steps.throw(error)
            else:
                request = next(steps)
    except StopIteration:
        return
