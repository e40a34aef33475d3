"""The artifacts of one run in this process: noted in its spool, uploaded in the background, told on its row."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ...schema.artifacts.keys import ManifestKey
from ...schema.keys import RowKey
from ...schema.parquet import encode_table
from ...schema.rowtable import rows_to_table
from ...schema.run.lineage import Lineage, united
from ...schema.run.row import JANITOR, OWNER, RunRow
from ...schema.sizes import sized
from ...store.base import Store
from ...upkeep.artifacts.job import Job, carry_out, note_job, refuse
from ...upkeep.host import BEAT_SECONDS
from ...upkeep.uploaded import is_final
from ..console import Console
from ..native import Latch, RLock
from .artifact import Parts
from .handle import ArtifactHandle, reason
from .lane import LANES, Lane, pause

_STOP_SECONDS: Final = 1.0
"""After the deadline: so long the part of a file that is on its way may take, or it is left behind."""


class Stopped(Exception):
    """An upload was asked to end; what it sent so far is not lost."""


@dataclass(slots=True)
class _Upload:
    job: Job
    handle: ArtifactHandle
    failures: int = 0
    settled: bool = False


class Uploads:
    """Carries out the jobs of one run. Does nothing, and costs nothing, before the first.

    Args:
        store: the lake.
        project: the run's.
        spool: folder of the run's spool; None where it has none: then nothing survives a kill.
        console: where to tell of trouble.
        now_ms: milliseconds since 1970.
        recover: the command line that sends what a spool holds.
        made: told of each version that is in the lake; called in the background.
        touch: shows that the writer lives, to those who see no locks of this host.
        let_go: lets go of the spool, and removes it where it is told True.
        offline: nothing is sent.
        lane: what uploads; default: that of the lake.
    """

    def __init__(
        self,
        store: Store,
        project: str,
        spool: Path | None,
        *,
        console: Console,
        now_ms: Callable[[], int],
        recover: str,
        made: Callable[[Lineage], None],
        touch: Callable[[], None] = lambda: None,
        let_go: Callable[[bool], None] = lambda remove: None,
        offline: bool = False,
        lane: Lane | None = None,
    ) -> None:
        self._store = store
        self._project = project
        self._spool = spool
        self._own: Path | None = None
        self._console = console
        self._now_ms = now_ms
        self._recover = recover
        self._tell_made = made
        self._touch = touch
        self._touched = time.monotonic()
        self._let_go = let_go
        self._offline = offline
        self._lane = lane
        self._lock = RLock()
        self._active = False
        self._number = 0
        self._uploads: list[_Upload] = []
        self._made: tuple[Lineage, ...] = ()
        self._in_trouble = False
        self._stopping = False
        self._remove: bool | None = None
        self._early: RunRow | None = None
        self._over = Latch()

    @property
    def waiting(self) -> list[Job]:
        """Jobs that are not settled."""
        return [upload.job for upload in list(self._uploads) if not upload.settled]

    def submit(self, parts: Parts, *, aliases: Sequence[str], used: Sequence[ManifestKey]) -> ArtifactHandle:
        """Note an artifact in the spool and have it uploaded. Does not wait for that.

        Raises:
            OSError: the job can't be noted, or a file can't be copied into the spool.
            RuntimeError: the system gives no thread.
        """
        with self._lock:
            number, self._number = self._number, self._number + 1
            folder = self._folder()
        job = note_job(folder, number, self._project, parts.draft, aliases=aliases, used=used, copies=parts.copies)
        upload = _Upload(job, ArtifactHandle(job.draft.artifact, lambda: self._store))
        with self._lock:
            self._uploads.append(upload)
        if self._offline:
            upload.handle.leave(f"the run is offline; {self._recover} sends artifact {job.draft.artifact!r}")
        else:
            self._in_lane(lambda: self._carry(upload))
        return upload.handle

    # -- the end ----------------------------------------------------------------------------------------------

    def complete(self, row: RunRow) -> RunRow:
        """The run's final row with what was made so far.

        Where uploads go on it takes a lower version, so that a later row can tell of the rest.
        """
        early = bool(self.waiting)
        row = replace(row, outputs=united((row.outputs, self._made)))
        if early:
            row = self._early = replace(row, version=row.version - OWNER + JANITOR)
        return row

    def keeps_spool(self, remove: bool) -> bool:
        """The run is done with its spool; whether it is still needed here. Then it is let go of later.

        Args:
            remove: everything but artifacts is in the lake.
        """
        with self._lock:
            idle = not self.waiting
            needed = not idle or self._early is not None
            goes_on = needed and not self._offline and (self._active or not self._stopping)
            self._remove = remove
        if not goes_on:
            if needed:
                self._let_go(False)
            self._over.open()
        elif idle:
            self._in_lane(self._end)
        return needed

    def finish(self, seconds: float) -> str | None:
        """Wait for what is on its way, so many seconds at most; a sentence about what is left, None for nothing.

        Where it is interrupted (Ctrl-C) the uploads end as well, and stay in the spool.
        """
        try:
            waiting = self.waiting
            if waiting and not self._offline and seconds > 0:
                self._console.say(f"uploading {_told(waiting)}")
            end = time.monotonic() + seconds
            if waiting and self._lane is not None:
                self._lane.ring()
            if self._uploads and not self._offline:
                self._over.wait(max(0.0, end - time.monotonic()))
        finally:
            left = self._stop()
        if not left and self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)
        if not left:
            return None
        if self._spool is None:
            return f"{_told(left)} could not be uploaded, and there was no spool to keep them in; log them again"
        return f"{_told(left)} wait in {self._spool}. Leave the files alone and send them with: {self._recover}"

    def _stop(self) -> list[Job]:
        with self._lock:
            self._stopping = True
        if self._lane is not None and self.waiting:
            self._lane.ring()
            self._over.wait(_STOP_SECONDS)
            with self._lock:
                # Behind another run's upload, say. What is on its way right now keeps the spool until it ends.
                free = not self._active and self._remove is not None and not self._over.is_open
                if free:
                    self._over.open()
            if free:
                self._let_go(False)
        left = self.waiting
        for upload in list(self._uploads):
            if not upload.settled:
                upload.handle.leave(
                    f"artifact {upload.job.draft.artifact!r} was not in the lake when its run ended; send it with: "
                    f"{self._recover}"
                )
        return left

    # -- in the background ------------------------------------------------------------------------------------

    def _carry(self, upload: _Upload) -> float | None:
        with self._lock:
            stopping = self._stopping
            self._active = not stopping
        if stopping:
            self._left()
            return None
        try:
            return self._try(upload)
        finally:
            self._active = False

    def _try(self, upload: _Upload) -> float | None:
        name = upload.job.draft.artifact
        try:
            made = carry_out(self._store, upload.job, now_ms=self._now_ms, on_bytes=self._sent)
        except Stopped:
            self._left()
            return None
        except Exception as error:  # noqa: BLE001 - whatever it is, it costs this artifact alone
            if self._stopping:
                self._left()
            return None
            if not is_final(error):
                return self._failed(upload, error)
            self._console.warn(f"artifact {name!r} is not stored: {reason(error)}")
            refuse(upload.job.folder)
            self._settled(upload)
            upload.handle.fail(error)
            return None
        if self._in_trouble:
            self._in_trouble = False
            self._console.warn(f"{self._store.url} takes artifacts again")
        with self._lock:
            self._made = united((self._made, (made,)))
        self._tell_made(made)
        self._settled(upload)
        upload.handle.succeed(made)
        return None

    def _failed(self, upload: _Upload, error: Exception) -> float:
        upload.failures += 1
        if not self._in_trouble:
            self._in_trouble = True
            self._console.warn(
                f"artifact {upload.job.draft.artifact!r} is not uploaded yet: {reason(error)}\n"
                "lakeboard: training goes on; it is tried again, so leave its files alone"
            )
        return pause(upload.failures - 1)

    def _sent(self, _: int) -> None:
        if self._stopping:
            raise Stopped
        now = time.monotonic()
        if now >= self._touched + BEAT_SECONDS:
            self._touched = now
            try:
                self._touch()
            except OSError:
                return  # The folder is gone or can't be reached: what is noted there tells of that.

    def _settled(self, upload: _Upload) -> None:
        with self._lock:
            upload.settled = True
            last = self._remove is not None and not self.waiting
        if last:
            self._end()

    def _end(self) -> None:
        """The run is done with its spool, and so are the uploads: its row tells of them, and the spool goes."""
        remove = bool(self._remove)
        if remove and self._early is not None:
            row = replace(self._early, outputs=united((self._early.outputs, self._made)))
            row = replace(row, version=row.version - JANITOR + OWNER)
            key = RowKey(self._project, row.run_id, row.writer, row.version)
            try:
                self._store.put(key.path, encode_table(rows_to_table([row])), durable=True)
            except Exception as error:  # noqa: BLE001 - a recovery writes it
                short = f"the row of {row.run_id} does not name all that it made: {reason(error)}"
                self._console.warn(f"{short}. Mend that with: {self._recover}")
                remove = False
        self._let_go(remove)
        self._over.open()

    def _left(self) -> None:
        """Give up what is not settled: the spool has it."""
        with self._lock:
            first = not self._over.is_open
            self._over.open()
        if first and self._remove is not None:
            self._let_go(False)

    def _in_lane(self, task: Callable[[], float | None]) -> None:
        if self._lane is None:
            self._lane = LANES.of(self._store.url)
        self._lane.put(task)

    def _folder(self) -> Path:
        if self._spool is not None:
            return self._spool
        if self._own is None:
            self._own = Path(tempfile.mkdtemp(prefix="lakeboard-artifacts-"))
        return self._own


def _told(jobs: Sequence[Job]) -> str:
    """`2 artifacts (digits, net; 3.1 GB)`."""
    names = list(dict.fromkeys(job.draft.artifact for job in jobs))
    shown = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    return f"{len(jobs):,} artifact{'' if len(jobs) == 1 else 's'} ({shown}; {sized(sum(job.bytes for job in jobs))})"
