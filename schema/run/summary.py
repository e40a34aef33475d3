"""A metric's summary over a run: best *and* last, always, for every metric, with an arithmetic that merges.

`update` folds new points in, `merge` joins what two writers of one run saw. Folding a run's points in any number of
batches gives the same summary, exactly but for the rounding of `mean`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Summary:
    """One metric (on one dataset) of one run. `min`, `max` and `mean` skip NaN and are null while all are NaN."""

    metric: str
    dataset: str | None = None
    goal: str | None = None
    """`minimize`, `maximize` or null where nobody said."""
    first: float | None = None
    last: float | None = None
    """The value at the largest step, the latest of them where the step repeats."""
    last_step: int | None = None
    last_at: int | None = None
    """Milliseconds since 1970, UTC."""
    min: float | None = None
    min_step: int | None = None
    """The smallest step at which `min` was seen; likewise `max_step`."""
    max: float | None = None
    max_step: int | None = None
    mean: float | None = None
    n: int = 0
    """Points, NaN included."""
    n_nan: int = 0
    step_metric: str | None = None
    """The metric that people put on the x-axis, where they said so."""

    @property
    def label(self) -> str:
        """The key under which a run's row holds this: `val/acc`, or `val/acc [cifar10]` with a dataset."""
        return metric_label(self.metric, self.dataset)

    def to_json(self) -> dict[str, Any]:
        """Fields that are set, floats as they are (`dump_json` makes NaN and infinities text)."""
        out = {name: getattr(self, name) for name in _FIELDS}
        return {name: value for name, value in out.items() if value is not None}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Summary:
        """The inverse of `to_json` after a trip through strict JSON; unknown fields are passed over."""
        known = {name: fields[name] for name in _FIELDS if fields.get(name) is not None}
        for name in _FLOATS & known.keys():
            known[name] = float(known[name])
        return cls(**known)


_FIELDS = tuple(Summary.__dataclass_fields__)
_FLOATS = frozenset({"first", "last", "min", "max", "mean"})


def metric_label(metric: str, dataset: str | None) -> str:
    """`val/acc`, or `val/acc [cifar10]` with a dataset."""
    return metric if dataset is None else f"{metric} [{dataset}]"


def update(old: Summary, values: Sequence[float], steps: Sequence[int], times: Sequence[int]) -> Summary:
    """Fold points in, given in the order they were logged.

    Args:
        old: what is known so far.
        values: float64, NaN and infinities allowed.
        steps: of each value; any order.
        times: milliseconds since 1970 of each value.
    """
    if not values:
        return old
    n, n_nan = len(values), sum(map(math.isnan, values))
    top = max(steps)
    at = n - 1 if steps[-1] == top else n - 1 - list(reversed(steps)).index(top)
    fresh = Summary(old.metric, old.dataset, old.goal, values[0], values[at], top, times[at], n=n, n_nan=n_nan)
    if n_nan < n:
        real = values if not n_nan else [v for v in values if not math.isnan(v)]
        low, high = min(real), max(real)
        fresh = replace(
            fresh,
            min=low,
            min_step=min(s for v, s in zip(values, steps, strict=True) if v == low),
            max=high,
            max_step=min(s for v, s in zip(values, steps, strict=True) if v == high),
            mean=_mean(sum(real), len(real)),
        )
    return merge(old, fresh, in_order=True)


def merge(a: Summary, b: Summary, *, b_attempt: bool = False, in_order: bool = False) -> Summary:
    """Join two summaries of the same metric; `b` is the later one where both claim the last value at one step.

    min of mins, max of maxes (the earlier step on ties), sum of counts, last by step and then time, first from `a`.

    Args:
        a: the earlier one.
        b: the later one.
        b_attempt: `b` is of a later attempt at the run, so its last value is the last, whatever its step.
        in_order: `b` was logged after `a` by the same process, so at one step its value is the later one, whatever
            the clock said.
    """
    if not a.n or not b.n:
        full, other = (b, a) if b.n else (a, b)
        return replace(full, goal=full.goal or other.goal, step_metric=full.step_metric or other.step_metric)
    if in_order:
        b_last = _or(b.last_step) >= _or(a.last_step)
    else:
        b_last = b_attempt or (_or(b.last_step), _or(b.last_at)) >= (_or(a.last_step), _or(a.last_at))
    last = b if b_last else a
    low = _pick(a, b, a.min, b.min, a.min_step, b.min_step, smaller=True)
    high = _pick(a, b, a.max, b.max, a.max_step, b.max_step, smaller=False)
    real_a, real_b = a.n - a.n_nan, b.n - b.n_nan
    mean = (
        _mean((a.mean or 0.0) * real_a + (b.mean or 0.0) * real_b, real_a + real_b)
        if real_a and real_b
        else (a.mean if real_a else b.mean)
    )
    return Summary(
        metric=a.metric,
        dataset=a.dataset,
        goal=b.goal or a.goal,
        first=a.first,
        last=last.last,
        last_step=last.last_step,
        last_at=last.last_at,
        min=low.min,
        min_step=low.min_step,
        max=high.max,
        max_step=high.max_step,
        mean=mean,
        n=a.n + b.n,
        n_nan=a.n_nan + b.n_nan,
        step_metric=b.step_metric or a.step_metric,
    )


def _pick(
    a: Summary, b: Summary, x: float | None, y: float | None, at_x: int | None, at_y: int | None, *, smaller: bool
) -> Summary:
    if x is None or y is None:
        return b if x is None else a
    if x == y:
        return a if _or(at_x) <= _or(at_y) else b
    return a if (x < y) == smaller else b


def _or(number: int | None) -> int:
    return number if number is not None else -(2**63)


def _mean(total: float, n: int) -> float:
    return total / n
