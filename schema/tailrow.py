"""A run's row out of one writer's tails: one rule for readers, the janitor and a job that resumes. Pure.

The start (`k = 0`) carries the whole row, every later tail what changed since the start. A summary that is large rides
in some tails only; the others say in `summary_k` which one has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .keys import TailKey, attempt_of
from .run.row import RunRow


@dataclass(frozen=True, slots=True)
class TailFooter:
    """One tail and what its footer says."""

    key: TailKey
    fields: Mapping[str, Any] | None
    """None where it could not be read."""


@dataclass(frozen=True, slots=True)
class TailRow:
    """What a writer's tails say together."""

    row: RunRow
    """The run's row; of a writer whose tails make no sense, or say nothing, its ids and attempt alone."""
    newest: TailFooter | None
    """The newest tail that could be read; None where none could."""
    has_start: bool
    """Whether the start, or a row in its place, was there to build on."""
    missing_summary: int | None = None
    """The `k` of the tail with the summary, where that one could not be read; else None."""
    error: Exception | None = None
    """Why the tails make no sense together; None where they do."""


def row_of_tails(tails: Sequence[TailFooter], run_id: str, writer: str, *, start: RunRow | None = None) -> TailRow:
    """The row that the tails of one writer tell.

    Args:
        tails: all that are known, oldest first.
        run_id: whose they are.
        writer: likewise.
        start: an earlier row of the writer, which stands in for a start that is gone or unreadable.
    """
    bare = RunRow(run_id, writer, attempt=attempt_of(writer))
    newest = newest_readable(tails)
    starts = [tail.fields for tail in tails if tail.key.k == 0 and tail.fields is not None]
    layers = list(starts)
    if not starts and start is not None:
        layers = [start.to_json()]
    has_start = bool(layers)
    missing: int | None = None
    if newest is not None and newest.fields is not None:
        if newest.key.k:
            layers.append(newest.fields)
        if (wanted := summary_elsewhere(newest.fields)) is not None:
            holder = summary_tail(tails, newest.fields)
            told = (holder.fields or {}) if holder else {}
            if "summary" in told:
                layers.append({"summary": told["summary"]})
            else:
                missing = wanted
    row, error = bare, None
    try:
        for layer in layers:
            row = row.with_changes(layer)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError) as found:
        row, error = bare, found
    return TailRow(replace(row, run_id=run_id, writer=writer), newest, has_start, missing, error)


def newest_readable(tails: Sequence[TailFooter]) -> TailFooter | None:
    """The newest tail that could be read; None where none could."""
    return next((tail for tail in reversed(tails) if tail.fields is not None), None)


def summary_elsewhere(fields: Mapping[str, Any]) -> Any:
    """Which tail has the summary, as a footer without one says it; None where this one has it or there is none."""
    return fields.get("summary_k") if "summary" not in fields else None


def summary_tail(tails: Sequence[TailFooter], fields: Mapping[str, Any]) -> TailFooter | None:
    """The tail that `fields` name as the one with the summary; None where they name none, or it is not there."""
    wanted = summary_elsewhere(fields)
    return next((tail for tail in tails if tail.key.k == wanted), None) if wanted is not None else None
