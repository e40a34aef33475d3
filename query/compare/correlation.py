"""How strongly each param goes along with a metric in the runs that there are: by ranks, so no scale matters.

It tells what was tried, not what causes what: a param that was only ever raised together with another one shares its
correlation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...schema.errors import InvalidSetting
from ..names.columns import column_kind

ENOUGH: Final = 10
"""Runs below which a correlation says next to nothing."""
_LEAST: Final = 3
_SURE: Final = 1.959963984540054
"""Standard errors either side that hold 95 %."""
_CHANCE: Final = 0.05
SCHEMA: Final[dict[str, Any]] = {
    "column": pl.String,
    "measure": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "p": pl.Float64,
    "n": pl.Int64,
    "groups": pl.Int64,
    "strength": pl.Float64,
    "clear": pl.Boolean,
}
Floats = NDArray[np.float64]


def rank_correlations(runs: pl.DataFrame, target: str, columns: Iterable[str] | None = None) -> pl.DataFrame:
    """One row per column, strongest first: how the ranks of `target` go along with it.

    Numbers and bools: `measure` is `spearman`, `value` is Spearman's rho from -1 to 1 (ties share their mean rank)
    with a 95 % interval (`low`, `high`; Fisher's z with the variance of Bonett and Wright). Text: `measure` is `eta2`,
    `value` is the share of the variance of ranks that lies between the groups, from the Kruskal-Wallis H and corrected
    for their number (0 for less than chance gives), and `p` the chance of such an H without any relation.

    `n` counts the runs with both values; NaN and infinities have none. `groups` counts distinct values. `strength`
    orders both kinds: the share of variance, rho squared or eta squared. `clear` says that there are at least `ENOUGH`
    runs and that chance alone would show as much in fewer than one case of 20 (the interval leaves 0 out, or `p` is
    below 0.05); of many columns a few are clear by chance. `value` is null where fewer than 3 runs have both, where
    either is the same in all of them, or where each text stands for one run.

    Args:
        runs: one row per run.
        target: a column of numbers, such as `val/acc.max`.
        columns: which; default: all params.

    Raises:
        InvalidSetting: `target` is no column of numbers.
    """
    if target not in runs.columns or not runs.schema[target].is_numeric():
        raise InvalidSetting(f"{target!r} is no column of numbers of these runs; name a metric's column")
    if columns is None:
        columns = [name for name in runs.columns if name.startswith("params.")]
    goal = runs[target].cast(pl.Float64).to_numpy()
    known = set(runs.columns) - {target}
    rows = [_row(name, runs[name], goal) for name in columns if name in known]
    frame = pl.DataFrame([row for row in rows if row], schema=SCHEMA, orient="row")
    return frame.sort("strength", "n", "column", descending=[True, True, False], nulls_last=True)


def _row(name: str, column: pl.Series, target: Floats) -> dict[str, Any] | None:
    match column_kind(column.dtype):
        case "number" | "bool":
            found = _spearman(column.cast(pl.Float64).to_numpy(), target)
        case "text":
            found = _kruskal(column.cast(pl.String), target)
        case _:
            return None
    return dict.fromkeys(SCHEMA) | {"column": name, "clear": False} | found


def _spearman(values: Floats, target: Floats) -> dict[str, Any]:
    both = np.isfinite(values) & np.isfinite(target)
    n = int(both.sum())
    x, y = _ranks(values[both]), _ranks(target[both])
    out: dict[str, Any] = {"measure": "spearman", "n": n, "groups": len(np.unique(x))}
    if n < _LEAST or not x.std() or not y.std():
        return out
    rho = float(np.clip(np.corrcoef(x, y)[0, 1], -1.0, 1.0))
    out |= {"value": rho, "strength": rho * rho}
    if n > _LEAST and abs(rho) < 1:
        reach = _SURE * math.sqrt((1 + rho * rho / 2) / (n - 3))
        low, high = (math.tanh(math.atanh(rho) + side * reach) for side in (-1, 1))
        out |= {"low": low, "high": high, "clear": n >= ENOUGH and (low > 0 or high < 0)}
    elif n >= ENOUGH:
        out["clear"] = True
    return out


def _kruskal(values: pl.Series, target: Floats) -> dict[str, Any]:
    both = np.isfinite(target) & values.is_not_null().to_numpy()
    n = int(both.sum())
    codes = np.unique(values.filter(pl.Series(both)).to_numpy().astype(str), return_inverse=True)[1].reshape(-1)
    groups = int(codes.max()) + 1 if n else 0
    out: dict[str, Any] = {"measure": "eta2", "n": n, "groups": groups}
    ranks = _ranks(target[both])
    total = float(((ranks - ranks.mean()) ** 2).sum()) if n else 0.0
    if n < _LEAST or groups < 2 or groups == n or not total:
        return out
    sizes = np.bincount(codes)
    means = np.bincount(codes, weights=ranks) / sizes
    h = (n - 1) * float((sizes * (means - ranks.mean()) ** 2).sum()) / total
    value = min(1.0, max(0.0, (h - groups + 1) / (n - groups)))
    p = chi_square_beyond(h, groups - 1)
    return out | {"value": value, "strength": value, "p": p, "clear": n >= ENOUGH and p < _CHANCE}


def _ranks(values: Floats) -> Floats:
    """1 for the smallest; equal ones share their mean."""
    ranks: Floats = pl.Series(values, dtype=pl.Float64).rank("average").cast(pl.Float64).to_numpy()
    return ranks


def chi_square_beyond(x: float, dof: int) -> float:
    """The chance that a chi-squared variable of `dof` degrees of freedom is larger than `x`. Exact sums, no tables."""
    if x <= 0:
        return 1.0
    half = x / 2
    odd = dof % 2
    start = math.erfc(math.sqrt(half)) if odd else 0.0
    powers = (i + odd / 2 for i in range(dof // 2))
    return min(1.0, start + sum(math.exp(k * math.log(half) - half - math.lgamma(k + 1)) for k in powers))
