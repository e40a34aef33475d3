"""What a reader of a board must know besides its numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

import numpy as np
import polars as pl

from ...schema.run.row import FAILED, UNSTATED
from ...schema.text.labels import split_label
from .definition import Missing
from .scores import DirectedMeasure
from .standings import Standing

NoteKind: TypeAlias = Literal[
    "direction", "peeking", "missing", "not finite", "live", "failed", "as of", "seeds", "empty"
]
"""Statuses of runs that did not end as they should; what they logged before counts."""
_ENOUGH_RUNS: Final = 5
_MOST_NAMED: Final = 3
_TEST: Final = re.compile(r"(?<![a-z])(?:test|holdout)(?![a-z])", re.IGNORECASE)
_TREATED: Final[Mapping[Missing, str]] = {
    "exclude": "they are not ranked", "worst": "each counts as the worst", "show": "only what is there counts",
    "baseline": "each counts as the weakest baseline",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader of the board must know; shown beside it."""

    kind: NoteKind
    text: str


def premises(measures: Sequence[DirectedMeasure]) -> list[Note]:
    """Directions that nobody declared, and measures that select and rank by the same metric."""
    # Once a metric, though it stands in a column for each dataset.
    said = {each.measure.metric: each.direction.sentence(each.measure.metric) for each in measures}
    for each in measures:
        if each.select is not None:
            metric = split_label(each.measure.select_on or "")[0]
            said[f"select {metric}"] = each.select.sentence(metric)
    notes = [Note("direction", text) for text in dict.fromkeys(said.values()) if text]
    peeks = dict.fromkeys(each.measure.metric for each in measures if each.peeks)
    notes += [Note("peeking", f"{m}: it selects the step and ranks, which rewards looking often") for m in peeks]
    tests = dict.fromkeys(each.measure.metric for each in measures if each.measure.counts == "best")
    said_of = [metric for metric in tests if _TEST.search(metric)]
    notes += [
        Note("peeking", f"{m}: its best step counts, chosen on the test data itself; choose it on validation")
        for m in said_of
    ]
    return notes


def too_late(saved_at: datetime, as_of: datetime | None) -> list[Note]:
    """What to say where a board is shown as of a time before it was first saved."""
    if as_of is None or saved_at <= as_of:
        return []
    return [Note("as of", f"the board was first saved on {saved_at:%Y-%m-%d %H:%M} UTC, and is shown as it was then")]


def run_caveats(standing: Standing, runs: pl.DataFrame, labels: Sequence[str]) -> list[Note]:
    """What the runs themselves call for saying; `labels` are those of the columns."""
    if not runs.height:
        return [Note("empty", "no run competes; loosen the filter or the dates")]
    notes = []
    n = standing.pooled.n
    nobody = [label for column, label in enumerate(labels) if not (n[:, column] > 0).any()]
    if nobody:
        shown = ", ".join(nobody[:_MOST_NAMED]) + (
            f" and {len(nobody) - _MOST_NAMED} more" * (len(nobody) > _MOST_NAMED)
        )
        notes.append(Note("missing", f"no run has a value of {shown}"))
    partial = int(((standing.coverage < n.shape[1]) & (standing.coverage > 0)).sum())
    if partial:
        notes.append(
            Note("missing", f"{many(partial, 'entry')} without some value; {_TREATED[standing.definition.missing]}")
        )
    broken = int(((n > 0) & np.isnan(standing.cells)).any(axis=1).sum())
    if broken:
        notes.append(Note("not finite", f"{many(broken, 'entry')} with a NaN or infinite value, which does not rank"))
    going = runs.filter(pl.col("status") == "running")
    if going.height:
        silent = int(going["silent"].fill_null(value=False).sum()) if "silent" in going.columns else 0
        parts = [
            f"{n} {word}" for n, word in ((going.height - silent, "running"), (silent, "without a heartbeat")) if n
        ]
        notes.append(
            Note("live", f"{' and '.join(parts)} of {many(runs.height, 'run')}; what they reached so far counts")
        )
    failed = int(runs["status"].is_in(FAILED).sum())
    if failed:
        notes.append(
            Note("failed", f"{failed} of {many(runs.height, 'run')} failed or killed; what they reached counts")
        )
    unstated = int((runs["status"] == UNSTATED).sum())
    if unstated:
        said = (
            f"{unstated} of {many(runs.height, 'run')} ended by the next run, nobody said how; what they reached counts"
        )
        notes.append(Note("failed", said))
    counted = n[standing.ranked]
    few = counted.size and counted.max() > 1 and counted[counted > 0].min() < _ENOUGH_RUNS
    if few and standing.definition.pooled == "mean":
        notes.append(Note("seeds", f"entries of fewer than {_ENOUGH_RUNS} runs; their rank ranges are rough"))
    return notes


def many(n: int, what: Literal["run", "entry"]) -> str:
    """`1 run`, `2,000 entries`."""
    plural = {"run": "runs", "entry": "entries"}[what]
    return f"{n:,} {what if n == 1 else plural}"
