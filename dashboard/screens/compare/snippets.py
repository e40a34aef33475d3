"""What the page of comparisons shows, as code for a notebook, and the frames that the code gives. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from ....query.filters.syntax import quote_string
from ...format.snippets import call, literal, recipe
from ...state.views import CompareView, directions_in
from .model import MOST_COLUMNS, Compared, asked

_DIFFERENCES = "from lakeboard.query import differences, environments"


def where_of(view: CompareView, found: Compared, *, brush: bool = True) -> str:
    """One filter that gives just the runs of a view."""
    text = asked(view, found.frame, brush=brush)
    if not view.runs:
        return text
    ids = ", ".join(quote_string(run_id) for run_id in view.runs)
    named = f"run.run_id in ({ids})"
    return f"{named} and ({text})" if text else named


def runs_lines(project: str, view: CompareView, found: Compared, *, brush: bool = True) -> list[str]:
    """Lines that bind `runs` to the runs of a view, best first."""
    text = asked(view, found.frame, brush=brush)
    lines = ["runs = " + call("lake.runs", project, where=text or None)]
    if view.runs:
        lines.append(f'runs = runs.filter(pl.col("run_id").is_in({literal(list(view.runs))}))')
    if found.metric:
        down = found.better is None or found.better.goal == "maximize"
        key = f"pl.col({literal(found.metric)}).cast(pl.Float64).fill_nan(None)"
        lines.append(f"runs = runs.sort({key}, descending={down}, nulls_last=True, maintain_order=True)")
    return lines


def axes(lake: str, project: str, view: CompareView, found: Compared, names: Sequence[str]) -> str:
    """The code behind the parallel axes."""
    picked = f"frame = runs.select({literal(_lead(names))})"
    return recipe(lake, *runs_lines(project, view, found), picked)


def axes_frame(found: Compared, names: Sequence[str]) -> pl.DataFrame:
    """The selected runs on the axes."""
    return found.narrowed.select(_lead(names))


def _lead(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(["run_id", "name", *names]))


def table(lake: str, project: str, view: CompareView, found: Compared) -> str:
    """The code behind the table of differences."""
    lines = [
        f"snapshot = lake.snapshot({literal(project)})",
        "goals = {label: each.goal for label, each in snapshot.metrics().items() if each.goal}",
        *([f"goals |= {literal(directions_in(view))}"] if directions_in(view) else []),
        *runs_lines(project, view, found),
    ]
    if view.base and view.base in found.narrowed["run_id"]:
        lead = f'pl.col("run_id") == {literal(view.base)}'
        lines.append(f"runs = pl.concat([runs.filter({lead}), runs.filter(~({lead}))])")
    only = view.only and min(found.narrowed.height, MOST_COLUMNS) > 1
    lines += [
        f"runs = runs.head({MOST_COLUMNS})",
        'env = environments(snapshot, runs["run_id"].to_list())',
        f"frame = differences(runs, env=env, goals=goals, only={only})",
    ]
    for word in view.find.casefold().split():
        lines.append(
            f'frame = frame.filter(pl.col("name").str.to_lowercase().str.contains({literal(word)}, literal=True))'
        )
    return recipe(lake, *lines, imports=[_DIFFERENCES])


def dots(
    lake: str, project: str, view: CompareView, found: Compared, names: Sequence[str], aims: Mapping[str, str]
) -> str:
    """The code behind the scatter plot; with two directions (`aims`), whether each run is on the frontier."""
    lines = runs_lines(project, view, found)
    imports = []
    if aims:
        imports = ["from lakeboard.query import on_frontier"]
        lines.append(f"runs = runs.with_columns(on_frontier(runs, {literal(aims)}))")
        names = [*names, "frontier"]
    return recipe(lake, *lines, f"frame = runs.select({literal(_lead(names))})", imports=imports)


def correlations(lake: str, project: str, view: CompareView, found: Compared) -> str:
    """The code behind the correlations."""
    line = f"frame = rank_correlations(runs, {literal(found.metric)})"
    imports = ["from lakeboard.query import rank_correlations"]
    return recipe(lake, *runs_lines(project, view, found), line, imports=imports)
