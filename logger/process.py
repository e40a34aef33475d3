"""The one run of a process: the slot that `lakeboard.log` acts on, and everything that may end a process.

A script that never calls `finish` still ends finished and complete: at exit (before `threading` shuts down, since
object stores need threads), with an uncaught exception (failed), on SIGTERM where the program has no handler of its
own (killed). Forked children get a writer of their own on first use.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from types import FrameType, TracebackType
from typing import Any, Final

from .run import Run, describe_end

SIGTERM_SECONDS: Final = 10.0
"""How long a SIGTERM may wait for the store before the process goes."""
_QUIET_SECONDS: Final = 5.0
"""At exit, other threads that went this long without logging are not waited for."""


class Process:
    """State of this process. There is one instance, `PROCESS`; nothing happens before the first run is adopted."""

    __slots__ = ("_error", "_excepthook", "_fork_hooked", "_hooked", "_lock", "_pipe", "_run", "_sigterm")

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._run: Run | None = None
        self._hooked = False
        self._fork_hooked = False
        self._error: BaseException | None = None
        self._excepthook: Any = None
        self._sigterm = False
        self._pipe: tuple[int, int] | None = None

    @property
    def run(self) -> Run | None:
        """The current run, if it has not finished."""
        return self._run

    def adopt(self, run: Run) -> None:
        """Make `run` the current one and see to its end."""
        with self._lock:
            self._run = run
            self._error = None
            run.on_child_begin(self._child_begins)
            self._hook()

    def release(self, run: Run) -> None:
        """`run` is ending by itself."""
        with self._lock:
            if self._run is not run:
                return
            self._run = None
            if self._excepthook is not None and sys.excepthook == self._on_exception:
                sys.excepthook = self._excepthook
                self._excepthook = None
            self._restore_sigterm()

    def _hook(self) -> None:
        if not self._hooked:
            self._hooked = True
            _at_exit(self._exiting)
        if not self._fork_hooked:
            self._fork_hooked = True
            os.register_at_fork(after_in_child=self._forked)
        if sys.excepthook != self._on_exception:
            self._excepthook = sys.excepthook
            sys.excepthook = self._on_exception
        self._install_sigterm()

    # -- exceptions and exit ----------------------------------------------------------------------------------

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._error = error
        before = self._excepthook
        (before or sys.__excepthook__)(kind, error, trace)

    def _exiting(self) -> None:
        run = self._run
        if run is None:
            return
        _wait_for_loggers(run)
        status, message = describe_end(self._error)
        run.finish(status=status, error=message)

    # -- SIGTERM ----------------------------------------------------------------------------------------------

    def _install_sigterm(self) -> None:
        if self._sigterm or threading.current_thread() is not threading.main_thread():
            return
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
            return
        if self._pipe is None:
            self._pipe = os.pipe()
            threading.Thread(target=self._watch, args=(self._pipe[0],), name="lakeboard-sigterm", daemon=True).start()
        signal.signal(signal.SIGTERM, self._on_sigterm)
        self._sigterm = True

    def _restore_sigterm(self) -> None:
        if self._sigterm and threading.current_thread() is threading.main_thread():
            if signal.getsignal(signal.SIGTERM) == self._on_sigterm:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self._sigterm = False

    def _on_sigterm(self, number: int, frame: FrameType | None) -> None:
        # A handler may interrupt anything, so it takes no lock: it wakes the watching thread and restores the
        # default, so that a second SIGTERM ends the process at once.
        signal.signal(number, signal.SIG_DFL)
        if self._pipe is not None:
            os.write(self._pipe[1], b"x")

    def _watch(self, descriptor: int) -> None:
        while os.read(descriptor, 1):
            run = self._run
            if run is not None:
                run.finish(status="killed", error="SIGTERM", timeout=SIGTERM_SECONDS)
            os.kill(os.getpid(), signal.SIGTERM)

    # -- fork -------------------------------------------------------------------------------------------------

    def _forked(self) -> None:
        self._lock = threading.RLock()
        if self._pipe is not None:
            for descriptor in self._pipe:
                os.close(descriptor)
            self._pipe = None
        if self._sigterm and signal.getsignal(signal.SIGTERM) == self._on_sigterm:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._sigterm = False
        if self._run is not None:
            self._run.after_fork()

    def _child_begins(self) -> None:
        self._install_sigterm()
        if "multiprocessing.util" in sys.modules:
            # Children of multiprocessing leave through os._exit and run only their own finalizers.
            from multiprocessing.util import Finalize

            Finalize(None, self._exiting, exitpriority=100)


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
