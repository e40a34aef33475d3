"""A lake in any object store that fsspec knows: one object a key, whole or not at all."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from ..schema.errors import DamagedObject, FileChanged, InvalidSetting, LakeboardError, StoreError
from .base import ObjectInfo, OnBytes, Store, Stored
from .fetch import get_each
from .files.download import PartFile, check_range, ranges
from .files.parts import PART_BYTES
from .files.source_file import SourceFile
from .keyrules import check_key, check_prefix, is_key
from .object_errors import translated
from .transfer import copy_through_file, innermost

_TIME_FIELDS: Final = ("LastModified", "last_modified", "mtime", "updated", "modified", "created")
"""Where fsspec file systems put the time of an object, the most telling first."""


class FsspecStore:
    """Objects in an fsspec file system whose writes appear whole: object stores and `memory://`.

    Not for file systems over a network (SFTP, SMB, HDFS): there a reader can meet half an object. Mount those
    and use the path. A read is one GET where the file system makes it one; `get_tail` asks for the size first,
    since negative offsets mean different things to different file systems.

    The file system is made at the first use, and again in each forked child.

    Args:
        url: address with its scheme, such as `gs://bucket/prefix`.
        options: arguments of the fsspec file system; they win over the environment.

    Raises:
        InvalidSetting: the address names no place, or contains wildcards.
    """

    def __init__(self, url: str, *, options: Mapping[str, object] | None = None) -> None:
        scheme, _, place = url.partition("://")
        rooted = place.startswith("/") and scheme != "memory"
        place = place.strip("/")
        if rooted or not place:
            raise InvalidSetting(f"lake address {url!r} must name a bucket, as in {scheme}://bucket/prefix")
        if any(c in place for c in "*?[") or any(segment in ("", ".", "..") for segment in place.split("/")):
            raise InvalidSetting(
                f"lake address {url!r} must not contain wildcards (*, ?, [) nor empty, '.' or '..' segments"
            )
        self._url = f"{scheme}://{place}"
        self._options: dict[str, Any] = {"use_listings_cache": False, **(options or {})}
        self._opened: tuple[int, Any, str] | None = None
        self._inherited: builtins.list[Any] = []

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_opened": None, "_inherited": []}

    @property
    def url(self) -> str:
        """The address, without a trailing slash."""
        return self._url

    @property
    def is_local(self) -> bool:
        """False: objects are not files of this machine."""
        return False

    def _filesystem(self) -> tuple[Any, str]:
        """The file system of this process, and the root's path in it."""
        pid = os.getpid()
        opened = self._opened
        if opened is None or opened[0] != pid:
            if opened is not None:
                # Kept for good: to clean it up would reach into the parent's threads and connections.
                self._inherited.append(opened)
            _drop_inherited_loop()
            # No lock, which a fork might leave locked for ever: at worst two threads make one each.
            self._opened = opened = (pid, *self._make())
        return opened[1], opened[2]

    def _make(self) -> tuple[Any, str]:
        from fsspec.core import url_to_fs

        fs, root = url_to_fs(self._url, **self._options)
        return fs, str(root).rstrip("/")

    @contextmanager
    def _telling(self, act: str, key: str, *, file: str | os.PathLike[str] | None = None) -> Iterator[None]:
        """Raise what goes wrong inside as a `StoreError` about doing `act` to `key`, but what is wrong with `file`."""
        try:
            yield
        except LakeboardError:
            raise
        except Exception as error:
            if file is not None and isinstance(error, OSError) and error.filename == os.fspath(file):
                raise
            raise self._translated(error, act, key) from error

    def _translated(self, error: Exception, act: str, key: str) -> StoreError:
        return translated(error, act, f"{self._url}/{key}", self._options)

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        """Store `data` under `key`; one PUT."""
        check_key(key)
        with self._telling("write", key):
            fs, root = self._filesystem()
            fs.pipe_file(f"{root}/{key}", bytes(data))

    def get(self, key: str) -> bytes:
        """All bytes of one object."""
        check_key(key)
        with self._telling("read", key):
            fs, root = self._filesystem()
            return bytes(fs.cat_file(f"{root}/{key}"))

    def get_tail(self, key: str, length: int) -> bytes:
        """The last `length` bytes of one object; two requests."""
        check_key(key)
        with self._telling("read", key):
            fs, root = self._filesystem()
            path = f"{root}/{key}"
            size = self._size(fs, path)
            start = max(0, size - length)
            return bytes(fs.cat_file(path, start=start, end=size)) if start < size else b""

    def put_file(
        self,
        key: str,
        path: str | os.PathLike[str],
        *,
        note: str | os.PathLike[str] | None = None,
        on_bytes: OnBytes | None = None,
        durable: bool = False,
    ) -> Stored:
        """Store a file as the file system does it; read once before, for its hash. Notes are not used.

        What was stored of a file that changed meanwhile is removed again.
        """
        check_key(key)
        with self._telling("write", key, file=path), SourceFile(path) as source:
            fs, root = self._filesystem()
            while source.read(PART_BYTES):
                continue
            stored = source.stored()
            fs.put_file(str(source.path), f"{root}/{key}")
            try:
                source.check()
            except FileChanged:
                self.delete([key])
                raise
            if on_bytes is not None:
                on_bytes(stored.bytes)
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
        """Fetch an object into a file by ranges of 8 MB, 4 at a time; it appears when it is whole and right."""
        check_key(key)
        PartFile(key, path, size=size, sha256=sha256).fill(ranges(partial(self.get_range, key), size), on_bytes)

    def get_range(self, key: str, start: int, stop: int) -> bytes:
        """A part of one object; two requests."""
        check_key(key)
        if not check_range(start, stop):
            return b""
        with self._telling("read", key):
            fs, root = self._filesystem()
            path = f"{root}/{key}"
            stop = min(stop, self._size(fs, path))
            return bytes(fs.cat_file(path, start=start, end=stop)) if start < stop else b""

    def _size(self, fs: Any, path: str) -> int:
        entry = fs.info(path)
        if entry["type"] != "file":
            raise FileNotFoundError(path)
        return int(entry["size"])

    def copy(self, key: str, to: str, *, size: int, source: Store | None = None, durable: bool = False) -> None:
        """Store a copy of an object: the file system's own copy within this lake, else through a file."""
        check_key(key)
        check_key(to)
        if source is not None and innermost(source) is not self:
            copy_through_file(source, key, self, to, size=size, durable=durable)
            return
        with self._telling("read", key):
            fs, root = self._filesystem()
            if (found := self._size(fs, f"{root}/{key}")) != size:
                raise DamagedObject(f"{key} has {found:,} bytes where {size:,} belong: it was not copied", key=key)
            fs.cp_file(f"{root}/{key}", f"{root}/{to}")

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
        """All bytes of many objects, several at a time; one that fails maps to its error."""
        return get_each(self.get, keys)

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        """Every object below the folder `prefix`, sorted by key."""
        check_prefix(prefix)
        found: builtins.list[ObjectInfo] = []
        with self._telling("list", prefix):
            fs, root = self._filesystem()
            fs.invalidate_cache()
            folder = f"{root}/{prefix}"
            try:
                entries = fs.find(folder.rstrip("/"), detail=True)
            except FileNotFoundError:
                return []
            for name, entry in entries.items():
                key = str(name).removeprefix(f"{root}/")
                if entry.get("type") == "file" and str(name).startswith(folder) and is_key(key):
                    found.append(ObjectInfo(key, int(entry["size"]), _modified(entry)))
        found.sort(key=lambda info: info.key)
        return found

    def list_dirs(self, prefix: str) -> builtins.list[str]:
        """Names of the folders directly below the folder `prefix`, sorted."""
        check_prefix(prefix)
        with self._telling("list", prefix):
            fs, root = self._filesystem()
            fs.invalidate_cache()
            folder = f"{root}/{prefix}"
            try:
                entries = fs.ls(folder.rstrip("/"), detail=True)
            except FileNotFoundError:
                return []
            names = {
                str(entry["name"]).rstrip("/").removeprefix(folder) for entry in entries if entry["type"] == "directory"
            }
            return sorted(name for name in names if is_key(prefix + name) and "/" not in name)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; missing ones are fine."""
        doomed = [check_key(key) for key in keys]
        if not doomed:
            return
        with self._telling("delete", doomed[0]):
            fs, root = self._filesystem()
            paths = [f"{root}/{key}" for key in doomed]
            try:
                fs.rm(paths)
            except FileNotFoundError:
                # Some stop at the first that is missing.
                for path in paths:
                    try:
                        fs.rm_file(path)
                    except FileNotFoundError:
                        continue

    def scan_paths(self, keys: Sequence[str]) -> tuple[builtins.list[str], dict[str, str] | None]:
        """URLs for messages and other tools; None for the options: read with `get_many`."""
        return [f"{self._url}/{check_key(key)}" for key in keys], None


def _drop_inherited_loop() -> None:
    """Let fsspec start an event loop anew in a forked child, where the thread of the inherited one is gone."""
    from fsspec import asyn

    thread = asyn.iothread[0]
    if thread is not None and not thread.is_alive():
        asyn.reset_lock()  # Later versions do so by themselves; with earlier ones the child would wait for ever.


def _modified(entry: Mapping[str, Any]) -> datetime:
    for field in _TIME_FIELDS:
        value = entry.get(field)
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
    raise StoreError(f"the file system tells no time for {entry.get('name')!r}; lakeboard can't use it")
