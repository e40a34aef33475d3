"""What competes on a board: runs gathered into entries, each with a name of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from ..names.params import config_columns
from .definition import Definition

_PARAMS: Final = "params."
_SHOWN_PARAMS: Final = 6
_LONGEST_VALUE: Final = 24
_NAMELESS: Final = {"user": "unknown", "param": "not set"}


def entry_params(runs: pl.DataFrame, definition: Definition) -> list[str]:
    """The params that make an entry of a board of configs: without those that tell datasets where columns do."""
    by_dataset = any(measure.dataset is not None for measure in definition.measures)
    return config_columns(runs, ignore=definition.ignore, by_dataset=by_dataset)


def assign_entries(runs: pl.DataFrame, definition: Definition, lone: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
    """The entry of each run, and the entries.

    Args:
        runs: one row per run.
        definition: says what an entry is.
        lone: true for runs that stand for themselves whatever the definition says (baselines by run id).

    Returns:
        For each run its entry's number, and a frame with a row per entry (`entry`, unique) in that order.
    """
    by, alone = _keys(runs, definition, lone)
    keyed = runs.with_row_index("_row").select("_row", *by, _alone=pl.when(alone).then("_row"))
    groups = keyed.group_by([*by, "_alone"], maintain_order=True).agg("_row").with_row_index("_entry")
    number = groups.select("_entry", "_row").explode("_row").sort("_row")["_entry"].cast(pl.Int64)
    first = groups.select(pl.col("_row").list.first()).to_series()
    labels = _labels(runs, definition, by, lone).gather(first)
    return number, pl.DataFrame({"entry": unique_labels(labels, runs["run_id"].gather(first))})


def _keys(runs: pl.DataFrame, definition: Definition, lone: pl.Series) -> tuple[list[str], pl.Series]:
    """The columns that make an entry, and which runs are one each."""
    match definition.entry:
        case "run":
            return [], lone | pl.Series([True]).new_from_index(0, runs.height)
        case "config":
            return entry_params(runs, definition), lone
        case "user":
            return ["user"], lone
        case "group":
            # A run outside any group competes alone.
            return ["group"], lone | runs["group"].is_null()
    column = f"{_PARAMS}{definition.entry_param}"
    return [column] if column in runs.columns else [], lone


def _labels(runs: pl.DataFrame, definition: Definition, by: Sequence[str], lone: pl.Series) -> pl.Series:
    own = pl.coalesce(pl.col("name"), pl.col("run_id"))
    match definition.entry:
        case "run":
            label = own
        case "group":
            label = pl.coalesce(pl.col("group"), own)
        case "user":
            label = pl.col("user").fill_null(_NAMELESS["user"])
        case "config":
            label = _config_label(runs, by, own)
        case _:
            nameless = pl.lit(_NAMELESS["param"])
            label = pl.coalesce(pl.col(by[0]).cast(pl.String), nameless) if by else nameless
    return runs.select(pl.when(lone).then(own).otherwise(label).fill_null("").alias("entry")).to_series()


def _config_label(runs: pl.DataFrame, by: Sequence[str], own: pl.Expr) -> pl.Expr:
    """The params that differ between configs, `lr=0.1 · depth=4`; the run's name where none does."""
    varying = [column for column in by if runs[column].n_unique() > 1]
    parts = []
    for column in varying[:_SHOWN_PARAMS]:
        text = pl.col(column).cast(pl.String)
        cut = (
            pl.when(text.str.len_chars() > _LONGEST_VALUE).then(text.str.head(_LONGEST_VALUE - 1) + "…").otherwise(text)
        )
        parts.append(pl.lit(f"{column.removeprefix(_PARAMS)}=") + cut)
    if not parts:
        return own
    label = pl.concat_str(parts, separator=" · ", ignore_nulls=True)
    return pl.when(label == "").then(own).otherwise(label)


def unique_labels(labels: pl.Series, run_ids: pl.Series) -> pl.Series:
    """Labels made unique: repeated ones get their run id, and a number where even that is taken."""
    frame = pl.DataFrame({"label": labels, "run": run_ids})
    repeated = pl.len().over("label") > 1
    out = frame.select(pl.when(repeated).then(pl.format("{} ({})", "label", "run")).otherwise("label")).to_series()
    if out.n_unique() < out.len():
        taken: set[str] = set()
        names = []
        for label in out.to_list():
            name, n = label, 2
            while name in taken:
                name, n = f"{label} #{n}", n + 1
            taken.add(name)
            names.append(name)
        out = pl.Series(names, dtype=pl.String)
    return out.alias("entry")
