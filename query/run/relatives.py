"""Who belongs to a run: the one it came from, those that came from it, and the others of its group."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ...schema.names import same_run_id


@dataclass(frozen=True, slots=True)
class RelatedRuns:
    """Rows of the runs frame, in its order."""

    parent_id: str | None
    parent: pl.DataFrame
    """One row, or none: it has no parent, or the parent is not in this project."""
    children: pl.DataFrame
    group: str | None
    siblings: pl.DataFrame
    """The others of its group, without parent and children."""

    @property
    def alone(self) -> bool:
        """Whether nobody belongs to it."""
        return self.parent_id is None and not self.children.height and not self.siblings.height


def related_runs(runs: pl.DataFrame, run_id: str) -> RelatedRuns:
    """The family of a run; empty for a run that `runs` does not hold. No request.

    Args:
        runs: one row per run of a project, such as `lake.runs(project, deleted=True)`.
        run_id: whose.
    """
    run_id = same_run_id(run_id)
    own = runs.filter(pl.col("run_id") == run_id)
    parent_id, group = own.select("parent_run_id", "group").row(0) if own.height else (None, None)
    # A run may name itself as its parent; that makes no family.
    parent_id = None if parent_id == run_id else parent_id
    other = pl.col("run_id") != run_id
    children = runs.filter(other & (pl.col("parent_run_id") == run_id))
    known = [parent_id or "", *children["run_id"]]
    in_group = (pl.col("group") == group) if group is not None else pl.lit(value=False)
    return RelatedRuns(
        parent_id=parent_id,
        parent=runs.filter(pl.col("run_id") == (parent_id or "")),
        children=children,
        group=group,
        siblings=runs.filter(other & in_group & ~pl.col("run_id").is_in(known)),
    )


def relatives(runs: pl.DataFrame, run_id: str) -> pl.DataFrame:
    """The family of a run as one frame: `role` (`parent`, `child` or `group`) before the columns of `runs`."""
    found = related_runs(runs, run_id)
    parts = (("parent", found.parent), ("child", found.children), ("group", found.siblings))
    return pl.concat([frame.select(pl.lit(role).alias("role"), pl.all()) for role, frame in parts])
