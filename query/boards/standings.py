"""Where entries stand: cells combined and ranked, and how sure their order is. All signed so that lower is better."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .bootstrap import MAX_CELLS, RankRange, affordable, rank_ranges
from .definition import Definition
from .pooling import Pooled
from .ranking import Floats, combine, competition_ranks

_DIGITS = 9
"""Decimals of mean ranks that decide; sums of fractions differ in the last ones by the order of adding."""


class Standing:
    """Ranks of a board's entries.

    Attributes:
        cells: shape (entries, measures), rounded to what decides; NaN where nothing finite is.
        counted: the same, where missing cells count as the weakest baseline with those put in.
        coverage: measures with a finite value, by entry.
        ranked: which entries take a rank.
        combined: one score by entry, NaN where there is none; baselines are judged by the ranked ones.
        rank: 1, 2, 2, 4 by entry, NaN for the unranked.
        cell_rank: the same in each column.
    """

    def __init__(self, definition: Definition, signs: Floats, pooled: Pooled, baseline: NDArray[np.bool_]) -> None:
        self.definition = definition
        self.signs = signs
        self.pooled = pooled
        self.baseline = baseline
        cells = np.where(np.isfinite(pooled.value), pooled.value, np.nan)
        if definition.precision is not None:
            cells = np.round(cells, definition.precision)
        self.cells = cells
        self.coverage: NDArray[np.int64] = (~np.isnan(cells)).sum(axis=1)
        judged = self.coverage == len(signs) if definition.missing == "exclude" else self.coverage > 0
        self.ranked: NDArray[np.bool_] = judged & ~baseline
        # Where no baseline has a value either, the worst is what is left.
        self.worst = definition.missing in ("worst", "baseline")
        self.counted = imputed(cells, baseline) if definition.missing == "baseline" else cells
        counted = self.counted
        own, guests = combine(definition.combine, counted[self.ranked], counted[judged & baseline], worst=self.worst)
        self.combined = np.full(len(cells), np.nan)
        self.combined[self.ranked], self.combined[judged & baseline] = own, guests
        self._among = np.zeros(len(cells))
        together = combine("mean_normalised", counted[judged], cells[:0], worst=self.worst)[0]
        self._among[judged] = np.where(baseline[judged], together, 0.0)
        digits = definition.precision if definition.combine == "mean" else _DIGITS
        if digits is not None:
            self.combined = np.round(self.combined, digits)
        self.rank = competition_ranks(np.where(self.ranked, self.combined, np.nan))
        own_cells = np.where(baseline[:, None], np.nan, cells)
        self.cell_rank = competition_ranks(own_cells.T).T

    @property
    def shown(self) -> Floats:
        """The combined score as people read it."""
        match self.definition.combine:
            case "mean_normalised":
                return 0.0 - self.combined
            case "mean":
                value: Floats = self.combined * self.signs[0] + 0.0
                return value
        return self.combined

    @property
    def order(self) -> NDArray[np.int64]:
        """Best first; ties by the earlier one; what has no combined score last, most covered first."""
        # A baseline's mean rank is its place if it joined, which is just before the entry that has this rank now;
        # several of them in one place stand by their scores.
        last = np.where(np.isnan(self.combined), np.inf, self.combined)
        keys = (self.pooled.when, self._among, ~self.baseline, -self.coverage * np.isinf(last), last)
        order: NDArray[np.int64] = np.lexsort(keys)
        return order


def imputed(cells: Floats, baseline: NDArray[np.bool_]) -> Floats:
    """Cells with the missing ones at the column's weakest baseline; NaN where no baseline has a value."""
    weakest = np.fmax.reduce(cells[baseline], axis=0, initial=np.nan)
    return np.where(np.isnan(cells), weakest, cells)


def spread(
    standing: Standing, values: Floats, number: NDArray[np.int64], *, trials: int, seed: int
) -> RankRange | None:
    """Rank ranges of all entries, NaN where unknown; null where nothing was repeated, or there is too much of it.

    The rank that an entry has is always within its range: where many follow closely, some of them are lucky in nearly
    every resample, so that the leader itself hardly ever leads.

    Args:
        standing: of the entries.
        values: shape (runs, measures), signed.
        number: of each run its entry.
        trials: resamples, fewer of them for a large board; 0 for none.
        seed: of the random numbers.
    """
    ranked, n = standing.ranked, standing.pooled.n
    if standing.definition.pooled != "mean" or not trials or not (n[ranked] > 1).any():
        return None
    used = ranked[number]
    size = int(used.sum()) * values.shape[1]
    if size > MAX_CELLS:
        return None
    position = (np.cumsum(ranked) - 1)[number[used]]
    # The leader by the board's own order, so that a tie has one.
    leader = standing.order[np.argmax(ranked[standing.order])]
    first = int(np.flatnonzero(np.flatnonzero(ranked) == leader)[0])
    gone = np.isnan(standing.cells)
    cells = np.where(gone, standing.counted, standing.pooled.value)[ranked]
    own = np.where(gone[ranked][position], np.nan, values[used])
    how = standing.definition.combine
    trials = affordable(trials, size)
    found = rank_ranges(own, position, cells, first, how=how, worst=standing.worst, trials=trials, seed=seed)
    rank = standing.rank[ranked]
    low, high = np.minimum(found.low, rank), np.maximum(found.high, rank)
    # One run says nothing of its spread.
    repeated = (np.where(n > 0, n, 2).min(axis=1) > 1)[ranked]
    beats = np.where(repeated & repeated[first], found.beats_first, np.nan)
    beats[first] = np.nan
    out = []
    for part in (np.where(repeated, low, np.nan), np.where(repeated, high, np.nan), beats):
        whole = np.full(len(ranked), np.nan)
        whole[ranked] = part
        out.append(whole)
    return RankRange(*out)
