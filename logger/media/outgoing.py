"""Encoded media on their way into the lake: spooled, batched, put. One object a flush, or for each 8 MB.

A batch is closed when it is full or a flush comes; from then on its name and its bytes stay what they are, so a PUT
that failed is repeated, and one that lands late is the same object again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from ...schema.errors import StoreError
from ...schema.keys import attempt_of
from ...schema.media.keys import MediaKey
from ...schema.media.objects import encode_media, set_apart
from ...schema.media.rows import BATCH_BYTES, MediaRow
from ...schema.media.spool import MEDIA_SUFFIX, media_header, media_record, read_media_segment
from ...schema.run.row import RunRow, SealedFile
from ...store.base import Store
from ..steps import Steps

MAX_MEDIA_BYTES: Final = 500_000_000
"""So much may wait for the lake, where nobody says otherwise."""
UNSPOOLED_BYTES: Final = 64 * 2**20
"""So much may wait in memory where no spool can be written."""
MAX_NAMED: Final = 500
"""The run's row names so many objects; a reader lists the others."""


@dataclass(slots=True)
class _Batch:
    """Rows that will be one object."""

    lo: int
    path: Path | None
    """Where they are spooled; None where they are not, and `rows` has them."""
    count: int = 0
    nbytes: int = 0
    rows: list[MediaRow] = field(default_factory=list)
    """Those that are in memory."""
    broken: bool = False
    """Whether the spool took only the first of its rows."""

    @property
    def hi(self) -> int:
        return self.lo + self.count


class Outgoing:
    """One writer's media. Used by one thread at a time.

    Args:
        store: where they go.
        project: which project.
        row: of the run, as this writer tells it.
        folder: of the writer's spool; None where there is none.
        most_bytes: from this much in the spool on, no more are taken: points have the rest of it.
        tell: told of trouble with the spool, once.
    """

    def __init__(
        self,
        store: Store,
        project: str,
        row: RunRow,
        folder: Path | None,
        *,
        most_bytes: int,
        tell: Callable[[str], None],
    ) -> None:
        self._store = store
        self._project = project
        self._run_id = row.run_id
        self._writer = row.writer
        self._folder = folder
        self._most_bytes = most_bytes
        self._tell = tell
        self._told = False
        self._batches: list[_Batch] = []
        self._open: _Batch | None = None
        self._files: list[SealedFile] = []
        self.rows = 0
        """Rows taken in so far."""
        self.sealed = 0
        """Of these, rows that the lake has acknowledged."""

    @property
    def waiting(self) -> int:
        """Rows that the lake has not acknowledged yet."""
        return self.rows - self.sealed

    @property
    def files(self) -> tuple[SealedFile, ...]:
        """The objects that were put, for the run's row; the first ones where there are many."""
        return tuple(self._files[:MAX_NAMED])

    @property
    def nbytes(self) -> int:
        """Bytes that wait, in the spool or in memory."""
        return sum(batch.nbytes for batch in self._batches)

    @property
    def is_pressed(self) -> bool:
        """Whether a batch is full and should not wait for the next flush."""
        return bool(self._batches) and self._batches[0] is not self._open

    @property
    def full(self) -> str:
        """Why no more can be taken; empty where there is room."""
        spooled = self._folder is not None and not any(batch.rows for batch in self._batches)
        most = self._most_bytes if spooled else min(UNSPOOLED_BYTES, self._most_bytes)
        if self.nbytes <= most:
            return ""
        return (
            f"{self.nbytes / 1e6:,.0f} MB of media wait for {self._store.url}; further ones are dropped and counted "
            "until it answers (raise the cap with init(spool_cap_bytes=...))"
        )

    def take(self, rows: list[MediaRow]) -> None:
        """Number rows and note them in the spool. Local work only."""
        for row in rows:
            numbered = replace(row, seq=self.rows)
            batch = self._open or self._begin()
            size = self._spool(batch, media_record(numbered))
            if not size:
                batch.rows.append(numbered)
            batch.count += 1
            batch.nbytes += size or numbered.held
            self.rows += 1
            if batch.nbytes >= BATCH_BYTES:
                self._open = None

    def sealing(self) -> Steps:
        """The requests that bring everything taken so far into the lake: one PUT a batch, one for each large item."""
        self._open = None
        while self._batches:
            batch = self._batches[0]
            files, key, data = self._encoded(batch)
            for name, content in files:
                yield lambda name=name, content=content: self._store.put(name, content, durable=True)  # type: ignore[misc]
            yield lambda key=key, data=data: self._store.put(key.path, data, durable=True)  # type: ignore[misc]
            self._files.append(SealedFile(key.name, len(data)))
            self.sealed = batch.hi
            self._batches.pop(0)
            if batch.path is not None:
                batch.path.unlink(missing_ok=True)

    def _begin(self) -> _Batch:
        path = None if self._folder is None else self._folder / f"{self.rows:012d}{MEDIA_SUFFIX}"
        batch = self._open = _Batch(self.rows, path)
        self._batches.append(batch)
        if path is not None and not self._write(path, media_header(batch.lo), new=True):
            batch.path = None
        return batch

    def _spool(self, batch: _Batch, record: bytes) -> int:
        """Note a row; 0 where that can't be done, so that memory has to hold it."""
        if batch.path is None or batch.broken:
            return 0
        if self._write(batch.path, record):
            return len(record)
        # What is there stays for a recovery, and is read back from there; the rest lives in memory alone.
        batch.broken = True
        return 0

    def _write(self, path: Path, data: bytes, *, new: bool = False) -> bool:
        try:
            with path.open("xb" if new else "ab", buffering=0) as file:
                before = file.seek(0, 2)
                try:
                    view = memoryview(data)
                    while view:
                        view = view[file.write(view) or 0 :]
                except OSError:
                    # A record cut short would hide those that follow.
                    file.truncate(before)
                    raise
        except OSError as error:
            if not self._told:
                self._told = True
                self._tell(f"can't spool media on this machine ({error}); they stay in memory until they are uploaded")
            return False
        return True

    def _encoded(self, batch: _Batch) -> tuple[list[tuple[str, bytes]], MediaKey, bytes]:
        rows = list(batch.rows)
        if batch.path is not None and batch.count > len(rows):
            try:
                found = read_media_segment(batch.path.read_bytes())
            except OSError:
                found = None
            rows = sorted([*(found.rows if found is not None else ()), *rows], key=lambda row: row.seq)
        if [row.seq for row in rows] != list(range(batch.lo, batch.hi)):
            raise StoreError(f"media {batch.lo} to {batch.hi - 1} can't be read back from the spool {batch.path}")
        key = MediaKey(self._project, self._run_id, self._writer, batch.hi, batch.count)
        files, small = set_apart(rows, key)
        return files, key, encode_media(small, writer=self._writer, attempt=attempt_of(self._writer))
