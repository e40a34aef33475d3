"""Open files of spools: kept open while there are few, opened for each write where there are many."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import Final

KEPT_OPEN: Final = 64
"""Files that stay open between two writes. Opening one takes some 10 us, twice a second for a run that logs."""

_OPEN: OrderedDict[str, int] = OrderedDict()
"""By path, the last written last. With texts as keys each act on it is a single one of the interpreter's: threads need
no lock, which a child forked meanwhile would find locked for ever."""


def create(path: Path) -> None:
    """Make an empty file.

    Raises:
        OSError: it can't be made, or is there.
    """
    give_back(path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600))


def borrow(path: Path) -> int:
    """The descriptor of a file that `create` made, for one who appends to it and gives it back, or closes it.

    Raises:
        OSError: it can't be opened.
    """
    descriptor = _OPEN.pop(str(path), -1)
    return descriptor if descriptor >= 0 else os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)


def give_back(path: Path, descriptor: int) -> None:
    """Keep a descriptor for the next write, and close the one that was not used for longest where there are many."""
    _OPEN[str(path)] = descriptor
    while len(_OPEN) > KEPT_OPEN:
        try:
            _, oldest = _OPEN.popitem(last=False)
        except KeyError:
            return
        os.close(oldest)


def close(path: Path) -> None:
    """Let go of a file; harmless where it is not open."""
    descriptor = _OPEN.pop(str(path), -1)
    if descriptor >= 0:
        os.close(descriptor)
