"""What `define_metric` said: which way is better, and which metric belongs on the x-axis."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from ..schema.errors import InvalidValue
from ..schema.names import check_metric

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
        return fnmatchcase(metric, self.pattern)


def define(pattern: str, goal: str | None, step_metric: str | None) -> MetricDefinition:
    """A checked definition.

    Raises:
        InvalidName: a name that can't be a metric's.
        InvalidValue: a goal other than minimize or maximize.
    """
    check_metric(pattern)
    if step_metric is not None:
        check_metric(step_metric, what="step_metric")
    if goal is not None and goal not in _GOALS:
        raise InvalidValue(f'goal {goal!r} of metric {pattern!r} must be "minimize" or "maximize"')
    return MetricDefinition(pattern, _GOALS[goal] if goal else None, step_metric)
