"""What was seen last of a project or a lake, shared by all viewers and looked at again as a policy says."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Generic, TypeVar, cast

from ...query.objects.lru import CachePart
from ...schema.errors import StoreError
from .refresh_policy import PROJECT_LOCAL, PROJECT_REMOTE, LastLook, RefreshPolicy


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Seen:
    """What was seen at one moment, whatever it is of."""

    taken: float
    """Of when it is, in seconds since 1970."""
    asked: float
    """When the lake was last asked, answer or not."""
    whole: float = 0.0
    """When it was last looked at wholly."""
    requests: int
    """What it cost."""
    local: bool
    """Whether the lake is a folder, whose listings cost nothing."""
    took: float = 0.0
    """Seconds that the last whole look took, where that says how long the next one will."""
    trouble: str = ""
    """Why it is not fresher: the lake did not answer."""
    failures: int = 0
    """So often in a row."""

    @property
    def live(self) -> int:
        """Runs that are running and have sent news in time."""
        return 0

    @property
    def pending(self) -> bool:
        """Whether something was left for the next look."""
        return False

    @property
    def policy(self) -> RefreshPolicy:
        """How often it is worth looking again."""
        return PROJECT_LOCAL if self.local else PROJECT_REMOTE

    @property
    def last_look(self) -> LastLook:
        """What the policy goes by."""
        failures = max(self.failures, 1 if self.trouble else 0)
        return LastLook(self.asked, self.whole, bool(self.live), self.pending, failures, self.took)

    @property
    def every(self) -> float:
        """Seconds after which it is worth looking again."""
        return self.policy.every(self.last_look)


S = TypeVar("S", bound=Seen)


class Refresher(Generic[S]):
    """Looks again when it is worth it. Safe to share between threads: one looks, the others wait for what it sees.

    Args:
        read: reads all anew, given the last state.
        glance: takes one that tells with one LIST whether anything has begun; None where something has.
        policy: how often.
        clock: seconds since 1970.
        part: keeps what was seen while there is room; without it the next look is a first one.
        key: of this in `part`.
        size: bytes of something seen.
        retire: told of what was seen before, once something else takes its place.
    """

    def __init__(
        self,
        *,
        read: Callable[[S | None], S],
        glance: Callable[[S], S | None],
        policy: RefreshPolicy,
        clock: Callable[[], float],
        part: CachePart,
        key: Hashable,
        size: Callable[[S], int],
        retire: Callable[[S], None] = lambda _: None,
    ) -> None:
        self._read = read
        self._glance = glance
        self._policy = policy
        self._clock = clock
        self._part = part
        self._key = key
        self._size = size
        self._retire = retire
        self._lock = Lock()
        self._due = self._changed = False

    @property
    def last(self) -> S | None:
        """What was seen last, where it is at hand: showing it needs no waiting."""
        return cast("S | None", self._part.get(self._key))

    def current(self) -> S:
        """What was seen lately: it stays good until it is worth looking again. When the lake does not answer, the last.

        Raises:
            StoreError: the lake does not answer, and never did.
        """
        with self._lock:
            last, due, changed = self.last, self._due, self._changed
            self._due = self._changed = False
            now = self._clock()
            told = last.last_look if last is not None else None
            step = self._policy.step(told, now=now, due=due, changed=changed)
            if last is not None and step == "keep":
                return last
            try:
                seen = self._glance(last) if last is not None and step == "glance" else None
                if seen is None:
                    seen = self._read(last)
                    if last is not None:
                        self._retire(last)
            except StoreError as error:
                if last is None:
                    raise
                seen = replace(last, asked=self._clock(), trouble=str(error), failures=last.failures + 1)
            self._part.put(self._key, seen, self._size(seen))
            return seen

    def tick(self, *, slack: float = 0.5) -> None:
        """A viewer's clock says that it is time: look anew, unless another viewer's just did."""
        last = self.last
        told = last.last_look if last is not None else None
        if self._policy.is_due(told, now=self._clock(), slack=slack):
            self._due = True

    def forget(self) -> None:
        """Look anew at the next request, wholly: something was changed."""
        self._changed = True
