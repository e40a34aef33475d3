"""From points to the lines of a chart: smoothed, grouped, thinned to the width, coloured and named. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from ...query.curves.bands import Band, Spread, band
from ...query.curves.curves import AXES, Curve, Series, make_curves, series, span_of
from ...query.objects.lru import Remember, anew
from ...query.points.tracks import Track
from ..components.values import Window
from ..format.numbers import number
from ..format.packed import Floats, Numbers
from ..format.palette import DASHES, INK, Mark
from ..state.chart_settings import Settings
from .model import BASELINE, Line, cut

WIDTH: Final = 1_000
"""Points a curve is thinned to: about twice the pixels of a chart in a grid."""
_POINTS: Final = 60_000
"""In a chart of many lines, which get fewer points each."""
_LEAST: Final = 120
_NAME: Final = 24
"""Letters of a metric's name in a note."""
MOST: Final = 300
"""Lines in one chart; more are better grouped."""
RAW: Final = 12
"""In charts of more lines, what was logged behind the smoothed ones would hide everything."""
_TYPICAL: Final = (2.0, 98.0)
_MARGIN: Final = 0.06
_ROOM: Final = 0.4
"""How far bands may reach beyond all lines, in the reach of these: the band of two runs flattens nothing."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What all charts of a page draw."""

    run_ids: tuple[str, ...]
    names: Mapping[str, str]
    """By run."""
    marks: Mapping[str, Mark]
    """By run."""
    own_dataset: Mapping[str, str | None]
    """By run: points on it belong to the chart without a dataset in its label."""
    starts: Mapping[str, datetime]
    """By run, what relative time counts from."""
    groups: Mapping[str, str] | None = None
    """By run; null for a line a run."""
    spread: Spread = "std"
    members: bool = False
    """Whether a group's runs are drawn too."""
    base: str = ""
    """The run to compare with."""
    unread: frozenset[str] = frozenset()
    """Runs of whose points some could not be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The lines of a chart, and what is to be said about them."""

    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()
    y_range: tuple[float | None, float | None] = (None, None)
    missing: int = 0
    """Runs without any point of it, though all of theirs were read."""
    unread: int = 0
    """Runs of whose points some could not be read."""


def by_label(tracks: Iterable[Track], own_dataset: Mapping[str, str | None]) -> dict[str, list[Track]]:
    """Tracks by the label of the chart that they belong to."""
    out: dict[str, list[Track]] = {}
    for track in tracks:
        out.setdefault(label_of(track, own_dataset), []).append(track)
    return out


def label_of(track: Track, own_dataset: Mapping[str, str | None]) -> str:
    """`val/acc` on the run's own dataset or none, `val/acc [cifar10]` on another."""
    return track.metric if track.dataset == own_dataset.get(track.run_id) else track.label


def lines_of(
    tracks: Mapping[str, Sequence[Track]],
    labels: Sequence[str],
    settings: Settings,
    scene: Scene,
    *,
    window: Window | None = None,
    remember: Remember = anew,
) -> Drawn:
    """The lines of one chart, in order of their names.

    Args:
        tracks: of `by_label`; those of the metric on the x axis too, if it is one.
        labels: of the metrics in the chart.
        settings: of the chart.
        scene: of the page.
        window: the stretch of x that is looked at; it is drawn at full resolution.
        remember: keeps what was computed.
    """
    part = [track for label in labels for track in tracks.get(label, ())]
    if not part:
        return _with_absent(Drawn(), scene, ())
    x = settings.x
    if x not in AXES:
        axis = [track for each in tracks.values() for track in each if track.metric == x]
        x, part = ("step", part) if x in labels else (x, [*part, *axis])
    every = series(part, x=x, starts=scene.starts, remember=remember)
    # One value a run is ranked, not drawn along x: it needs no place there.
    log_x = settings.log_x and any(len(each.x) > 1 for each in every)
    having = {each.run_id for each in every}
    shown = [run_id for run_id in scene.run_ids if run_id in having]
    lines_each = len(labels)
    notes = []
    if scene.groups is None and len(shown) * lines_each > MOST:
        kept = max(1, MOST // lines_each)
        notes.append(f"{kept:,} of {len(shown):,} runs drawn, group them to see all")
        shown = shown[:kept]
    wanted = set(shown) | {scene.base}
    drawn_alone = wanted if scene.groups is None or scene.members else {scene.base}
    alone = [track for track in part if track.run_id in drawn_alone]
    n_lines = max(1, len({track.run_id for track in alone}) * lines_each)
    options = {
        "x": x,
        "smoothing": settings.kind if settings.smooth else "none",
        "amount": settings.smooth,
        "x_range": window,
        "log_x": log_x,
        "starts": scene.starts,
        "remember": remember,
    }
    width = max(_LEAST, min(WIDTH, _POINTS // n_lines))
    found = make_curves(alone, width=width, log_y=settings.log_y, span=span_of(every), **options)  # type: ignore[arg-type]
    smoothed = settings.smooth > 0
    raw = smoothed and n_lines <= RAW
    if smoothed and not raw and scene.groups is None:
        notes.append("raw hidden")
    naming = _Naming(scene, tuple(labels))
    lines = [naming.run(curve, smoothed=smoothed, raw=raw) for curve in found]
    values = [curve.shown for curve in found] if scene.groups is None else []
    if scene.groups is not None:
        groups = {run_id: group for run_id, group in scene.groups.items() if run_id in having}
        members = [track for track in part if track.run_id in groups or track.metric == x]
        bands = band(members, groups, spread=scene.spread, **options)  # type: ignore[arg-type]
        # Runs of one group that name different datasets are lines of their own.
        alike = Counter((each.group, each.metric) for each in bands)
        datasets = sorted({each.dataset or "" for each in bands})
        lines += [
            naming.group(
                each,
                log_y=settings.log_y,
                dash=datasets.index(each.dataset or "") if alike[each.group, each.metric] > 1 else None,
            )
            for each in bands
        ]
        values = [part for each in bands for part in (each.mean, each.low, each.high)]
    if x not in AXES and (at := _only_place(every)) is not None:
        notes.append(f"{cut(x, _NAME)} is always {number(at)}")
    if settings.outliers:
        notes.append(f"y: {_TYPICAL[0]:g}\N{EN DASH}{_TYPICAL[1]:g} % of values")
    order = {"member": 0, "group": 1, "run": 1, "base": 2}
    lines.sort(key=lambda line: (order[line.role], line.name, line.run_id, line.metric))
    y_range = _y_range(settings, values)
    if y_range == (None, None) and scene.groups is not None:
        y_range, clipped = _band_range(lines, log_y=settings.log_y)
        notes += [clipped] if clipped else []
    return _with_absent(Drawn(tuple(lines), tuple(notes), y_range), scene, having)


def _with_absent(drawn: Drawn, scene: Scene, having: Collection[str]) -> Drawn:
    """With the numbers of runs that have no such metric, and of those of which nobody knows."""
    missing = sum(run_id not in having and run_id not in scene.unread for run_id in scene.run_ids)
    return replace(drawn, missing=missing, unread=len(scene.unread.intersection(scene.run_ids)))


def _only_place(every: Sequence[Series]) -> float | None:
    """Where all points lie above each other; null where they don't."""
    ends = {float(end) for each in every if len(each.x) for end in (each.x[0], each.x[-1])}
    return ends.pop() if len(ends) == 1 and any(len(each.x) > 1 for each in every) else None


def _y_range(settings: Settings, values: Sequence[Numbers]) -> tuple[float | None, float | None]:
    low = high = None
    if settings.outliers:
        real = np.concatenate([each[np.isfinite(each)] for each in values]) if values else np.empty(0)
        real = real[real > 0] if settings.log_y else real
        if len(real):
            low, high = (float(each) for each in np.percentile(real, _TYPICAL))
            if settings.log_y:
                reach = (high / low) ** _MARGIN
                low, high = low / reach, high * reach
            else:
                reach = (high - low or abs(high) or 1.0) * _MARGIN
                low, high = low - reach, high + reach
    return (low if settings.low is None else settings.low, high if settings.high is None else settings.high)


def _band_range(lines: Sequence[Line], *, log_y: bool) -> tuple[tuple[float | None, float | None], str]:
    """Ends of the y axis where a band reaches far beyond all lines, and what is said of it; else nothing."""

    def scaled(values: Sequence[Floats]) -> Numbers:
        found = np.concatenate([np.asarray(each, dtype=np.float64) for each in values])
        found = found[np.isfinite(found) & ((found > 0) | (not log_y))]
        out: Numbers = np.log10(found) if log_y else found
        return out

    groups = [line for line in lines if line.role == "group"]
    drawn = scaled([line.y for line in lines]) if lines else np.empty(0)
    if not groups or not len(drawn):
        return (None, None), ""
    low, high = float(drawn.min()), float(drawn.max())
    reach = (high - low) or (0.5 if log_y else abs(high) * 0.1) or 1.0
    most = (low - _ROOM * reach, high + _ROOM * reach)
    edges = scaled([part for line in groups for part in (line.low, line.high)])
    if not len(edges) or (edges.min() >= most[0] and edges.max() <= most[1]):
        return (None, None), ""
    ends = [max(min(low, float(edges.min())), most[0]), min(max(high, float(edges.max())), most[1])]
    margin = (ends[1] - ends[0]) * _MARGIN
    ends = [ends[0] - margin, ends[1] + margin]
    bottom, top = (10**each if log_y else each for each in ends)
    n = [np.asarray(line.n)[(np.asarray(line.low) < bottom) | (np.asarray(line.high) > top)] for line in groups]
    fewest = min((float(each.min()) for each in n if len(each)), default=0.0)
    return (bottom, top), f"n = {fewest:.0f}: band clipped" if fewest else "band clipped"


@dataclass(frozen=True, slots=True)
class _Naming:
    """How lines are called and coloured."""

    scene: Scene
    labels: tuple[str, ...]

    def run(self, curve: Curve, *, smoothed: bool, raw: bool) -> Line:
        scene, run_id = self.scene, curve.run_id
        label = curve.metric if curve.dataset == scene.own_dataset.get(run_id) else curve.label
        mark = scene.marks.get(run_id, Mark(0))
        name = scene.names.get(run_id, run_id)
        role = "member" if scene.groups is not None else "run"
        if run_id == scene.base:
            name, mark, role = f"{name}{BASELINE}", Mark(INK, "dash"), "base"
        return self._with_metric(
            Line(
                run_id,
                name,
                mark,
                curve.x,
                curve.smooth if smoothed else curve.y,
                curve.x if raw and role == "run" else (),
                curve.y if raw and role == "run" else (),
                n_dropped=curve.n_dropped,
                role=role,  # type: ignore[arg-type]
            ),
            label,
        )

    def group(self, found: Band, *, log_y: bool, dash: int | None) -> Line:
        first = found.run_ids[0]
        x, mean, low, high = found.x, found.mean, found.low, found.high
        if log_y:
            mean = np.where(mean > 0, mean, np.nan)
            # An edge at or below zero has no logarithm: the band ends at the least value drawn.
            real = np.concatenate([mean[np.isfinite(mean)], low[low > 0]])
            floor = float(real.min()) if len(real) else np.nan
            low = np.where(low > 0, low, np.where(np.isfinite(low), floor, np.nan))
            high = np.where(high > 0, high, np.nan)
        label = found.metric if found.dataset == self.scene.own_dataset.get(first) else found.label
        mark = self.scene.marks.get(first, Mark(0))
        name = found.group
        if dash is not None:
            name = f"{found.group} [{found.dataset}]"
            mark = replace(mark, dash=DASHES[dash % len(DASHES)])
        line = Line(
            name, f"{name} (n = {len(found.run_ids)})", mark, x, mean, role="group", low=low, high=high,
            n=found.n,
        )  # fmt: skip
        return self._with_metric(line, label)

    def _with_metric(self, line: Line, label: str) -> Line:
        if len(self.labels) < 2:
            return line
        dash = DASHES[self.labels.index(label) % len(DASHES)] if label in self.labels else line.mark.dash
        return replace(line, name=f"{line.name} · {label}", metric=label, mark=replace(line.mark, dash=dash))
