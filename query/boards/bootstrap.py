"""How sure a board's order is: ranks over bootstrap resamples of each entry's runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .definition import Combine
from .ranking import Floats, combine, competition_ranks

_CHUNK: Final = 500_000
"""Cells drawn at a time, to bound memory to some MB, which is also quicker."""
MAX_CELLS: Final = 20_000
"""Runs times measures beyond which a board does without resampling."""
_DRAWS: Final = 5_000_000
"""Cells drawn in all, about half a second; a larger board is resampled less often."""
_LEAST: Final = 250
"""Resamples, of which six lie beyond either end of a range."""
_TAIL: Final = 0.025
LIKELY: Final = 0.05
"""An entry at least as good as the first in more than this share of resamples is not distinguishable from it."""
_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class RankRange:
    """Per entry: where its rank falls in 95 % of resamples, and how often it is at least as good as the first."""

    low: Floats
    high: Floats
    beats_first: Floats


def affordable(trials: int, cells: int) -> int:
    """Of so many resamples those that a board of so many runs times measures gets: all up to 5,000, then fewer."""
    return min(trials, max(_LEAST, _DRAWS // max(1, cells)))


def rank_ranges(
    values: Floats,
    entry: NDArray[np.int64],
    means: Floats,
    first: int,
    *,
    how: Combine,
    worst: bool,
    trials: int,
    seed: int,
) -> RankRange:
    """Resample each entry's runs with replacement, rank anew each time.

    A run keeps its values on all measures together. The spread of a bootstrap mean falls short by (n-1)/n, which
    matters for three seeds, so each deviation is stretched to make up for it.

    Args:
        values: shape (runs, measures), lower is better, NaN for none.
        entry: for each run its entry, 0 to the number of entries - 1, each at least once.
        means: shape (entries, measures), what the board shows.
        first: the entry that leads the board.
        how: how cells are combined.
        worst: whether missing cells count as the worst.
        trials: resamples.
        seed: of the random numbers; the same seed gives the same ranges.
    """
    order = np.argsort(entry, kind="stable")
    values, entry = values[order], entry[order]
    n_entries, n_measures = means.shape
    counts = np.bincount(entry, minlength=n_entries)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    there = ~np.isnan(values)
    n_cell = np.add.reduceat(there, starts, axis=0)
    stretch = np.sqrt(np.where(n_cell > 1, n_cell / np.maximum(n_cell - 1, 1), 0.0))
    filled = np.where(there, values, 0.0)
    dice = np.random.default_rng(seed)
    # Of an entry with one run every resample is the same: its cells stay.
    moving = counts > 1
    taken = moving[entry]
    own = np.concatenate([[0], np.cumsum(counts[moving])[:-1]]) if moving.any() else starts[:0]
    ranks = np.empty((trials, n_entries))
    ahead = np.zeros(n_entries)
    step = max(1, _CHUNK // max(1, values.size))
    for begin in range(0, trials, step):
        size = min(step, trials - begin)
        throws = dice.random((size, len(entry)))[:, taken]
        drawn = starts[entry[taken]] + (throws * counts[entry[taken]]).astype(np.int64)
        cells = np.repeat(means[None], size, axis=0)
        if len(own):
            total = np.add.reduceat(filled[drawn], own, axis=1)
            n = np.add.reduceat(there[drawn], own, axis=1)
            mean = np.where(n > 0, total / np.maximum(n, 1), means[moving])
            cells[:, moving] += stretch[moving] * (mean - means[moving])
        guests = np.empty((size, 0, n_measures))
        together = np.round(combine(how, cells, guests, worst=worst)[0], _DIGITS)
        ranks[begin : begin + size] = competition_ranks(together)
        ahead += (together <= together[:, first : first + 1]).sum(axis=0)
    # Entries without any cell have no rank in any trial.
    low, high = np.full(n_entries, np.nan), np.full(n_entries, np.nan)
    ranked = ~np.isnan(ranks[0])
    low[ranked] = np.quantile(ranks[:, ranked], _TAIL, axis=0, method="lower")
    high[ranked] = np.quantile(ranks[:, ranked], 1 - _TAIL, axis=0, method="higher")
    return RankRange(low, high, ahead / trials)
