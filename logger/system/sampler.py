"""Samples the machine now and then for all open runs that want it, in one thread of its own.

Nothing waits for that thread: a reading that hangs (a disk that went away, a driver) hangs alone, no `finish` and no
flush with it, and no further one is begun.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ...schema.names import SYSTEM
from ..console import Console
from ..native import Bell, RLock, Thread
from .gpus import nvidia_library, open_gpus
from .host import Host, Reading

THREAD: Final = "lakeboard-system"


class Sampled(Protocol):
    """A run, as far as a sampler knows it."""

    def log(self, metrics: Mapping[str, Any], step: int | None = None, *, aside: bool = False) -> None:
        """Keep values."""
        ...


@dataclass(slots=True)
class _Subscriber:
    run: Sampled
    seconds: float
    since: float
    next_at: float
    points: int = 0


def machine_readings() -> dict[str, Reading]:
    """All that can be read of this machine; nothing where psutil is not installed. Imports it."""
    try:
        import psutil
    except Exception:  # noqa: BLE001 - not installed, or installed for another machine
        return {}
    return Host(psutil).readings


def machine_gpus() -> Callable[[], Reading | None]:
    """What looks for this machine's GPUs. Imports their library, where there may be any."""
    module = nvidia_library()
    return lambda: open_gpus(module, os.environ.get("CUDA_VISIBLE_DEVICES"))


class Sampler:
    """One thread while a run wants samples, none otherwise.

    Each run gets values below `system/`, at steps that are whole seconds since it subscribed, aside of its own steps.

    Args:
        readings: gives what can be read; called when the first run subscribes, on its thread.
        gpus: called with `readings`; gives what looks for GPUs, once, in the background: their reading, or None.
        now: seconds of a monotonic clock.
    """

    def __init__(
        self,
        *,
        readings: Callable[[], Mapping[str, Reading]] = machine_readings,
        gpus: Callable[[], Callable[[], Reading | None]] = machine_gpus,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = readings
        self._find_gpus = gpus
        self._now = now
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._lock = RLock()
        self._bell = Bell()
        self._subscribers: dict[int, _Subscriber] = {}
        self._thread: Thread | None = None
        self._readings: dict[str, Reading] | None = None
        self._look: Callable[[], Reading | None] | None = None

    # -- called on any thread ---------------------------------------------------------------------------------

    def begin(self, run: Sampled, seconds: float) -> bool:
        """Sample for a run every so many seconds from now on; whether there is anything to read."""
        with self._lock:
            if self._readings is None:
                self._readings = dict(self._find())
                self._look = self._find_gpus() if self._readings else None
            if not self._readings:
                return False
            now = self._now()
            self._subscribers.setdefault(id(run), _Subscriber(run, seconds, now, now))
            if self._thread is None:
                try:
                    self._thread = Thread(self._run, THREAD)
                except RuntimeError:
                    # The system gives no thread: then a run has no such values.
                    self._subscribers.clear()
                    return False
        self._bell.ring()
        return True

    def end(self, run: Sampled) -> None:
        """No more values for this run. Waits for no reading."""
        with self._lock:
            if self._subscribers.pop(id(run), None) is not None:
                self._bell.ring()

    def points(self, run: Sampled) -> int:
        """How many values a run that subscribes was given."""
        found = self._subscribers.get(id(run))
        return 0 if found is None else found.points

    def after_fork(self) -> None:
        """In a forked child: the parent samples the machine."""
        self._begin_anew()

    # -- called in the thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        bell = self._bell
        while True:
            with self._lock:
                if not self._subscribers or bell is not self._bell:
                    self._thread = None
                    return
                wait = min(each.next_at for each in self._subscribers.values()) - self._now()
            if wait > 0:
                bell.wait(min(wait, 3600.0))
                continue
            self.sample()

    def sample(self) -> None:
        """Read all once, and give it to the runs that are due."""
        look, self._look = self._look, None
        if look is not None:
            found = look()
            if found is not None and self._readings is not None:
                self._readings["GPUs"] = found
        values: dict[str, float] = {}
        for name, read in list((self._readings or {}).items()):
            try:
                values |= {f"{SYSTEM}{key}": value for key, value in read().items() if math.isfinite(value)}
            except Exception as error:  # noqa: BLE001 - what can't be read costs itself
                del (self._readings or {})[name]
                Console().warn(f"can't read {name} of this machine ({type(error).__name__}: {error}); it is left out")
        now = self._now()
        with self._lock:
            for each in self._subscribers.values():
                if each.next_at <= now:
                    first = each.next_at == each.since
                    # After a pause of the whole machine there is one sample, not all that were missed.
                    each.next_at = now + each.seconds
                    # The first look is what rates are measured from.
                    if values and not first:
                        each.run.log(values, max(0, round(now - each.since)), aside=True)
                        each.points += len(values)
