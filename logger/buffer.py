"""Where `log()` puts points: on the training thread, without I/O, pyarrow or long locks.

Each accepted point gets its row number here. The background thread takes the columns away every half second.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from ..schema.batch import Group
from ..schema.errors import InvalidName
from ..schema.names import check_metric
from .inputs.metrics import PLAIN, are_plain, are_real, names_of, read_metrics, read_moment, read_step, tell_endings
from .native import RLock

if TYPE_CHECKING:
    from .media.queue import MediaQueue

WAIT_ROWS: Final = 500_000
"""Rows waiting for the background thread from which on `log()` waits for it, at most a second at a time; at half of
them it is called, so that it has mostly been there before anybody waits.

Taking them is quick, so that a program that logs as fast as it can loses little, and 5 MB wait instead of 20.
"""
LATE_SECONDS: Final = 0.6
"""Where the background thread, which comes every half second, has not come for this long, it lacks the processor: the
next call lets it go first, once. A process with a tenth of a processor loses less than a second at SIGKILL, too."""
DROP_ROWS: Final = 8_000_000
"""Rows waiting from which on points are refused: memory is bounded whatever happens."""

_MANY_ASIDE: Final = 1_000


class Buffer:
    """Points between two visits of the background thread. Safe for any number of threads.

    Args:
        first_step: what `step=None` counts on from.
        complain: called with a message when a value can't be kept; the same message comes at most once.
        hurry: called when the buffer is full; may wait, must return.
        call: called when it is filling up; must not wait.
        let_pass: called when the last visit of the background thread is too long ago; may wait, must return.
        awaken: called once, before the first point is kept (a forked child begins its writer then).
        now: seconds since 1970.
        media: takes pictures and whatever else is no number; without, they are told like any such value.
    """

    def __init__(
        self,
        *,
        first_step: int = -1,
        complain: Callable[[str], None],
        hurry: Callable[[], None],
        call: Callable[[], None] = lambda: None,
        let_pass: Callable[[], None] = lambda: None,
        awaken: Callable[[], None] | None = None,
        now: Callable[[], float] = time.time,
        media: MediaQueue | None = None,
    ) -> None:
        self.media = media
        """Pictures and the like on their way; None where none are taken."""
        # Reentrant: a signal handler, or a value's __float__, may log while a call is under way in this thread.
        self._lock = RLock()
        self._groups: dict[tuple[str | None, ...], Group] = {}
        self._step = first_step
        self._complain = complain
        self._complained: set[str] = set()
        self._real: set[type] = set(PLAIN)
        self._names: set[str] = set()
        self._hurry = hurry
        self._call = call
        self._let_pass = let_pass
        self._awaken = awaken
        self._now = now
        self._taken = 0
        self._limit = WAIT_ROWS // 2
        self._called = False
        self._late_at = math.inf
        self.hi = 0
        """Rows accepted so far."""
        self.dropped = 0
        """Points refused because memory or the spool was full."""
        self._refused = 0
        self.aside: set[str] = set()
        """Metrics that were logged aside, at most 1,000."""

    @property
    def refused(self) -> int:
        """Values that were given and could not be kept: neither numbers nor media, or under no name."""
        return self._refused + (self.media.refused if self.media is not None else 0)

    @property
    def step(self) -> int:
        """The largest step so far; -1 before the first."""
        return self._step

    def append(
        self,
        metrics: Mapping[str, Any],
        step: int | None,
        dataset: str | None,
        when: float | None = None,
        moves: bool = True,
    ) -> None:
        """Keep one call's points, all with the same step and time; see `Run.log`.

        Args:
            metrics: numbers by name.
            step: None: the largest step so far plus one.
            dataset: None: the run's.
            when: seconds since 1970; None: now.
            moves: whether what is logged later goes on after this step.
        """
        with self._lock:
            if self.hi >= self._limit and not self._room(metrics):
                return
            try:
                group = self._groups[(dataset, *metrics)]
            except Exception:  # noqa: BLE001 - new names, or an object that is no dict of names at all
                found = self._introduce(metrics, step, dataset, when, moves)
                if found is None:
                    return
                group = found
            number = self._step + 1 if step is None else step
            first_row = self.hi
            try:
                values = [*metrics.values()]
                # Adding up is the quickest look at what kinds of numbers these are.
                if not group.floats or sum(values, 0.0).__class__ is not float:
                    group.floats = False
                    if not are_real(values, self._real):
                        raise TypeError("complex numbers and arrays go the slow way")
                group.values.fromlist(values)
                group.starts.append(first_row)
                now = self._now()
                group.times.append(now if when is None else when)
                self.hi = first_row + len(metrics)
                group.steps.append(number)
            except BaseException as error:
                calls = len(group.steps)
                if self.hi == first_row or len(group.starts) != calls:
                    self._undo(group, calls, first_row)
                    if isinstance(error, Exception):
                        self._append_slowly(metrics, step, dataset, when, moves)
                        return
                raise
            if moves and step is None:
                self._step = number
            elif moves and number > self._step:
                # As the plain int that was kept: a tensor would make every later step one.
                self._step = group.steps[-1]
        if now > self._late_at and not self._is_held():
            self._late_at = math.inf
            self._let_pass()

    def append_as(
        self,
        metrics: Mapping[str, Any],
        step: int | None,
        dataset: str | None,
        *,
        timestamp: object,
        aside: bool,
        hold: bool,
    ) -> None:
        """Keep one call's points at another time, or without moving the step.

        Args:
            metrics: numbers by name.
            step: of these points.
            dataset: None: the run's.
            timestamp: seconds since 1970, a datetime (a naive one is local time), or None for now. What is neither is
                told once, and the points are of now.
            aside: they have a step of their own, by default the largest so far, that nothing goes on after.
            hold: what is logged next, without a step, is at the same step.
        """
        when = None if timestamp is None else read_moment(timestamp, self.complain)
        if aside:
            if isinstance(metrics, Mapping):
                with self._lock:
                    if len(self.aside) < _MANY_ASIDE:
                        self.aside.update(names_of(metrics))
            self.append(metrics, max(self._step, 0) if step is None else step, dataset, when, moves=False)
        elif not hold:
            self.append(metrics, step, dataset, when)
        else:
            with self._lock:
                number = read_step(step, self._step, self.complain)
                self.append(metrics, number, dataset, when, moves=False)
                self._step = max(self._step, number - 1)

    def take(self) -> tuple[list[Group], int]:
        """The columns since the last call, and the number of rows accepted so far."""
        with self._lock:
            groups, self._groups = list(self._groups.values()), {}
            self._taken = self.hi
            self._late_at = self._now() + LATE_SECONDS
            if self._limit >= 0:
                self._limit = self.hi + WAIT_ROWS // 2
                self._called = False
            return groups, self.hi

    def refuse(self, refusing: bool) -> None:
        """Refuse further points (the spool is full), or take them again."""
        with self._lock:
            self._limit = -1 if refusing else self._taken + WAIT_ROWS // 2
            self._called = False

    def complain(self, message: str, about: str | None = None) -> None:
        """Tell the person, once per message (or per thing it is `about`, whatever the value)."""
        about = about or message
        if about not in self._complained and len(self._complained) < 100:
            self._complained.add(about)
            self._complain(message)

    def _undo(self, group: Group, calls: int, first_row: int) -> None:
        """Take back a call that broke off half-way, so that all columns are of one length again."""
        del group.values[calls * len(group.names) :]
        del group.starts[calls:]
        del group.times[calls:]
        self.hi = first_row

    def _is_held(self) -> bool:
        """Whether this thread is inside a call already: nobody could take rows away while it waits."""
        return bool(self._lock._is_owned())  # noqa: SLF001 - as `threading.Condition` asks it

    def _room(self, metrics: Mapping[str, Any]) -> bool:
        if self._limit >= 0 and not self._called:
            self._called = True
            self._limit = max(self._taken + WAIT_ROWS, self.hi + 1)
            self._call()
            return True
        if self._limit >= 0:
            # The lock is let go so that the background thread can take the rows away.
            self._lock.release()
            try:
                if not self._is_held():
                    self._hurry()
            finally:
                self._lock.acquire()
        if self._limit < 0 or self.hi - self._taken >= DROP_ROWS:
            self.dropped += len(metrics) if isinstance(metrics, Mapping) else 0
            return False
        return True

    def _introduce(self, metrics: Any, step: Any, dataset: Any, when: float | None, moves: bool) -> Group | None:
        """A group for names that were not logged together since the last visit; None where nothing can be kept."""
        try:
            if dataset is not None:
                check_metric(dataset, what="dataset")
            names = tuple(check_metric(name) for name in metrics)
            plain = isinstance(metrics, Mapping)
        except Exception:  # noqa: BLE001 - names that can't be kept, or an object that can't be looked into
            plain = False
        if not plain:
            self._append_slowly(metrics, step, dataset, when, moves)
            return None
        if not names:
            return None
        if self._awaken is not None:
            awaken, self._awaken = self._awaken, None
            awaken()
        tell_endings(names, self._names, self.complain)
        group = self._groups[(dataset, *names)] = Group(names, dataset)
        group.floats = are_plain(metrics)
        return group

    def wake(self) -> None:
        """Begin a writer where none is, as the first point does."""
        with self._lock:
            awaken, self._awaken = self._awaken, None
            if awaken is not None:
                awaken()

    def _append_slowly(self, metrics: Any, step: Any, dataset: Any, when: float | None, moves: bool) -> None:
        """Keep what can be kept of a call that the straight way refused, and say what can't."""
        if dataset is not None:
            try:
                check_metric(dataset, what="dataset")
            except InvalidName as bad:
                self.complain(str(bad))
                dataset = None
        metrics, step = self._put_media(metrics, step, dataset, when, moves)
        if isinstance(metrics, dict) and not metrics:
            return
        clean, refused = read_metrics(metrics, self.complain)
        self._refused += refused
        if not clean:
            return
        # Everything in it is plain now, so the straight way takes it.
        self.append(clean, read_step(step, self._step, self.complain), dataset, when, moves)

    def _put_media(
        self, metrics: Any, step: Any, dataset: str | None, when: float | None, moves: bool
    ) -> tuple[Any, Any]:
        """Take the media out of a call; what is left of it, and its step where that is settled now."""
        if self.media is None:
            return metrics, step
        from .media.taking import take_media

        try:
            rest, media = take_media(metrics) if isinstance(metrics, Mapping) else (metrics, {})
        except Exception:  # noqa: BLE001 - a mapping of foreign code, which is told where numbers are read
            return metrics, step
        if not media:
            return rest, step
        if self._awaken is not None:
            awaken, self._awaken = self._awaken, None
            awaken()
        number = read_step(step, self._step, self.complain)
        self.media.put(media, step=number, dataset=dataset, when=when)
        if moves:
            self._step = max(self._step, number)
        return rest, number


class ClosedBuffer(Buffer):
    """What a finished run logs into: nowhere, told once."""

    def __init__(self, complain: Callable[[str], None], *, quiet: bool) -> None:
        super().__init__(complain=complain, hurry=lambda: None)
        self._quiet = quiet

    def append(
        self,
        metrics: Mapping[str, Any],
        step: int | None,
        dataset: str | None,
        when: float | None = None,
        moves: bool = True,
    ) -> None:
        """Keep nothing."""
        if not self._quiet:
            self.complain("log() after the run has finished is not kept; call lakeboard.init() for a new run")
