"""What was logged beside numbers as pages list it: keys with their kinds, the items of one of them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ..components.media import Key, Shown


def keys_of(frame: pl.DataFrame) -> list[Key]:
    """What there is, by name, each with the kind that it has most; pictures and figures first, as they are looked at.

    Args:
        frame: of `Lake.media`.
    """
    label = label_of()
    found = frame.group_by(label.alias("label")).agg(pl.col("kind").mode().sort().first(), pl.len()).sort("label")
    keys = [Key(name, kind, items) for name, kind, items in found.iter_rows()]
    return sorted(keys, key=lambda key: key.kind not in ("image", "figure"))


def label_of() -> pl.Expr:
    """A key with its dataset, as metrics have it: `samples [test]`."""
    return pl.when(pl.col("dataset").is_null()).then("key").otherwise(pl.format("{} [{}]", "key", "dataset"))


def items_of(frame: pl.DataFrame, label: str, *, runs: Sequence[str] = ()) -> list[Shown]:
    """The items of one key, in order of steps and places.

    Args:
        frame: of `Lake.media`.
        label: of `keys_of`.
        runs: ids of several runs, whose items are told apart by their place in it; then addresses begin with the run.
    """
    places = {run_id: at for at, run_id in enumerate(runs)}
    lead = pl.concat_str("run_id", pl.lit("/")) if runs else pl.lit("")
    stem = pl.col("object").str.split("/").list.last().str.strip_suffix(".parquet")
    rows = frame.filter(label_of() == label).sort("step", "timestamp", "index", maintain_order=True)
    told = rows.select(
        "step",
        pl.format("{}{}/{}", lead, stem, "seq").alias("at"),
        "kind",
        "media_type",
        pl.col("caption").fill_null(""),
        pl.col("width", "height").fill_null(0),
        "bytes",
        pl.col("layers").fill_null(0),
        pl.col("run_id").replace_strict(places, default=0, return_dtype=pl.Int64).alias("group"),
    )
    return [Shown(*row) for row in told.iter_rows()]
