"""The one run of a process: the slot that `lakeboard.log` acts on, and everything that may end a process.

A script that never calls `finish` still ends finished and complete: at exit (before `threading` shuts down, since
object stores need threads), with an uncaught exception (failed), on SIGTERM and SIGHUP where the program has no handler
of its own (killed). Forked children get a writer of their own on first use.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from types import FrameType, TracebackType
from typing import Any, Final, NoReturn

from .ending import describe_end
from .native import Thread
from .run import Run

_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)
"""What a scheduler, and a terminal that closes, end a process with."""
SIGTERM_SECONDS: Final = 10.0
"""How long such a signal may wait for the store before the process goes."""
ENDING_SECONDS: Final = 30.0
"""How long the exit waits for an end that another thread is at."""
_HANDLED: Final = 128
"""The handler adds it to what it writes for the watching thread; no signal has such a number."""
_QUIET_SECONDS: Final = 5.0
"""At exit, other threads that went this long without logging are not waited for."""


class Process:
    """State of this process. There is one instance, `PROCESS`; nothing happens before the first run is adopted."""

    __slots__ = (
        "_ending", "_error", "_excepthook", "_exit", "_exited", "_fork_hooked", "_forked_off", "_hooked", "_lock",
        "_masks", "_pipe", "_run", "_signals",
    )  # fmt: skip

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._run: Run | None = None
        self._ending: Run | None = None
        self._exit: Any = None
        self._exited: tuple[object, int] | None = None
        self._forked_off = False
        self._hooked = False
        self._fork_hooked = False
        self._error: BaseException | None = None
        self._excepthook: Any = None
        self._signals: set[int] = set()
        self._pipe: tuple[int, int] | None = None
        self._masks = threading.local()

    @property
    def run(self) -> Run | None:
        """The current run, if it has not finished."""
        return self._run

    def adopt(self, run: Run) -> None:
        """Make `run` the current one and see to its end."""
        with self._lock:
            self._run = run
            self._error = None
            self._exited = None
            run.on_child_begin(self._child_begins)
            self._hook()

    def release(self, run: Run) -> None:
        """`run` begins to end: it is no longer the current one. Signals still find it until `forget`."""
        with self._lock:
            if self._run is not run:
                return
            self._run = None
            self._ending = run
            if self._excepthook is not None and sys.excepthook == self._on_exception:
                sys.excepthook = self._excepthook
                self._excepthook = None
            if self._exit is not None and sys.exit == self._on_exit:
                sys.exit = self._exit
                self._exit = None

    def forget(self, run: Run) -> None:
        """`run` has ended."""
        with self._lock:
            if self._ending is run:
                self._ending = None
            if self._run is None:
                self._restore_signals()

    def _hook(self) -> None:
        if not self._hooked:
            self._hooked = True
            _at_exit(self._exiting)
        if not self._fork_hooked:
            self._fork_hooked = True
            os.register_at_fork(before=self._before_fork, after_in_parent=self._unblock, after_in_child=self._forked)
        if sys.excepthook != self._on_exception:
            self._excepthook = sys.excepthook
            sys.excepthook = self._on_exception
        if sys.exit != self._on_exit:
            self._exit = sys.exit
            sys.exit = self._on_exit
        self._install_signals()

    # -- exceptions and exit ----------------------------------------------------------------------------------

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not hasattr(sys, "ps1"):
            # At a prompt, an error ends a line, not the session.
            self._error = error
        before = self._excepthook
        (before or sys.__excepthook__)(kind, error, trace)

    def _on_exit(self, status: Any = None, /) -> NoReturn:
        # An exit code reaches no hook of Python's, and a script that leaves with 1 did not finish its run.
        run = self._run
        if run is not None and threading.current_thread() is threading.main_thread():
            self._exited = (status, run.logged)
        raise SystemExit(status)

    def _exiting(self) -> None:
        run = self._run
        if run is None:
            ending = self._ending
            if ending is not None:
                # Another thread is at it (SIGTERM's, say).
                ending.wait_ended(ENDING_SECONDS)
            return
        _wait_for_loggers(run)
        error = self._error
        if error is None and self._exited is not None and self._exited[1] == run.logged:
            # Where points came after it, somebody caught it and went on.
            error = SystemExit(self._exited[0])
        status, message = describe_end(error)
        run.finish(status=status, error=message)

    # -- signals ----------------------------------------------------------------------------------------------

    def _install_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        free = [n for n in _SIGNALS if n not in self._signals and signal.getsignal(n) is signal.SIG_DFL]
        if not free or not self._watched() or self._pipe is None:
            return
        for number in free:
            signal.signal(number, self._on_signal)
            self._signals.add(number)
        # Tells the watching thread even while the main thread is held in foreign code, where no handler runs.
        before = signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        if before != -1:
            signal.set_wakeup_fd(before)

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

    def _restore_signals(self) -> None:
        if self._signals and threading.current_thread() is threading.main_thread():
            for number in self._signals:
                if self._handles(number):
                    signal.signal(number, signal.SIG_DFL)
            self._signals = set()
            self._release_wakeup()

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
        run = self._run or self._ending
        if run is not None and self._forked_off:
            # A worker that its parent has done with: how the run ends is for the parent to say.
            run.finish(timeout=SIGTERM_SECONDS)
        elif run is not None:
            run.finish(status="killed", error=signal.Signals(number).name, timeout=SIGTERM_SECONDS)
        if self._handles(number):
            # The main thread has not come to its handler; only it may change handlers in Python's way.
            _default_action(number)
        os.kill(os.getpid(), number)

    # -- fork -------------------------------------------------------------------------------------------------

    def _before_fork(self) -> None:
        # A signal that a child gets before it knows that it is one would be lost to it (Python forgets what came by
        # then), and told to the parent through the pipe that both have: it must wait until the child is itself.
        if self._signals:
            self._masks.before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
            signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)

    def _unblock(self) -> None:
        before, self._masks.before = getattr(self._masks, "before", None), None
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _forked(self) -> None:
        try:
            self._become_child()
        finally:
            self._unblock()

    def _become_child(self) -> None:
        self._lock = threading.RLock()
        self._forked_off = True
        if self._pipe is not None:
            self._release_wakeup()
            for descriptor in self._pipe:
                os.close(descriptor)
            self._pipe = None
        for number in self._signals:
            if self._handles(number):
                signal.signal(number, signal.SIG_DFL)
        self._signals = set()
        if self._ending is not None:
            self._ending.after_fork()
            self._ending = None
        if self._run is not None:
            self._run.after_fork()

    def _child_begins(self) -> None:
        self._install_signals()
        if "multiprocessing.util" in sys.modules:
            # Children of multiprocessing leave through os._exit and run only their own finalizers.
            from multiprocessing.util import Finalize

            Finalize(None, self._exiting, exitpriority=100)


def _default_action(number: int) -> None:
    """Let a signal end this process, from any thread; where that can't be had, end it here and now."""
    try:
        import ctypes

        ctypes.CDLL(None).signal(number, None)
    except (ImportError, OSError, AttributeError):
        os._exit(128 + number)


def _at_exit(act: Any) -> None:
    """Run `act` when the main thread is done, before `threading` and `concurrent.futures` shut down."""
    # Its own shutdown is registered at import; those registered later run earlier.
    import concurrent.futures.thread  # noqa: F401

    register = getattr(threading, "_register_atexit", None)
    try:
        if register is None:
            raise RuntimeError("this Python has no such hook")
        register(act)
    except RuntimeError:
        # Late, but local lakes still finish; an object store then leaves the spool and says how to send it.
        atexit.register(act)


def _wait_for_loggers(run: Run) -> None:
    """Wait while other threads that keep the process alive go on logging to `run`."""
    import concurrent.futures.thread as pools

    idle = set(getattr(pools, "_threads_queues", ()))
    seen, since = run.logged, time.monotonic()
    while True:
        others = [
            t
            for t in threading.enumerate()
            if not t.daemon
            and t is not threading.main_thread()
            and t is not threading.current_thread()
            and t not in idle
        ]
        if not others:
            return
        others[0].join(0.1)
        if run.logged != seen:
            seen, since = run.logged, time.monotonic()
        elif time.monotonic() - since > _QUIET_SECONDS:
            return


PROCESS: Final = Process()
"""This process."""
