"""A file of this machine on its way into a store: read once, hashed on the way, refused if it changes meanwhile."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from ...schema.errors import FileChanged, InvalidSetting
from ..base import Stored


class Stamp(NamedTuple):
    """What tells whether a file is still the same: its size, the time of its last change, its number."""

    size: int
    mtime_ns: int
    inode: int


class SourceFile:
    """A plain file, open for reading from its start to its end. A context manager.

    Args:
        path: links are followed.

    Raises:
        InvalidSetting: it is a folder, a FIFO, a socket or a device.
        OSError: it is not there, or not ours to read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        # Without waiting: to open a FIFO for reading else waits for somebody who writes.
        descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise InvalidSetting(f"{self.path} is no plain file; only files can be stored")
        self._file = open(descriptor, "rb", buffering=0)  # noqa: PTH123, SIM115 a descriptor, closed by __exit__
        self.stamp = stamp_of(status)
        """As it was when it was opened."""
        self._hash = hashlib.sha256()
        self._read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def size(self) -> int:
        """Bytes, when it was opened."""
        return self.stamp.size

    @property
    def at(self) -> int:
        """Bytes read so far."""
        return self._read

    def read(self, length: int) -> bytes:
        """The next bytes: `length` of them, fewer at the end alone.

        Raises:
            FileChanged: it has become shorter.
        """
        wanted = min(length, self.size - self._read)
        buffer = bytearray(wanted)
        view, filled = memoryview(buffer), 0
        while filled < wanted:
            got = self._file.readinto(view[filled:])
            if not got:
                raise self._changed(f"it ends after {self._read + filled:,} of {self.size:,} bytes")
            filled += got
        self._hash.update(buffer)
        self._read += wanted
        return bytes(buffer)

    def rewind(self) -> None:
        """Begin at the start again, as if nothing had been read."""
        self._file.seek(0)
        self._hash = hashlib.sha256()
        self._read = 0

    def check(self) -> None:
        """Nothing, where the file under this path is still the one that was opened, unchanged.

        Raises:
            FileChanged: it is not; says how.
        """
        try:
            now = stamp_of(self.path.stat())
        except FileNotFoundError as error:
            raise self._changed("it is gone") from error
        if now.inode != self.stamp.inode:
            raise self._changed("another file stands in its place")
        if now != self.stamp:
            raise self._changed(f"it had {self.size:,} bytes and has {now.size:,}, or was written to")

    def stored(self) -> Stored:
        """What was read, all of it, of a file that is still the same.

        Raises:
            FileChanged: it is not.
        """
        self.check()
        return Stored(self._read, self._hash.hexdigest())

    def _changed(self, how: str) -> FileChanged:
        return FileChanged(
            f"{self.path} changed while it was being stored: {how}; store it again once nothing writes to it, "
            "or store a copy of it"
        )


def stamp_of(status: os.stat_result) -> Stamp:
    """What a look at a file says of its state."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino)
