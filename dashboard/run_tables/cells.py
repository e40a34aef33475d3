"""Cells that several tables have. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ...schema.run.row import UNSTATED
from ..components.values import Cell
from ..format.numbers import span


def changes(changed: Sequence[Mapping[str, Any]] | None) -> str:
    """`lr 0.01 → 0.1, width 16 → 64`; the rest is counted."""
    parts = [f"{each['param']} {_change(each['old'], each['new'])}" for each in changed or ()]
    more = len(parts) - _MOST_CHANGES
    return ", ".join(parts[:_MOST_CHANGES]) + (f" and {more} more" if more > 0 else "")


_MOST_CHANGES: Final = 4


def _change(old: object, new: object) -> str:
    """Old and new; numbers of many digits rounded, where they still differ then."""
    exactly = (_short(old), _short(new))
    brief = [_LONG_NUMBER.sub(lambda found: f"{float(found[0]):.6g}", each) for each in exactly]
    return " → ".join(brief if brief[0] != brief[1] else exactly)


_LONG_NUMBER: Final = re.compile(r"^-?\d+\.\d{6,}(e[-+]?\d+)?$")


def _short(value: object) -> str:
    text = _UNSET if value is None else str(value)
    return text if len(text) <= 24 else f"{text[:23]}…"


_UNSET: Final = "unset"


def clipped(text: str) -> Cell:
    """Text of one line, all of it on hover."""
    line = " ".join(text.split())
    if len(line) <= _LONGEST:
        return {"text": line}
    cell: dict[str, Any] = {"text": f"{line[: _LONGEST - 1]}…", "title": text[:_MOST_TITLE]}
    return cell | ({"cut": True} if len(text) > _MOST_TITLE else {})


def milliseconds(moment: datetime) -> int:
    """Since 1970."""
    return round(moment.timestamp() * 1000)


def status_cell(status: str, silent: bool, age: float | None, error: str | None) -> dict[str, Any]:
    """A status with its heartbeat, or with what went wrong."""
    if status == "running":
        last_update = f"last update {span(age)} ago" if age is not None else "no update yet"
        if silent:
            return {"text": NO_HEARTBEAT, "state": "silent", "title": f"Two heartbeats were missed; {last_update}"}
        return {"text": "running", "state": "running", "title": last_update.capitalize()}
    text = status_word(status, error)
    title = "Ended by the next run; nobody said how it went" if status == UNSTATED else error
    return {"text": text, "state": status} | ({"title": title} if title else {})


def status_word(status: str, error: str | None) -> str:
    """What an ended run's status is called: one that a person interrupted was stopped."""
    return "stopped" if status == "killed" and error in _STOPPED else status


_LONGEST: Final = 60
NO_HEARTBEAT: Final = "no heartbeat"
"""What a running run is called that missed two of its beats."""
_STOPPED: Final = ("KeyboardInterrupt", "CancelledError")


_MOST_TITLE: Final = 2000
