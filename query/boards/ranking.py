"""The arithmetic of ranks, plain numpy: one row a trial, one column an entry.

Lower is better throughout: callers negate what should be maximised. NaN takes no part and gets NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .definition import Combine

Floats: TypeAlias = NDArray[np.float64]


def competition_ranks(values: Floats) -> Floats:
    """Ranks 1, 2, 2, 4 along the last axis: one more than the number of strictly better values."""
    return _placed(values, _first)


def average_ranks(values: Floats) -> Floats:
    """Ranks 1, 2.5, 2.5, 4 along the last axis: ties share the mean of their places, as mean ranks need."""
    return _placed(values, _middle)


def _placed(values: Floats, places: Callable[[Floats], Floats]) -> Floats:
    """Of each value the place that `places` gives it among the sorted ones; NaN for NaN."""
    if not values.shape[-1]:
        return values.copy()
    # Rows that lie apart sort slowly. Ties share what they get, so a sort need not keep their order; NaN come last.
    values = np.ascontiguousarray(values)
    order = np.argsort(values, axis=-1)
    ordered = np.take_along_axis(values, order, axis=-1)
    found = places(ordered)
    found[np.isnan(ordered)] = np.nan
    ranks = np.empty_like(found)
    np.put_along_axis(ranks, order, found, axis=-1)
    return ranks


def _first(ordered: Floats) -> Floats:
    """The first place of each value's tie, counted from 1."""
    places = np.zeros(ordered.shape)
    places[..., 0] = 1
    rest = np.arange(2, ordered.shape[-1] + 1, dtype=np.float64)
    np.copyto(places[..., 1:], rest, where=ordered[..., 1:] != ordered[..., :-1])
    first: Floats = np.maximum.accumulate(places, axis=-1, out=places)
    return first


def _middle(ordered: Floats) -> Floats:
    """The mean of the first and the last place of each value's tie."""
    first = _first(ordered)
    if not (ordered[..., 1:] == ordered[..., :-1]).any():
        return first
    # Backwards, the first place of a tie is the last one.
    last = ordered.shape[-1] + 1 - np.flip(_first(np.flip(ordered, axis=-1)), axis=-1)
    middle: Floats = (first + last) / 2
    return middle


def place_among(values: Floats, ranked: Floats) -> Floats:
    """The average rank that each of `values` would have if it alone joined `ranked` (one axis, no NaN there)."""
    ordered = np.sort(ranked)
    better = np.searchsorted(ordered, values, side="left")
    no_worse = np.searchsorted(ordered, values, side="right")
    return np.where(np.isnan(values), np.nan, 1 + (better + no_worse) / 2)


def combine(how: Combine, cells: Floats, guests: Floats, *, worst: bool) -> tuple[Floats, Floats]:
    """One number per entry from its cells, lower is better; guests are judged by the entries but do not move them.

    `mean_rank` is the mean of average ranks, after Demšar (2006). `mean_normalised` scales each column so that the
    best entry is 1 and the worst 0 (all 1 where they are equal) and comes back negated. `mean` is the plain mean.

    Args:
        how: which.
        cells: shape (..., entries, columns), lower is better, NaN for a missing one.
        guests: baselines, shape (..., guests, columns).
        worst: missing cells get the worst (tied last ranks, 0, or the column's worst value); else the mean is over
            what is there.

    Returns:
        Shapes (..., entries) and (..., guests); NaN where there is no cell at all.
    """
    own, others = {"mean_rank": _ranked, "mean_normalised": _normalised, "mean": _valued}[how](cells, guests, worst)
    return _mean(own, cells), _mean(others, guests)


def _ranked(cells: Floats, guests: Floats, worst: bool) -> tuple[Floats, Floats]:
    ranks = np.moveaxis(average_ranks(np.moveaxis(cells, -1, -2)), -2, -1)
    places = np.full_like(guests, np.nan)
    if guests.size:
        for column in range(guests.shape[-1]):
            there = cells[..., column]
            places[..., column] = place_among(guests[..., column], there[~np.isnan(there)])
    if worst:
        absent = np.isnan(cells).sum(axis=-2, keepdims=True)
        ranks = np.where(np.isnan(cells), cells.shape[-2] - (absent - 1) / 2, ranks)
        places = np.where(np.isnan(guests), cells.shape[-2] + 1.0, places)
    return ranks, places


def _normalised(cells: Floats, guests: Floats, worst: bool) -> tuple[Floats, Floats]:
    gone = np.isnan(cells)
    low = np.where(gone, np.inf, cells).min(axis=-2, keepdims=True, initial=np.inf)
    high = np.where(gone, -np.inf, cells).max(axis=-2, keepdims=True, initial=-np.inf)
    absent = 0.0 if worst else np.nan
    scaled = []
    for values in (cells, guests):
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            # Halves first: the distance between two finite numbers may pass what a float64 holds.
            score = (high / 2 - values / 2) / (high / 2 - low / 2)
        score = np.where(high > low, score, np.where(values > high, 0.0, 1.0))
        scaled.append(np.where(np.isnan(values), -absent, -score))
    return scaled[0], scaled[1]


def _valued(cells: Floats, guests: Floats, worst: bool) -> tuple[Floats, Floats]:
    if not worst:
        return cells, guests
    lowest = np.where(np.isnan(cells), -np.inf, cells).max(axis=-2, keepdims=True, initial=-np.inf)
    lowest = np.where(np.isfinite(lowest), lowest, np.nan)
    return np.where(np.isnan(cells), lowest, cells), np.where(np.isnan(guests), lowest, guests)


def _mean(scores: Floats, cells: Floats) -> Floats:
    there = ~np.isnan(scores)
    n = there.sum(axis=-1)
    share = np.where(there, scores, 0.0) / np.maximum(n, 1)[..., None]
    return np.where(np.isnan(cells).all(axis=-1) | (n == 0), np.nan, share.sum(axis=-1))
