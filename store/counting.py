"""A store that counts what it is asked: what an act costs in requests, for tests and for the screen."""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from threading import Lock

from .base import ObjectInfo, OnBytes, Store, Stored
from .files.parts import part_count
from .wrapper import StoreWrapper

PAGE = 1000
"""Most entries that one LIST answers, and most keys that one bulk DELETE takes."""


class CountingStore(StoreWrapper):
    """Counts requests as an object store would bill them; failed ones count too.

    Verbs are `put`, `get`, `get_tail`, `get_range`, `put_file`, `get_file`, `copy`, `list`, `list_dirs` and `delete`.
    `get_many` counts one `get` a key, a listing one request per 1,000 entries, a delete one per 1,000 keys. A file
    that is put counts one request up to 8 MB, else one a part and two more; one that is fetched one a part; a copy
    one. Reads that an engine makes on its own with `scan_paths` are not seen.

    Args:
        inner: the store that answers.
        keep_log: also remember each request's verb and key in `log`, which then grows without end.
    """

    def __init__(self, inner: Store, *, keep_log: bool = False) -> None:
        super().__init__(inner)
        self._lock = Lock()
        self._keep_log = keep_log
        self.counts: Counter[str] = Counter()
        """Requests by verb; a verb never used counts 0."""
        self.bytes_read = 0
        self.bytes_written = 0
        self.log: builtins.list[tuple[str, str]] = []
        """(verb, key or prefix) in order of asking; deletes have one entry a key."""

    def requests(self) -> int:
        """All requests so far, or since `reset`."""
        with self._lock:
            return self.counts.total()

    def reset(self) -> None:
        """Count from nought again."""
        with self._lock:
            self.counts.clear()
            self.bytes_read = self.bytes_written = 0
            self.log.clear()

    def _count(self, verb: str, keys: Sequence[str], *, requests: int = 1, read: int = 0, written: int = 0) -> None:
        with self._lock:
            if requests:
                self.counts[verb] += requests
            self.bytes_read += read
            self.bytes_written += written
            if self._keep_log:
                self.log.extend((verb, key) for key in keys)

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        """Store `data` under `key`; one request."""
        self._count("put", [key], written=len(data))
        self._inner.put(key, data, durable=durable)

    def get(self, key: str) -> bytes:
        """All bytes of one object; one request."""
        self._count("get", [key])
        data = self._inner.get(key)
        self._count("get", [], requests=0, read=len(data))
        return data

    def get_tail(self, key: str, length: int) -> bytes:
        """The last `length` bytes of one object; one request."""
        self._count("get_tail", [key])
        data = self._inner.get_tail(key, length)
        self._count("get_tail", [], requests=0, read=len(data))
        return data

    def put_file(
        self,
        key: str,
        path: str | PathLike[str],
        *,
        note: str | PathLike[str] | None = None,
        on_bytes: OnBytes | None = None,
        durable: bool = False,
    ) -> Stored:
        """Store a file of this machine; one request, or one a part and two more."""
        size = Path(path).stat().st_size
        parts = part_count(size)
        self._count("put_file", [key], requests=parts if parts == 1 else parts + 2, written=size)
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
        """Fetch an object into a file of this machine; one request a part."""
        self._count("get_file", [key], requests=part_count(size))
        self._inner.get_file(key, path, size=size, sha256=sha256, on_bytes=on_bytes)
        self._count("get_file", [], requests=0, read=size)

    def get_range(self, key: str, start: int, stop: int) -> bytes:
        """A part of one object; one request, none for an empty range."""
        self._count("get_range", [key], requests=int(stop != start))
        data = self._inner.get_range(key, start, stop)
        self._count("get_range", [], requests=0, read=len(data))
        return data

    def copy(self, key: str, to: str, *, size: int, source: Store | None = None, durable: bool = False) -> None:
        """Store a copy of an object; one request, whatever way it takes."""
        self._count("copy", [to])
        self._inner.copy(key, to, size=size, source=source, durable=durable)

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
        """All bytes of many objects; one request a key."""
        self._count("get", keys, requests=len(keys))
        found = self._inner.get_many(keys)
        read = sum(len(data) for data in found.values() if not isinstance(data, Exception))
        self._count("get", [], requests=0, read=read)
        return found

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        """Every object below the folder `prefix`; one request per 1,000."""
        self._count("list", [prefix])
        found = self._inner.list(prefix)
        self._count("list", [], requests=_pages(len(found)) - 1)
        return found

    def list_dirs(self, prefix: str) -> builtins.list[str]:
        """Names of the folders directly below the folder `prefix`; one request per 1,000."""
        self._count("list_dirs", [prefix])
        found = self._inner.list_dirs(prefix)
        self._count("list_dirs", [], requests=_pages(len(found)) - 1)
        return found

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; one request per 1,000 keys."""
        doomed = builtins.list(keys)
        self._count("delete", doomed, requests=_pages(len(doomed)) if doomed else 0)
        self._inner.delete(doomed)


def _pages(entries: int) -> int:
    return max(1, -(-entries // PAGE))
