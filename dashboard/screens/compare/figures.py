"""Charts of comparisons in two steps: runs by two columns with their frontier, and correlations. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import polars as pl

from ....query.compare.axes import axis_kind
from ....query.compare.correlation import ENOUGH
from ...charts.model import escaped, hide_ticks
from ...components.values import Cell, Column, Figure, Legend, Row
from ...format.numbers import NONE, count, number
from ...format.packed import packed
from ...format.palette import LIGHT, scale_colours

MOST_DOTS: Final = 3_000
MOST_BARS: Final = 16
ScaleKind: TypeAlias = Literal["linear", "log", "category"]
CORRELATION_COLUMNS: Final = (
    Column("param", "Param", "wrap"),
    Column("value", "Correlation", "number", title="Spearman's rho, from -1 to 1; of texts eta², from 0 to 1"),
    Column("sure", "95 % interval", "text", title="Of rho: holds the true one in 95 % of such samples; of eta²: p"),
    Column("n", "Runs", "number", title="Runs that have both"),
    Column("groups", "Values", "number", title="Distinct values that were tried"),
    Column("plot", "", "action"),
)


@dataclass(frozen=True, slots=True)
class Side:
    """One axis of a scatter plot."""

    label: str
    kind: ScaleKind
    better: Literal["", "minimize", "maximize"] = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """One run."""

    run_id: str
    name: str
    x: float | str
    y: float | str
    shade: float | None = None
    """Its place on the scale of colours; null for none."""
    group: str | None = None
    """Its category, where colours are categories."""
    front: bool = False
    told: str = ""
    """The value behind its colour."""


@dataclass(frozen=True, slots=True)
class ScatterInfo:
    """Runs by two columns."""

    x: Side
    y: Side
    dots: tuple[Dot, ...]
    missing: int
    """Runs that have no place on the axes."""
    skipped: int = 0
    """Runs left out since there are so many."""
    legend: Legend | None = None
    colour: str = ""
    href: str = ""


def side(column: str, frame: pl.DataFrame, label: str, *, scale: str, log: bool, better: str) -> Side:
    """An axis: on the scale that was asked for, else on the one that fits."""
    if axis_kind(frame.schema[column]) == "category":
        return Side(label, "category")
    chosen = scale or ("log" if log else "linear")
    goal: Literal["", "minimize", "maximize"] = (
        "minimize" if better == "minimize" else "maximize" if better == "maximize" else ""
    )
    return Side(label, "log" if chosen == "log" else "linear", goal)


def places_on(values: pl.Series, kind: ScaleKind) -> list[float | str | None]:
    """Where each run stands on an axis; null for runs that have no place there."""
    if kind == "category":
        return [None if v is None else str(v).lower() if isinstance(v, bool) else str(v) for v in values.to_list()]
    floats = values.cast(pl.Float64).to_list()
    return [None if v is None or not math.isfinite(v) or (kind == "log" and v <= 0) else v for v in floats]


def scatter_figure(info: ScatterInfo) -> Figure:
    """A dot a run, a ring and a line around those that none beats; a click on a dot leads to its run."""
    front = sorted((dot for dot in info.dots if dot.front), key=lambda dot: (dot.x, dot.y))
    traces = [*_dots(info), *([_frontier(info, front)] if front else [])]
    notes = [count(len(info.dots), "run")]
    notes += [f"{count(info.missing, 'run')} without a place here"] if info.missing else []
    notes += [f"{info.skipped:,} more not drawn"] if info.skipped else []
    groups = any(dot.group is not None for dot in info.dots)
    return {
        "id": "scatter",
        "title": f"{info.y.label} by {info.x.label}",
        "note": ", ".join(notes),
        "alt": f"{info.y.label} by {info.x.label}, {count(len(info.dots), 'run')}, "
        f"{count(len(front), 'run')} on the frontier",
        "revision": "|".join([info.x.label, info.x.kind, info.y.label, info.y.kind]),
        "hover": "closest",
        "legend": groups,
        "clicks": info.href,
        "x": _axis(info.x, empty=not info.dots),
        "y": _axis(info.y, empty=not info.dots),
        "traces": traces,
    }


def _axis(given: Side, *, empty: bool) -> Figure:
    arrow = {"minimize": " ↓", "maximize": " ↑", "": ""}[given.better]
    out: Figure = {"type": given.kind, "title": escaped(given.label) + arrow}
    out |= {} if given.kind == "category" else {"exponentformat": "e", "nticks": 8}
    return hide_ticks(out) if empty else out


def _dots(info: ScatterInfo) -> list[Figure]:
    grouped: dict[str, list[Dot]] = {}
    for dot in info.dots:
        if dot.group is not None:
            grouped.setdefault(dot.group, []).append(dot)
    order = sorted(grouped, key=lambda name: (-len(grouped[name]), name))
    out = []
    if order:
        shown = sorted(order[: len(LIGHT) - 1])
        for slot, name in enumerate(shown):
            out.append(_trace(info, grouped[name], name) | {"marker": {"slot": slot, "size": 8}, "showlegend": True})
        rest = [dot for name in order[len(LIGHT) - 1 :] for dot in grouped[name]]
        if rest:
            name = f"{len(order) - len(shown)} others"
            out.append(_trace(info, rest, name) | {"marker": {"slot": None, "size": 7}, "showlegend": True})
    shaded = [dot for dot in info.dots if dot.group is None and dot.shade is not None and not math.isnan(dot.shade)]
    bare = [dot for dot in info.dots if dot.group is None and (dot.shade is None or math.isnan(dot.shade))]
    if bare:
        out.append(_trace(info, bare, "no colour") | {"marker": {"slot": None, "size": 7, "opacity": 0.6}})
    if shaded:
        marker: Figure = {
            "color": packed([dot.shade or 0.0 for dot in shaded]),
            "colorscale": scale_colours(),
            "cmin": 0,
            "cmax": 1,
            "size": 8,
            "opacity": 0.85 if len(shaded) > 200 else 1,
        }
        if info.legend:
            marker["colorbar"] = {
                "title": {"text": escaped(info.legend.label), "side": "right", "font": {"size": 11}},
                "tickvals": [0, 1],
                "ticktext": [info.legend.low, info.legend.high],
                "thickness": 9,
                "outlinewidth": 0,
                "len": 0.9,
                "tickfont": {"size": 11},
            }
        out.append(_trace(info, shaded, "runs") | {"marker": marker})
    return out


def _trace(info: ScatterInfo, dots: Sequence[Dot], name: str) -> Figure:
    texts = []
    for dot in dots:
        told = f"<br>{escaped(info.colour)}: {escaped(dot.told)}" if info.colour and dot.told else ""
        front = "<br>on the frontier" if dot.front else ""
        texts.append(
            f"<b>{escaped(dot.name)}</b><br>{escaped(info.x.label)}: {_said(dot.x)}"
            f"<br>{escaped(info.y.label)}: {_said(dot.y)}{told}{front}"
        )
    return {
        "type": "scatter",
        "mode": "markers",
        "name": escaped(name),
        "x": _values([dot.x for dot in dots]),
        "y": _values([dot.y for dot in dots]),
        "customdata": [dot.run_id for dot in dots],
        "text": texts,
        "hovertemplate": "%{text}<extra></extra>",
        "showlegend": False,
    }


def _said(value: float | str) -> str:
    return escaped(value) if isinstance(value, str) else number(value, significant=5)


def _values(values: Sequence[float | str]) -> Figure | list[str]:
    numbers = [v for v in values if not isinstance(v, str)]
    return packed(numbers) if len(numbers) == len(values) else [escaped(str(v)) for v in values]


def _frontier(info: ScatterInfo, front: Sequence[Dot]) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "frontier",
        "x": _values([dot.x for dot in front]),
        "y": _values([dot.y for dot in front]),
        "hoverinfo": "skip",
        "showlegend": False,
        # What can be had at a given x: the best one at least as good on x.
        "line": {"slot": None, "width": 1.4, "dash": "dot", "shape": "hv" if info.x.better == "minimize" else "vh"},
        "marker": {"slot": None, "size": 15, "symbol": "circle-open"},
    }


def correlation_figure(table: pl.DataFrame, names: Mapping[str, str], *, target: str) -> Figure:
    """The strongest correlations: of numbers a dot with its interval, of texts a diamond; uncertain ones faint."""
    known = table.filter(pl.col("value").is_not_null()).head(MOST_BARS).reverse()
    traces = []
    for measure, name, symbol in (
        ("spearman", "rho with its 95 % interval", "circle"),
        ("eta2", "eta² of texts", "diamond"),
    ):
        rows = known.filter(pl.col("measure") == measure).to_dicts()
        if not rows:
            continue
        trace: Figure = {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": packed([row["value"] for row in rows]),
            "y": [escaped(names[row["column"]]) for row in rows],
            "text": [f"{count(row['n'], 'run')}" for row in rows],
            "hovertemplate": "%{y}: %{x:.2f}, %{text}<extra></extra>",
            "marker": {"slots": [0 if row["clear"] else None for row in rows], "size": 9, "symbol": symbol},
            "showlegend": True,
        }
        if measure == "spearman":
            highs = [(row["high"] if row["high"] is not None else row["value"]) - row["value"] for row in rows]
            lows = [row["value"] - (row["low"] if row["low"] is not None else row["value"]) for row in rows]
            trace["error_x"] = {
                "type": "data", "symmetric": False, "array": highs, "arrayminus": lows, "thickness": 1.2, "width": 3,
                "color": "#7f8b98",
            }  # fmt: skip
        traces.append(trace)
    hidden = table.height - known.height
    return {
        "id": "correlation",
        "title": f"Rank correlation with {target}",
        "note": f"the {known.height} strongest" if hidden > 0 and known.height > 1 else "",
        "alt": f"Rank correlation of {count(known.height, 'param')} with {target}",
        "revision": target,
        "hover": "closest",
        "legend": True,
        "x": {"type": "linear", "range": [-1.06, 1.06], "nticks": 9, "zeroline": True, "zerolinewidth": 1},
        "y": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [escaped(names[column]) for column in known["column"]],
        },
        "traces": traces,
    }


def correlation_rows(table: pl.DataFrame, names: Mapping[str, str]) -> list[Row]:
    """One row a param; what chance alone may show is quiet."""
    out = []
    for row in table.iter_rows(named=True):
        value, text = row["value"], row["measure"] == "eta2"
        shown: Cell = {"text": NONE, "title": _unknown(row)}
        sure: Cell = None
        if value is not None:
            shown = {"text": f"{value:.2f}" if text else f"{value:+.2f}", "sub": "eta²" if text else "rho"}
            shown["title"] = f"{value!r}" + ("" if row["clear"] else "\nchance alone may show as much")
            if text:
                sure = "p < 0.001" if row["p"] < 0.001 else f"p = {row['p']:.3f}"
            elif row["low"] is not None:
                sure = f"{row['low']:+.2f} … {row['high']:+.2f}"
        few: Cell = {"text": f"{row['n']:,}"} | ({"sub": "few"} if row["n"] < ENOUGH else {})
        cells: list[Cell] = [names[row["column"]], shown, sure, few, f"{row['groups']:,}", {"text": "Plot"}]
        out.append(Row(row["column"], cells, label=names[row["column"]], tint="" if row["clear"] else "quiet"))
    return out


def _unknown(row: Mapping[str, object]) -> str:
    groups, n = row["groups"], row["n"]
    if not isinstance(n, int) or n < 3:
        return "Fewer than 3 runs have both"
    return "Every run has another one" if groups == n else "The same in all runs"
