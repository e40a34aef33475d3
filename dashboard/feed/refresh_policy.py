"""When to look at a lake again, and how closely: one policy for a project and for all of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

Phase: TypeAlias = Literal["live", "idle", "pending", "unreachable", "hidden"]
"""live: something runs. idle: nothing does, and somebody is watching. pending: not everything was read yet.
unreachable: the lake did not answer. hidden: nobody has asked for long, so no page is in sight."""
Step: TypeAlias = Literal["keep", "glance", "look"]
"""keep: what is there is fresh enough. glance: one LIST tells whether anything has begun. look: everything anew."""


@dataclass(frozen=True, slots=True)
class LastLook:
    """What the policy goes by. Times are seconds of one clock."""

    asked: float
    """When the lake was last asked, answer or not."""
    whole: float
    """When it was last looked at wholly."""
    live: bool = False
    """Whether something ran."""
    pending: bool = False
    """Whether something was left for the next look."""
    failures: int = 0
    """Looks in a row, up to the last one, that the lake did not answer."""
    took: float = 0.0
    """Seconds that the last whole look took."""


@dataclass(frozen=True, slots=True)
class RefreshPolicy:
    """How often to look at a lake. All in seconds."""

    live_seconds: float
    """Between looks while something runs."""
    idle_seconds: float
    """Between looks while nothing does."""
    pending_seconds: float = 1.0
    """While something is still to be read."""
    unreachable_seconds: float = 10.0
    """After a first look that the lake did not answer; twice as long after each further one."""
    unreachable_most: float = 60.0
    """But never longer than this."""
    whole_seconds: float = 120.0
    """While nothing runs a look is a glance; as often as this it is a whole one."""
    laziness: float = 0.0
    """A look that takes long is taken seldom: after so many times its length."""

    def phase(self, last: LastLook, *, now: float) -> Phase:
        """Where things stand at `now`."""
        if now - last.asked > max(self.whole_seconds, 2 * self.every(last)):
            return "hidden"
        if last.failures:
            return "unreachable"
        if last.pending:
            return "pending"
        return "live" if last.live else "idle"

    def every(self, last: LastLook) -> float:
        """Seconds from the last look to the next, while somebody watches. Nobody looks for a hidden page."""
        if last.failures:
            return min(self.unreachable_seconds * 2.0 ** min(last.failures - 1, 16), self.unreachable_most)
        if last.pending:
            return self.pending_seconds
        return max(self.live_seconds if last.live else self.idle_seconds, self.laziness * last.took)

    def step(self, last: LastLook | None, *, now: float, due: bool = False, changed: bool = False) -> Step:
        """What to do when somebody asks at `now`.

        Args:
            last: the last look; None for none.
            now: seconds.
            due: a viewer's clock said that it is time; see `is_due`.
            changed: somebody changed something, so that all must be looked at.
        """
        if last is None or changed:
            return "look"
        if not due and now - last.asked < self.every(last):
            return "keep"
        quiet = self.phase(last, now=now) == "idle" and now - last.whole <= self.whole_seconds
        return "glance" if quiet else "look"

    def is_due(self, last: LastLook | None, *, now: float, slack: float = 0.5) -> bool:
        """Whether a viewer's clock that ticks at `now` asks for another look: not if another viewer's just did.

        Args:
            last: the last look.
            now: seconds.
            slack: the part of the interval that must have passed; clocks of browsers are not exact.
        """
        return last is not None and now - last.asked >= self.every(last) * slack


PROJECT_LOCAL: Final = RefreshPolicy(live_seconds=2.0, idle_seconds=5.0)
"""For one project of a lake on this machine, whose listings cost nothing."""
PROJECT_REMOTE: Final = RefreshPolicy(live_seconds=10.0, idle_seconds=30.0)
"""For one project of an object store, where writers flush less often and requests cost."""
LAKE_LOCAL: Final = replace(PROJECT_LOCAL, laziness=10.0)
"""For all projects together."""
LAKE_REMOTE: Final = replace(PROJECT_REMOTE, live_seconds=15.0, laziness=10.0)
"""The same of an object store: a page on all of a lake may be older than that of one project."""
