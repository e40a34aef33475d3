"""Many runs as one line with a band: mean and spread over runs at each x."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

import numpy as np
import polars as pl

from ...schema.errors import InvalidSetting
from ...schema.run.summary import metric_label
from ..names.params import CONFIG, config_columns, config_numbers
from ..objects.lru import Remember, anew
from ..points.tracks import Track, tracks_of
from .curves import Series, series, smoothed, span_of
from .smoothing import Floats, Method

Spread: TypeAlias = Literal["std", "stderr", "ci95", "minmax"]
SPREADS: Final[tuple[Spread, ...]] = ("std", "stderr", "ci95", "minmax")
_WIDTH: Final = 400
_ROW: Final = "\x00row"
"""No column of a lake is called so."""
# Quantiles of Student's t at 97.5 % for 1 to 10 degrees of freedom; a series serves beyond.
_T: Final = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)
_Z: Final = 1.959964


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Runs of one group on one metric. Arrays have one length; NaN where nothing can be said."""

    group: str
    metric: str
    dataset: str | None
    x: Floats
    mean: Floats
    low: Floats
    high: Floats
    """Lower and upper edge; NaN where fewer than two runs have a value, but for `minmax`."""
    n: Floats
    """Runs with a value there."""
    run_ids: tuple[str, ...]

    @property
    def label(self) -> str:
        """`val/acc`, or `val/acc [cifar10]` with a dataset."""
        return metric_label(self.metric, self.dataset)


def band(
    points: pl.DataFrame | Sequence[Track],
    groups: Mapping[str, str],
    *,
    spread: Spread = "std",
    x: str = "step",
    smoothing: Method = "none",
    amount: float = 0.6,
    width: int = _WIDTH,
    x_range: tuple[float, float] | None = None,
    log_x: bool = False,
    starts: Mapping[str, datetime] | None = None,
    remember: Remember = anew,
) -> list[Band]:
    """A band for each group and metric, groups in their given order.

    Each run is smoothed on its own full data first. Where the runs have at most `width` different x, the band stands
    at these; else at `width` equal steps, a run counting with its mean of what lies nearest. Between its points a run
    is interpolated; before its first and after its last it does not count. Not finite values are passed over.

    Args:
        points: `Lake.metrics` collected, or its tracks.
        groups: the group of each run by run id; other runs are left out. See `group_names`.
        spread: `std` (of a sample), `stderr`, `ci95` (Student's t) or `minmax`.
        x: as for `curves`, likewise `smoothing`, `amount` and `starts`.
        smoothing: of each run.
        amount: 0 to 1, in units of the x range of all runs.
        width: places along x at most.
        x_range: the part of x to show.
        log_x: equal steps are steps of the logarithm; x not above zero is left out.
        starts: when runs started.
        remember: keeps what was computed of each track.

    Raises:
        InvalidSetting: an unknown spread or smoothing.
    """
    if spread not in SPREADS:
        raise InvalidSetting(f"the band is {spread!r}; use one of {', '.join(SPREADS)}")
    tracks = tracks_of(points) if isinstance(points, pl.DataFrame) else points
    wanted = [each for each in tracks if each.run_id in groups or each.metric == x]
    found = [
        each for each in series(wanted, x=x, starts=starts, remember=remember) if each.run_id in groups and len(each.x)
    ]
    if not found:
        return []
    span = span_of(found)
    members: dict[tuple[str, str, str | None], list[tuple[Series, Floats]]] = {}
    for each in found:
        y = smoothed(each, smoothing, amount, span, remember=remember)
        members.setdefault((groups[each.run_id], each.metric, each.dataset), []).append((each, y))
    order = {group: place for place, group in enumerate(dict.fromkeys(groups.values()))}
    out = []
    for key in sorted(members, key=lambda key: order[key[0]]):
        lines = [_drawable(each.x, y, x_range, log_x=log_x) for each, y in members[key]]
        grid = _grid([place for place, _ in lines], max(2, width), log_x=log_x)
        table = np.array([_resample(grid, *line) for line in lines]).reshape(len(lines), len(grid))
        mean, low, high, n = _aggregate(table, spread)
        ids = tuple(dict.fromkeys(each.run_id for each, _ in members[key]))
        out.append(Band(*key, grid, mean, low, high, n, ids))
    return out


def band_table(found: Sequence[Band]) -> pl.DataFrame:
    """Bands as a frame, a row for each place: group, metric, dataset, x, mean, low, high, n."""
    schema = {"group": pl.String, "metric": pl.String, "dataset": pl.String}
    numbers = {"x": pl.Float64, "mean": pl.Float64, "low": pl.Float64, "high": pl.Float64, "n": pl.Float64}
    frames = [
        pl.DataFrame({name: getattr(each, name) for name in numbers}, schema=numbers).select(
            *(pl.lit(getattr(each, name), dtype=pl.String).alias(name) for name in schema), *numbers
        )
        for each in found
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema={**schema, **numbers})


def group_names(runs: pl.DataFrame, columns: Iterable[str]) -> dict[str, str]:
    """By run id the group of each run, `lr=0.1 · model=vit`, for `band`; groups in order of their values.

    A missing value is called `none`.

    Args:
        runs: one row per run.
        columns: of the frame, such as `params.lr` or `user`; `config` stands for all params but those that only
            number repetitions (seeds, folds …) and of these names the ones that differ; none gives one group of all.
    """
    names = list(dict.fromkeys(each for name in columns for each in _meant(runs, name)))
    if not names:
        return dict.fromkeys(runs["run_id"].to_list(), "all")
    parts = [
        pl.lit(f"{name.removeprefix('params.')}=") + pl.col(name).cast(pl.String, strict=False).fill_null("none")
        for name in names
    ]
    named = runs.select(pl.concat_str(parts, separator=" · "))
    order = runs.select(*names).with_row_index(_ROW).sort(names, maintain_order=True)[_ROW]
    told = pl.DataFrame([runs["run_id"], config_numbers(runs, names), named.to_series().alias("text")])[order]
    labels: dict[int, str] = {}
    taken: Counter[str] = Counter()
    for number, text in told.select(CONFIG, "text").rows():
        if number not in labels:
            taken[text] += 1
            # Values that differ may read alike: a missing one, and the text `none`.
            labels[number] = text if taken[text] == 1 else f"{text} ({taken[text]})"
    return {run_id: labels[number] for run_id, number in told.select("run_id", CONFIG).rows()}


def _meant(runs: pl.DataFrame, name: str) -> list[str]:
    if name != CONFIG:
        return [name]
    return [each for each in config_columns(runs) if runs[each].n_unique() > 1]


def _drawable(x: Floats, y: Floats, x_range: tuple[float, float] | None, *, log_x: bool) -> tuple[Floats, Floats]:
    fits = np.isfinite(y)
    if log_x:
        fits &= x > 0
    x, y = x[fits], y[fits]
    if x_range is not None:
        # One point beyond each end, for interpolation up to the edge.
        first = max(0, int(np.searchsorted(x, x_range[0], side="left")) - 1)
        last = int(np.searchsorted(x, x_range[1], side="right")) + 1
        x, y = x[first:last], y[first:last]
    return x, y


def _grid(places: list[Floats], width: int, *, log_x: bool) -> Floats:
    longest = max(places, key=len, default=np.empty(0))
    if len(longest) <= width or len(np.unique(longest)) <= width:
        every: Floats = np.unique(np.concatenate(places)) if places else longest
        if len(every) <= width:
            return every
    ends = [(place[0], place[-1]) for place in places if len(place)]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    return np.geomspace(low, high, width) if log_x else np.linspace(low, high, width)


def _resample(grid: Floats, x: Floats, y: Floats) -> Floats:
    """The mean of what is nearest to each place of the grid; between points interpolated, beyond them NaN."""
    if not len(x):
        return np.full(len(grid), np.nan)
    # x is sorted: what is nearest to a place lies together.
    cuts = np.concatenate([[0], np.searchsorted(x, (grid[1:] + grid[:-1]) / 2, side="left"), [len(x)]])
    n = np.diff(cuts)
    filled = np.flatnonzero(n)
    means = np.add.reduceat(y, cuts[filled]) / n[filled]
    between = np.interp(grid, grid[filled], means)
    inside = (grid >= grid[filled[0]]) & (grid <= grid[filled[-1]])
    return np.where(inside, between, np.nan)


def _aggregate(table: Floats, spread: Spread) -> tuple[Floats, Floats, Floats, Floats]:
    there = ~np.isnan(table)
    n = there.sum(axis=0).astype(np.float64)
    known = np.where(there, table, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(n > 0, known.sum(axis=0) / n, np.nan)
        if spread == "minmax":
            low = np.where(there, table, np.inf).min(axis=0)
            high = np.where(there, table, -np.inf).max(axis=0)
            return mean, np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan), n
        squares = np.where(there, (table - mean) ** 2, 0.0).sum(axis=0)
        half = np.where(n > 1, np.sqrt(squares / (n - 1)), np.nan)
        if spread != "std":
            half = half / np.sqrt(n)
        if spread == "ci95":
            half = half * student_t(n - 1)
    return mean, mean - half, mean + half, n


def student_t(freedom: Floats) -> Floats:
    """The 97.5 % quantile of Student's t, to three decimals; NaN below one degree of freedom."""
    v = np.maximum(freedom, 1.0)
    z = _Z
    beyond = (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )
    known = np.array(_T)[np.clip(v, 1, len(_T)).astype(np.int64) - 1]
    return np.where(freedom < 1, np.nan, np.where(v <= len(_T), known, beyond))
