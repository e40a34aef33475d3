"""Where spools live on a host: one folder per writer, locked while its process lives.

::

    <root>/<run_id>.<writer>/lock              held by flock for as long as the process lives; says which host holds it
    <root>/<run_id>.<writer>/00000000.spool    segments in order; a segment but the last is exactly one sealed range
    <root>/<run_id>.<writer>/000000000000.media    media in order, named by their first row; each will be one object
    <root>/<run_id>.<writer>/uploads/000000/job.json   an artifact that is to be uploaded (`artifacts.job`)
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..schema.errors import DamagedObject
from ..schema.media.spool import MEDIA_SUFFIX
from ..schema.spool import read_header
from ..schema.text.jsontext import loads
from .host import Host, this_host

SEGMENT_SUFFIX: Final = ".spool"
ASIDE_SUFFIX: Final = ".lost"
LOCK_NAME: Final = "lock"
UPLOADS_NAME: Final = "uploads"
_CREATE_TRIES: Final = 20
_LONGEST_LOCK: Final = 4096
_LONGEST_HEADER: Final = 64 * 2**20
_FOLDER: Final = re.compile(r"(?P<run>[A-Za-z][A-Za-z0-9_-]{0,63})\.(?P<writer>w[0-9]{3,}-[0-9a-f]{8})")


def spool_roots(env: Mapping[str, str]) -> list[Path]:
    """Folders to try, best first: `LAKEBOARD_SPOOL`, else the user's state folder, then the temporary folder."""
    if env.get("LAKEBOARD_SPOOL"):
        return [Path(env["LAKEBOARD_SPOOL"]).expanduser()]
    roots = []
    home = env.get("XDG_STATE_HOME") or (f"{env['HOME']}/.local/state" if env.get("HOME") else "")
    if home:
        roots.append(Path(home) / "lakeboard" / "spool")
    try:
        shared = Path(tempfile.gettempdir()) / f"lakeboard-spool-{os.getuid()}"
    except OSError:
        # No temporary folder that can be written to: containers with a read-only root.
        return roots
    return [*roots, shared] if _is_ours(shared) else roots


def _is_ours(folder: Path) -> bool:
    """Whether a folder in a place where anybody may make folders is this user's own (or not there yet).

    Somebody else's would let them read our points, or have `recover` send theirs in our name.
    """
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022


@dataclass(slots=True)
class SpoolLock:
    """The right to write, recover or remove one spool folder. Not inherited: a forked child only closes its copy."""

    folder: Path
    _descriptor: int

    def touch(self) -> None:
        """Show that the writer lives, for those who see no locks of this host."""
        if self._descriptor >= 0:
            os.utime(self._descriptor)

    def release(self) -> None:
        """Give the lock back; harmless when given back already."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def lock_spool(folder: Path, *, create: bool = False) -> SpoolLock | None:
    """Lock a spool folder, or None while a living process holds it (or it is gone).

    The lock dies with the process, whatever killed it.

    Raises:
        OSError: the folder can't be created or opened.
    """
    for _ in range(_CREATE_TRIES if create else 1):
        # A recovery that looks at the new folder before we hold its lock takes it for one that nobody needs.
        lock = _try_lock(folder, create=create)
        if lock is not None or not create:
            return lock
        time.sleep(0.01)
    return None


def _try_lock(folder: Path, *, create: bool) -> SpoolLock | None:
    if create:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return None
        raise
    # Whoever held it before may have removed the folder while we waited for the open.
    if not (folder / LOCK_NAME).exists():
        os.close(descriptor)
        return None
    if create:
        # Before its first record nothing else says whose it is.
        os.pwrite(descriptor, json.dumps(this_host().to_json()).encode(), 0)
    return SpoolLock(folder, descriptor)


def spool_host(folder: Path) -> Host | None:
    """Where a spool was written, as its lock says; null where that does not say."""
    try:
        return Host.from_json(loads((folder / LOCK_NAME).read_bytes(), key=str(folder), most=_LONGEST_LOCK))
    except (OSError, DamagedObject):
        return None


def last_write(folder: Path) -> float:
    """When a spool was last written to or touched, seconds since 1970, by its file system's clock; 0 for none."""
    times = [0.0]
    for path in [folder / LOCK_NAME, *segments(folder), *media_segments(folder)]:
        try:
            times.append(path.stat().st_mtime)
        except OSError:
            continue  # Sealed and removed meanwhile.
    return max(times)


def first_header(folder: Path) -> Mapping[str, Any]:
    """What the first segment says of itself, without reading its points; nothing where it says nothing yet."""
    for path in segments(folder)[:1]:
        try:
            with path.open("rb") as file:
                return read_header(file.read(_LONGEST_HEADER)) or {}
        except OSError:
            return {}
    return {}


def spool_folders(root: Path) -> Iterator[Path]:
    """Folders of all writers, living and dead, sorted by name."""
    if root.is_dir():
        yield from sorted(p for p in root.iterdir() if p.is_dir() and (p / LOCK_NAME).exists())


def parse_spool(name: str) -> tuple[str, str] | None:
    """The run id and the writer that a spool folder is named after; None for a folder of another kind."""
    found = _FOLDER.fullmatch(name)
    return (found["run"], found["writer"]) if found else None


def segments(folder: Path) -> list[Path]:
    """A spool's segment files in order."""
    return sorted(folder.glob(f"*{SEGMENT_SUFFIX}"))


def media_segments(folder: Path) -> list[Path]:
    """A spool's files of media in order."""
    return sorted(folder.glob(f"*{MEDIA_SUFFIX}"))


def set_spool_aside(lock: SpoolLock) -> Path:
    """Take a spool out of what recoveries look for, with every byte of it, and give its lock back; where it is now."""
    target = lock.folder.with_name(f"{lock.folder.name}{ASIDE_SUFFIX}")
    number = 1
    while target.exists():
        number += 1
        target = lock.folder.with_name(f"{lock.folder.name}{ASIDE_SUFFIX}-{number}")
    lock.folder.rename(target)
    # Without the lock's file no recovery takes it for a spool.
    (target / LOCK_NAME).unlink(missing_ok=True)
    lock.release()
    return target


def remove_spool(lock: SpoolLock) -> None:
    """Remove a spool whose rows are all in the lake, and give its lock back."""
    for path in (*segments(lock.folder), *media_segments(lock.folder)):
        path.unlink(missing_ok=True)
    shutil.rmtree(lock.folder / UPLOADS_NAME, ignore_errors=True)
    (lock.folder / LOCK_NAME).unlink(missing_ok=True)
    try:
        lock.folder.rmdir()
    except OSError:
        # Somebody put a file of their own there: it is not ours to delete.
        pass
    lock.release()
