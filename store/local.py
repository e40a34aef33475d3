"""A lake in a directory: every object one file, written aside and renamed into place."""

from __future__ import annotations

import builtins
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ..schema.errors import AccessDenied
from .base import ObjectInfo, OnBytes, Store, Stored
from .fetch import get_each
from .files.download import PartFile, check_range
from .files.source_file import SourceFile
from .keyrules import TMP, check_key, check_prefix, is_key
from .local_entries import Inside, oddity
from .local_errors import GONE, UNSYNCABLE, file_in_the_way, reading, writing

ABANDONED_SECONDS: Final = 24 * 3600
"""Age, by the file system's clock, at which an unfinished write in `_tmp/` counts as left by a crash."""
_PIECE: Final = 4 * 1024**2
_MOVES: Final = 50  # Tries to rename while others prune the same folder.

_SYNCED: Final[set[tuple[Path, int, int]]] = set()
"""Folders (path, device, number) whose way down from the root this process has synced."""


class LocalStore:
    """Objects as files below a directory of this machine, or of a network file system mounted on it.

    A put is atomic: the bytes go to `_tmp/` under the root first and are renamed into place. The root appears
    with the first put; reading never writes, and a root that does not exist reads as an empty lake. Safe to
    share between threads and to keep across a fork.

    Args:
        root: the directory; `~` is the home, relative paths count from the directory that is current now.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        # Unlike Path.resolve this keeps links, so that messages show the path that was given.
        self._root = Path(os.path.abspath(Path(root).expanduser()))  # noqa: PTH100
        self._swept = False
        self._inside = Inside(self._root)
        self._passed_over: dict[str, str] = {}

    @property
    def url(self) -> str:
        """The absolute path."""
        return str(self._root)

    @property
    def is_local(self) -> bool:
        """True."""
        return True

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        """Write a file aside and rename it into place; with `durable`, fsync it and the folders above it."""
        target = self._root / check_key(key)
        with writing(target, self._root):
            self._inside.check_folder(target)
            self._put_in_place(self._write_aside([data], durable=durable), target, durable=durable)

    def _put_in_place(self, temp: Path, target: Path, *, durable: bool) -> None:
        try:
            _move(temp, target, size=temp.stat().st_size)
        except BaseException:
            temp.unlink(missing_ok=True)
            raise
        if durable:
            self._sync_folders(target)

    def _sync_folders(self, target: Path) -> None:
        """Make the names on the way down to `target` survive a power loss.

        The name of a folder that was synced once needs no other sync: a folder that holds something of this store's
        is not removed, and one that was removed and made anew is another one.
        """
        for folder in target.parents:
            known = _sync(folder)
            if folder == self._root or known in _SYNCED:
                return
            _SYNCED.add(known)

    def _aside(self) -> Path:
        return self._root / TMP / f"{os.getpid()}-{os.urandom(8).hex()}"

    def _write_aside(self, pieces: Iterable[bytes], *, durable: bool) -> Path:
        temp = self._aside()
        # Folders are made when they turn out to be missing, which saves a system call with each put.
        try:
            file = temp.open("xb")
        except FileNotFoundError:
            temp.parent.mkdir(parents=True, exist_ok=True)
            file = temp.open("xb")
        try:
            with file:
                for piece in pieces:
                    file.write(piece)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            if not self._swept:
                self._swept = True
                _sweep(temp)
        except BaseException:
            temp.unlink(missing_ok=True)
            raise
        return temp

    def get(self, key: str) -> bytes:
        """All bytes of one file."""
        path = self._root / check_key(key)
        with reading(path, self._root), self._inside.open_file(path) as file:
            return file.read()

    def get_tail(self, key: str, length: int) -> bytes:
        """The last `length` bytes of one file."""
        path = self._root / check_key(key)
        with reading(path, self._root), self._inside.open_file(path) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - length))
            return file.read()

    def put_file(
        self,
        key: str,
        path: str | os.PathLike[str],
        *,
        note: str | os.PathLike[str] | None = None,
        on_bytes: OnBytes | None = None,
        durable: bool = False,
    ) -> Stored:
        """Copy a file aside, 4 MB at a time, and rename it into place. Notes are not used: a copy begins anew."""
        target = self._root / check_key(key)
        with SourceFile(path) as source, writing(target, self._root):
            self._inside.check_folder(target)
            temp = self._write_aside(_pieces(source, on_bytes), durable=durable)
            try:
                stored = source.stored()
            except BaseException:
                temp.unlink(missing_ok=True)
                raise
            self._put_in_place(temp, target, durable=durable)
            return stored

    def get_file(
        self,
        key: str,
        path: str | os.PathLike[str],
        *,
        size: int,
        sha256: str | None = None,
        on_bytes: OnBytes | None = None,
    ) -> None:
        """Copy an object into a file, 4 MB at a time; it appears when it is whole and right."""
        origin = self._root / check_key(key)
        with reading(origin, self._root):
            file = self._inside.open_file(origin)
        with file:
            PartFile(key, path, size=size, sha256=sha256).fill(iter(lambda: file.read(_PIECE), b""), on_bytes)

    def get_range(self, key: str, start: int, stop: int) -> bytes:
        """A part of one file."""
        path = self._root / check_key(key)
        if not check_range(start, stop):
            return b""
        with reading(path, self._root), self._inside.open_file(path) as file:
            file.seek(start)
            return file.read(stop - start)

    def copy(self, key: str, to: str, *, size: int, source: Store | None = None, durable: bool = False) -> None:
        """Fetch an object aside, from this store or another, and rename it into place."""
        target = self._root / check_key(to)
        check_key(key)
        temp = self._aside()
        with writing(target, self._root):
            self._inside.check_folder(target)
            (source or self).get_file(key, temp, size=size)
            if durable:
                _sync(temp)
            self._put_in_place(temp, target, durable=durable)

    def file_path(self, key: str) -> Path:
        """Where the file of an object lies.

        Raises:
            MissingObject: there is none.
        """
        path = self._root / check_key(key)
        with reading(path, self._root), self._inside.open_file(path):
            return path

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
        """All bytes of many files; one that fails maps to its error."""
        return get_each(self.get, keys)

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        """Every file below the folder `prefix`, sorted by key; files that vanish meanwhile are left out.

        What is no file, and what a link has outside of the root, is left out and told by `passed_over`.
        """
        found: builtins.list[ObjectInfo] = []
        odd: dict[str, str] = {}
        # With each folder go the identities of those above it: a link that leads back up is not followed.
        folders = [(check_prefix(prefix), self._identities(prefix))]
        while folders:
            base, above = folders.pop()
            for key, entry in self._entries(base):
                if entry.is_symlink() and not self._inside.holds(entry.path):
                    odd[key] = f"a link to {os.path.realpath(entry.path)}, outside of the lake"
                    continue
                try:
                    status = entry.stat()
                except OSError as error:
                    if error.errno in GONE:
                        continue
                    with reading(Path(entry.path), self._root):
                        raise
                if stat.S_ISREG(status.st_mode):
                    found.append(ObjectInfo(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)))
                elif stat.S_ISDIR(status.st_mode):
                    identity = (status.st_dev, status.st_ino)
                    if identity not in above:
                        folders.append((key + "/", (*above, identity)))
                elif (kind := oddity(status.st_mode)) is not None:
                    odd[key] = f"{kind}, no file"
        kept = {key: why for key, why in self._passed_over.items() if not key.startswith(prefix)}
        self._passed_over = kept | odd
        found.sort(key=lambda info: info.key)
        return found

    def passed_over(self, prefix: str) -> Mapping[str, str]:
        """What the last listings found below the folder `prefix` and left out, by key: what it is. Looks at nothing."""
        return {key: why for key, why in self._passed_over.items() if key.startswith(prefix)}

    def list_dirs(self, prefix: str) -> builtins.list[str]:
        """Names of the folders directly below the folder `prefix` that hold a file at some depth, sorted."""
        above = self._identities(check_prefix(prefix))
        return sorted(
            entry.name
            for key, entry in self._entries(prefix)
            if _is_dir(entry) and self._leads_on(entry, above) and self._holds_file(key + "/")
        )

    def _leads_on(self, entry: os.DirEntry[str], above: tuple[tuple[int, int], ...]) -> bool:
        """Whether a folder is no link, or one that leads to another place below the root."""
        return not entry.is_symlink() or (not _leads_up(entry, above) and self._inside.holds(entry.path))

    def _identities(self, prefix: str) -> tuple[tuple[int, int], ...]:
        """Device and number of the root and of each folder on the way down to `prefix`, as far as they exist."""
        found = []
        folder = self._root
        for name in ("", *prefix.split("/")[:-1]):
            folder = folder / name
            try:
                status = folder.stat()
            except OSError:
                break  # Nothing there; that it may not be seen is for the listing to tell.
            found.append((status.st_dev, status.st_ino))
        return tuple(found)

    def _holds_file(self, base: str) -> bool:
        """Whether a listing of `base` would show anything, or can't tell; looks at one folder in the usual case."""
        try:
            entries = self._entries(base)
        except AccessDenied:
            # Its name can be seen, what is in it can't: it must not hide the others.
            return True
        folders = [(key, entry) for key, entry in entries if _is_dir(entry)]
        if len(folders) < len(entries):
            return True
        # A link to somewhere below it could lead in circles: what it holds does not make a folder inhabited.
        return any(self._holds_file(key + "/") for key, entry in folders if not entry.is_symlink())

    def _entries(self, base: str) -> builtins.list[tuple[str, os.DirEntry[str]]]:
        """What lies in a folder, without names that no key can have; a folder that is gone is empty."""
        folder = self._root / base
        entries: builtins.list[tuple[str, os.DirEntry[str]]] = []
        with reading(folder, self._root):
            try:
                with os.scandir(folder) as scan:
                    entries.extend((key, entry) for entry in scan if is_key(key := base + entry.name))
            except OSError as error:
                if error.errno not in GONE or file_in_the_way(self._root):
                    raise
        return entries

    def delete(self, keys: Iterable[str]) -> None:
        """Remove files and the folders that this leaves empty. One that can't be removed does not save the rest."""
        failure: OSError | None = None
        folders = set[Path]()
        for path in [self._root / check_key(key) for key in keys]:
            try:
                with writing(path, self._root):
                    self._inside.check_folder(path)
                    _unlink(path)
            except OSError as error:
                failure = failure or error
            folders.add(path.parent)
        for folder in folders:
            _prune(folder, self._root)
        if failure is not None:
            raise failure

    def scan_paths(self, keys: Sequence[str]) -> tuple[builtins.list[str], dict[str, str] | None]:
        """Absolute paths; no options needed."""
        return [str(self._root / check_key(key)) for key in keys], {}


def _pieces(source: SourceFile, on_bytes: OnBytes | None) -> Iterator[bytes]:
    while piece := source.read(_PIECE):
        yield piece
        if on_bytes is not None:
            on_bytes(source.at)


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # A link in a circle, or not ours to see.


def _leads_up(entry: os.DirEntry[str], above: tuple[tuple[int, int], ...]) -> bool:
    if not entry.is_symlink():
        return False
    try:
        status = entry.stat()
    except OSError:
        return True  # It leads nowhere (any more).
    return (status.st_dev, status.st_ino) in above


def _move(temp: Path, target: Path, *, size: int) -> None:
    for _ in range(_MOVES):
        try:
            temp.rename(target)
        except FileNotFoundError:
            # Over NFS a rename may be sent twice; the second one reports that the file is gone, as it should be.
            if not temp.exists() and target.exists() and target.stat().st_size == size:
                return
        else:
            return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except (FileNotFoundError, FileExistsError):
            continue  # Someone pruned a folder between two steps of mkdir; or a file is in the way, as rename tells.
    temp.rename(target)


def _sync(folder: Path) -> tuple[Path, int, int]:
    """Make the names in a folder (or the bytes of a file) survive a power loss; which one that was."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        status = os.fstat(handle)
        os.fsync(handle)
    except OSError as error:
        if error.errno not in UNSYNCABLE:
            raise
    finally:
        os.close(handle)
    return folder, status.st_dev, status.st_ino


def _sweep(temp: Path) -> None:
    """Remove what crashes left beside `temp`, a file just written, whose time is the file system's "now"."""
    newest_abandoned = temp.stat().st_mtime - ABANDONED_SECONDS
    for other in temp.parent.iterdir():
        try:
            if other.stat().st_mtime < newest_abandoned:
                other.unlink()
        except OSError:
            continue  # Someone else removed it, or owns it: tidiness is not worth a failed put.


def _unlink(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        if error.errno in GONE or path.is_dir():
            return
        raise


def _prune(folder: Path, root: Path) -> None:
    while folder != root:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass  # Pruned by someone else; those above may be empty all the same.
        except OSError:
            return  # Not empty, or not ours to remove: an empty folder does no harm.
        folder = folder.parent
