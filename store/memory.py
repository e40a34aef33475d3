"""A store in a dict: for unit tests and examples; nothing survives the process."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from os import PathLike
from threading import Lock

from ..schema.errors import DamagedObject, MissingObject, StoreError
from .base import ObjectInfo, OnBytes, Store, Stored
from .files.download import PartFile, check_range
from .files.source_file import SourceFile
from .keyrules import check_key, check_prefix


def _now() -> datetime:
    return datetime.now(UTC)


class MemoryStore:
    """Objects in a dict; safe to share between threads.

    Args:
        name: distinguishes stores in messages; two stores of one name share nothing.
        clock: the store's own clock, which stamps `ObjectInfo.modified`; must give UTC.
    """

    def __init__(self, name: str = "test", *, clock: Callable[[], datetime] = _now) -> None:
        self._name = name
        self._clock = clock
        self._lock = Lock()
        self._objects: dict[str, tuple[bytes, datetime]] = {}

    @property
    def url(self) -> str:
        """`dict://<name>`; nothing else can open it."""
        return f"dict://{self._name}"

    @property
    def is_local(self) -> bool:
        """False: no path leads here."""
        return False

    @property
    def objects(self) -> dict[str, bytes]:
        """A copy of everything stored, key to bytes, in order of keys."""
        with self._lock:
            return {key: self._objects[key][0] for key in sorted(self._objects)}

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        """Store a copy of `data`."""
        check_key(key)
        with self._lock:
            self._objects[key] = (bytes(data), self._clock())

    def get(self, key: str) -> bytes:
        """All bytes of one object."""
        check_key(key)
        with self._lock:
            found = self._objects.get(key)
        if found is None:
            raise MissingObject(f"no object {key} in {self.url}")
        return found[0]

    def get_tail(self, key: str, length: int) -> bytes:
        """The last `length` bytes of one object."""
        data = self.get(key)
        return data[max(0, len(data) - length) :]

    def put_file(
        self,
        key: str,
        path: str | PathLike[str],
        *,
        note: str | PathLike[str] | None = None,
        on_bytes: OnBytes | None = None,
        durable: bool = False,
    ) -> Stored:
        """Store what a file holds; all of it in memory, as everything here. Notes are not used."""
        check_key(key)
        with SourceFile(path) as source:
            data = source.read(source.size)
            stored = source.stored()
        self.put(key, data)
        if on_bytes is not None:
            on_bytes(len(data))
        return stored

    def get_file(
        self,
        key: str,
        path: str | PathLike[str],
        *,
        size: int,
        sha256: str | None = None,
        on_bytes: OnBytes | None = None,
    ) -> None:
        """Write an object into a file; it appears when it is whole and right."""
        PartFile(key, path, size=size, sha256=sha256).fill([self.get(key)], on_bytes)

    def get_range(self, key: str, start: int, stop: int) -> bytes:
        """A part of one object."""
        check_key(key)
        return self.get(key)[start:stop] if check_range(start, stop) else b""

    def copy(self, key: str, to: str, *, size: int, source: Store | None = None, durable: bool = False) -> None:
        """Store a copy of an object, of this store or another."""
        check_key(to)
        data = (source or self).get(key)
        if len(data) != size:
            raise DamagedObject(f"{key} has {len(data):,} bytes where {size:,} belong: it was not copied", key=key)
        self.put(to, data)

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
        """All bytes of many objects; a missing one maps to its error."""
        found: dict[str, bytes | Exception] = {}
        for key in keys:
            try:
                found[key] = self.get(key)
            except StoreError as error:
                found[key] = error
        return found

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        """Every object below the folder `prefix`, sorted by key."""
        check_prefix(prefix)
        with self._lock:
            return [
                ObjectInfo(key, len(data), modified)
                for key, (data, modified) in sorted(self._objects.items())
                if key.startswith(prefix)
            ]

    def list_dirs(self, prefix: str) -> builtins.list[str]:
        """Names of the folders directly below the folder `prefix`, sorted."""
        below = (info.key.removeprefix(prefix) for info in self.list(prefix))
        return sorted({name.partition("/")[0] for name in below if "/" in name})

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; missing ones are fine."""
        checked = [check_key(key) for key in keys]
        with self._lock:
            for key in checked:
                self._objects.pop(key, None)

    def scan_paths(self, keys: Sequence[str]) -> tuple[builtins.list[str], dict[str, str] | None]:
        """Addresses for messages; None for the options, since no engine can read a dict."""
        return [f"{self.url}/{check_key(key)}" for key in keys], None
