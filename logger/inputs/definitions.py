"""What `define_metric` said: which way is better, and which metric belongs on the x-axis."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from ...schema.errors import InvalidValue
from ...schema.names import check_metric, without_label

_SUMMARIES: Final = {
    "min": "minimize",
    "max": "maximize",
    "best": None,
    "last": None,
    "first": None,
    "mean": None,
    "copy": None,
    "none": None,
}
"""What W&B calls the ways to sum up a metric, and the goal that some of them tell."""
_GOALS: Final = {"minimize": "minimize", "min": "minimize", "maximize": "maximize", "max": "maximize"}


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """Holds for every metric whose name matches `pattern` (shell wildcards: `val/*`)."""

    pattern: str
    goal: str | None = None
    """`minimize`, `maximize` or null."""
    step_metric: str | None = None

    def covers(self, metric: str) -> bool:
        """Whether it is about this metric."""
        return metric == self.pattern or fnmatchcase(metric, self.pattern)


def _as_logged(name: str, what: str) -> str:
    return check_metric(without_label(name) if isinstance(name, str) else name, what=what)


def define(pattern: str, goal: str | None, step_metric: str | None, summary: str | None = None) -> MetricDefinition:
    """A checked definition. `goal` counts where `summary` tells another one.

    Raises:
        InvalidName: a name that can't be a metric's.
        InvalidValue: a goal other than minimize or maximize, or a summary that is none of the known words.
    """
    pattern = _as_logged(pattern, "metric")
    step_metric = None if step_metric is None else _as_logged(step_metric, "step_metric")
    if goal is not None and goal not in _GOALS:
        raise InvalidValue(f'goal {goal!r} of metric {pattern!r} must be "minimize" or "maximize"')
    # Words may be joined, as in "min,max", which tells no goal.
    words = [] if summary is None else [word.strip() for word in str(summary).split(",")]
    if any(word not in _SUMMARIES for word in words):
        raise InvalidValue(f"summary {summary!r} of metric {pattern!r} must be one of {', '.join(_SUMMARIES)}")
    goals = {_SUMMARIES[word] for word in words} - {None}
    if goal is None and len(goals) == 1:
        goal = goals.pop()
    return MetricDefinition(pattern, _GOALS[goal] if goal else None, step_metric)
