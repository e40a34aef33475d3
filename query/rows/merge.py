"""Runs of several ended writers, merged in Polars: what `merge_writers` does to values, for many runs at once."""

from __future__ import annotations

from typing import Final

import polars as pl

from ...schema.run.fields import MergeRule, merged_by, typed
from ...schema.run.row import ENDED
from .blocks import Block
from .map_columns import of_frame
from .packs import COLUMNS

_APART: Final = (*typed("params", "summary", "text by key", "files", "lineage"), "traceback")
"""Not for the frame of many runs."""
_RUNNING: Final = "running"
_LEAST: Final = -(2**63)
_GROUP: Final = ("run", "name")


def merge_ended(rows: pl.DataFrame, *, source: str) -> Block:
    """One row per run out of one per writer, in order of run ids. Pure.

    The same as `merge_writers` of each run, but for the last bits of means, and without what frames do not show.
    """
    rank = pl.col("status").replace_strict(list(ENDED), range(len(ENDED)), default=None, return_dtype=pl.Int8)
    ordered = (
        rows.lazy()
        .sort("run_id", "attempt", pl.col("started_at").cast(pl.Int64).fill_null(0), "writer")
        .with_columns(_rank=rank, run=pl.col("run_id").rle_id())
        .with_row_index("row")
        .collect(engine="in-memory")
    )
    newest = pl.col("attempt") == pl.col("attempt").max()
    runs = (
        ordered.lazy()
        .group_by("run_id", maintain_order=True)
        .agg(
            pl.col(*_by("newest writer")).exclude("run_id").last(),
            pl.col(*_by("newest said")).drop_nulls().last(),
            pl.col(*_by("newest attempt")).filter(newest).drop_nulls().last(),
            pl.col(*_by("least")).min(),
            pl.col(*_by("greatest"), *_by("end")).max(),
            pl.when((pl.col("status") == _RUNNING).any())
            .then(pl.lit(_RUNNING))
            .otherwise(pl.col("status").filter(newest).sort_by(pl.col("_rank").filter(newest)).last())
            .alias("status"),
            *(pl.when(pl.col(n).is_not_null().all()).then(pl.col(n).sum()).alias(n) for n in _by("sum")),
            pl.col(*_by("join")).explode().drop_nulls().unique(maintain_order=True),
        )
        .with_columns(
            *(pl.when(pl.col("status") != _RUNNING).then(name).alias(name) for name in _by("end")),
            source=pl.lit(source),
        )
        .select([c for c in rows.columns if c not in _APART])
        .collect(engine="in-memory")
    )
    place = ordered.lazy().select("row", "run", "attempt")
    given = {prefix: _given(ordered, column, place) for prefix, column in COLUMNS.items()}
    return Block(runs, given=given, summary=_summaries(ordered, place))


def _by(rule: MergeRule) -> list[str]:
    return [name for name in merged_by(rule) if name not in _APART]


def _given(ordered: pl.DataFrame, column: str, place: pl.LazyFrame) -> pl.DataFrame:
    """By key, the later attempt wins."""
    long = of_frame(ordered, column).lazy().join(place, on="row", maintain_order="left")
    last = long.unique(_GROUP, keep="last", maintain_order=True)
    return last.drop("row", "attempt").rename({"run": "row"}).collect(engine="in-memory")


def _summaries(ordered: pl.DataFrame, place: pl.LazyFrame) -> pl.DataFrame:
    """By the arithmetic of `lakeboard.schema.run.summary.merge`."""
    long = of_frame(ordered, "summary").join(place.collect(), on="row", maintain_order="left")
    long = long.with_columns(pl.col("n", "n_nan").fill_null(0))
    # Points there are of most; a summary without any only declares something.
    full, bare = long.lazy().filter(pl.col("n") > 0), long.lazy().filter(pl.col("n") <= 0)
    real = pl.col("n") - pl.col("n_nan")
    weighted = pl.col("mean").filter(real > 0)
    weights = real.filter(real > 0)
    sums = full.group_by(_GROUP, maintain_order=True).agg(
        pl.col("metric", "dataset", "first").first(),
        pl.col("goal", "step_metric").drop_nulls().last(),
        pl.col("n", "n_nan").sum(),
        pl.when(weights.len() > 1)
        .then((weighted * weights).sum() / weights.sum())
        .otherwise(weighted.first())
        .alias("mean"),
    )
    order = [pl.col("attempt"), pl.col("last_step").fill_null(_LEAST), pl.col("last_at").cast(pl.Int64), pl.col("row")]
    last = full.sort(order).group_by(_GROUP).agg(pl.col("last", "last_step", "last_at").last())
    merged = sums.join(last, on=_GROUP, how="left", maintain_order="left")
    for name, descending in (("min", False), ("max", True)):
        step = f"{name}_step"
        best = full.filter(pl.col(name).is_not_null()).sort(name, step, "row", descending=[descending, False, False])
        best = best.group_by(_GROUP, maintain_order=True).agg(pl.col(name, step).first())
        merged = merged.join(best, on=_GROUP, how="left", maintain_order="left")
    told = pl.col("goal", "step_metric")
    declared = bare.group_by(_GROUP, maintain_order=True).agg(
        told.drop_nulls().first(), pl.all().exclude("goal", "step_metric", *_GROUP).first()
    )
    bare_known = declared.select(*_GROUP, told.name.suffix("_bare"))
    merged = merged.join(bare_known, on=_GROUP, how="left", maintain_order="left").with_columns(
        goal=pl.coalesce("goal", "goal_bare"), step_metric=pl.coalesce("step_metric", "step_metric_bare")
    )
    fields = [c for c in long.columns if c not in ("row", "attempt")]
    rest = declared.join(sums, on=_GROUP, how="anti")
    both = pl.concat([merged.select(fields), rest.select(fields)])
    return both.rename({"run": "row"}).collect(engine="in-memory")
