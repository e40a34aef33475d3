"""A store around a store: passes every verb on, so that behaviours stack and each overrides only its own."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike

from .base import ObjectInfo, OnBytes, Store, Stored
from .local import LocalStore


class StoreWrapper:
    """Passes every verb on to `inner`."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner

    @property
    def inner(self) -> Store:
        """The store behind this one."""
        return self._inner

    @property
    def url(self) -> str:
        """Where the inner store's root is."""
        return self._inner.url

    @property
    def is_local(self) -> bool:
        """Whether the inner store's root is a directory of this machine."""
        return self._inner.is_local

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        """Store `data` under `key`."""
        self._inner.put(key, data, durable=durable)

    def get(self, key: str) -> bytes:
        """All bytes of one object."""
        return self._inner.get(key)

    def get_tail(self, key: str, length: int) -> bytes:
        """The last `length` bytes of one object."""
        return self._inner.get_tail(key, length)

    def put_file(
        self,
        key: str,
        path: str | PathLike[str],
        *,
        note: str | PathLike[str] | None = None,
        on_bytes: OnBytes | None = None,
        durable: bool = False,
    ) -> Stored:
        """Store a file of this machine."""
        return self._inner.put_file(key, path, note=note, on_bytes=on_bytes, durable=durable)

    def get_file(
        self,
        key: str,
        path: str | PathLike[str],
        *,
        size: int,
        sha256: str | None = None,
        on_bytes: OnBytes | None = None,
    ) -> None:
        """Fetch an object into a file of this machine."""
        self._inner.get_file(key, path, size=size, sha256=sha256, on_bytes=on_bytes)

    def get_range(self, key: str, start: int, stop: int) -> bytes:
        """A part of one object."""
        return self._inner.get_range(key, start, stop)

    def copy(self, key: str, to: str, *, size: int, source: Store | None = None, durable: bool = False) -> None:
        """Store a copy of an object, of this store or another."""
        self._inner.copy(key, to, size=size, source=source, durable=durable)

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
        """All bytes of many objects; one that fails maps to its error."""
        return self._inner.get_many(keys)

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        """Every object below the folder `prefix`, sorted by key."""
        return self._inner.list(prefix)

    def list_dirs(self, prefix: str) -> builtins.list[str]:
        """Names of the folders directly below the folder `prefix`, sorted."""
        return self._inner.list_dirs(prefix)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; missing ones are fine."""
        self._inner.delete(keys)

    def scan_paths(self, keys: Sequence[str]) -> tuple[builtins.list[str], dict[str, str] | None]:
        """Addresses with which engines read the keys themselves."""
        return self._inner.scan_paths(keys)


def passed_over(store: Store, prefix: str) -> Mapping[str, str]:
    """What a store's last listings below `prefix` left out as no object, by key: what it is. No request.

    Only folders of this machine hold such things; behind whatever wrappers they are.
    """
    while isinstance(store, StoreWrapper):
        store = store.inner
    return store.passed_over(prefix) if isinstance(store, LocalStore) else {}
