"""One writer's side of the protocol: start, tails, seals, final row. Synchronous, no thread, no clock of its own.

Each step is acknowledged before the next. A step that fails raises the store's error and leaves the state as it
was, so calling again *is* the retry: a seal is repeated over the same range under the same name, a tail is a new
object every time, and an attempt that was given up but lands later is a covered duplicate.

Every act stands twice: `flush` does it, `flushing` gives its requests one by one. Whoever carries these out elsewhere
may let the writer `take` and `tell` while one is under way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..schema.batch import Group, Rows, encode_groups
from ..schema.errors import StoreError
from ..schema.fold import fold
from ..schema.keys import PointsKey, RowKey, TailKey
from ..schema.parquet import encode_table
from ..schema.rowtable import rows_to_table
from ..schema.run.row import BEHIND_ENV, OWNER, RunRow, SealedFile, final_version
from ..schema.run.summary import Summary
from ..schema.values import dump_json
from ..store.base import Store
from ..store.format import ensure_lake
from .behind import Behind
from .inputs.definitions import MetricDefinition
from .media.outgoing import MAX_MEDIA_BYTES, Outgoing
from .spooling.spool import Spool
from .steps import Steps, drive

FIRST_SEAL_BYTES: Final = 1_000_000
LAST_SEAL_BYTES: Final = 8_000_000
MAX_SUMMARY_BYTES: Final = 262_144
"""A summary longer than this rides along only in every eighth tail."""
_SUMMARY_EVERY: Final = 8
_MANY_METRICS: Final = 500
_KEPT_IN_MEMORY: Final = 1
"""Sealed-to-be ranges that stay in memory; further ones are read back from the spool."""
MAX_RANGE_BYTES: Final = 20_000_000
"""Memory of the points since the last seal from which on they are sealed, however well they compress."""
_GROUP_BYTES: Final = 700
"""What a group takes beside its points; counts where every step logs other names."""


@dataclass(slots=True)
class _Pending:
    """A range that is closed and waits for its seal to be acknowledged."""

    lo: int
    hi: int
    rows: Rows | None
    path: Path | None
    nbytes: int


class Writer:
    """Carries one writer's rows into the lake. Used by one thread at a time.

    Args:
        store: where.
        project: which project.
        row: the run's row as the start shall tell it.
        spool: where rows are noted before they are uploaded; None keeps them in memory alone.
        now_ms: milliseconds since 1970.
        seal_bytes: encoded size at which a tail is sealed, doubling up to 8 MB.
        range_bytes: size in memory at which it is sealed at the latest.
        media_bytes: from this much of unsent media on, no more are taken.
        tell: told of trouble with the spool of media.
    """

    def __init__(
        self,
        store: Store,
        project: str,
        row: RunRow,
        spool: Spool | None,
        *,
        now_ms: Callable[[], int],
        seal_bytes: int = FIRST_SEAL_BYTES,
        range_bytes: int = MAX_RANGE_BYTES,
        media_bytes: int = MAX_MEDIA_BYTES,
        tell: Callable[[str], None] = lambda message: None,
    ) -> None:
        folder = None if spool is None else spool.folder
        self.media = Outgoing(store, project, row, folder, most_bytes=media_bytes, tell=tell)
        """Pictures and the like of this writer."""
        self._store = store
        self._project = project
        self._first = row
        self._row = row
        self._spool = spool
        self._now_ms = now_ms
        self._seal_bytes = seal_bytes
        self._range_bytes = range_bytes
        self._bytes_per_row = 4.0
        self._rows = Rows()
        self._nbytes = 0
        self._path: Path | None = None
        self._pending: list[_Pending] = []
        self._summary: dict[str, Summary] = {}
        self._folded: dict[int, int] = {}
        self._files: tuple[SealedFile, ...] = ()
        self._sealed = 0
        self._k = 0
        self._started = self._ended = False
        self._tails: list[TailKey] = []
        self._acked: TailKey | None = None
        self._summary_k: int | None = None
        self._since_summary = 0
        self._definitions: tuple[MetricDefinition, ...] = ()
        self._defined: set[str] = set()
        self._final: tuple[str, bytes] | None = None
        self.complete: Callable[[RunRow], RunRow] = lambda row: row
        """Gives the final row what others know of the run by then."""
        self._behind = Behind()
        self._roll()

    @property
    def row(self) -> RunRow:
        """The run's row as last told."""
        return self._row

    @property
    def first_row(self) -> RunRow:
        """The run's row as the start tells it."""
        return self._first

    @property
    def summary(self) -> dict[str, Summary]:
        """Summaries as of the last flush; a copy."""
        return dict(self._summary)

    @property
    def rows(self) -> int:
        """Rows taken in so far."""
        return self._rows.hi

    @property
    def waiting_rows(self) -> int:
        """Rows that the lake has not acknowledged yet, neither in a tail nor sealed."""
        return self._rows.hi - max(self._sealed, self._acked.hi if self._acked else 0)

    @property
    def closed_ranges(self) -> int:
        """Ranges that wait to be sealed."""
        return len(self._pending)

    @property
    def memory_bytes(self) -> int:
        """Bytes of rows held in memory."""
        return self._nbytes + sum(p.nbytes for p in self._pending if p.rows is not None)

    def take(self, groups: list[Group], hi: int) -> None:
        """Take rows up to `hi` in: into the spool first, then into memory. Local work only."""
        if self._spool is not None:
            self._spool.rows(groups, hi)
        if hi > self._rows.hi:
            self._behind.came(self._now_ms())
        known = len(self._rows.groups)
        self._rows.add(groups, hi)
        self._nbytes += sum(24 * g.calls + 8 * len(g.values) for g in groups)
        self._nbytes += _GROUP_BYTES * (len(self._rows.groups) - known)
        if (hi - self._rows.lo) * self._bytes_per_row >= self._seal_bytes or self._nbytes >= self._range_bytes:
            self._close_range()

    def tell(self, row: RunRow, definitions: tuple[MetricDefinition, ...] = ()) -> None:
        """What the run's row says from now on (without summary and files, which are kept here). Local work only."""
        if row == self._row and definitions == self._definitions:
            return
        self._row = row
        if definitions != self._definitions:
            self._definitions = definitions
            self._defined = set()
        if self._spool is not None:
            said = [[d.pattern, d.goal, d.step_metric] for d in definitions]
            self._spool.note(b"R", {**row.changes_since(self._first), "definitions": said})

    def begin(self) -> None:
        """Tell the lake of the run, before any of its rows. 1 PUT (and 1 GET that looks for the lake). Idempotent.

        Raises:
            StoreError: call again.
            LakeFormat: the lake is of a newer format; nothing is written.
        """
        drive(self.beginning())

    def beginning(self) -> Steps:
        """The requests of `begin`."""
        if self._started:
            return
        yield self._ensure_lake
        start = self._start_key
        data = encode_groups((), writer=start.writer, attempt=self._first.attempt, run=self._first.to_json())
        yield lambda: self._store.put(start.path, data)
        self._started = True

    def flush(self, *, due_seconds: float, late_after_seconds: float = math.inf) -> None:
        """Bring the lake up to date: 1 PUT and 1 DELETE; more at the start and where a range is to be sealed.

        Args:
            due_seconds: the next flush or heartbeat is promised within this time.
            late_after_seconds: where a point that the lake lacks is older, the tail says how far behind it was.

        Raises:
            StoreError: some step failed; call again.
        """
        drive(self.flushing(due_seconds=due_seconds, late_after_seconds=late_after_seconds))

    def flushing(self, *, due_seconds: float, late_after_seconds: float = math.inf) -> Steps:
        """The requests of `flush`."""
        yield from self.beginning()
        # As of now: sealing what was closed is part of catching up.
        late = self._behind.said(self.waiting_rows, self._now_ms(), after_seconds=late_after_seconds)
        yield from self._sealing()
        trouble = None
        try:
            yield from self.media.sealing()
        except StoreError as error:
            # Points and the sign of life go first: a picture that can't be sent must not hold them up.
            trouble = error
        tail = TailKey(
            self._project, self._first.run_id, self._first.writer, self._next_k(), self._rows.hi, self._unsealed
        )
        groups = list(self._rows.groups.values())
        changes = self._changes(due_seconds) | late
        self._behind.composed()
        data = encode_groups(groups, writer=self._first.writer, attempt=self._first.attempt, run=changes)
        self._tails.append(tail)
        yield lambda: self._store.put(tail.path, data)
        self._behind.acknowledged()
        if "summary_k" in changes:
            self._since_summary += 1
        else:
            self._summary_k, self._since_summary = tail.k, 0
        if tail.length > 10_000:
            self._bytes_per_row = len(data) / tail.length
        previous, self._acked = self._acked, tail
        if previous is not None:
            keep = {previous.k, tail.k, self._summary_k}
            yield from self._deleting([t for t in self._tails if t.k < previous.k and t.k not in keep])
        if trouble is not None:
            raise trouble

    def finish(self, row: RunRow, *, late_after_seconds: float = math.inf) -> None:
        """Seal, put the final row, delete the own tails. Idempotent; 3 requests for a short run after its start.

        Args:
            row: the run's last row.
            late_after_seconds: where a point that the lake lacks is older, the row says how far behind it was.

        Raises:
            StoreError: some step failed; call again with the same row.
        """
        drive(self.finishing(row, late_after_seconds=late_after_seconds))

    def finishing(self, row: RunRow, *, late_after_seconds: float = math.inf) -> Steps:
        """The requests of `finish`; no rows may be taken in from here on."""
        self.note_ending(row)
        yield from self.beginning()
        # An ending is tried until it is through: what was late before it still is.
        self._behind.said(self.waiting_rows, self._now_ms(), after_seconds=late_after_seconds)
        if self._rows.hi > self._rows.lo:
            self._close_range(last=True)
        yield from self._sealing()
        yield from self.media.sealing()
        if self._final is None:
            version = final_version(self._rows.hi, OWNER)
            final = replace(row, version=version, summary=self._summarised(), rows=self._rows.hi, files=self._files)
            final = replace(final, env=self._env(row), media_rows=self.media.rows, media_files=self.media.files)
            final = self.complete(final)
            key = RowKey(self._project, row.run_id, row.writer, final.version)
            self._final = key.path, encode_table(rows_to_table([final]))
        path, data = self._final
        yield lambda: self._store.put(path, data, durable=True)
        yield lambda: self._store.delete([self._start_key.path, *(t.path for t in self._tails)])
        self._tails = []

    def note_ending(self, row: RunRow) -> None:
        """Note in the spool that the run has ended and how, so that recovery finishes it as it would have. Local."""
        if self._spool is not None and not self._ended:
            ending = {"status": row.status, "error": row.error, "ended_at": row.ended_at, "hi": self._rows.hi}
            self._spool.note(b"F", ending)
        self._ended = True

    def close(self, *, complete: bool) -> None:
        """Let go of the spool: removed where everything is in the lake, else left for `lakeboard recover`."""
        if self._spool is not None:
            self._spool.close(remove=complete)

    def _ensure_lake(self) -> None:
        ensure_lake(self._store)

    @property
    def _start_key(self) -> TailKey:
        return TailKey(self._project, self._first.run_id, self._first.writer, 0, 0, 0)

    @property
    def _unsealed(self) -> int:
        return self._rows.hi - self._sealed

    def _next_k(self) -> int:
        self._k += 1
        return self._k

    def _summarised(self) -> dict[str, Summary]:
        """Summaries of all rows taken in."""
        groups = self._rows.groups.values()
        fold(self._summary, [(g, self._folded.get(id(g), 0)) for g in groups])
        self._folded = {id(g): g.calls for g in groups}
        for label in self._summary.keys() - self._defined:
            known = self._summary[label]
            for said in self._definitions:
                if said.covers(known.metric):
                    known = replace(
                        known, goal=said.goal or known.goal, step_metric=said.step_metric or known.step_metric
                    )
            self._summary[label] = known
            self._defined.add(label)
        return dict(self._summary)

    def _env(self, row: RunRow) -> Mapping[str, str]:
        """With how far behind the lake was at most, where it was."""
        worst = self._behind.worst
        return row.env if worst is None else {**row.env, BEHIND_ENV: worst}

    def _changes(self, due_seconds: float) -> dict[str, Any]:
        row = replace(self._row, summary=self._summarised(), files=self._files, updated_at=self._now_ms())
        row = replace(row, env=self._env(row), media_rows=self.media.sealed or None, media_files=self.media.files)
        changes = row.changes_since(self._first)
        changes |= {"due_seconds": due_seconds, "sealed": self._sealed}
        if (
            self._summary_k is not None
            and self._since_summary < _SUMMARY_EVERY
            and len(row.summary) > _MANY_METRICS
            and len(dump_json(changes.get("summary", {}))) > MAX_SUMMARY_BYTES
        ):
            del changes["summary"]
            changes["summary_k"] = self._summary_k
        return changes

    def _close_range(self, *, last: bool = False) -> None:
        """Pin the rows since the last range as the next range to be sealed."""
        self._summarised()
        self._pending.append(_Pending(self._rows.lo, self._rows.hi, self._rows, self._path, self._nbytes))
        self._rows = Rows(self._rows.hi, self._rows.hi)
        self._nbytes = 0
        self._folded = {}
        self._seal_bytes = min(2 * self._seal_bytes, LAST_SEAL_BYTES)
        if not last:
            self._roll()
        for waiting in self._pending[_KEPT_IN_MEMORY:-1]:
            if waiting.path is not None and self._spool is not None and self._spool.holds(waiting.path):
                waiting.rows = None

    def _sealing(self) -> Steps:
        while self._pending:
            waiting = self._pending[0]
            rows = waiting.rows
            if rows is None and self._spool is not None and waiting.path is not None:
                rows = self._spool.read(waiting.path)
            if rows is None or rows.hi != waiting.hi:
                raise StoreError(f"rows {waiting.lo} to {waiting.hi} can't be read back from the spool {waiting.path}")
            key = PointsKey(self._project, self._first.run_id, self._first.writer, waiting.hi, waiting.hi - waiting.lo)
            data = encode_groups(rows.groups.values(), writer=self._first.writer, attempt=self._first.attempt)
            yield lambda path=key.path, data=data: self._store.put(path, data, durable=True)  # type: ignore[misc]
            self._bytes_per_row = len(data) / (waiting.hi - waiting.lo)
            self._files = (*self._files, SealedFile(key.name, len(data)))
            self._sealed = waiting.hi
            self._pending.pop(0)
            # The open segment stays: until the final row is acknowledged it carries the run's ending.
            if self._spool is not None and waiting.path is not None and waiting.path != self._path:
                self._spool.drop(waiting.path)

    def _roll(self) -> None:
        if self._spool is not None:
            header = {
                "lake": self._store.url,
                "project": self._project,
                "run": self._first.to_json(),
                "changes": self._row.changes_since(self._first),
                "summary": {label: s.to_json() for label, s in self._summary.items()},
                "files": [[f.name, f.bytes] for f in self._files],
            }
            self._path = self._spool.roll(header, self._rows.lo)

    def _deleting(self, tails: list[TailKey]) -> Steps:
        if not tails:
            return
        try:
            yield lambda: self._store.delete([t.path for t in tails])
        except StoreError:
            # Superseded tails cost a little listing and nothing else: the next flush tries again.
            return
        gone = {t.k for t in tails}
        self._tails = [t for t in self._tails if t.k not in gone]
