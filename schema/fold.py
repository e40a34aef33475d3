"""Fold new points of whole groups into the run's summaries. Pure; long columns go through pyarrow's kernels."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any, Final, NamedTuple

from .arrays import scalar
from .batch import Group
from .run.summary import Summary, merge, metric_label, update

_LONG: Final = 256
"""From this many points on, leaving the interpreter pays."""


class _Piece(NamedTuple):
    """What one group tells of a metric, and the row numbers of the calls that gave `last` and `first`."""

    last_row: int
    first_row: int
    summary: Summary


def fold(summary: dict[str, Summary], groups: Iterable[tuple[Group, int]]) -> None:
    """Bring `summary` (by label) up to date, in place.

    Folding in any number of calls gives the same, exactly but for the rounding of means: of points at one step the
    one with the highest row number is the last, whichever group it is in.

    Args:
        summary: what is known so far; all of it older than what is new.
        groups: each with the first call that is new.
    """
    pieces: dict[str, list[_Piece]] = {}
    for group, first in groups:
        if group.calls > first:
            for label, piece in _pieces(group, first):
                pieces.setdefault(label, []).append(piece)
    for label, found in pieces.items():
        fresh = found[0].summary
        if len(found) > 1:
            # A metric that was logged in company of others and alone: its points lie in several groups.
            found.sort(key=lambda p: p.last_row)
            fresh = found[0].summary
            for piece in found[1:]:
                fresh = merge(fresh, piece.summary, in_order=True)
            fresh = replace(fresh, first=min(found, key=lambda p: p.first_row).summary.first)
        known = summary.get(label)
        summary[label] = fresh if known is None else merge(known, fresh, in_order=True)


def _pieces(group: Group, first: int) -> Iterable[tuple[str, _Piece]]:
    calls = group.calls - first
    steps = group.steps[first:]
    long = calls >= _LONG
    ints = _ints(steps) if long else None
    top = max(steps) if ints is None else _max(ints)
    at = calls - 1
    while steps[at] != top:
        at -= 1
    times = None if long else array("q", (int(t * 1000) for t in islice(group.times, first, None)))
    for j, name in enumerate(group.names):
        known = Summary(name, group.dataset)
        values = group.column(j, first)
        if times is not None:
            fresh = update(known, values, steps, times)
        else:
            fresh = _long(known, values, ints, values[at], top, int(group.times[first + at] * 1000))
        yield metric_label(name, group.dataset), _Piece(group.starts[first + at], group.starts[first], fresh)


def _long(known: Summary, values: array[float], steps: Any, last: float, last_step: int, last_at: int) -> Summary:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = pa.Array.from_buffers(pa.float64(), len(values), [None, pa.py_buffer(values)])
    n_nan = pc.sum(pc.is_nan(column)).as_py()
    known = replace(known, first=values[0], last=last, last_step=last_step, last_at=last_at, n=len(values), n_nan=n_nan)
    if n_nan == len(values):
        return known
    real = pc.filter(column, pc.invert(pc.is_nan(column))) if n_nan else column
    ends = pc.min_max(real).as_py()
    return replace(
        known,
        min=ends["min"],
        min_step=_first_step(column, steps, ends["min"]),
        max=ends["max"],
        max_step=_first_step(column, steps, ends["max"]),
        mean=pc.sum(real).as_py() / (len(values) - n_nan),
    )


def _first_step(values: Any, steps: Any, wanted: float) -> int:
    import pyarrow.compute as pc

    return int(pc.min(pc.filter(steps, pc.equal(values, scalar(wanted, values.type)))).as_py())


def _max(values: Any) -> int:
    import pyarrow.compute as pc

    return int(pc.max(values).as_py())


def _ints(values: array[int]) -> Any:
    import pyarrow as pa

    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(values)])
