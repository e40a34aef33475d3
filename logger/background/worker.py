"""What is done for one run in the background: its points taken away and spooled, flushed when due, and its end.

Nothing here reaches the training thread: the store's failures are told on the console once per outage, and the
attempt is repeated. `Background` calls `visit` and `step` on the one thread that touches writers and spools, so
nothing here waits: requests, and chores such as git, are carried out elsewhere, and what comes of them is seen to at
a later step.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable

from ...schema.errors import AccessDenied, LakeboardError, LakeFormat, StoreUnreachable
from ...schema.run.row import RunRow
from ..buffer import Buffer
from ..console import Console
from ..inputs.definitions import MetricDefinition
from ..native import Latch, is_patched
from ..schedule import Schedule
from ..writer import MAX_RANGE_BYTES, Writer
from .crew import Alone, Crew
from .errands import Errands
from .flow import Flow, Kind
from .intake import Intake
from .media_intake import MediaIntake
from .outcome import Ending as Ending
from .threads import BACKGROUND
from .trouble import Trouble, in_words

CHORE_SECONDS = 2.0
"""What a job that has ended may still do for its lake takes no longer than this, and no longer than its deadline."""
PREPARE_SECONDS = 5.0
"""How long the start, and the end, of a run wait for what `prepare` finds out."""
_ENDING_PAUSE_SECONDS = 0.5
_LAST_WORDS_SECONDS = 1.0
"""After the deadline, for noting in the spool how the run ended."""
_LONGEST_SECONDS = 1e8


class Worker:
    """Runs a `Writer` on the background threads of the process.

    Args:
        writer: what to run.
        buffer: where the points come from.
        told: gives the run's row and metric definitions as they are now; called in the background.
        console: where to tell of trouble.
        lake: how to call the lake on the console; requests of one lake take their turns.
        local: whether the lake is on a disk.
        schedule: when to flush; None never flushes (offline).
        spool_bytes: size of the spool now.
        spool_cap_bytes: from this size of spool (or memory, without one) points are refused.
        errands: what is to be done beside the run.
    """

    def __init__(
        self,
        writer: Writer,
        buffer: Buffer,
        *,
        told: Callable[[], tuple[RunRow, tuple[MetricDefinition, ...]]],
        console: Console,
        lake: str,
        local: bool,
        schedule: Schedule | None,
        spool_bytes: Callable[[], int],
        spool_cap_bytes: int,
        errands: Errands | None = None,
    ) -> None:
        self._writer = writer
        self._buffer = buffer
        self._console = console
        self.lane = lake
        """Whose turns its requests take."""
        self._local = local
        self._schedule = schedule
        self._pressing_bytes = min(MAX_RANGE_BYTES, spool_cap_bytes // 2)
        self._intake = Intake(
            writer,
            buffer,
            told=told,
            ask=lambda: self._crew.ask(self),
            console=console,
            lake=lake,
            spool_bytes=spool_bytes,
            spool_cap_bytes=spool_cap_bytes,
        )
        self._media = MediaIntake(
            buffer.media,
            writer.media,
            # In a lane of their own: encoding must not wait for a store that hangs.
            carry=lambda job: self._crew.carry(job, lane=f"media of {lake}", local=True),
            encoded=lambda: self._crew.ask(self),
        )
        self._errands = errands or Errands(console=console)
        self._crew: Crew = BACKGROUND
        self._threadless = False
        self._final: Callable[[], RunRow] | None = None
        self._last: RunRow | None = None
        self._deadline = 0.0
        self._patience = 0.0
        self._retry_at = 0.0
        self._trouble = Trouble(console, lake)
        self._flushed_row: RunRow | None = None
        self._flow: Flow | None = None
        self._ending = Ending(complete=False, rows=0, trouble="the background thread never ran")
        self._began = time.monotonic()
        self._prepared = False
        self._looking = False
        self._over = False
        self._done = Latch()
        self._idle = Latch()
        self.looked = Latch()
        """Opened when earlier runs have been looked for."""

    # -- called on the training's threads ---------------------------------------------------------------------

    def start(self) -> None:
        """Begin. Where the system gives no thread, everything waits in memory for `finish`, and that is said."""
        try:
            BACKGROUND.attach(self)
        except RuntimeError as error:
            self._threadless = self._prepared = True
            self._console.warn(f"{error}: points stay in memory until the run ends (see ulimit -u)")
            return
        if is_patched("subprocess"):
            # gevent starts processes from the thread of its loop alone.
            self._make_ready()
        else:
            self._crew.carry(self._make_ready, lane=f"start in {self.lane}", local=True)

    @property
    def intake(self) -> Intake | None:
        """How its points are taken away; None where nobody takes them before the end."""
        return None if self._threadless else self._intake

    def begin_finish(self, final: Callable[[], RunRow], timeout: float) -> None:
        """Begin to bring everything to the lake and end, within `timeout` seconds. Does not wait. Idempotent.

        `final` gives the run's last row; called in the background.
        """
        if self._final is not None:
            return
        self._deadline = time.monotonic() + min(timeout, _LONGEST_SECONDS)
        self._final = final
        if self._threadless:
            try:
                BACKGROUND.attach(self)
            except RuntimeError:
                return
            self._threadless = False
        self._crew.ask(self)

    def finish(self, final: Callable[[], RunRow], timeout: float) -> Ending:
        """Bring everything to the lake and end, within `timeout` seconds; what is left stays in the spool.

        `final` gives the run's last row; called in the background.

        Idempotent. A wait that is interrupted (Ctrl-C) leaves the background to go on while the process lives.
        """
        self.begin_finish(final, timeout)
        if self._threadless and not self._over:
            alone = self._crew = Alone()
            alone.serve(self)
        # A little longer than the thread gives itself, so that its own account of the failure is what we tell.
        if not self._done.wait(max(0.0, self._deadline - time.monotonic()) + _LAST_WORDS_SECONDS):
            return Ending(complete=False, rows=self._buffer.hi, trouble=self._trouble.last or "no answer in time")
        if self._ending.complete:
            self._idle.wait(self._chore_seconds())
            # A recovery stops between two objects: better to wait for that than to tear it at the interpreter's end.
            self.looked.wait(self._chore_seconds())
        BACKGROUND.wind_down()
        return self._ending

    @property
    def waiting_rows(self) -> int:
        """Points that the lake has not acknowledged yet."""
        return self._buffer.hi - self._writer.rows + self._writer.waiting_rows

    # -- called by whoever serves it --------------------------------------------------------------------------

    @property
    def is_ending(self) -> bool:
        """Whether `finish` was called."""
        return self._final is not None

    @property
    def is_over(self) -> bool:
        """Whether it needs no more visits."""
        return self._over

    @property
    def in_flow(self) -> bool:
        """Whether a request of it is under way."""
        return self._flow is not None

    @property
    def needs_slot(self) -> bool:
        """Whether the next step begins a flush, or the end, of which a lake takes only so many at once."""
        if self.in_flow or self._schedule is None:
            return False
        return self._final is None or (self._last is not None and time.monotonic() < self._deadline)

    def visit(self) -> None:
        """Take the points away and spool them; whoever waits for that goes on."""
        if self._over:
            return
        if not self._intake.closed and self._final is None:
            self._intake.take()
        self._media.visit()
        if self._intake.closed or self._final is None:
            return
        self._intake.take_last()
        self._patience = min(time.monotonic() + PREPARE_SECONDS, self._deadline)
        self._crew.alarm(self, self._patience)
        self._crew.alarm(self, self._deadline)

    def is_due(self, now: float) -> bool:
        """Whether `step` has something to do, other than to hear an answer."""
        if self._over:
            return False
        if self._final is not None:
            if self._last is None:
                return self._intake.closed and self._is_ready(now)
            return now >= self._deadline or (not self.in_flow and now >= self._retry_at)
        schedule = self._schedule
        if schedule is None or self.in_flow or (not self._prepared and now < self._began + PREPARE_SECONDS):
            return False
        return schedule.due(now, news=self._has_news(), urgent=self._is_pressed())

    def step(self) -> None:
        """Do one piece of what is due; encodes one object at most."""
        if self._over:
            return
        now = time.monotonic()
        if self._final is not None and self._last is None and self._intake.closed:
            if self._is_ready(now):
                self._note_ending(self._final)
            if self._over:
                return
        if self._flow is not None and not self._flow.waits:
            self._flow.advance()
            self._flow_may_be_over()
        elif self.is_due(now):
            if self.in_flow or (now >= self._deadline and self._last is not None):
                # A flush that hangs is given up as well, or nobody would hear how the run ended.
                self._give_up()
            else:
                self._begin_flow()

    def fail(self, error: BaseException) -> None:
        """A defect of ours: told, and this run stops writing."""
        if self._over:
            return
        self._trouble.last = f"{type(error).__name__}: {error}"
        self._console.warn(
            f"stopped writing because of an internal error ({self._trouble.last}); your training goes on\n"
            + "".join(traceback.format_exception(error))
        )
        self._leave(Ending(complete=False, rows=self._writer.rows, trouble=self._trouble.last))

    # -- the lake ---------------------------------------------------------------------------------------------

    def _is_ready(self, now: float) -> bool:
        """Whether the end can be noted: all is known, and all media are encoded, or there is no more time."""
        return now >= self._deadline or ((self._prepared or now >= self._patience) and self._media.idle)

    def _has_news(self) -> bool:
        told = self._writer.row is self._flushed_row
        waits = self._writer.waiting_rows > 0 or self._writer.media.waiting > 0
        return waits or not told or self._errands.is_due()

    def _is_pressed(self) -> bool:
        """Whether closed ranges take so much room that they should not wait for the next flush."""
        points = self._writer.closed_ranges > 0 and self._writer.memory_bytes > self._pressing_bytes
        return points or self._writer.media.is_pressed

    def _begin_flow(self) -> None:
        schedule, writer = self._schedule, self._writer
        assert schedule is not None
        # In an outage whatever waits is late.
        late = schedule.late_seconds if self._trouble.last is None else 0.0
        news = self._has_news()
        kind: Kind
        if self._last is not None:
            kind, steps = "end", writer.finishing(self._last, late_after_seconds=late)
        elif self._flushed_row is None:
            kind, steps = "start", writer.beginning()
        else:
            kind = "flush"
            steps = writer.flushing(due_seconds=schedule.promise_seconds(news=news), late_after_seconds=late)
        self._flow = Flow(
            kind,
            steps,
            row=writer.row,
            news=news,
            carry=lambda job: self._crew.carry(job, lane=self.lane, local=self._local),
            answered=lambda: self._crew.answer(self),
        )
        self._flow.advance()
        self._flow_may_be_over()

    def _flow_may_be_over(self) -> None:
        flow = self._flow
        if flow is None or not flow.over:
            return
        self._flow = None
        if flow.failure is not None:
            self._flow_failed(flow.kind, flow.failure)
        elif flow.kind == "end":
            self._writer.close(complete=True)
            self._ending = Ending(complete=True, rows=self._writer.rows, media=self._writer.media.rows)
            self._over = True
            self._done.open()
            self._crew.carry(self._do_chores, lane=f"chores in {self.lane}", local=True)
        else:
            assert self._schedule is not None
            self._schedule.done(time.monotonic(), news=flow.news)
            if flow.kind == "flush":
                self._flushed_row = flow.row
                self._trouble.went()
            else:
                # What the start told is the row that the writer was made with, not what was said since.
                self._flushed_row = self._writer.first_row
                if self._final is None:
                    self._looking = True
                    self._crew.look(self, self.lane, self._errands.run_after_start)

    def _flow_failed(self, kind: Kind, error: Exception) -> None:
        now = time.monotonic()
        if kind != "end":
            assert self._schedule is not None
            self._schedule.failed(now)
            self._trouble.came(error)
            return
        # What was spooled is sent later, whatever this is.
        self._trouble.last = in_words(error)
        hopeless = isinstance(error, (AccessDenied, LakeFormat)) or not isinstance(error, LakeboardError)
        self._retry_at = now + _ENDING_PAUSE_SECONDS
        if hopeless or self._retry_at >= self._deadline:
            self._end_short()
        else:
            self._crew.alarm(self, self._retry_at)

    def _give_up(self) -> None:
        """The deadline has passed."""
        late = StoreUnreachable(f"{self.lane} gave no answer in time")
        if self._flow is not None:
            self._flow.give_up(late)
            self._flow_may_be_over()
        if not self._over:
            self._trouble.last = self._trouble.last or in_words(late)
            self._end_short()

    # -- the end ----------------------------------------------------------------------------------------------

    def _note_ending(self, final: Callable[[], RunRow]) -> None:
        self._media.close()
        row = final()
        self._writer.tell(row, self._intake.last_definitions())
        # First of all, so that a recovery ends the run as it would have ended.
        self._writer.note_ending(row)
        self._last = row
        if self._schedule is None:
            self._end_short()

    def _end_short(self) -> None:
        """What is not in the lake stays in the spool."""
        self._writer.close(complete=False)
        media = self._writer.media.rows
        self._leave(Ending(complete=False, rows=self._writer.rows, trouble=self._trouble.last, media=media))

    def _leave(self, ending: Ending) -> None:
        self._ending = ending
        self._over = True
        self._flow = None
        self._intake.fail()
        if not self._looking:
            self.looked.open()
        self._done.open()
        self._idle.open()
        self._crew.detach(self)

    def _make_ready(self) -> None:
        self._errands.run_prepare()
        self._prepared = True
        self._crew.ask(self)

    def _do_chores(self) -> None:
        self._errands.run_after_finish(self._chore_seconds(), others=self._crew.has_others(self))
        self._leave(self._ending)

    def _chore_seconds(self) -> float:
        return min(CHORE_SECONDS, max(0.0, self._deadline - time.monotonic()))
