"""How far a run has come: where its steps will end, if a param tells that honestly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

_WORD: Final = re.compile(r"[a-z]+")
_FILLERS: Final = frozenset({"max", "num", "n", "total", "train", "training", "number", "of", "no", "nb", "count"})
_STEPS: Final = frozenset({"step", "steps", "iter", "iters", "iteration", "iterations", "updates"})
_ROUNDS: Final = frozenset({"epoch", "epochs", "rounds", "round", "episodes", "episode"})
_MOST_SAMPLED: Final = 2_000
ENDING_SCHEMA: Final = {"total": pl.Float64(), "total_param": pl.String()}


@dataclass(frozen=True, slots=True)
class _Candidate:
    column: str
    rounds: bool
    """It counts epochs or the like, which steps need not do."""


def endings(runs: pl.DataFrame) -> pl.DataFrame:
    """At which step each run will end, as far as a param tells: `total` and `total_param`, null where none does.

    A param named like `max_steps`, `epochs` or `train.num_iterations` is believed when finished runs of the frame
    that have it ended at that step or the one before, at least half of them. Where none has finished yet, one that
    counts steps is believed, one that counts epochs or rounds is not: a step may be a batch. Never where the run
    went beyond.

    Args:
        runs: one row per run of one project.
    """
    out: pl.Expr = pl.lit(None, dtype=pl.Float64)
    name: pl.Expr = pl.lit(None, dtype=pl.String)
    for each in _candidates(runs):
        if not _believed(runs, each):
            continue
        value = pl.col(each.column).cast(pl.Float64)
        fits = value.is_finite() & (value >= 1) & (pl.col("last_step").fill_null(0) <= value)
        name = pl.when(fits & out.is_null()).then(pl.lit(each.column.removeprefix("params."))).otherwise(name)
        out = pl.when(fits & out.is_null()).then(value).otherwise(out)
    told = runs.with_columns(total=out, total_param=name)
    return told.select(pl.col(column).cast(dtype) for column, dtype in ENDING_SCHEMA.items())


def _candidates(runs: pl.DataFrame) -> Sequence[_Candidate]:
    found = []
    for column, dtype in runs.schema.items():
        if column.startswith("params.") and dtype.is_numeric():
            words = [w for w in _WORD.findall(column.rpartition(".")[2].lower()) if w not in _FILLERS]
            if len(words) == 1 and words[0] in _STEPS | _ROUNDS:
                found.append(_Candidate(column, rounds=words[0] in _ROUNDS))
    # Steps before epochs, short names before long ones.
    return sorted(found, key=lambda each: (each.rounds, len(each.column), each.column))


def _believed(runs: pl.DataFrame, candidate: _Candidate) -> bool:
    value = pl.col(candidate.column)
    done = runs.filter((pl.col("status") == "finished") & value.is_not_null() & pl.col("last_step").is_not_null())
    if not done.height:
        return not candidate.rounds
    there = done.head(_MOST_SAMPLED).select(pl.col("last_step").is_between(value - 1, value).sum() * 2 >= pl.len())
    return bool(there.item())
