"""Fewer points for the same picture: what a line of so many pixels needs, with peaks and gaps kept."""

from __future__ import annotations

import itertools
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]

_PARTS: Final = 10
_LEAST: Final = 20
"""Points of a part at least."""


def thin(x: Floats, y: Floats, width: int) -> Places:
    """Which points to draw, in order: all when there are at most `width`, else about that many.

    Peaks stay (MinMaxLTTB), and so do both ends and the extremes. A stretch without finite values stays a gap when it
    is at least a pixel wide: both its shores and one point inside are kept, so up to three more points a gap.

    Args:
        x: sorted, finite; the coordinate on the axis (its logarithm on a logarithmic one).
        y: of the same length, likewise; NaN and infinities are gaps.
        width: in pixels, at least 4.
    """
    if len(x) <= width:
        return np.arange(len(x))
    there = np.isfinite(y)
    drawn = np.flatnonzero(there)
    if not len(drawn):
        return drawn
    kept = drawn if len(drawn) <= width else drawn[_downsample(x[drawn], y[drawn], width)]
    if len(drawn) == len(x):
        return kept
    # A gap lies between two drawn points that are no neighbours.
    shore = np.flatnonzero(np.diff(drawn) > 1)
    before, after = drawn[shore], drawn[shore + 1]
    wide = x[after] - x[before] >= (x[-1] - x[0]) / width
    return np.unique(np.concatenate([kept, before[wide], before[wide] + 1, after[wide]]))


def _downsample(x: Floats, y: Floats, width: int) -> Places:
    from tsdownsample import MinMaxLTTBDownsampler

    # The algorithm shares points out by number; parts of equal width keep a burst of points from taking them all,
    # and a logarithmic axis from losing its first decades.
    parts = min(_PARTS, max(1, width // _LEAST))
    edges = np.searchsorted(x, np.linspace(x[0], x[-1], parts + 1)[1:-1])
    kept = [np.array([int(np.argmin(y)), int(np.argmax(y)), len(x) - 1])]
    for start, end in itertools.pairwise([0, *edges.tolist(), len(x)]):
        places = np.arange(start, end)
        if end - start > width // parts and x[start] < x[end - 1]:
            # Contiguous and near zero: other arrays are refused, and far origins would cost the bins precision.
            near, values = np.ascontiguousarray(x[start:end] - x[start]), np.ascontiguousarray(y[start:end])
            sampler = MinMaxLTTBDownsampler()  # type: ignore[no-untyped-call]
            places = start + sampler.downsample(near, values, n_out=max(4, width // parts)).astype(np.int64)
        elif end - start > width // parts:
            # All at one place: the extremes are the whole picture.
            here = y[start:end]
            places = start + np.array([0, int(np.argmin(here)), int(np.argmax(here)), end - start - 1])
        kept.append(places)
    return np.unique(np.concatenate(kept))


def window(x: Floats, low: float, high: float) -> slice:
    """The points within `low` to `high`, and one beyond on either side so that lines reach the edge."""
    first = int(np.searchsorted(x, low, side="left"))
    last = int(np.searchsorted(x, high, side="right"))
    return slice(max(0, first - 1), min(len(x), last + 1))
