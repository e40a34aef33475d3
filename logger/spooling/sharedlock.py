"""One descriptor that locks the spools of all runs of a process.

A spool is locked by `flock` on the file `lock` in its folder, and that lock is the file's, whatever name it is opened
by. So the runs of a process share one file, linked into each of their folders: a recovery finds every one of them
locked for as long as the process lives, and 1,000 open runs hold one descriptor. Where links can't be had, a run has
a lock of its own.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from ...upkeep.spooldir import LOCK_NAME, SpoolLock, lock_spool
from ..native import lock

_FRESH_NAME: Final = "lock.fresh"


class _Holder:
    """A locked file of this process, and the folders that have it."""

    def __init__(self, first: SpoolLock) -> None:
        self._first = first
        self._inode = (first.folder / LOCK_NAME).stat().st_ino
        self._folders: dict[Path, None] = {first.folder: None}
        # Between a link and a look at it nobody may put another file in the place of the one that was linked.
        self._guard = lock()

    def join(self, folder: Path) -> bool:
        """Lock one more folder; False where this can't be done."""
        with self._guard:
            if not self._folders:
                return False
            path = folder / LOCK_NAME
            try:
                folder.mkdir(exist_ok=True, mode=0o700)
                os.link(next(iter(self._folders)) / LOCK_NAME, path)
                if path.stat().st_ino != self._inode:
                    # Somebody removed our file and made another one, which nobody has locked.
                    path.unlink()
                    return False
            except OSError:
                return False
            self._folders[folder] = None
            return True

    def leave(self, folder: Path) -> None:
        """Give back the lock of one folder, where it still is, so that a recovery can take it."""
        with self._guard:
            if folder not in self._folders:
                return
            del self._folders[folder]
            if not self._folders:
                self._first.release()
                return
            path, fresh = folder / LOCK_NAME, folder / _FRESH_NAME
            try:
                if path.exists():
                    # Never without a lock file: a folder that has none is no spool.
                    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
                    try:
                        # Whose it is, for other hosts.
                        os.write(descriptor, path.read_bytes())
                    finally:
                        os.close(descriptor)
                    fresh.replace(path)
            except OSError:
                # A full disk, say: it is given back when the process ends.
                pass

    def forget(self) -> None:
        """In a forked child: close the copy of the descriptor."""
        self._first.release()


_HOLDERS: dict[tuple[int, Path], _Holder] = {}
"""By process and root: a forked child has none of its parent's."""


class SharedLock(SpoolLock):
    """The right to write one spool folder, held together with the process's other spools."""

    __slots__ = ("_holder",)

    def __init__(self, folder: Path, holder: _Holder) -> None:
        super().__init__(folder, -1)
        self._holder = holder

    def touch(self) -> None:
        """Show that the writer lives, for those who see no locks of this host."""
        os.utime(self.folder / LOCK_NAME)

    def release(self) -> None:
        """Give the lock of this folder back; harmless when given back already."""
        self._holder.leave(self.folder)

    def forget(self) -> None:
        """In a forked child: let go of it without touching the folder."""
        self._holder.forget()


def lock_together(folder: Path) -> SharedLock | None:
    """Make a spool folder and lock it; None where a living process holds it.

    Raises:
        OSError: the folder can't be created, opened or locked.
    """
    key = (os.getpid(), folder.parent)
    holder = _HOLDERS.get(key)
    if holder is not None and holder.join(folder):
        return SharedLock(folder, holder)
    first = lock_spool(folder, create=True)
    if first is None:
        return None
    holder = _HOLDERS[key] = _Holder(first)
    return SharedLock(folder, holder)
