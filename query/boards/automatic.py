"""The board of a project that nobody has configured: the most plausible metric, a column for each dataset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from ...schema.run.summary import metric_label
from ...schema.text.labels import split_label
from ..names.direction import find_direction
from ..names.metrics import metric_labels, run_value
from .definition import Counts, Definition, Measure
from .entries import entry_params

_WORD: Final = re.compile(r"[a-z]+|\d+")
_SPLITS: Final[Mapping[str, int]] = {
    "val": 3, "valid": 3, "validation": 3, "dev": 3, "eval": 3, "test": 2, "holdout": 2, "train": 0, "training": 0,
}  # fmt: skip
"""How telling a part of the data is; a metric that names none stands between test and train."""
_UNSPLIT: Final = 1
_HEADS: Final = tuple(
    "accuracy acc top1 auc auroc map miou iou f1 bleu reward return score r2 rmse mse mae error wer perplexity ppl nll "
    "loss".split()
)
"""What people rank by, most plausible first."""
_MAX_DATASETS: Final = 30


def default_definition(runs: pl.DataFrame, *, goals: Mapping[str, str] | None = None) -> Definition | None:
    """A board to show where nobody defined one; null where no run has a metric.

    Prefers metrics whose goal was declared, then validation over test over unnamed over training data, then names
    people rank by (accuracy first, loss last), then what more runs have. Test metrics count by their last value,
    others by their best. Entries are configs where several runs share one or where each run saw only one of several
    datasets, else runs.

    Args:
        runs: one row per run.
        goals: directions that `define_metric` declared, by metric or label.
    """
    labels: dict[str, list[str]] = {}
    # A frame makes its schema anew each time, and there may be thousands of columns.
    schema = runs.schema
    for label in metric_labels(schema):
        labels.setdefault(split_label(label)[0], []).append(label)
    there = {metric: pl.any_horizontal([_has(each, schema) for each in found]) for metric, found in labels.items()}
    counts = (
        runs.select(found.sum().alias(metric) for metric, found in there.items()).row(0, named=True) if there else {}
    )
    known = [metric for metric, n in counts.items() if n]
    if not known:
        return None
    metric = max(known, key=lambda name: (*_plausible(name, goals or {}), counts[name], -len(name), name))
    datasets: set[str] = set()
    for label in labels[metric]:
        given, dataset = runs.filter(_has(label, schema)), split_label(label)[1]
        # Points that named no dataset are of their run's.
        own = given["dataset"].drop_nulls().unique().to_list() if dataset is None else [dataset]
        datasets.update(own if given.height else [])
    named = sorted(datasets)[:_MAX_DATASETS]
    columns: list[str | None] = [*named]
    on_one = [_has(metric_label(metric, dataset), schema) for dataset in named] or [pl.lit(value=False)]
    if runs.select((_has(metric, schema) & ~pl.any_horizontal(on_one)).any()).item():
        # Some runs are on none of the datasets.
        columns.append(None)
    value: Counts = "last" if _split(metric) == _SPLITS["test"] else "best"
    measures = tuple(Measure(metric, dataset, counts=value) for dataset in columns)
    return Definition(measures, title=metric, entry=_entry(runs, measures))


def _has(label: str, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    return run_value(label, "last", schema).is_not_null()


def _plausible(metric: str, goals: Mapping[str, str]) -> tuple[bool, int, bool, int]:
    declared = goals.get(metric) in ("minimize", "maximize") or any(
        split_label(label)[0] == metric and goal in ("minimize", "maximize") for label, goal in goals.items()
    )
    words = _WORD.findall(metric.casefold()) + metric.casefold().replace("/", " ").replace("_", " ").split()
    place = min((_HEADS.index(word) for word in words if word in _HEADS), default=len(_HEADS))
    known = find_direction(metric).known != "assumed"
    return declared, _split(metric), known, -place


def _split(metric: str) -> int:
    return max((_SPLITS[word] for word in _WORD.findall(metric.casefold()) if word in _SPLITS), default=_UNSPLIT)


def _entry(runs: pl.DataFrame, measures: tuple[Measure, ...]) -> str:
    schema = runs.schema
    has = [_has(each.label, schema) for each in measures]
    used = runs.filter(pl.any_horizontal(has)).select(entry_params(runs, Definition(measures)))
    n_configs = used.unique().height
    # One config for all of the runs would make a board of a single row.
    return "config" if 1 < n_configs < used.height else "run"
