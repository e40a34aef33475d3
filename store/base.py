"""What a lake asks of the place it lives in: a handful of verbs over whole objects.

Objects are written once and never changed, so nothing here can update, append or rename. Keys are
slash-separated paths relative to the lake's root, without a leading slash, in the percent-encoded form
that `lakeboard.schema.keys` builds.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from os import PathLike
from typing import Protocol, TypeAlias, runtime_checkable


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One object as a listing shows it."""

    key: str
    """Path relative to the lake's root."""
    size: int
    """Bytes."""
    modified: datetime
    """When the store took it, by the store's own clock, UTC."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What `put_file` stored."""

    bytes: int
    sha256: str
    """Of these bytes, lower-case hex."""


OnBytes: TypeAlias = Callable[[int], None]
"""Told how many bytes of a file are through so far, each time some more are."""


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

    def put_file(
        self,
        key: str,
        path: str | PathLike[str],
        *,
        note: str | PathLike[str] | None = None,
        on_bytes: OnBytes | None = None,
        durable: bool = False,
    ) -> Stored:
        """Store a file of this machine under `key`: whole or not at all, and only as it was when this began.

        The file is read once, hashed on the way and never held whole: at most 4 parts of 8 MB (more above 70 GB)
        are under way while a fifth is read. One PUT up to 8 MB; above, on S3, one PUT a part and two requests more.

        Args:
            key: where.
            path: a plain file; links are followed.
            note: where to note an upload that has begun, so that the same call goes on after a kill, here or in
                another process: what the store has of it is compared, not sent again. Gone after success. Without
                one a failure leaves nothing behind, a kill leaves parts that `lakeboard tidy` aborts.
            on_bytes: told of progress, from the thread that calls.
            durable: as for `put`.

        Raises:
            FileChanged: the file grew, shrank, was replaced or removed meanwhile; nothing was stored.
            InvalidSetting: `path` is no plain file.
            OSError: it can't be read, as Python says it.
            StoreError: as for `put`; with a note, the same call goes on from there.
        """
        ...

    def get_file(
        self,
        key: str,
        path: str | PathLike[str],
        *,
        size: int,
        sha256: str | None = None,
        on_bytes: OnBytes | None = None,
    ) -> None:
        """Fetch an object into a file of this machine; it appears under `path` only when it is whole and right.

        Ranges of 8 MB come side by side into `path` with `.part` behind it, are hashed in their order, and the file
        is renamed at the end; what stood there before is replaced then. At most 5 ranges are in memory.

        Args:
            key: which.
            path: where to; missing folders are made.
            size: bytes that it must have.
            sha256: lower-case hex that it must have; None checks the size alone.
            on_bytes: told of progress, from the thread that calls.

        Raises:
            DamagedObject: it has another size or hash.
            MissingObject: no such key.
            OSError: the file can't be written, as Python says it.
        """
        ...

    def get_range(self, key: str, start: int, stop: int) -> bytes:
        """The bytes from `start` up to before `stop`, fewer where the object ends before. One GET on S3.

        Servers that know no ranges and answer with everything are read up to `stop`. Other object stores are asked
        for the size first. An empty range costs no request, and is empty even where there is no such object.

        Raises:
            InvalidSetting: `start` is negative or behind `stop`.
            MissingObject: no such key.
        """
        ...

    def copy(self, key: str, to: str, *, size: int, source: Store | None = None, durable: bool = False) -> None:
        """Store a copy of an object under `to`: whole or not at all, never held in memory.

        Between lakes of one S3 server and one set of credentials the server copies: a HEAD and one request (one a GB
        above 5 GB). A file of a local lake goes by `put_file`, and into a local lake comes what `get_file` fetches.
        Else the object passes through a file in the system's temporary folder.

        Args:
            key: which, in `source`.
            to: where, in this store.
            size: its bytes, as a listing told them.
            source: the store that holds it; default: this one.
            durable: as for `put`.

        Raises:
            MissingObject: no such key in `source`.
            DamagedObject: it has another size.
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
