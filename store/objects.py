"""A lake in any object store that fsspec knows: one object a key, whole or not at all."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from ..schema.errors import InvalidSetting, StoreError
from .base import ObjectInfo
from .fetch import get_each
from .keyrules import check_key, check_prefix, is_key
from .object_errors import translated

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
    def _telling(self, act: str, key: str) -> Iterator[None]:
        """Raise what goes wrong inside as a `StoreError` about doing `act` to `key`."""
        try:
            yield
        except StoreError:
            raise
        except Exception as error:
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
            entry = fs.info(path)
            if entry["type"] != "file":
                raise FileNotFoundError(path)
            size = int(entry["size"])
            start = max(0, size - length)
            return bytes(fs.cat_file(path, start=start, end=size)) if start < size else b""

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
