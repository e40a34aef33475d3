"""What `define_metric` said: which way is better, and which metric belongs on the x-axis."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from ..schema.errors import InvalidValue
from ..schema.names import check_metric, without_label

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


def define(pattern: str, goal: str | None, step_metric: str | None) -> MetricDefinition:
    """A checked definition.

    Raises:
        InvalidName: a name that can't be a metric's.
        InvalidValue: a goal other than minimize or maximize.
    """
    pattern = _as_logged(pattern, "metric")
    step_metric = None if step_metric is None else _as_logged(step_metric, "step_metric")
    if goal is not None and goal not in _GOALS:
        raise InvalidValue(f'goal {goal!r} of metric {pattern!r} must be "minimize" or "maximize"')
    return MetricDefinition(pattern, _GOALS[goal] if goal else None, step_metric)
