"""Small curves for the cells of a table of runs: of the rows on the screen alone."""

from __future__ import annotations

import polars as pl

from ..state.row_keys import key_of
from .feed import Feed, ProjectState


def cell_curves(feed: Feed, state: ProjectState, shown: pl.DataFrame, label: str) -> dict[str, tuple[float, ...]]:
    """By row id, a metric's values in even stretches of steps; rows without any are left out.

    Costs what `LiveCurves.of` costs; of other projects the requests of a look as well.

    Args:
        feed: the lake.
        state: the state that is shown; of several projects a joined one.
        shown: the rows on the screen, with `project`, `run_id`, `status`, `dataset` and `rows`.
        label: the metric's column, such as `val/acc` or `val/acc [cifar10]`.
    """
    names = shown["project"].unique().to_list()
    snapshots = {name: (state if name == state.project else feed.state(name)).snapshot for name in names}
    found = feed.curves.of(snapshots, shown.with_columns(metric=pl.lit(label)))
    return {
        key_of(run_id, project, state.project): tuple(values)
        for project, run_id, values in found.select("project", "run_id", "values").iter_rows()
    }
