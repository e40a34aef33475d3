"""What carries the points of a run in one process: spool, writer and thread, put together. A fork makes its own."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from ..schema.batch import Group, encode_groups
from ..schema.keys import writer_id
from ..schema.parquet import encode_table
from ..schema.rowtable import rows_to_table
from ..schema.run.lineage import Lineage
from ..schema.run.row import RunRow
from ..schema.run.summary import Summary
from ..store.base import Store
from ..store.kept_options import keep_options
from ..store.opening import open_store
from .aftermath import AFTERMATH
from .artifacts.uploads import Uploads
from .background.errands import Errands
from .background.worker import Ending, Worker
from .buffer import Buffer
from .capture.console_log import ConsoleLog
from .capture.pace import LOCAL_SECONDS, REMOTE_SECONDS, Pace
from .capture.writer import LoggingWriter
from .console import Console
from .hearing.transcript import Transcript
from .inputs.definitions import MetricDefinition
from .runclock import RunClock
from .runclock import now_ms as now_ms
from .schedule import Schedule
from .settings import Settings
from .spooling.spool import Spool
from .writer import MAX_RANGE_BYTES, Writer

LOCAL_FLUSH_SECONDS = 5.0
REMOTE_FLUSH_SECONDS = 30.0

Told = Callable[[], tuple[RunRow, tuple[MetricDefinition, ...]]]


def new_writer(attempt: int) -> str:
    """A writer's name that no other process has."""
    return writer_id(attempt, secrets.token_hex(4))


@cache
def _encode_once() -> None:
    """Encode a point and a row on the caller's thread, once in a process.

    What Arrow sets up at its first use it guards with locks. A child that is forked while a background thread is at it
    would wait for these locks for ever.
    """
    row = RunRow("r", writer_id(1, "00000000"), status="running")
    group = Group(("a",), "d")
    # So many that they are compressed as long runs' points are.
    for n in range(200):
        group.steps.append(n)
        group.starts.append(n)
        group.times.append(0.0)
        group.values.append(0.0)
    encode_groups([group], writer=row.writer, attempt=1, run=row.to_json())
    encode_table(rows_to_table([row]))


class Carrier:
    """Brings what is logged in this process to the lake, in a thread of its own; does nothing before `start`."""

    def __init__(
        self,
        settings: Settings,
        project: str,
        row: RunRow,
        buffer: Buffer,
        *,
        told: Told,
        console: Console,
        prepare: Callable[[], None] = lambda: None,
        after_start: Callable[[Callable[[], bool]], object] = lambda stop: None,
        transcript: Transcript | None = None,
        tell_made: Callable[[Lineage], None] = lambda version: None,
    ) -> None:
        self._settings = settings
        self._console = console
        # On the caller's thread: importing in the background would hold the interpreter for tens of milliseconds.
        import pyarrow.compute
        import pyarrow.parquet  # noqa: F401

        _encode_once()
        self.store: Store = open_store(settings.lake, options=settings.storage_options or None)
        kept = keep_options(settings.storage_options)
        self._spool = Spool.open(
            list(settings.spool_roots),
            f"{row.run_id}.{row.writer}",
            on_loss=self._spool_lost,
            header={"options": kept.options, "withheld": kept.withheld},
        )
        range_bytes = min(MAX_RANGE_BYTES, settings.spool_cap_bytes // 4)
        self._until = 0.0
        self._clock = RunClock(now_ms() if row.started_at is None else row.started_at)
        log = None if transcript is None else self._console_log(transcript, project, row)
        made = Writer if log is None else partial(LoggingWriter, log)
        self._writer = made(
            self.store,
            project,
            row,
            self._spool,
            now_ms=self._clock.now_ms,
            range_bytes=range_bytes,
            media_bytes=settings.spool_cap_bytes // 2,
            tell=console.warn,
        )
        self.artifacts = self._uploads(project, tell_made)
        """Those that are on their way."""
        self._writer.complete = self.artifacts.complete
        seconds = settings.flush_seconds or (LOCAL_FLUSH_SECONDS if self.store.is_local else REMOTE_FLUSH_SECONDS)
        offline = settings.mode == "offline"
        self._worker = Worker(
            self._writer,
            buffer,
            told=told,
            console=console,
            lake=self.store.url,
            local=self.store.is_local,
            schedule=None if offline else Schedule(flush_seconds=seconds, now=time.monotonic()),
            spool_bytes=lambda: self._spool.nbytes if self._spool is not None and not self._spool.lost else 0,
            spool_cap_bytes=settings.spool_cap_bytes,
            errands=Errands(
                prepare=prepare,
                after_start=after_start,
                after_finish=lambda time_is_up, others: AFTERMATH.note(
                    self.store,
                    project,
                    row.run_id,
                    row.writer,
                    others=others,
                    spool_roots=settings.spool_roots,
                    options=settings.storage_options or None,
                    time_is_up=time_is_up,
                ),
                is_due=lambda: log is not None and log.is_due,
                console=console,
            ),
        )

    def start(self) -> None:
        """Begin to carry."""
        self._worker.start()

    @property
    def spool_folder(self) -> Path | None:
        """Where points are noted before they are uploaded; None where no spool could be opened."""
        return self._spool.folder if self._spool is not None else None

    @property
    def spool_lost(self) -> bool:
        """Whether the spool lacks points that the lake may lack, too."""
        return self._spool is not None and not self._spool.whole

    @property
    def summary(self) -> dict[str, Summary]:
        """Summaries as of the last flush."""
        return self._writer.summary

    @property
    def waiting_rows(self) -> int:
        """Points that the lake has not acknowledged yet."""
        return self._worker.waiting_rows

    def hurry(self) -> None:
        """Wait for the background thread to take points away, a second at most."""
        if (intake := self._worker.intake) is not None:
            intake.hurry()

    def call(self) -> None:
        """Call the background thread to take points away; does not wait."""
        if (intake := self._worker.intake) is not None:
            intake.call()

    def let_pass(self) -> None:
        """Wait until the background thread has spooled what there is, a quarter of a second at most."""
        if (intake := self._worker.intake) is not None:
            intake.let_pass()

    def spooled(self, timeout: float) -> bool:
        """Have everything logged so far taken away and spooled; whether that happened within `timeout` seconds."""
        intake = self._worker.intake
        return intake is not None and intake.flush(timeout)

    def begin_finish(self, final: Callable[[], RunRow], timeout: float) -> None:
        """Begin to end, without a wait; see `Worker.begin_finish`. Several runs so end within one deadline."""
        self._until = time.monotonic() + timeout
        self._worker.begin_finish(lambda: self._clock.end(final()), timeout)

    def finish(self, final: Callable[[], RunRow], timeout: float) -> Ending:
        """End; see `Worker.finish`."""
        return self._worker.finish(lambda: self._clock.end(final()), timeout)

    def finish_artifacts(self, ending: Ending) -> str | None:
        """After `finish`, in what its time leaves: wait for artifacts; a sentence about those that are left."""
        if self._spool is None:
            self.artifacts.keeps_spool(ending.complete)
        return self.artifacts.finish(max(0.0, self._until - time.monotonic()))

    def forget(self) -> None:
        """In a forked child: let go of what was inherited from the parent and touch nothing of it."""
        if self._spool is not None:
            self._spool.forget()

    def _console_log(self, transcript: Transcript, project: str, row: RunRow) -> ConsoleLog:
        return ConsoleLog(
            transcript,
            store=self.store,
            project=project,
            run_id=row.run_id,
            writer=row.writer,
            folder=self.spool_folder,
            console=self._console,
            room_bytes=self._settings.spool_cap_bytes // 10,
            pace=Pace(LOCAL_SECONDS if self.store.is_local else REMOTE_SECONDS, time.monotonic()),
            now=time.monotonic,
        )

    def _uploads(self, project: str, tell_made: Callable[[Lineage], None]) -> Uploads:
        spool = self._spool
        uploads = Uploads(
            self.store,
            project,
            self.spool_folder,
            console=self._console,
            now_ms=self._clock.now_ms,
            recover=self._settings.recover_command,
            made=tell_made,
            touch=lambda: None if spool is None else spool.touch(),
            let_go=lambda remove: None if spool is None else spool.let_go(remove=remove),
            offline=self._settings.mode == "offline",
        )
        if spool is not None:
            spool.needed_after = uploads.keeps_spool
        return uploads

    def _spool_lost(self, error: OSError) -> None:
        self._console.warn(
            f"can't keep a spool on this machine ({error}); points stay in memory until they are uploaded. "
            "Set LAKEBOARD_SPOOL to a folder with room to change that"
        )
