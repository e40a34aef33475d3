"""Threads and locks of the operating system, also where gevent or eventlet puts greenlets in their place.

A run's points are spooled while the training is busy, which greenlets can't do: they take turns with it. So what runs
in the background, and what guards data that it shares with the training, is made of the primitives found here. A
caller that has to wait gives way to the other greenlets of its thread meanwhile.
"""

from __future__ import annotations

import importlib
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Final

_GIVE_WAY_SECONDS: Final = 0.002


def _original(module: str, name: str) -> Any:
    gevent = sys.modules.get("gevent.monkey")
    if gevent is not None:
        return gevent.get_original(module, name)
    eventlet = sys.modules.get("eventlet.patcher")
    if eventlet is not None:
        return getattr(eventlet.original(module), name)
    return getattr(importlib.import_module(module), name)


# Taken at import: these hold whether the patching came before or comes later.
_start_new_thread: Final[Callable[..., int]] = _original("_thread", "start_new_thread")
_allocate_lock: Final[Callable[[], Any]] = _original("_thread", "allocate_lock")
RLock: Final[Callable[[], Any]] = _original("_thread", "RLock")
"""A reentrant lock between threads of the system."""


def is_patched(module: str = "threading") -> bool:
    """Whether a module of the standard library deals in greenlets now."""
    gevent = sys.modules.get("gevent.monkey")
    if gevent is not None and gevent.is_module_patched(module):
        return True
    eventlet = sys.modules.get("eventlet.patcher")
    return eventlet is not None and bool(eventlet.is_monkey_patched("thread" if module == "threading" else module))


class Thread:
    """A thread of the system that keeps no process alive; begun when it is made.

    Raises:
        RuntimeError: the system gives none.
    """

    __slots__ = ("_over", "_shown", "_target")

    def __init__(self, target: Callable[[], None], name: str) -> None:
        self._target = target
        self._over = Latch()
        self._shown: threading.Thread | None = None
        if is_patched():
            _start_new_thread(self._run, ())
        else:
            self._shown = threading.Thread(target=self._run, name=name, daemon=True)
            self._shown.start()

    def join(self, timeout: float) -> None:
        """Wait until it has ended, `timeout` seconds at most."""
        if self._over.wait(timeout) and self._shown is not None:
            self._shown.join(timeout)

    def _run(self) -> None:
        try:
            self._target()
        finally:
            self._over.open()


def lock() -> Any:
    """A lock between threads of the system."""
    return _allocate_lock()


class Bell:
    """Wakes one thread; no wake-up is lost.

    Who rings before the thread waits is heard when it does. The rule that goes with it: whatever woke the thread, it
    looks at everything there is to do *after* `wait` has returned and before it waits again; the model of it is
    `tests/protocol/handover.py`.
    """

    __slots__ = ("_silent",)

    def __init__(self) -> None:
        self._silent = _allocate_lock()
        self._silent.acquire()

    def ring(self) -> None:
        """Wake the thread, or keep it from falling asleep. Never waits; any thread, a signal's handler too."""
        try:
            self._silent.release()
        except RuntimeError:
            # It rings already.
            pass

    def wait(self, timeout: float) -> bool:
        """Sleep until it rings, `timeout` seconds at most; it is silent then. Whether it rang."""
        return bool(self._silent.acquire(timeout=max(0.0, min(timeout, threading.TIMEOUT_MAX))))


class Latch:
    """Is opened once, for any number of threads and greenlets that wait for it."""

    __slots__ = ("_closed", "_open")

    def __init__(self) -> None:
        self._open = False
        self._closed = _allocate_lock()
        self._closed.acquire()

    def open(self) -> None:
        """Let everybody through, from now on."""
        self._open = True
        try:
            self._closed.release()
        except RuntimeError:
            # It is open already.
            pass

    @property
    def is_open(self) -> bool:
        """Whether it is."""
        return self._open

    def wait(self, timeout: float) -> bool:
        """Wait for `open`, `timeout` seconds at most; whether it is open."""
        if not self._open and is_patched("time"):
            end = time.monotonic() + timeout
            while not self._open and time.monotonic() < end:
                time.sleep(_GIVE_WAY_SECONDS)
        elif not self._open and self._closed.acquire(timeout=max(0.0, min(timeout, threading.TIMEOUT_MAX))):
            self._closed.release()
        return self._open
