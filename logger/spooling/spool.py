"""The spool as its writer sees it: an append-only file per sealed range, on this host's own disk.

What is appended survives the death of the process (not of the machine: it is not fsynced). Where it can't be written,
that is said once, and points live in memory alone until they are uploaded; the next segment is tried again, so that a
disk that has room once more is used once more.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ...schema.batch import Group, Rows
from ...schema.spool import SPOOL_FORMAT, batch_record, group_record, json_record, read_segment
from ...upkeep.host import BEAT_SECONDS, this_host
from ...upkeep.spooldir import SEGMENT_SUFFIX, remove_spool
from . import descriptors
from .sharedlock import SharedLock, lock_together

SpoolHeader = Mapping[str, Any]
_JOINED_BYTES: Final = 1_000_000


class Spool:
    """One writer's spool. Used by one thread at a time."""

    def __init__(
        self, lock: SharedLock, *, on_loss: Callable[[OSError], None], header: SpoolHeader = MappingProxyType({})
    ) -> None:
        self._lock = lock
        self._header = {"host": this_host().to_json(), "byteorder": sys.byteorder, **header}
        self._beat_at = time.monotonic() + BEAT_SECONDS
        self._on_loss = on_loss
        self._open = False
        self._number = -1
        self._groups: dict[tuple[str | None, ...], int] = {}
        self.nbytes = 0
        """Bytes of all segments that are still there."""
        self._sizes: dict[Path, int] = {}
        self.lost = False
        """Whether writing failed, and nothing is spooled until the next segment."""
        self._broken: set[Path] = set()
        self._told = False
        self._over = False
        self.needed_after: Callable[[bool], bool] = lambda remove: False
        """Asked at its close, whether it is still needed: then it is kept until `let_go`."""

    @classmethod
    def open(
        cls,
        roots: list[Path],
        name: str,
        *,
        on_loss: Callable[[OSError], None],
        header: SpoolHeader = MappingProxyType({}),
    ) -> Spool | None:
        """A new, locked spool folder in the first root that takes one; None (and `on_loss`) where none does.

        Args:
            roots: folders to try.
            name: the spool's.
            on_loss: told of what can't be written.
            header: what every segment says beside what `roll` is given.
        """
        trouble: OSError = OSError("no folder to keep a spool in")
        for root in roots:
            try:
                lock = lock_together(root / name)
            except OSError as error:
                trouble = error
                continue
            if lock is not None:
                return cls(lock, on_loss=on_loss, header=header)
        on_loss(trouble)
        return None

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self._lock.folder

    def roll(self, header: SpoolHeader, lo: int) -> Path | None:
        """Begin the next segment, whose first row is `lo`; the one before is thereby pinned to end there."""
        self._close_segment()
        self._number += 1
        self._groups = {}
        path = self._segment
        if self._over:
            return None
        self.lost = False
        try:
            descriptors.create(path)
        except OSError as error:
            self._give_up(error)
            return path
        self._open = True
        self._append([json_record(b"H", {"format": SPOOL_FORMAT, "lo": lo, **self._header, **header})])
        return path

    @property
    def whole(self) -> bool:
        """Whether every row that is not sealed yet is in it."""
        return not self.lost and not self._broken

    def holds(self, path: Path) -> bool:
        """Whether all rows of an earlier segment are in it."""
        return path not in self._broken

    def rows(self, groups: list[Group], hi: int) -> None:
        """Append rows up to `hi`; where there are none, show now and then that the writer lives."""
        self._beat()
        if self.lost or not self._open:
            return
        out = []
        parts = []
        for group in groups:
            if not group.calls:
                continue
            key = (group.dataset, *group.names)
            number = self._groups.get(key)
            if number is None:
                number = self._groups[key] = len(self._groups)
                out.append(group_record(number, group))
            parts.append((number, group))
        if parts:
            self._append([*out, *batch_record(parts, hi)])

    def note(self, kind: bytes, value: Mapping[str, Any]) -> None:
        """Append a JSON record: `R` the run's row changed, `F` the run ended."""
        if not self.lost and self._open:
            self._append([json_record(kind, value)])

    def read(self, path: Path) -> Rows | None:
        """Rows of an earlier segment, for a seal that memory no longer holds; None where they can't be read."""
        try:
            segment = read_segment(path.read_bytes())
        except OSError:
            return None
        return None if segment is None else segment.rows

    def drop(self, path: Path) -> None:
        """Remove a segment whose rows are sealed."""
        self._broken.discard(path)
        self.nbytes -= self._sizes.pop(path, 0)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self._on_loss(error)

    def close(self, *, remove: bool) -> None:
        """Let go of the spool; with `remove`, everything in it is in the lake and it goes away."""
        self._close_segment()
        if not self.needed_after(remove):
            self.let_go(remove=remove)

    def let_go(self, *, remove: bool) -> None:
        """Give its lock back, or remove it."""
        if remove:
            remove_spool(self._lock)
        else:
            self._lock.release()

    def forget(self) -> None:
        """In a forked child: close what was inherited, touch nothing that is the parent's."""
        self._close_segment()
        self._lock.forget()
        self.lost = self._over = True

    def touch(self) -> None:
        """Show that the writer lives.

        Raises:
            OSError: the folder is gone or can't be reached.
        """
        self._lock.touch()

    def _beat(self) -> None:
        now = time.monotonic()
        if now >= self._beat_at:
            self._beat_at = now + BEAT_SECONDS
            try:
                self._lock.touch()
            except OSError:
                return  # The folder is gone or can't be reached: what is appended tells of that.

    @property
    def _segment(self) -> Path:
        return self.folder / f"{self._number:08d}{SEGMENT_SUFFIX}"

    def _append(self, data: Sequence[bytes | memoryview]) -> None:
        path, size = self._segment, sum(map(len, data))
        try:
            descriptor = descriptors.borrow(path)
            try:
                # Little is joined, for one call of the system; much is written as it lies, without a copy.
                for piece in data if size > _JOINED_BYTES else [b"".join(data)]:
                    view = memoryview(piece)
                    while view:
                        view = view[os.write(descriptor, view) :]
            finally:
                descriptors.give_back(path, descriptor)
        except OSError as error:
            self._give_up(error)
            return
        self.nbytes += size
        self._sizes[path] = self._sizes.get(path, 0) + size

    def _give_up(self, error: OSError) -> None:
        self.lost = True
        self._broken.add(self._segment)
        self._close_segment()
        if not self._told:
            self._told = True
            self._on_loss(error)

    def _close_segment(self) -> None:
        if self._open:
            self._open = False
            descriptors.close(self._segment)
