"""What the names of params tell: which number repetitions, and which make a config."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

import polars as pl

from ...schema.text.labels import split_label
from .metrics import metric_labels

CONFIG: Final = "config"
"""What to group by for runs that differ in nothing but what numbers repetitions."""
_PARAMS: Final = "params."
_DATASET: Final = re.compile(r"(?:.*[._/-])?(?:dataset|data_?set|dataset_?name|data_?name)", re.IGNORECASE)


def is_seed(param: str) -> bool:
    """Whether a param (dotted name) only numbers repetitions: seeds, random states, folds, trials."""
    return _SEED.fullmatch(param) is not None


_SEED: Final = re.compile(
    r"(?:.*[._/-])?(?!n_|num_)(?:\w*_)?"
    r"(?:seeds?|seed_?\d+|random_?state|rng|rng_?key|repeat|replicate|repetition|trial|fold)|(?:.*[._/-])?seed_?everything",
    re.IGNORECASE,
)


def config_columns(runs: pl.DataFrame, *, ignore: Collection[str] = (), by_dataset: bool | None = None) -> list[str]:
    """The param columns that make a config: all but those that number repetitions (seeds, folds ...).

    Leaderboards, groups of the table of runs and bands of curves all ask here, and compare with `config_numbers`.

    Args:
        runs: one row per run.
        ignore: params (dotted names) to leave out as well.
        by_dataset: leave out params that name the dataset, since values stand apart by dataset anyway; None: where
            the label of some metric has one.
    """
    schema = runs.schema
    if by_dataset is None:
        by_dataset = any(split_label(label)[1] is not None for label in metric_labels(schema))
    return [
        column
        for column in schema
        if column.startswith(_PARAMS)
        and not is_seed(name := column.removeprefix(_PARAMS))
        and name not in ignore
        and not (by_dataset and _DATASET.fullmatch(name))
    ]


def config_numbers(runs: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """For each run the number of its config: equal where all `columns` are, counted from 0 as they first appear.

    A missing value equals a missing one alone, NaN equals NaN, and -0.0 is 0.0.
    """
    if not columns:
        return pl.Series([0], dtype=pl.Int64).new_from_index(0, runs.height)
    groups = runs.select(columns).with_row_index("\x00row").group_by(columns, maintain_order=True).agg("\x00row")
    numbered = groups.with_row_index("\x00config").explode("\x00row").sort("\x00row")
    return numbered["\x00config"].cast(pl.Int64).alias(CONFIG)
