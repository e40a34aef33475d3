"""Several runs of one entry made into one cell per measure, all entries at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .definition import Pool
from .ranking import Floats


@dataclass(frozen=True, slots=True)
class Pooled:
    """Cells of shape (entries, measures), signed so that lower is better."""

    value: Floats
    """What counts. NaN for none; infinite or NaN too where a run's value is and the mean counts."""
    mean: Floats
    std: Floats
    """Of a sample (n - 1); NaN for one run."""
    n: NDArray[np.int64]
    """Runs with a value."""
    best: NDArray[np.int64]
    """The row of the run with the best value, the earliest of equal ones; any of the entry's where none has one."""
    holder: NDArray[np.int64]
    """Per entry: the best run of the first measure that has one."""
    when: NDArray[np.int64]
    """Per entry: the time of its holder."""


def pool(
    values: Floats,
    there: NDArray[np.bool_],
    entry: NDArray[np.int64],
    n_entries: int,
    when: NDArray[np.int64],
    how: Pool,
) -> Pooled:
    """One cell per entry and measure.

    A mean over runs of which one is NaN is NaN: a diverged seed is not hidden. The best passes such runs over.

    Args:
        values: shape (runs, measures), lower is better.
        there: whether the run has a value, finite or not.
        entry: of each run, 0 to n_entries - 1, each at least once.
        n_entries: how many.
        when: of each run, comparable numbers; decides between equal values.
        how: mean or best.
    """
    n_measures = values.shape[1]
    shape = (n_entries, n_measures)
    n, best = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    value, mean, std = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    for column in range(n_measures):
        rows = np.flatnonzero(there[:, column])
        own, group = values[rows, column], entry[rows]
        count = np.bincount(group, minlength=n_entries)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            mean[:, column] = np.bincount(group, weights=own, minlength=n_entries) / count
            spread = np.bincount(group, weights=(own - mean[group, column]) ** 2, minlength=n_entries)
            std[:, column] = np.where(count > 1, np.sqrt(spread / (count - 1)), np.nan)
        n[:, column] = count
        # Finite values first, best first, earliest first; then whatever else the entry has.
        key = np.where(there[:, column] & np.isfinite(values[:, column]), values[:, column], np.inf)
        order = np.lexsort((when, ~there[:, column], key, entry))
        top = order[np.searchsorted(entry[order], np.arange(n_entries))] if n_entries else order
        best[:, column] = top
        value[:, column] = np.where(count > 0, values[top, column], np.nan) if how == "best" else mean[:, column]
    first = np.argmax(n > 0, axis=1) if n_measures else np.zeros(n_entries, dtype=np.int64)
    holder = best[np.arange(n_entries), first]
    return Pooled(value, mean, std, n, best, holder, when[holder])
