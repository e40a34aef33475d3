"""A file in the lake as one to read from: seekable, by ranges."""

from __future__ import annotations

import io
from typing import Any

from ...store.base import Store


class FileRanges(io.RawIOBase):
    """The bytes of one file in the lake, fetched as they are read; wrap it in a buffer.

    Args:
        store: the lake.
        key: the object that holds the file.
        start: where it begins in the object.
        size: its bytes.
    """

    def __init__(self, store: Store, key: str, start: int, size: int) -> None:
        super().__init__()
        self._store = store
        self._key = key
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; one behind the end reads nothing."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, or what of it is left. One GET by range."""
        stop = min(self._at + len(buffer), self._size)
        if stop <= self._at:
            return 0
        data = self._store.get_range(self._key, self._start + self._at, self._start + stop)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
