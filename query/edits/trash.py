"""What is in a project's trash: deleted runs, who deleted them and when, and what they take up."""

from __future__ import annotations

from typing import Final

import polars as pl

from ..names.run_columns import RUN_SCHEMA
from ..snapshots.runs_frame import Frames
from ..snapshots.snapshot import Snapshot

TRASH_SCHEMA: Final = {**RUN_SCHEMA, "bytes": pl.Int64()}
"""Columns of `trash_frame`; `bytes` are of its sealed points, as its row tells, and of its tails. Files that a run
keeps beside its points are not in them."""


def trash_frame(snapshot: Snapshot) -> pl.DataFrame:
    """One row per deleted run, the one deleted last first: columns `TRASH_SCHEMA`. No request."""
    runs = Frames([snapshot]).build(deleted=True, columns=[]).filter("deleted")
    ids = runs["run_id"].to_list()
    sealed = (
        snapshot.ended.of_runs(ids)
        .select("run_id", size=pl.col("files").list.eval(pl.element().struct.field("bytes")).list.sum())
        .group_by("run_id")
        .agg(pl.col("size").sum())
    )
    tails = pl.DataFrame(
        [(run_id, sum(t.size for t in w.tails)) for (run_id, _), w in snapshot.live.items() if run_id in set(ids)],
        schema={"run_id": pl.String, "size": pl.Int64},
        orient="row",
    )
    sizes = (
        pl.concat([sealed.select("run_id", pl.col("size").cast(pl.Int64)), tails])
        .group_by("run_id")
        .agg(bytes=pl.col("size").sum())
    )
    return (
        runs.join(sizes, on="run_id", how="left", maintain_order="left")
        .select(pl.col(name).cast(dtype) for name, dtype in TRASH_SCHEMA.items())
        .sort("deleted_at", "run_id", descending=[True, False], nulls_last=True)
    )
