"""What a lake asks of the place it lives in: a handful of verbs over whole objects.

Objects are written once and never changed, so nothing here can update, append or rename. Keys are
slash-separated paths relative to the lake's root, without a leading slash, in the percent-encoded form
that `lakeboard.schema.keys` builds.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One object as a listing shows it."""

    key: str
    """Path relative to the lake's root."""
    size: int
    """Bytes."""
    modified: datetime
    """When the store took it, by the store's own clock, UTC."""


@runtime_checkable
class Store(Protocol):
    """Whole objects under one root. Safe to share between threads, not between processes after a fork.

    An implementer owes: after `put` returned, every later `get` and `list` by anyone sees the object, whole;
    nobody ever sees a part of one. `list` never answers from a cache. Failures raise
    `lakeboard.schema.errors.StoreError` or a subclass, never a library's own exception. A key or prefix
    that `lakeboard.store.keyrules` refuses raises `InvalidName` before anything is touched; objects that
    others left under such names are not listed.
    """

    @property
    def url(self) -> str:
        """Where the root is: absolute, no trailing slash, never with a secret in it."""
        ...

    @property
    def is_local(self) -> bool:
        """Whether the root is a directory of this machine (or mounted on it), readable by path."""
        ...

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        """Store `data` under `key`: whole or not at all.

        One PUT. Putting the same bytes under the same key again is harmless and how callers retry.

        Args:
            key: where.
            data: what.
            durable: also survive a power loss once this returns (fsync on file systems; object stores
                always do).

        Raises:
            AccessDenied: no permission to write.
            StoreFull: no room.
            StoreUnreachable: no answer in time; the object may still appear later.
        """
        ...

    def get(self, key: str) -> bytes:
        """All bytes of one object. One GET.

        Raises:
            MissingObject: no such key.
        """
        ...

    def get_tail(self, key: str, length: int) -> bytes:
        """The last `length` bytes of one object, or all of it where it is shorter.

        One GET on S3; other object stores are asked for the size first.

        Raises:
            MissingObject: no such key.
        """
        ...

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
        """All bytes of many objects, several at a time. One GET each.

        A key that fails maps to its `StoreError` instead of raising, so that one bad object spoils nothing.
        """
        ...

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        """Every object whose key starts with the folder `prefix` (recursive), sorted by key.

        `prefix` ends with a slash, or is empty for the whole lake. One LIST per 1,000 objects on S3. A folder
        that does not exist is empty.
        """
        ...

    def list_dirs(self, prefix: str) -> builtins.list[str]:
        """Names of the folders directly below the folder `prefix`, sorted; only those that hold an object.

        One LIST per 1,000 names (and objects beside them) on S3. Some servers go on showing a folder for a
        while after its last object went.
        """
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; keys that are already gone are fine. One bulk DELETE per 1,000 keys on S3."""
        ...

    def scan_paths(self, keys: Sequence[str]) -> tuple[builtins.list[str], dict[str, str] | None]:
        """Addresses (and storage options) with which Polars, DuckDB or Spark read the keys themselves.

        Returns:
            Paths or URLs in the order of `keys`, and the options for
            `polars.scan_parquet(storage_options=...)`; None in place of the options means "this backend has
            no native reader: read bytes with `get_many`".
        """
        ...
