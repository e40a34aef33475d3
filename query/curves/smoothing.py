"""Smoothing of noisy curves, on all points, before anything is thinned.

Every method works in units of x, not of points, so runs that log often and runs that log rarely look alike. Values
that are no finite numbers are gaps: they stay as they are and take no part.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...schema.errors import InvalidSetting

Method: TypeAlias = Literal["none", "ema", "gaussian", "running"]
METHODS: Final[tuple[Method, ...]] = ("ema", "gaussian", "running", "none")
Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]

_VIEWPORT: Final = 1_000.0
"""Weights of the moving average fall by `sqrt(amount)` per this part of the x range."""
_MOST: Final = 0.999
_RUNNING: Final = 0.2
"""Share of the x range that a running mean at amount 1 spans."""
_SIGMA: Final = 0.05
"""Share of the x range that is a Gaussian's standard deviation at amount 1."""
_FALL: Final = 300.0
"""Logarithms of weights within one block: their exponentials and products stay far inside a float64."""


def smooth(x: Floats, y: Floats, *, method: Method, amount: float, span: float | None = None) -> Floats:
    """The smoothed curve, as long as `y`; linear in its length.

    Args:
        x: sorted, finite; repeats allowed.
        y: any float64; NaN and infinities are gaps.
        method: `ema`: an exponential moving average whose weights fall with the distance in x, without the start's
            bias; `gaussian`: three running means in a row; `running`: the mean of a window around each point.
        amount: 0 for none to 1 for most.
        span: the x range that amounts refer to, so that several curves in one chart are treated alike; of `x` itself
            when null.

    Raises:
        InvalidSetting: an unknown method, or an amount outside 0 to 1.
    """
    if method not in METHODS:
        raise InvalidSetting(f"smoothing is {method!r}; use one of {', '.join(METHODS)}")
    if not 0 <= amount <= 1:
        raise InvalidSetting(f"the amount of smoothing is {amount}; use 0 to 1")
    if span is None:
        span = float(x[-1] - x[0]) if len(x) else 0.0
    if method == "none" or amount == 0 or not span > 0 or len(x) < 2:
        return y.copy()
    there = np.isfinite(y)
    known = np.where(there, y, 0.0)
    if method == "ema":
        smoothed = _weighted(x, known, there, min(amount**0.5, _MOST), span)
    else:
        share = _RUNNING / 2 if method == "running" else _SIGMA
        low, high = _windows(x, amount * share * span)
        smoothed = known
        # Three boxes of half width h in a row have the variance h², and the shape of a Gaussian to the eye.
        for _ in range(1 if method == "running" else 3):
            smoothed = np.where(there, _means(smoothed, there, low, high), 0.0)
    return np.where(there, smoothed, y)


def _weighted(x: Floats, y: Floats, there: NDArray[np.bool_], weight: float, span: float) -> Floats:
    """`s = a s + y; d = a d + 1; s / d` with `a = weight ** (1000 dx / span)`, in blocks instead of point by point.

    With L the running sum of log a, s is `exp(L) * cumsum(exp(-L) y)`. L falls by `1000 |log weight|` over the whole
    range however many points there are, so a handful of blocks keeps the exponentials in range.
    """
    fall = (x - x[0]) * (-np.log(weight) * _VIEWPORT / span)
    block = np.floor(fall / _FALL)
    starts = np.flatnonzero(np.concatenate([[True], block[1:] != block[:-1]]))
    out = np.empty_like(y)
    total = count = 0.0
    before = 0.0
    for start, end in zip(starts, [*starts[1:], len(x)], strict=True):
        here = fall[start:end] - fall[start]
        grown, faded = np.exp(here), np.exp(-here)
        carried = np.exp(before - fall[start])
        sums = faded * (total * carried + np.cumsum(grown * y[start:end]))
        weights = faded * (count * carried + np.cumsum(grown * there[start:end]))
        out[start:end] = sums / np.where(weights > 0, weights, 1.0)
        total, count, before = float(sums[-1]), float(weights[-1]), float(fall[end - 1])
    return out


def _windows(x: Floats, half: float) -> tuple[Places, Places]:
    """For each point the first within `half` of it and the one after the last."""
    # A window's edge that falls on a point must not depend on the last bit of x.
    half *= 1 + 1e-9
    steps = np.diff(x)
    n = len(x)
    if steps[0] > 0 and (steps == steps[0]).all():
        reach = int(min(n, half / steps[0]))
        places = np.arange(n)
        return np.maximum(places - reach, 0), np.minimum(places + reach + 1, n)
    high = np.searchsorted(x, x + half, side="right")
    # Who sees me is whom I see: the first in my window is the number of those whose window ends before me.
    low = np.cumsum(np.bincount(high, minlength=n + 1))[:n]
    return low, high


def _means(y: Floats, there: NDArray[np.bool_], low: Places, high: Places) -> Floats:
    # Sums of differences from the mean lose less than sums of large numbers.
    centre = float(y[there].mean()) if there.any() else 0.0
    sums = np.concatenate([[0.0], np.cumsum(np.where(there, y - centre, 0.0))])
    counts = np.concatenate([[0], np.cumsum(there)])
    mean: Floats = centre + (sums[high] - sums[low]) / np.maximum(counts[high] - counts[low], 1)
    return mean
