"""What the page of comparisons shows: which runs, on which axes, in which colours, what differs. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from ....query.compare.axes import axes_of, axis_kind, direction_of, metric_of, reads_log, usual_axes, usual_metric
from ....query.compare.differences import COLUMNS, SECTIONS, run_column
from ....query.filters.language import Filter, compile_filter, parse_filter, to_text
from ....query.names.columns import short_name
from ....query.names.direction import Direction
from ....schema.errors import FilterError
from ...components.parallel_axes import MOST_LINES, axis, picks_of
from ...components.values import Cell, Column, Field, Legend, Parallel, Row
from ...format.numbers import NONE, count, decimals_for, exact, number, span
from ...format.palette import marks_of
from ...run_tables.run_columns import heading
from ...run_tables.run_labels import run_labels
from ...state.links import PROJECT, link
from ...state.views import CompareView

MOST_COLUMNS: Final = 50
"""Runs side by side in a table that anybody would read."""
PAGE_LINES: Final = 150
_MOST_AXES: Final = 14
_TITLES: Final = {
    "run": "Run", "params": "Params", "metrics": "Metrics", "summary": "Summary", "tags": "Tags", "env": "Environment",
}  # fmt: skip
_PARTS: Final = {"min": "lowest", "max": "highest", "last": "last"}
_WORDS: Final = {".max": "highest", ".min": "lowest", ".mean": "mean"}
_ENDS: Final = (0.02, 0.98)
"""Of the values that colours are spread over; one run far off would leave all others in one colour."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The runs of a view, best first."""

    frame: pl.DataFrame
    narrowed: pl.DataFrame
    """Those that the brush selects; all without one."""
    fault: FilterError | None
    """What is wrong with the box's filter, which then counts for nothing."""
    brush_fault: str
    absent: int
    """Runs that the link names and that are not there."""
    metric: str | None
    """The column they are judged by."""
    better: Direction | None
    """Which way it is better."""


def compared(runs: pl.DataFrame, view: CompareView, *, goals: Mapping[str, str]) -> Compared:
    """The runs that a view asks for.

    Args:
        runs: all runs of the project that are not deleted.
        view: what is asked for.
        goals: declared ones, by metric or label.
    """
    frame, fault = runs, None
    if view.runs:
        frame = runs.filter(pl.col("run_id").is_in(list(view.runs)))
    absent = len(view.runs) - frame.height if view.runs else 0
    for text in (view.where, view.filter):
        try:
            frame = frame.filter(compile_filter(text, runs.schema))
        except FilterError as error:
            fault = error if text is view.filter else fault
    metric = metric_for(frame, view, goals=goals)
    better = direction_of(metric, frame.schema, goals=goals) if metric else None
    if metric:
        frame = frame.sort(order(metric), descending=_descends(better), nulls_last=True, maintain_order=True)
    narrowed, brush_fault = frame, ""
    try:
        narrowed = frame.filter(compile_filter(view.brush, runs.schema))
    except FilterError as error:
        brush_fault = str(error)
    return Compared(frame, narrowed, fault, brush_fault, absent, metric, better)


def ordered_as(found: Compared) -> str:
    """What the first runs of an order are: the best, where it is known which way is better."""
    return "best" if found.better is not None and found.better.is_known else "highest" if found.metric else "latest"


def order(metric: str) -> pl.Expr:
    """What runs are ordered by: their value, NaN like none."""
    return pl.col(metric).cast(pl.Float64).fill_nan(None)


def _descends(better: Direction | None) -> bool:
    return better is None or better.goal == "maximize"


def metric_for(frame: pl.DataFrame, view: CompareView, *, goals: Mapping[str, str]) -> str | None:
    """The column that runs are judged by: what the view asks for, where it holds numbers, else the usual one."""
    if view.metric in frame.columns and axis_kind(frame.schema[view.metric]) == "number":
        return view.metric
    return usual_metric(frame, goals=goals)


def asked(view: CompareView, frame: pl.DataFrame, *, brush: bool = True) -> str:
    """One filter that asks for everything that the view's filters ask; those at fault count for nothing."""
    joined = Filter()
    for text in (view.where, view.filter, view.brush if brush else ""):
        try:
            compile_filter(text, frame.schema)
            joined &= parse_filter(text)
        except FilterError:
            continue
    return to_text(joined)


def name_of(column: str, schema: Mapping[str, pl.DataType], *, goals: Mapping[str, str]) -> tuple[str, str]:
    """What a column is called in two parts: `lr` and nothing, `val/acc` and `best`."""
    own = heading(column)
    if own:
        return own, ""
    label = metric_of(column, schema)
    if label is None:
        return column.removeprefix("params."), ""
    suffix = next((each for each in _WORDS if column.endswith(each) and column != label), "")
    if not suffix:
        return label, "last"
    better = direction_of(column, schema, goals=goals)
    best = better is not None and better.is_known and suffix == (".min" if better.goal == "minimize" else ".max")
    return label, "best" if best else _WORDS[suffix]


def in_words(column: str, schema: Mapping[str, pl.DataType], *, goals: Mapping[str, str]) -> str:
    """The same in one: `val/acc, best`."""
    return ", ".join(filter(None, name_of(column, schema, goals=goals)))


def offered(frame: pl.DataFrame, *, goals: Mapping[str, str]) -> list[str]:
    """Columns to choose axes from."""
    return axes_of(frame, goals=goals)


def numeric(columns: Sequence[str], frame: pl.DataFrame) -> list[str]:
    """Those of the columns that hold numbers which are measured, not set."""
    schema = frame.schema
    return [name for name in columns if axis_kind(schema[name]) == "number" and not name.startswith("params.")]


def axes_for(view: CompareView, found: Compared) -> list[str]:
    """The columns on parallel axes."""
    schema = found.frame.schema
    known = [name for name in view.axes if name in schema and axis_kind(schema[name])]
    return (known or usual_axes(found.frame, found.metric))[:_MOST_AXES]


@dataclass(frozen=True, slots=True)
class Shade:
    """How values of one column are spread over the scale of colours."""

    low: float
    high: float
    log: bool = False
    reverse: bool = False
    """Less is better, and the better end is always the same colour."""

    def place(self, value: float | None) -> float:
        """From 0 to 1, or NaN for what has no place."""
        if value is None or not math.isfinite(value) or (self.log and value <= 0):
            return float("nan")
        low, high, at = (math.log10(v) if self.log else v for v in (self.low, self.high, value))
        t = min(1.0, max(0.0, (at - low) / (high - low))) if high > low else 0.5
        return 1.0 - t if self.reverse else t


def shade_of(values: pl.Series, better: Direction | None) -> Shade | None:
    """The spread of a column's finite values; null without any."""
    finite = values.cast(pl.Float64)
    finite = finite.filter(finite.is_finite())
    if not finite.len():
        return None
    low, high = (finite.quantile(q, "nearest") for q in _ENDS)
    assert low is not None
    assert high is not None
    reverse = better is not None and better.goal == "minimize"
    return Shade(low, high, log=reads_log((low, high)), reverse=reverse)


def legend_of(label: str, shade: Shade, better: Direction | None, *notes: str) -> Legend:
    """What the scale's ends are."""
    ends = [number(v) for v in (shade.low, shade.high)]
    low, high = reversed(ends) if shade.reverse else ends
    side = "" if better is None else "better is at the right" if better.is_known else "nothing says which way is better"
    return Legend(label, low, high, ", ".join(filter(None, [*notes, side])))


def parallel_of(found: Compared, view: CompareView, *, project: str, goals: Mapping[str, str]) -> Parallel:
    """The parallel axes: of very many runs a part, evenly from the best to the worst, and all that are selected."""
    frame = spread(found.frame, found.narrowed, MOST_LINES)
    drawn = f"{frame.height:,} of {found.frame.height:,} runs drawn" if frame.height < found.frame.height else ""
    schema, picks = frame.schema, picks_of(view.brush, found.frame)
    chosen = set(found.narrowed["run_id"])
    shade = shade_of(found.frame[found.metric], found.better) if found.metric else None
    colours = [float("nan")] * frame.height
    legend = None
    if found.metric and shade:
        colours = [shade.place(v) for v in frame[found.metric].to_list()]
        legend = legend_of(in_words(found.metric, schema, goals=goals), shade, found.better, drawn)
    axes = []
    for name in axes_for(view, found):
        label, over = name_of(name, schema, goals=goals)
        axes.append(axis(frame, name, label=label, over=over, pick=picks.get(name), whole=found.frame))
    ids = frame["run_id"].to_list()
    return Parallel(
        axes=tuple(axes),
        ids=tuple(ids),
        names=tuple(frame.select(pl.coalesce("name", "run_id")).to_series()),
        colours=tuple(colours),
        on=tuple(run_id in chosen for run_id in ids),
        legend=legend,
        href=link("run", {PROJECT: project, "run": ""}),
    )


def spread(frame: pl.DataFrame, first: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most so many runs of a frame, in its order: those in `first`, or half of what fits, evenly, and others."""
    if frame.height <= most:
        return frame
    wanted = frame.with_row_index("_at").with_columns(_first=pl.col("run_id").is_in(first["run_id"].to_list()))
    if first.height == frame.height:
        keep = _even(frame.height, most)
        return frame[keep]
    lead = wanted.filter("_first")["_at"].to_list()
    rest = wanted.filter(~pl.col("_first"))["_at"].to_list()
    lead = [lead[i] for i in _even(len(lead), max(most // 2, most - len(rest)))]
    rest = [rest[i] for i in _even(len(rest), most - len(lead))]
    return frame[sorted([*lead, *rest])]


def _even(n: int, most: int) -> list[int]:
    return list(range(n)) if n <= most else [i * n // most for i in range(most)]


def columns_of(found: Compared, view: CompareView) -> pl.DataFrame:
    """The runs of the table of differences: the baseline, then the best."""
    lead = found.narrowed["run_id"] == view.base
    ordered = pl.concat([found.narrowed.filter(lead), found.narrowed.filter(~lead)])
    return ordered.head(MOST_COLUMNS)


def heads_of(runs: pl.DataFrame, *, project: str, colours: Mapping[str, int]) -> list[Column]:
    """A column a run, the first of them the baseline."""
    ids = runs["run_id"].to_list()
    names, marks = run_labels(runs, ids), marks_of(ids, colours)
    plain = dict(runs.select("run_id", pl.coalesce("name", "run_id")).iter_rows())
    return [
        Column(
            run_id,
            plain[run_id],
            "value",
            href=link("run", {PROJECT: project, "run": run_id}),
            title=f"{names[run_id]}\n{run_id}",
            below=names[run_id].removeprefix(plain[run_id]).lstrip(" ·"),
            mark=marks[run_id],
            base=run_id == ids[0],
        )
        for run_id in ids
    ]


def matching_lines(table: pl.DataFrame, find: str) -> pl.DataFrame:
    """The rows of a table of differences whose names hold all words of a search."""
    words = find.casefold().split()
    name = pl.col("name").str.to_lowercase()
    return table.filter(pl.all_horizontal(pl.lit(value=True), *(name.str.contains(w, literal=True) for w in words)))


def lines_of(table: pl.DataFrame, run_ids: Sequence[str], counts: Mapping[str, tuple[int, int]]) -> list[Row]:
    """A row for each field, in groups.

    Args:
        table: of `differences`, or a part of it.
        run_ids: in order; the first is the baseline.
        counts: by section, how many rows differ and how many there are.
    """
    out: list[Row] = []
    columns = [run_column(run_id) for run_id in run_ids]
    for section in SECTIONS:
        part = table.filter(pl.col("section") == section)
        if not part.height:
            continue
        differ, total = counts[section]
        note = f"{differ:,} of {total:,} differ" if len(run_ids) > 1 else count(total, "row")
        out.append(Row(section, (), field=Field(_TITLES[section], group=True, note=note)))
        for row in part.select(*COLUMNS, *columns).iter_rows():
            _, name, what, kind, goal, differs = row[: len(COLUMNS)]
            label = (heading(name) or name) if section == "run" else name
            cells = cells_of(section, name, kind, goal, row[len(COLUMNS) :])
            known = "best " + ("↓" if goal == "minimize" else "↑") if what == "best" else _PARTS.get(what, "")
            field = Field(label, section, 1, note=known, title=name)
            out.append(Row(f"{section}.{name}.{what}", cells, label, "differs" if differs else "", field))
    return out


def counts_of(table: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """By section: rows that differ, and all."""
    found = table.group_by("section").agg(pl.col("differs").sum(), pl.len().alias("n"))
    return {section: (differ, n) for section, differ, n in found.iter_rows()}


def cells_of(section: str, name: str, kind: str, goal: str | None, texts: Sequence[str | None]) -> list[Cell]:
    """One row's cells: numbers with what sets them off from the first, texts marked where they differ from it."""
    if kind == "number" and name != "duration":
        return _numbers(section, goal, texts)
    base = texts[0]
    fine = kind == "time" and _finer(texts)
    out: list[Cell] = []
    for text in texts:
        if text is None:
            out.append(None if base is None else {"text": NONE, "off": True})
            continue
        shown = _read(name, kind, text, fine=fine)
        cell: dict[str, object] = {"text": shown}
        if shown != text:
            cell["title"] = text
        if text != base and name not in ("created_at", "duration"):
            cell["off"] = True
        out.append(cell)
    return out


def _finer(texts: Sequence[str | None]) -> bool:
    """Whether times that differ would read the same in whole seconds."""
    known = {text for text in texts if text is not None}
    return len({_read("", "time", text) for text in known}) < len(known)


def _read(name: str, kind: str, text: str, *, fine: bool = False) -> str:
    if kind == "time":
        moment = datetime.fromisoformat(text)
        return moment.strftime("%Y-%m-%d %H:%M:%S") + (f".{moment.microsecond // 1000:03}" if fine else "")
    if name == "duration" and kind == "number":
        return span(float(text))
    return text if len(text) <= 400 else f"{text[:399]}…"


def _numbers(section: str, goal: str | None, texts: Sequence[str | None]) -> list[Cell]:
    values = [None if text is None else float(text) for text in texts]
    # Params are written as they were set; what was measured has the digits by which runs differ.
    places = decimals_for(values) if section == "metrics" else None
    base = values[0]
    out: list[Cell] = []
    for i, (text, value) in enumerate(zip(texts, values, strict=True)):
        if value is None or text is None:
            out.append(None)
            continue
        # Whole numbers beyond 2**53 are exact as text alone.
        whole = section != "metrics" and text.lstrip("-").isdigit()
        shown = (f"{int(text):,}" if section == "run" else text) if whole else number(value, places, significant=6)
        cell: dict[str, object] = {"text": shown}
        if shown != text:
            cell["title"] = exact(value)
        if i and base is not None and value != base:
            delta = value - base
            if math.isfinite(delta):
                cell["sub"] = f"{'+' if delta > 0 else ''}{number(delta, places, significant=3)}"
                if goal:
                    cell["tint"] = "better" if (delta > 0) == (goal == "maximize") else "worse"
        if section in ("params", "summary") and text != texts[0]:
            cell["off"] = True
        out.append(cell)
    return out


def names_in(frame: pl.DataFrame) -> list[str]:
    """Names that a filter may use."""
    schema = frame.schema
    return [short_name(name, schema) for name in schema]
