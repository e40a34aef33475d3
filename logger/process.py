"""Everything that may end a process, and its open runs with it.

A script that never calls `finish` still ends finished and complete: at exit (before `threading` shuts down, since
object stores need threads), with an uncaught exception (failed), on SIGTERM and SIGHUP where the program has no handler
of its own (killed). All open runs end then, children before parents, within one deadline. Forked children get a writer
of their own on first use.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Final, NoReturn

from .console import Console
from .ending import End, describe_end
from .exits import ExitWatch
from .hearing.streams import Streams
from .hearing.transcript import Transcript
from .leaving import at_exit, at_exit_of_child, wait_for_loggers
from .native import RLock
from .registry import Entry, Frame, Registry
from .run import Run
from .signals import Signals
from .system.sampler import Sampler

SIGTERM_SECONDS: Final = 10.0
"""How long such a signal may wait for the store before the process goes."""
ENDING_SECONDS: Final = 30.0
"""How long the exit waits for ends that other threads are at."""


class Process:
    """State of this process. There is one instance, `PROCESS`; nothing happens before the first run is adopted."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.streams = Streams(self._whose)
        """What the program prints, while a run keeps it."""
        self.sampler = Sampler()
        self._lock = RLock()
        self._signals = Signals(self._terminate)
        self._exits = ExitWatch(self._on_leaving)
        self._hooked = False
        self._child_hooked = False
        self._forked_from: int | None = None
        self._pid = 0
        self._exit: Any = None
        self._excepthook: Any = None
        self._thread_hook: Any = None
        self._error: tuple[End, list[Frame]] | None = None
        self._exited: tuple[End, list[Frame], int] | None = None

    @property
    def run(self) -> Run | None:
        """The run that the calling context means, if one is open."""
        return self.registry.current

    # -- what runs tell ---------------------------------------------------------------------------------------

    def adopt(
        self,
        run: Run,
        *,
        frames: Iterable[Frame] = (),
        beside: bool = False,
        foreign: bool = False,
        system_seconds: float | None = None,
    ) -> None:
        """See to the end of `run`, the calling context's current one from now on; see `Registry.add`.

        With `system_seconds` the machine is sampled for it so often.
        """
        with self._lock:
            self.registry.add(run, frames=frames, beside=beside, foreign=foreign)
            self._error = self._exited = None
            self._hook()
            self._listen()
            if system_seconds is not None:
                self.sampler.begin(run, system_seconds)

    def hold(self, run: Run) -> None:
        """A `with` block of it begins."""
        self.registry.hold(run)

    def let_go(self, run: Run) -> bool:
        """One ends; whether it was the outermost."""
        return self.registry.let_go(run)

    def release(self, run: Run) -> None:
        """`run` begins to end: it is nobody's current one any more. Signals still wait for it until `forget`."""
        with self._lock:
            if not self.registry.release(run):
                self._unhook()
            self.streams.end(run)
            self.sampler.end(run)
            self._listen()

    def forget(self, run: Run) -> None:
        """`run` has ended."""
        with self._lock:
            if not self.registry.forget(run):
                self._signals.restore()

    def child_begins(self) -> None:
        """A run of another process is logged to in this one for the first time."""
        with self._lock:
            self._signals.install()
            self._hook_child()

    # -- hooks ------------------------------------------------------------------------------------------------

    def _hook(self) -> None:
        if not self._hooked:
            self._hooked = True
            at_exit(self._exiting)
            os.register_at_fork(
                before=self._before_fork, after_in_parent=self._signals.after_fork_here, after_in_child=self._forked
            )
        self._hook_child()
        if sys.excepthook != self._on_exception:
            self._excepthook = sys.excepthook
            sys.excepthook = self._on_exception
        if threading.excepthook != self._on_thread_exception:
            self._thread_hook = threading.excepthook
            threading.excepthook = self._on_thread_exception
        if sys.exit != self._on_exit:
            self._exit = sys.exit
            sys.exit = self._on_exit
        self._exits.start()
        self._signals.install()

    def _listen(self) -> None:
        """What is printed goes to the only open run, or to the one that `lakeboard.log` would mean where it is."""
        entries = self.registry.open
        newest = entries[-1].run if entries else None
        heard = None if newest is None else newest.transcript
        if heard is not None:
            self.streams.begin(newest)
        self.streams.only = heard if len(entries) == 1 else None

    def _whose(self) -> Transcript | None:
        run = self.registry.current
        return None if run is None else run.transcript

    def _unhook(self) -> None:
        """No run is open: what was there before is put back, where nobody has put something else there since."""
        if self._excepthook is not None and sys.excepthook == self._on_exception:
            sys.excepthook, self._excepthook = self._excepthook, None
        if self._thread_hook is not None and threading.excepthook == self._on_thread_exception:
            threading.excepthook, self._thread_hook = self._thread_hook, None
        if self._exit is not None and sys.exit == self._on_exit:
            sys.exit, self._exit = self._exit, None
        self._exits.stop()

    def _hook_child(self) -> None:
        if not self._child_hooked:
            # Children of multiprocessing leave through os._exit and run only their own finalizers.
            self._child_hooked = at_exit_of_child(self._child_exiting)

    # -- exceptions and exit ----------------------------------------------------------------------------------

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not hasattr(sys, "ps1"):
            # At a prompt, an error ends a line, not the session.
            self._error = describe_end(error), _frames(error)
        before = self._excepthook
        (before or sys.__excepthook__)(kind, error, trace)

    def _on_thread_exception(self, told: threading.ExceptHookArgs, /) -> None:
        if told.exc_value is not None and not isinstance(told.exc_value, SystemExit):
            self.registry.thread_failed(told.exc_value)
        before = self._thread_hook
        (before or threading.__excepthook__)(told)

    def _on_exit(self, status: Any = None, /) -> NoReturn:
        # An exit code reaches no hook of Python's, and a script that leaves with 1 did not finish its run. What it
        # handles right now, where it does, is why.
        try:
            raise SystemExit(status)
        except SystemExit as leaving:
            if threading.current_thread() is threading.main_thread():
                handled = leaving.__context__
                frames = [] if handled is None else _frames(handled)
                self._exited = describe_end(leaving), frames, self._logged()
            raise

    def _on_leaving(self, leaving: SystemExit) -> None:
        cause = leaving.__cause__ or (None if leaving.__suppress_context__ else leaving.__context__)
        self._error = describe_end(leaving), [] if cause is None else _frames(cause)

    def _logged(self) -> int:
        # What the machine did is nobody's sign of life.
        return sum(e.run.logged - self.sampler.points(e.run) for e in self.registry.open if e.run is not None)

    def _exiting(self) -> None:
        wait_for_loggers(self._logged)
        known = self._error
        if known is None and self._exited is not None and self._exited[2] == self._logged():
            # Where points came after it, somebody caught it and went on.
            known = self._exited[:2]
        if known is None:
            told = self._exits.left()
            if told is not None:
                known = (End("ended", told), []) if isinstance(told, str) else (describe_end(told), _frames(told))
        self._end_all(lambda entry: self._end_at_exit(entry, known))

    def _child_exiting(self) -> None:
        # The finalizers of a child run while what ended its function is on its way out.
        error = sys.exc_info()[1]
        known = None if error is None else (describe_end(error), _frames(error))
        wait_for_loggers(self._logged)
        self._end_all(lambda entry: self._end_at_exit(entry, known))

    def _end_at_exit(self, entry: Entry, known: tuple[End, list[Frame]] | None) -> End:
        if known is not None and self.registry.is_anothers(entry, known[1]):
            known = None
        own = entry.end
        if own is not None and (own.status == "failed" or known is None):
            return own
        return End() if known is None else known[0]

    def _end_all(self, end_of: Callable[[Entry], End], seconds: float | None = None) -> None:
        """End every open run, children before parents; all of them together wait no longer than one may.

        Args:
            end_of: how each ends.
            seconds: how long that may take; None: as long as the most patient one was told at `init`.
        """
        if seconds is None:
            seconds = max((r.finish_seconds for _, r in _runs(self.registry.open)), default=ENDING_SECONDS)
        until = time.monotonic() + min(seconds, threading.TIMEOUT_MAX)
        interrupt: KeyboardInterrupt | None = None
        for generation in self.registry.generations():
            # What another thread is ending may be a child of these.
            self._wait_for_others(until)
            mine = [run for entry, run in _runs(generation) if run.begin_end(end_of(entry), _left(until))]
            for run in mine:
                try:
                    run.await_end(_left(until))
                except KeyboardInterrupt as error:
                    # A person does not want to wait: not for the others either. Their spools know how they ended.
                    interrupt, until = error, time.monotonic()
                except Exception as error:  # noqa: BLE001 - one run's trouble must not keep the others from ending
                    Console().warn(f"run {run.name} could not be ended ({type(error).__name__}: {error})")
        self._wait_for_others(until)
        if interrupt is not None:
            raise interrupt

    def _wait_for_others(self, until: float) -> None:
        for run in self.registry.ending:
            run.wait_ended(_left(until))

    # -- signals ----------------------------------------------------------------------------------------------

    def _terminate(self, name: str) -> None:
        killed = End("killed", name)
        foreign = End() if self._is_done_with() else killed
        self._end_all(lambda entry: foreign if entry.place is None else killed, SIGTERM_SECONDS)

    def _is_done_with(self) -> bool:
        """Whether a signal means that the process which made this one has done with it.

        Then how its run ends is for that one to say. A daemon, whose maker has gone, ends as its own end says.
        """
        if self._forked_from is not None:
            return os.getppid() == self._forked_from
        made = sys.modules.get("multiprocessing.process")
        return made is not None and made.parent_process() is not None

    # -- fork -------------------------------------------------------------------------------------------------

    def _before_fork(self) -> None:
        self._pid = os.getpid()
        self._signals.before_fork()

    def _forked(self) -> None:
        try:
            self._lock = RLock()
            self._forked_from = self._pid
            self._child_hooked = False
            self._error = self._exited = None
            self._exits.stop()
            self._signals.after_fork_in_child()
            self.streams.after_fork()
            self.sampler.after_fork()
            for run in self.registry.after_fork():
                if run.transcript is not None:
                    run.transcript.forget()
                run.after_fork()
        finally:
            self._signals.after_fork_here()


def _runs(entries: list[Entry]) -> Iterator[tuple[Entry, Run]]:
    for entry in entries:
        if entry.run is not None:
            yield entry, entry.run


def _left(until: float) -> float:
    return max(0.0, until - time.monotonic())


def _frames(error: BaseException) -> list[Frame]:
    """The frames of an error's traceback, the innermost first."""
    out: list[Frame] = []
    trace = error.__traceback__
    while trace is not None:
        out.append((id(trace.tb_frame), trace.tb_frame.f_code))
        trace = trace.tb_next
    return out[::-1]


PROCESS: Final = Process()
"""This process."""
