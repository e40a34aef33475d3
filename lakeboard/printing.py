"""How the command line prints: columns, sizes, progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any, TextIO

from .schema.text.printable import printable

_SECONDS_BETWEEN_LINES = 10.0


def say(text: str, *, file: TextIO | None = None) -> None:
    """Print, with whatever a terminal would obey spelled out: most of what we show was written by others."""
    print(printable(text, lines=True), file=file)


def print_columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of text below their names, aligned; a cell is one line."""
    names = [printable(name) for name in names]
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(name), *(len(row[i]) for row in rows), 0) for i, name in enumerate(names)]
    for cells in [names, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


class Progress:
    """A bar where tqdm is installed and somebody looks, else a line now and then, all on stderr.

    Args:
        unit: what is counted.
        quiet: nothing at all.
    """

    def __init__(self, unit: str, *, quiet: bool = False) -> None:
        self._unit = unit
        self._quiet = quiet
        self._bar: Any = None
        self._what = ""
        self._said = time.monotonic()

    def __call__(self, what: str, done: int, total: int) -> None:
        """So much of it is done."""
        if self._quiet or not total:
            return
        if what != self._what:
            self.close()
            self._what = what
            self._bar = _bar(what, total, self._unit)
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
        elif time.monotonic() - self._said > _SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            print(f"{what}: {done:,} of {total:,} {self._unit}", file=sys.stderr)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _bar(what: str, total: int, unit: str) -> Any:
    if not sys.stderr.isatty():
        return None
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:
        return None
    return tqdm(total=total, desc=what, unit=unit, unit_scale=True, file=sys.stderr, dynamic_ncols=True, leave=False)
