"""A run: what a training script holds in its hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol

from ..schema.errors import InvalidValue
from ..schema.run.row import ASIDE_ENV, REFUSED_ENV, RunRow
from ..schema.values import Param, brief
from .artifact_log import ArtifactLog
from .buffer import Buffer, ClosedBuffer
from .carrier import Carrier, new_writer, now_ms
from .console import Console
from .ending import End, EndStatus, describe_end, farewell, interrupted, stated_end
from .inputs.config import Config, SummaryView
from .inputs.definitions import MetricDefinition, define
from .inputs.redact import take_params, take_result
from .media.queue import MediaQueue
from .native import Latch, RLock
from .ref import RunRef, reference, reopened
from .settings import Settings


class Keeper(Protocol):
    """Who knows the open runs of the process, and is told by each what becomes of it."""

    def hold(self, run: Run) -> None:
        """A `with` block of it begins."""

    def let_go(self, run: Run) -> bool:
        """One ends; whether it was the outermost."""

    def release(self, run: Run) -> None:
        """It begins to end."""

    def forget(self, run: Run) -> None:
        """It has ended."""

    def child_begins(self) -> None:
        """It was another process's, and is logged to for the first time in this one."""


class Run(ArtifactLog):
    """One training run. Made by `lakeboard.init`; safe to use from several threads and in forked children.

    Nothing here raises for a store's failure or blocks on one, but `finish`, whose wait is bounded.
    """

    def __init__(
        self,
        settings: Settings,
        project: str,
        row: RunRow,
        config: Mapping[str, Any],
        *,
        console: Console,
        keeper: Keeper,
        first_step: int = -1,
        lake: str | None = None,
        prepare: Callable[[Run], None] = lambda run: None,
        after_start: Callable[[Run, Callable[[], bool]], object] = lambda run, stop: None,
    ) -> None:
        super().__init__(project, row, console, lake or "", heard=settings.console)
        self._row = replace(row, params={**row.params, **self._take(config)})
        self._settings = settings
        self._keeper = keeper
        self._ended = Latch()
        self._finisher: int | None = None
        self._definitions: tuple[MetricDefinition, ...] = ()
        self._config = Config(config, changed=self._config_changed, warn=self._console.warn)
        self._summary = self._new_summary()
        self._carrier = None
        # Another process's run has a lake already: the first `log` here begins a writer.
        self._buffer = self._new_buffer(first_step, awaken=None if lake is None else self._begin_child)
        self._closing = self._buffer
        if lake is not None:
            return
        self._carrier = self._new_carrier(
            prepare=lambda: prepare(self), after_start=lambda stop: after_start(self, stop)
        )
        self._lake = self._carrier.store.url
        self._carrier.start()

    # -- what a training logs ---------------------------------------------------------------------------------

    def log(
        self,
        metrics: Mapping[str, Any],
        step: int | None = None,
        dataset: str | None = None,
        *,
        timestamp: float | datetime | None = None,
        aside: bool = False,
        commit: bool | None = None,
    ) -> None:
        """Log one value per metric, and pictures and the like. Takes microseconds, does no I/O and never raises.

        Args:
            metrics: numbers by name; Python, numpy and torch scalars; NaN and infinities are kept. Nested dicts
                flatten: `{"val": {"acc": .9}}` logs `val/acc`. A value that is not a number is left out and told
                once on the console; the others are kept. Media (`lakeboard.Image` and its kin), pictures of Pillow's,
                figures of matplotlib and Plotly, and lists of them, go into `media/`; files that they name are read and
                figures of matplotlib are drawn in the call.
            step: any 64-bit integer, in any order, repeats allowed. Default: the largest step so far plus one.
            dataset: what the values were measured on, where it is not the run's own dataset.
            timestamp: when they were measured, in seconds since 1970 or as a datetime (a naive one is local time); in
                any order. Default: now.
            aside: these points have steps of their own, such as those of a system's metrics: nothing goes on after
                them, neither the next call nor a resumed run. Their default is the largest step so far.
            commit: False keeps the step: what is logged next, without a step, is at the same one.
        """
        if timestamp is None and not aside and commit is not False:
            self._buffer.append(metrics, step, dataset)
        else:
            self._buffer.append_as(metrics, step, dataset, timestamp=timestamp, aside=bool(aside), hold=commit is False)

    def define_metric(
        self, name: str, *, goal: str | None = None, step_metric: str | None = None, summary: str | None = None
    ) -> None:
        """Say which way is better (`minimize`, `maximize`) and which metric belongs on the x-axis.

        Args:
            name: a metric, or a pattern such as `val/*`. Holds for points before and after.
            goal: feeds leaderboards.
            step_metric: feeds curves.
            summary: "min" and "max" say the goal too; every run has first, last, min, max and mean of each metric
                anyway, so that other words change nothing.

        Raises:
            InvalidValue: an unknown goal, or an unknown word for a summary.
        """
        definition = define(name, goal, step_metric, summary)
        with self._lock:
            self._definitions = (*(d for d in self._definitions if d.pattern != name), definition)

    @property
    def config(self) -> Config:
        """The run's params; set, update and read like a dict."""
        return self._config

    @property
    def summary(self) -> SummaryView:
        """Last values by metric; setting a number logs a last point, anything else is kept beside the metrics."""
        return self._summary

    @property
    def step(self) -> int:
        """The largest step logged so far, points aside left out; -1 before the first."""
        return self._buffer.step

    @property
    def logged(self) -> int:
        """Points accepted in this process so far."""
        return self._buffer.hi

    # -- ending -----------------------------------------------------------------------------------------------

    def finish(
        self,
        exit_code: int | None = None,
        *,
        status: EndStatus | None = None,
        error: str | BaseException | None = None,
        timeout: float | None = None,
    ) -> None:
        """Bring everything to the lake and end the run. Idempotent; called at exit where a script does not.

        Where another thread is at it already, this waits for that one.

        Waits for the store, 30 s at most by default; what could not be sent is kept on this machine and the
        command that sends it is printed.

        Args:
            exit_code: another way to say the status: 0 is finished, any other number failed.
            status: how it went; default finished.
            error: for failed runs, what happened; default the exception that is being handled.
            timeout: seconds to wait for the store; default as given to `init`.

        Raises:
            InvalidValue: an unknown status, or an exit code or timeout that is no number.
        """
        if status not in (None, "finished", "failed", "killed"):
            raise InvalidValue(f'status {status!r} must be "finished", "failed" or "killed"')
        if exit_code is not None and not isinstance(exit_code, int):
            raise InvalidValue(f"exit_code={brief(exit_code)} must be a whole number, 0 where all went well")
        seconds = self.finish_seconds if timeout is None else timeout
        if not isinstance(seconds, (int, float)) or not seconds >= 0:
            raise InvalidValue(f"timeout={timeout!r} must be a number of seconds, 0 or more")
        self.end(stated_end(status or ("failed" if exit_code else "finished"), exit_code, error), seconds)

    @property
    def finish_seconds(self) -> float:
        """How long the end may wait for the store, as given to `init`."""
        return self._settings.finish_seconds

    def end(self, end: End, seconds: float | None = None) -> None:
        """End the run in this way; see `finish`. Does nothing but wait where it is ending already."""
        seconds = self.finish_seconds if seconds is None else seconds
        if self.begin_end(end, seconds):
            self.await_end(seconds)
        else:
            self.wait_ended(seconds)

    def begin_end(self, end: End, seconds: float) -> bool:
        """Begin to end, without waiting. Whether it was still open: then `await_end` must follow, on this thread."""
        with self._lock:
            first, self._finished = not self._finished, True
        if not first:
            return False
        self._finisher = threading.get_ident()
        self._keeper.release(self)
        # After a signal the training goes on for a moment; that is no mistake of its author's.
        self._closing, self._buffer = self._buffer, ClosedBuffer(self._console.warn, quiet=end.status == "killed")
        now = now_ms()
        self._note_aside(self._closing)
        if self._closing.refused:
            self.update_env({REFUSED_ENV: str(self._closing.refused)})
        with self._lock:
            self._row = replace(
                self._row,
                status=end.status,
                error=end.error,
                traceback=end.traceback,
                closed_by=end.closed_by,
                ended_at=now,
                updated_at=now,
            )
        if self._carrier is not None:
            # As a function: in the background there may still be added what is learnt of git.
            self._carrier.begin_finish(self._last_row, seconds)
        return True

    def await_end(self, seconds: float) -> None:
        """Wait until it has ended, or the time that `begin_end` was given is up, and say how it went."""
        carrier = self._carrier
        try:
            if carrier is None:
                return
            try:
                ending = carrier.finish(self._last_row, seconds)
            except KeyboardInterrupt:
                self._console.warn(interrupted(self, carrier, self._settings))
                raise
            closing = self._closing
            good = ending.trouble is None and (ending.rows or not closing.refused)
            tell = self._console.say if good else self._console.warn
            left = carrier.finish_artifacts(ending)
            tell(farewell(self, ending, carrier, self._settings, dropped=closing.dropped, refused=closing.refused))
            if left is not None:
                self._console.warn(left)
        finally:
            self._ended.open()
            self._keeper.forget(self)

    def wait_ended(self, timeout: float) -> None:
        """Wait while another thread finishes this run; a signal's handler inside that very call does not wait."""
        if self._finisher != threading.get_ident():
            self._ended.wait(timeout)

    def __enter__(self) -> Run:
        self._keeper.hold(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Where `init` returned a run that an enclosing block is inside of, that block ends it.
        if self._keeper.let_go(self):
            self.end(describe_end(error))

    def __repr__(self) -> str:
        return f"Run(project={self.project!r}, id={self.id!r}, name={self.name!r}, lake={self.lake!r})"

    # -- in other processes -----------------------------------------------------------------------------------

    def ref(self) -> RunRef:
        """What another process needs to write to this run: small, can be pickled, holds no secret."""
        return reference(self, self._settings)

    def __copy__(self) -> Run:
        """Itself: a run is one, however many objects hold it."""
        return self

    def __deepcopy__(self, memo: object) -> Run:
        """Itself."""
        return self

    def __reduce__(self) -> tuple[Callable[..., Run], tuple[RunRef, bool]]:
        """As its reference: in this process it comes back as itself, in another as a writer of the same run.

        That one begins with the first `log` there; until then it costs nothing.
        """
        return reopened, (self.ref(), self._finished)

    def after_fork(self) -> None:
        """In a forked child: leave the parent's writer alone; the first `log` here begins one of this process."""
        self._lock = RLock()
        self._ended = Latch()
        if self._finished:
            # The parent was about to end it, which is no end that ever comes here.
            self._ended.open()
        if self._carrier is not None:
            self._carrier.forget()
            self._carrier = None
        if not self._finished:
            self._buffer = self._new_buffer(self._buffer.step, awaken=self._begin_child)

    def _begin_child(self) -> None:
        now = now_ms()
        self._row = replace(self._row, writer=new_writer(self._row.attempt), started_at=now, updated_at=now)
        self._console = Console(quiet=True)
        try:
            self._carrier = self._new_carrier()
            self._carrier.start()
            self._keeper.child_begins()
        except Exception as error:  # noqa: BLE001 - this is somebody's log(): no process, no memory, whatever
            self._console.warn(f"this process can't write to run {self.id} ({type(error).__name__}: {error})")
            self._buffer.refuse(True)

    # -- within -----------------------------------------------------------------------------------------------

    def _new_carrier(self, **errands: Callable[..., Any]) -> Carrier:
        return Carrier(
            self._settings,
            self._project,
            self._row,
            self._buffer,
            told=self._told,
            console=self._console,
            transcript=self.transcript,
            tell_made=self._note_output,
            **errands,
        )

    def _new_buffer(self, first_step: int, awaken: Callable[[], None] | None = None) -> Buffer:
        buffer = Buffer(
            first_step=first_step,
            complain=self._console.warn,
            hurry=lambda: self._carrier.hurry() if self._carrier else None,
            call=lambda: self._carrier.call() if self._carrier else None,
            let_pass=lambda: self._carrier.let_pass() if self._carrier else None,
            awaken=awaken,
            media=MediaQueue(lambda message, about: buffer.complain(message, about)),
        )
        return buffer

    def _last_row(self) -> RunRow:
        """The row at its end, by when all that was logged was looked into."""
        if self._closing.refused:
            self.update_env({REFUSED_ENV: str(self._closing.refused)})
        return self._row

    def _new_summary(self) -> SummaryView:
        return SummaryView(
            log=self._log_summary,
            known=lambda: self._carrier.summary if self._carrier else {},
            keep=self._keep_result,
            warn=self._console.warn,
        )

    def _told(self) -> tuple[RunRow, tuple[MetricDefinition, ...]]:
        self._note_aside(self._buffer)
        return self._row, self._definitions

    def _note_aside(self, buffer: Buffer) -> None:
        if buffer.aside:
            names = "\n".join(sorted(buffer.aside))
            if self._row.env.get(ASIDE_ENV) != names:
                self.update_env({ASIDE_ENV: names})

    def _log_summary(self, values: dict[str, Any]) -> None:
        self._buffer.append(values, max(self._buffer.step, 0), None)

    def _keep_result(self, name: str, value: object) -> None:
        taken = take_result(name, value)
        for note in taken.notes:
            self._console.warn(note)
        with self._lock:
            self._change(results={**self._row.results, **taken.params})

    def _config_changed(self, values: Mapping[str, Any]) -> None:
        params = self._take(values)
        with self._lock:
            self._change(params={**self._row.params, **params})

    def _take(self, values: Mapping[str, Any]) -> dict[str, Param]:
        taken = take_params(values)
        for note in taken.notes:
            self._console.warn(note)
        return taken.params
