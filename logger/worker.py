"""The background threads of a run: twice a second points are taken away and spooled, and flushed when due.

Nothing here reaches the training thread: the store's failures are told on the console once per outage, and the
attempt is repeated. One thread touches the writer and the spool, and never waits for anything else than time:
requests to the store are carried out by a second one, and chores (git, earlier runs) by a third.
"""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from ..schema.errors import AccessDenied, LakeboardError, LakeFormat, StoreUnreachable
from ..schema.rows import RunRow
from .buffer import Buffer
from .console import Console
from .definitions import MetricDefinition
from .schedule import Schedule
from .writer import MAX_RANGE_BYTES, Writer, drive

TICK_SECONDS = 0.5
"""A killed process loses at most the points of this long (plus the time other code held the interpreter)."""
CHORE_SECONDS = 2.0
"""What a job that has ended may still do for its lake takes no longer than this, and no longer than its deadline."""
PREPARE_SECONDS = 5.0
"""How long the start, and the end, of a run wait for what `prepare` finds out."""
_ENDING_PAUSE_SECONDS = 0.5
_LAST_WORDS_SECONDS = 1.0
"""After the deadline, for noting in the spool how the run ended."""
_LONGEST_SECONDS = 1e8


@dataclass(frozen=True, slots=True)
class Ending:
    """How it went."""

    complete: bool
    """Everything is in the lake; else it waits in the spool."""
    rows: int
    trouble: str | None = None
    """The last failure, where not complete."""


class Worker:
    """Runs a `Writer` in threads of its own.

    Args:
        writer: what to run.
        buffer: where the points come from.
        told: gives the run's row and metric definitions as they are now; called on the thread.
        console: where to tell of trouble.
        lake: how to call the lake on the console.
        schedule: when to flush; None never flushes (offline).
        spool_cap_bytes: from this size of spool (or memory, without one) points are refused.
        prepare: run once at the start; the start and the end wait for it, some seconds.
        after_start: run once after the start was acknowledged, for chores such as recovering earlier runs; is given
            a function that says when to stop.
        after_finish: run once when everything is in the lake, on the thread; is given a function that says when time
            is up. Whatever it raises is passed over.
    """

    def __init__(
        self,
        writer: Writer,
        buffer: Buffer,
        *,
        told: Callable[[], tuple[RunRow, tuple[MetricDefinition, ...]]],
        console: Console,
        lake: str,
        schedule: Schedule | None,
        spool_bytes: Callable[[], int],
        spool_cap_bytes: int,
        prepare: Callable[[], None] = lambda: None,
        after_start: Callable[[Callable[[], bool]], object] = lambda stop: None,
        after_finish: Callable[[Callable[[], bool]], object] = lambda time_is_up: None,
    ) -> None:
        self._writer = writer
        self._buffer = buffer
        self._told = told
        self._console = console
        self._lake = lake
        self._schedule = schedule
        self._spool_bytes = spool_bytes
        self._spool_cap_bytes = spool_cap_bytes
        self._prepare = prepare
        self._after_start = after_start
        self._after_finish = after_finish
        self._wake = threading.Event()
        self._room = threading.Event()
        self._done = threading.Event()
        self._idle = threading.Event()
        self._final: Callable[[], RunRow] | None = None
        self._deadline = 0.0
        self._trouble: str | None = None
        self._refusing = False
        self._flushed_row: RunRow | None = None
        self._ending = Ending(complete=False, rows=0, trouble="the background thread never ran")
        self._began = time.monotonic()
        self._threadless = False
        self._ended = False
        self._prepared = threading.Event()
        self._started = threading.Event()
        self._requests: queue.SimpleQueue[tuple[Callable[[], None], list[BaseException | None]] | None]
        self._requests = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="lakeboard-writer", daemon=True)
        self._carrying = threading.Thread(target=self._serve, name="lakeboard-upload", daemon=True)
        self._assisting = threading.Thread(target=self._assist, name="lakeboard-chores", daemon=True)

    def start(self) -> None:
        """Begin. Where the system gives no thread, everything waits in memory for `finish`, and that is said."""
        try:
            self._thread.start()
        except RuntimeError as error:
            self._threadless = True
            self._prepared.set()
            self._idle.set()
            self._console.warn(f"{error}: points stay in memory until the run ends (see ulimit -u)")
            return
        try:
            self._assisting.start()
        except RuntimeError:
            # Without the chores, then; the run itself is carried.
            self._prepared.set()

    def hurry(self) -> None:
        """Called on the training thread when the buffer is full: wait for the thread, a second at most."""
        if self._threadless:
            return
        self._room.clear()
        self._wake.set()
        self._room.wait(1.0)

    def flush(self, timeout: float) -> bool:
        """Ask for everything logged so far to be spooled now; whether that happened within `timeout` seconds."""
        wanted, end = self._buffer.hi, time.monotonic() + timeout
        while self._writer.rows < wanted and time.monotonic() < end:
            self._room.clear()
            self._wake.set()
            self._room.wait(min(TICK_SECONDS, max(0.0, end - time.monotonic())))
        return self._writer.rows >= wanted

    def finish(self, final: Callable[[], RunRow], timeout: float) -> Ending:
        """Bring everything to the lake and end, within `timeout` seconds; what is left stays in the spool.

        `final` gives the run's last row; called on the thread.

        Idempotent. A wait that is interrupted (Ctrl-C) leaves the thread to go on while the process lives.
        """
        if self._final is None:
            self._deadline = time.monotonic() + min(timeout, _LONGEST_SECONDS)
            self._final = final
        if self._threadless and not self._done.is_set():
            self._run()
        self._wake.set()
        # A little longer than the thread gives itself, so that its own account of the failure is what we tell.
        self._done.wait(max(0.0, self._deadline - time.monotonic()) + _LAST_WORDS_SECONDS)
        if not self._done.is_set():
            return Ending(complete=False, rows=self._buffer.hi, trouble=self._trouble or "no answer in time")
        if self._ending.complete:
            self._idle.wait(self._chore_seconds())
            # A recovery stops between two objects: better to wait for that than to tear it at the interpreter's end.
            if self._assisting.ident is not None:
                self._assisting.join(self._chore_seconds())
        return self._ending

    @property
    def waiting_rows(self) -> int:
        """Points that the lake has not acknowledged yet."""
        return self._buffer.hi - self._writer.rows + self._writer.waiting_rows

    def _run(self) -> None:
        try:
            while self._final is None:
                self._visit()
                if self._final is None:
                    self._wake.wait(TICK_SECONDS)
                    self._wake.clear()
            self._end(self._final)
        except BaseException as error:  # noqa: BLE001 - a defect of ours must be told, and must not stop a training
            self._trouble = f"{type(error).__name__}: {error}"
            self._console.warn(
                f"stopped writing because of an internal error ({self._trouble}); your training goes on\n"
                + traceback.format_exc()
            )
            self._buffer.refuse(True)
            self._ending = Ending(complete=False, rows=self._writer.rows, trouble=self._trouble)
        finally:
            self._requests.put(None)
            self._room.set()
            self._done.set()
        if self._ending.complete:
            self._do_chores()
        self._idle.set()

    def _carry(self, request: Callable[[], None]) -> None:
        """Have a request carried out by the other thread; meanwhile points are taken and spooled as ever.

        Raises:
            StoreError: that of the request; or the run is ending and its time is up.
        """
        if not self._threadless and not self._carrying.is_alive():
            try:
                self._carrying.start()
            except RuntimeError:
                self._threadless = True
        if self._threadless:
            request()
            return
        answer: list[BaseException | None] = []
        self._requests.put((request, answer))
        while not answer:
            # At the end until the deadline and no longer: `finish` waits just long enough to hear what came of it.
            left = TICK_SECONDS if self._final is None else self._deadline - time.monotonic()
            self._wake.wait(min(TICK_SECONDS, max(0.0, left)))
            self._wake.clear()
            if answer:
                break
            # A flush that hangs is given up as well, or nobody would note how the run ended.
            if self._final is not None and time.monotonic() >= self._deadline:
                raise StoreUnreachable(f"{self._lake} gave no answer in time")
            if not self._ended:
                self._take()
        if answer[0] is not None:
            raise answer[0]

    def _serve(self) -> None:
        while (job := self._requests.get()) is not None:
            request, answer = job
            try:
                request()
            except BaseException as error:  # noqa: BLE001 - raised again by the thread that asked
                answer.append(error)
            else:
                answer.append(None)
            self._wake.set()

    def _assist(self) -> None:
        """What needs no points and may take its time: it must hold up neither the spool nor the flushes."""
        try:
            self._prepare()
            self._prepared.set()
            self._wake.set()
            self._started.wait()
            if self._final is None:
                self._after_start(lambda: self._final is not None)
        except Exception as error:  # noqa: BLE001 - a chore that fails costs nobody a training
            self._console.warn(f"a chore beside the run failed ({type(error).__name__}: {error}); the run goes on")
        finally:
            self._prepared.set()

    def _do_chores(self) -> None:
        end = time.monotonic() + self._chore_seconds()
        try:
            self._after_finish(lambda: time.monotonic() >= end)
        except Exception:  # noqa: BLE001, S110 - the run is whole; what is left over another job or a person tidies
            pass

    def _chore_seconds(self) -> float:
        return min(CHORE_SECONDS, max(0.0, self._deadline - time.monotonic()))

    def _visit(self) -> None:
        self._take()
        schedule = self._schedule
        now = time.monotonic()
        if schedule is None or (not self._prepared.is_set() and now < self._began + PREPARE_SECONDS):
            return
        news = self._writer.waiting_rows > 0 or self._writer.row is not self._flushed_row
        if not schedule.due(now, news=news, urgent=self._is_pressed()):
            return
        row = self._writer.row
        try:
            if self._flushed_row is None:
                drive(self._writer.beginning(), self._carry)
            else:
                # In an outage whatever waits is late.
                late = schedule.late_seconds if self._trouble is None else 0.0
                steps = self._writer.flushing(due_seconds=schedule.promise_seconds(news=news), late_after_seconds=late)
                drive(steps, self._carry)
        except Exception as error:  # noqa: BLE001 - a defect of ours is told like a store's failure, and tried again
            schedule.failed(time.monotonic())
            self._tell_trouble(error)
            return
        schedule.done(time.monotonic(), news=news)
        if self._flushed_row is None:
            # What the start told is the row that the writer was made with, not what was said since.
            self._flushed_row = self._writer.first_row
            self._started.set()
        else:
            self._flushed_row = row
            self._tell_relief()

    def _is_pressed(self) -> bool:
        """Whether closed ranges take so much room that they should not wait for the next flush."""
        held = self._writer.memory_bytes
        return self._writer.closed_ranges > 0 and held > min(MAX_RANGE_BYTES, self._spool_cap_bytes // 2)

    def _take(self) -> None:
        self._take_rows()
        full = max(self._spool_bytes(), self._writer.memory_bytes) > self._spool_cap_bytes
        if full != self._refusing:
            self._refusing = full
            self._buffer.refuse(full)
            if full:
                self._console.warn(
                    f"{self._spool_cap_bytes / 1e6:,.0f} MB of points wait for {self._lake}: further points are "
                    "dropped and counted until it answers (raise the cap with init(spool_cap_bytes=...))"
                )

    def _take_rows(self) -> None:
        groups, hi = self._buffer.take()
        self._writer.take(groups, hi)
        self._writer.tell(*self._told())
        self._room.set()

    def _end(self, final: Callable[[], RunRow]) -> None:
        # A thread that is still inside log() is told that its points came too late: they count as dropped.
        self._buffer.refuse(True)
        self._take_rows()
        self._prepared.wait(min(PREPARE_SECONDS, max(0.0, self._deadline - time.monotonic())))
        self._started.set()
        row = final()
        self._writer.tell(row, self._told()[1])
        # First of all, so that a recovery ends the run as it would have ended.
        self._writer.note_ending(row)
        self._ended = True
        if self._schedule is None:
            self._writer.close(complete=False)
            self._ending = Ending(complete=False, rows=self._writer.rows)
            return
        while True:
            late = self._schedule.late_seconds if self._trouble is None else 0.0
            try:
                drive(self._writer.finishing(row, late_after_seconds=late), self._carry)
            except Exception as error:  # noqa: BLE001 - what was spooled is sent later, whatever this is
                self._trouble = _told(error)
                hopeless = isinstance(error, (AccessDenied, LakeFormat)) or not isinstance(error, LakeboardError)
                if hopeless or time.monotonic() + _ENDING_PAUSE_SECONDS >= self._deadline:
                    self._writer.close(complete=False)
                    self._ending = Ending(complete=False, rows=self._writer.rows, trouble=self._trouble)
                    return
                time.sleep(_ENDING_PAUSE_SECONDS)
            else:
                self._writer.close(complete=True)
                self._ending = Ending(complete=True, rows=self._writer.rows)
                return

    def _tell_trouble(self, error: Exception) -> None:
        if self._trouble is None:
            more = "" if isinstance(error, LakeboardError) else "\n" + "".join(traceback.format_exception(error))
            self._console.warn(
                f"{_told(error)}{more}\nlakeboard: training goes on; points are kept on this machine and sent later"
            )
        self._trouble = _told(error)

    def _tell_relief(self) -> None:
        if self._trouble is not None:
            self._trouble = None
            self._console.warn(f"{self._lake} answers again; everything kept here has been sent")


def _told(error: BaseException) -> str:
    return str(error) if isinstance(error, LakeboardError) else f"internal error ({type(error).__name__}: {error})"
