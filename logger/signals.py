"""SIGTERM and SIGHUP: what a scheduler, and a terminal that closes, end a process with.

They are handled only where the program has no handler of its own, and only while a run is open.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

from .native import Thread

_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)
_HANDLED: Final = 128
"""The handler adds it to what it writes for the watching thread; no signal has such a number."""


class Signals:
    """The handlers of this process, and the thread that they wake.

    Args:
        terminate: called on that thread with the signal's name, before the process goes.
    """

    def __init__(self, terminate: Callable[[str], None]) -> None:
        self._act = terminate
        self._numbers: set[int] = set()
        self._pipe: tuple[int, int] | None = None
        self._masks = threading.local()

    def install(self) -> None:
        """Handle those that nobody handles. Only the main thread can; elsewhere nothing happens."""
        if threading.current_thread() is not threading.main_thread():
            return
        free = [n for n in _SIGNALS if n not in self._numbers and signal.getsignal(n) is signal.SIG_DFL]
        if not free or not self._watched() or self._pipe is None:
            return
        for number in free:
            signal.signal(number, self._on_signal)
            self._numbers.add(number)
        # Tells the watching thread even while the main thread is held in foreign code, where no handler runs.
        before = signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        if before != -1:
            signal.set_wakeup_fd(before)

    def restore(self) -> None:
        """Let them end the process at once again. Only the main thread can."""
        if self._numbers and threading.current_thread() is threading.main_thread():
            for number in self._numbers:
                if self._handles(number):
                    signal.signal(number, signal.SIG_DFL)
            self._numbers = set()
            self._release_wakeup()

    def before_fork(self) -> None:
        """Hold signals back.

        One that a child gets before it knows that it is one would be lost to it (Python forgets what came by then), and
        told to the parent through the pipe that both have: it must wait until the child is itself.
        """
        if self._numbers:
            self._masks.before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
            signal.pthread_sigmask(signal.SIG_BLOCK, self._numbers)

    def after_fork_here(self) -> None:
        """Let them through again."""
        before, self._masks.before = getattr(self._masks, "before", None), None
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def after_fork_in_child(self) -> None:
        """Nothing of the parent's handles a signal of the child's."""
        if self._pipe is not None:
            self._release_wakeup()
            for descriptor in self._pipe:
                os.close(descriptor)
            self._pipe = None
        for number in self._numbers:
            if self._handles(number):
                signal.signal(number, signal.SIG_DFL)
        self._numbers = set()

    def _watched(self) -> bool:
        """Whether a thread waits for signals; begun where it does not."""
        if self._pipe is not None:
            return True
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        try:
            Thread(lambda: self._watch(reading), "lakeboard-signals")
        except RuntimeError:
            # No thread to be had: signals end the process as they would without us, and the spool is recovered.
            os.close(reading)
            os.close(writing)
            return False
        self._pipe = (reading, writing)
        return True

    def _release_wakeup(self) -> None:
        before = signal.set_wakeup_fd(-1)
        if before != -1 and (self._pipe is None or before != self._pipe[1]):
            signal.set_wakeup_fd(before)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # A handler may interrupt anything, so it takes no lock: it wakes the watching thread and restores the
        # default, so that a second signal ends the process at once.
        signal.signal(number, signal.SIG_DFL)
        if self._pipe is not None:
            try:
                os.write(self._pipe[1], bytes([_HANDLED + number]))
            except BlockingIOError:
                # Full of wake-ups: the thread is awake.
                pass

    def _watch(self, descriptor: int) -> None:
        while said := os.read(descriptor, 1):
            # Every signal with a handler of Python's says its number here.
            if said[0] >= _HANDLED:
                self._terminate(said[0] - _HANDLED)
            elif said[0] in _SIGNALS and self._handles(said[0]):
                self._terminate(said[0])

    def _handles(self, number: int) -> bool:
        return signal.getsignal(number) == self._on_signal

    def _terminate(self, number: int) -> None:
        self._act(signal.Signals(number).name)
        if self._handles(number):
            # The main thread has not come to its handler; only it may change handlers in Python's way.
            _default_action(number)
        os.kill(os.getpid(), number)


def _default_action(number: int) -> None:
    """Let a signal end this process, from any thread; where that can't be had, end it here and now."""
    try:
        import ctypes

        ctypes.CDLL(None).signal(number, None)
    except (ImportError, OSError, AttributeError):
        os._exit(128 + number)
