"""A run: what a training script holds in its hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any

from ..schema.errors import InvalidName, InvalidValue
from ..schema.names import check_text
from ..schema.rows import RunRow
from ..schema.values import brief, flatten_params
from .buffer import Buffer
from .carrier import Carrier, new_writer, now_ms
from .config import Config, SummaryView
from .console import Console
from .definitions import MetricDefinition, define
from .ending import EndStatus, describe_end, farewell, interrupted
from .redact import redact_params, redact_text
from .settings import Settings

_MAX_ERROR_CHARS = 2_000


def _nothing(run: Run) -> None:
    """The default of every hook."""


class Run:
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
        first_step: int = -1,
        prepare: Callable[[Run], None] = _nothing,
        after_start: Callable[[Run, Callable[[], bool]], object] = lambda run, stop: None,
        on_end: Callable[[Run], None] = _nothing,
        on_ended: Callable[[Run], None] = _nothing,
    ) -> None:
        self._settings = settings
        self._project = project
        self._console = console
        self._on_end = on_end
        self._on_ended = on_ended
        self._ended = threading.Event()
        self._finisher: int | None = None
        self._lock = threading.RLock()
        self._definitions: tuple[MetricDefinition, ...] = ()
        self._finished = False
        self._ending_told = False
        self._config = Config(config, changed=self._config_changed)
        self._summary = self._new_summary()
        self._row = replace(row, params={**row.params, **flatten_params(redact_params(config))})
        self._buffer = self._new_buffer(first_step)
        self._carrier: Carrier | None = Carrier(
            settings,
            project,
            self._row,
            self._buffer,
            told=self._told,
            console=console,
            prepare=lambda: prepare(self),
            after_start=lambda stop: after_start(self, stop),
        )
        self._lake = self._carrier.store.url
        self._awaken: Callable[[], None] | None = None
        self._carrier.start()

    # -- what a training logs ---------------------------------------------------------------------------------

    def log(self, metrics: Mapping[str, Any], step: int | None = None, dataset: str | None = None) -> None:
        """Log one value per metric. Takes microseconds, does no I/O and never raises.

        Args:
            metrics: numbers by name; Python, numpy and torch scalars; NaN and infinities are kept. Nested dicts
                flatten: `{"val": {"acc": .9}}` logs `val/acc`. A value that is not a number is left out and told
                once on the console; the others are kept.
            step: any 64-bit integer, in any order, repeats allowed. Default: the largest step so far plus one.
            dataset: what the values were measured on, where it is not the run's own dataset.
        """
        self._buffer.append(metrics, step, dataset)

    def define_metric(self, name: str, *, goal: str | None = None, step_metric: str | None = None) -> None:
        """Say which way is better (`minimize`, `maximize`) and which metric belongs on the x-axis.

        Args:
            name: a metric, or a pattern such as `val/*`. Holds for points before and after.
            goal: feeds leaderboards.
            step_metric: feeds curves.

        Raises:
            InvalidValue: an unknown goal.
        """
        definition = define(name, goal, step_metric)
        with self._lock:
            self._definitions = (*(d for d in self._definitions if d.pattern != name), definition)

    @property
    def config(self) -> Config:
        """The run's params; set, update and read like a dict."""
        return self._config

    @property
    def summary(self) -> SummaryView:
        """Last values by metric; setting one logs a last point."""
        return self._summary

    # -- what it is -------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The run id."""
        return self._row.run_id

    @property
    def project(self) -> str:
        """The project."""
        return self._project

    @property
    def lake(self) -> str:
        """Where the lake is: absolute, without secrets."""
        return self._lake

    @property
    def name(self) -> str:
        """What people call it. Can be set."""
        return self._row.name or self._row.run_id

    @name.setter
    def name(self, name: str) -> None:
        self._change(name=check_text(name, what="name"))

    @property
    def tags(self) -> tuple[str, ...]:
        """Labels. Can be set."""
        return self._row.tags

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self._change(tags=check_tags(tags))

    @property
    def notes(self) -> str | None:
        """Free text. Can be set."""
        return self._row.notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._change(notes=check_notes(notes))

    @property
    def group(self) -> str | None:
        """What it belongs to with others."""
        return self._row.group

    @property
    def step(self) -> int:
        """The largest step logged so far; -1 before the first."""
        return self._buffer.step

    @property
    def logged(self) -> int:
        """Points accepted in this process so far."""
        return self._buffer.hi

    @property
    def finished(self) -> bool:
        """Whether `finish` was called."""
        return self._finished

    @property
    def row(self) -> RunRow:
        """The run's row as this process would tell it now."""
        return self._row

    # -- ending -----------------------------------------------------------------------------------------------

    def finish(
        self,
        *,
        status: EndStatus = "finished",
        error: str | BaseException | None = None,
        timeout: float | None = None,
    ) -> None:
        """Bring everything to the lake and end the run. Idempotent; called at exit where a script does not.

        Where another thread is at it already, this waits for that one.

        Waits for the store, 30 s at most by default; what could not be sent is kept on this machine and the
        command that sends it is printed.

        Args:
            status: how it went.
            error: for failed runs, what happened.
            timeout: seconds to wait for the store; default as given to `init`.

        Raises:
            InvalidValue: an unknown status, or a timeout that is no number.
        """
        if status not in ("finished", "failed", "killed"):
            raise InvalidValue(f'status {status!r} must be "finished", "failed" or "killed"')
        seconds = self._settings.finish_seconds if timeout is None else timeout
        if not isinstance(seconds, (int, float)) or not seconds >= 0:
            raise InvalidValue(f"timeout={timeout!r} must be a number of seconds, 0 or more")
        with self._lock:
            first, self._finished = not self._finished, True
        if not first:
            self.wait_ended(seconds)
            return
        self._finisher = threading.get_ident()
        self._on_end(self)
        try:
            self._finish(status, None if error is None else str(error), seconds)
        finally:
            self._ended.set()
            self._on_ended(self)

    def wait_ended(self, timeout: float) -> None:
        """Wait while another thread finishes this run; a signal's handler inside that very call does not wait."""
        if self._finisher != threading.get_ident():
            self._ended.wait(min(timeout, threading.TIMEOUT_MAX))

    def _finish(self, status: EndStatus, error: str | None, seconds: float) -> None:
        carrier, buffer = self._carrier, self._buffer
        # After a signal the training goes on for a moment; that is no mistake of its author's.
        self._buffer = _Closed(self._console, quiet=status == "killed")
        if carrier is None:
            return
        now = now_ms()
        with self._lock:
            text = redact_text(error)[:_MAX_ERROR_CHARS] if error else None
            self._row = replace(self._row, status=status, error=text, ended_at=now, updated_at=now)
        try:
            # As a function: the background thread may still be adding what it learns of git.
            ending = carrier.finish(lambda: self._row, seconds)
        except KeyboardInterrupt:
            self._console.warn(interrupted(self, status, carrier, self._settings))
            raise
        tell = self._console.say if ending.trouble is None else self._console.warn
        tell(farewell(self, status, ending, carrier, self._settings, dropped=buffer.dropped))

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        status, message = describe_end(error)
        self.finish(status=status, error=message)

    def __repr__(self) -> str:
        return f"Run(project={self.project!r}, id={self.id!r}, name={self.name!r}, lake={self.lake!r})"

    def __copy__(self) -> Run:
        """Itself: a run is one, however many objects hold it."""
        return self

    def __deepcopy__(self, memo: object) -> Run:
        """Itself."""
        return self

    def __reduce__(self) -> str:
        """Not to be sent to another process.

        Raises:
            TypeError: always; says what to do instead.
        """
        raise TypeError(
            f"a run can't be pickled: in the other process call lakeboard.init(project={self.project!r}, "
            f"id={self.id!r}), which writes to the same run"
        )

    # -- for this package -------------------------------------------------------------------------------------

    def update_env(self, env: Mapping[str, str]) -> None:
        """Add to what is known of the run's origin; while it ends, too."""
        with self._lock:
            self._row = replace(self._row, env={**self._row.env, **env})

    def after_fork(self) -> None:
        """In a forked child: leave the parent's writer alone; the first `log` here begins one of this process."""
        self._lock = threading.RLock()
        self._ended = threading.Event()
        if self._finished:
            # The parent was about to end it, which is no end that ever comes here.
            self._ended.set()
        if self._carrier is not None:
            self._carrier.forget()
            self._carrier = None
        if not self._finished:
            self._buffer = self._new_buffer(self._buffer.step, awaken=self._begin_child)

    def on_child_begin(self, act: Callable[[], None]) -> None:
        """What to do when a forked child logs for the first time (its exit needs handlers of its own)."""
        self._awaken = act

    def _begin_child(self) -> None:
        now = now_ms()
        writer = new_writer(self._row.attempt)
        self._row = replace(self._row, writer=writer, started_at=now, updated_at=now)
        self._console = Console(quiet=True)
        try:
            self._carrier = Carrier(
                self._settings, self._project, self._row, self._buffer, told=self._told, console=self._console
            )
            self._carrier.start()
            if self._awaken is not None:
                self._awaken()
        except Exception as error:  # noqa: BLE001 - this is somebody's log(): no process, no memory, whatever
            self._console.warn(f"this forked process can't write to run {self.id} ({type(error).__name__}: {error})")
            self._buffer.refuse(True)

    def _new_buffer(self, first_step: int, awaken: Callable[[], None] | None = None) -> Buffer:
        return Buffer(
            first_step=first_step,
            complain=self._console.warn,
            hurry=lambda: self._carrier.hurry() if self._carrier else None,
            call=lambda: self._carrier.call() if self._carrier else None,
            let_pass=lambda: self._carrier.let_pass() if self._carrier else None,
            awaken=awaken,
        )

    def _new_summary(self) -> SummaryView:
        return SummaryView(log=self._log_summary, known=lambda: self._carrier.summary if self._carrier else {})

    def _told(self) -> tuple[RunRow, tuple[MetricDefinition, ...]]:
        return self._row, self._definitions

    def _log_summary(self, values: dict[str, Any]) -> None:
        self._buffer.append(values, max(self._buffer.step, 0), None)

    def _config_changed(self, values: Mapping[str, Any]) -> None:
        with self._lock:
            self._change(params={**self._row.params, **flatten_params(redact_params(values))})

    def _change(self, **fields: Any) -> None:
        with self._lock:
            if self._finished:
                self._console.warn(f"run {self.name} has finished; the change of {', '.join(fields)} is not kept")
                return
            self._row = replace(self._row, updated_at=now_ms(), **fields)


class _Closed(Buffer):
    """What a finished run logs into: nowhere, told once."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        super().__init__(complain=console.warn, hurry=lambda: None)
        self._quiet = quiet

    def append(self, metrics: Mapping[str, Any], step: int | None, dataset: str | None) -> None:
        if not self._quiet:
            self.complain("log() after the run has finished is not kept; call lakeboard.init() for a new run")


def check_notes(notes: object) -> str | None:
    """Notes as text, whatever was given."""
    return None if notes is None else str(notes)


def check_tags(tags: Iterable[str] | None) -> tuple[str, ...]:
    """Tags without repeats.

    Raises:
        InvalidName: a tag that can't be stored.
    """
    if tags is None:
        return ()
    if isinstance(tags, str):
        tags = [tags]
    if not isinstance(tags, Iterable):
        raise InvalidName(f"tags {brief(tags)} must be a list of strings")
    return tuple(dict.fromkeys(check_text(tag, what="tag") for tag in tags))
