"""Fetching an object into a file: ranges side by side, hashed in order, under its name only when it is right."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from ...schema.errors import DamagedObject, InvalidSetting
from ..base import OnBytes
from .parts import PARTS_AT_ONCE, part_size


def check_range(start: int, stop: int) -> bool:
    """Whether there is anything between `start` and `stop`.

    Raises:
        InvalidSetting: they are no range.
    """
    if start < 0 or stop < start:
        raise InvalidSetting(f"a range from {start} to {stop} is none: 0 <= start <= stop must hold")
    return start < stop


class PartFile:
    """A file that is being fetched: written beside its place, in order, and moved there once it is right.

    Args:
        key: of the object, for messages.
        path: its place; missing folders are made.
        size: bytes that it must have.
        sha256: that it must have; None for any.
    """

    def __init__(self, key: str, path: str | os.PathLike[str], *, size: int, sha256: str | None) -> None:
        self._key = key
        self._path = Path(path)
        self._part = self._path.with_name(f"{self._path.name}.part")
        self._size = size
        self._sha256 = sha256

    def fill(self, pieces: Iterable[bytes], on_bytes: OnBytes | None) -> None:
        """Write `pieces` in their order, and move the file into place.

        Raises:
            DamagedObject: it has another size or hash; nothing is left of it.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        done, digest = 0, hashlib.sha256()
        try:
            with self._part.open("wb") as file:
                for piece in pieces:
                    done += len(piece)
                    if done > self._size:
                        raise self._damaged(f"is longer than {self._size:,} bytes")
                    if self._sha256 is not None:
                        digest.update(piece)
                    file.write(piece)
                    if on_bytes is not None:
                        on_bytes(done)
            if done < self._size:
                raise self._damaged(f"has {done:,} bytes where {self._size:,} belong")
            if self._sha256 is not None and digest.hexdigest() != self._sha256:
                raise self._damaged(f"has SHA-256 {digest.hexdigest()} where {self._sha256} belongs")
            self._part.replace(self._path)
        except BaseException:
            self._part.unlink(missing_ok=True)
            raise

    def _damaged(self, how: str) -> DamagedObject:
        return DamagedObject(f"{self._key} {how}: it was not fetched to {self._path}", key=self._key)


def ranges(read: Callable[[int, int], bytes], size: int) -> Iterator[bytes]:
    """The bytes of an object of `size` bytes, in order, several ranges under way at a time.

    `read` is asked for one byte more than there should be, so that a longer object gives itself away.
    """
    part = part_size(size)
    starts = range(0, size, part) if size else range(1)
    spans = [(start, min(start + part, size)) for start in starts]
    spans[-1] = (spans[-1][0], size + 1)
    if len(spans) == 1:
        yield read(*spans[0])
        return
    with ThreadPoolExecutor(PARTS_AT_ONCE, thread_name_prefix="lakeboard-fetch") as pool:
        waiting: deque[Future[bytes]] = deque()
        try:
            for span in spans:
                if len(waiting) == PARTS_AT_ONCE:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(read, *span))
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
