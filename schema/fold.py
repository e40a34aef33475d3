"""Fold new points of whole groups into the run's summaries. Pure; long columns go through pyarrow's kernels."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Final

from .batch import Group
from .summary import Summary, merge, metric_label, update

_LONG: Final = 256
"""From this many points on, leaving the interpreter pays."""


def fold(summary: dict[str, Summary], groups: Iterable[tuple[Group, int]]) -> None:
    """Bring `summary` (by label) up to date, in place.

    Args:
        summary: what is known so far.
        groups: groups in the order in which they were logged, each with the first call that is new.
    """
    for group, first in groups:
        calls = group.calls - first
        if calls <= 0:
            continue
        steps = group.steps[first:]
        times = array("q", (int(t * 1000) for t in islice(group.times, first, None))) if calls < _LONG else None
        for j, name in enumerate(group.names):
            label = metric_label(name, group.dataset)
            known = summary.get(label) or Summary(name, group.dataset)
            values = group.column(j, first)
            if times is not None:
                summary[label] = update(known, values, steps, times)
            else:
                summary[label] = _update_long(known, values, steps, group.times, first)


def _update_long(known: Summary, values: array[float], steps: array[int], times: array[float], first: int) -> Summary:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = pa.Array.from_buffers(pa.float64(), len(values), [None, pa.py_buffer(values)])
    n_nan = pc.sum(pc.is_nan(column)).as_py()
    top = pc.max(pa.Array.from_buffers(pa.int64(), len(steps), [None, pa.py_buffer(steps)])).as_py()
    at = len(steps) - 1
    while steps[at] != top:
        at -= 1
    fresh = Summary(
        known.metric,
        known.dataset,
        first=values[0],
        last=values[at],
        last_step=top,
        last_at=int(times[first + at] * 1000),
        n=len(values),
        n_nan=n_nan,
    )
    if n_nan < len(values):
        real = pc.filter(column, pc.invert(pc.is_nan(column))) if n_nan else column
        ends = pc.min_max(real).as_py()
        low, high = ends["min"], ends["max"]
        fresh = replace(
            fresh,
            min=low,
            min_step=steps[pc.index(column, low).as_py()],
            max=high,
            max_step=steps[pc.index(column, high).as_py()],
            mean=pc.sum(real).as_py() / (len(values) - n_nan),
        )
    return merge(known, fresh)
