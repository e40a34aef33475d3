"""Metrics of which nothing says whether more or less is better, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...query.names.direction import find_direction
from ...schema.text.labels import split_label


def undirected_metrics(labels: Iterable[str], goals: Mapping[str, str]) -> list[str]:
    """Those of the metrics whose direction neither their name nor `goals` tells.

    Args:
        labels: of the metrics.
        goals: `minimize` or `maximize`, by metric or label.
    """
    return [label for label in labels if not find_direction(*split_label(label), goals=goals).is_known]


def explain_how_to_direct(metric: str = "name") -> str:
    """A sentence on how to declare the direction of a metric."""
    return f'Say it in the job, run.define_metric("{metric}", goal="minimize") or "maximize", or on a saved board.'
