"""From what the operating system says about a file to what it means for a lake, and what to do about it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ..schema.errors import AccessDenied, LakeboardError, MissingObject, StoreError, StoreFull, StoreUnreachable

GONE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ELOOP})
"""Nothing is there (any more); a network file system says ESTALE of a file removed by another machine."""
UNSYNCABLE: Final = frozenset({errno.EINVAL, errno.ENOTSUP})
"""The file system has no fsync for folders and orders its names by itself."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_AWAY: Final = frozenset({errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENOTCONN, errno.ENETDOWN})


@contextmanager
def reading(path: Path, root: Path) -> Iterator[None]:
    """Raise what goes wrong inside as a `StoreError` about reading `path`."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        if error.errno in GONE | {errno.EISDIR, errno.ENAMETOOLONG} and file_in_the_way(root) is None:
            raise MissingObject(f"no object at {path}") from error
        raise _translated(error, "read", path, root) from error


@contextmanager
def writing(path: Path, root: Path) -> Iterator[None]:
    """Raise what goes wrong inside as a `StoreError` about writing (or removing) `path`."""
    try:
        yield
    except LakeboardError:
        raise
    except OSError as error:
        raise _translated(error, "write", path, root) from error


def _translated(error: OSError, act: str, path: Path, root: Path) -> StoreError:
    code = error.errno
    reason = error.strerror or str(error)
    if blocker := file_in_the_way(root):
        return StoreError(f"{blocker} is a file; a lake is a folder: choose another path")
    if code in _FULL:
        return StoreFull(f"can't write {path}: {reason}; free some space or move the lake")
    if code == errno.EROFS:
        return AccessDenied(f"can't write {path}: the file system is read-only; choose another path for the lake")
    if code in _DENIED:
        return AccessDenied(
            f"can't {act} {path}: {reason}; give this user access to {_nearest(path)} and what is in it"
        )
    if code in _AWAY:
        return StoreUnreachable(f"can't {act} {path}: {reason}; is the network file system mounted?")
    if code == errno.EXDEV:
        return StoreError(
            f"can't write {path}: its folder is on another file system than {root}; "
            "move the whole lake there, or take out the link or mount"
        )
    if code in (errno.EMFILE, errno.ENFILE):
        return StoreError(f"can't {act} {path}: {reason}; raise the limit on open files (ulimit -n)")
    if code in (errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY):
        return StoreError(f"can't {act} {path}: {reason}; an object and a folder can't share a name")
    return StoreError(f"can't {act} {path}: {reason}")


def file_in_the_way(root: Path) -> Path | None:
    """The file that stands where `root` or a folder above it should be, if that can be seen."""
    for path in (root, *root.parents):
        try:
            if path.is_dir():
                return None
            if path.is_file():
                return path
        except OSError:
            return None
    return None


def _nearest(path: Path) -> Path:
    """The closest folder above `path` that exists, where permissions can be looked at."""
    for folder in path.parents:
        try:
            if folder.is_dir():
                return folder
        except OSError:
            continue  # Not even this much may be seen.
    return path.parent
