"""Files on this machine, compared with their checksums and the limits before an engine reads them by itself."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Final

from ..schema.checksum import verify_stream
from ..schema.decoding import check_end, check_footer_length
from ..schema.errors import DamagedObject
from ..schema.limits import MAX_OBJECT_BYTES
from .limited import too_large

_THREADS: Final = 4
_TRAILER: Final = 8
_FEW: Final = 4
_MOST: Final = 500_000


class IntactFiles:
    """Remembers which files are what was written; safe to share between threads.

    A file is read once, about a gigabyte a second and core, and then again only when its size or time changes.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, int]] = {}
        self._lock = Lock()

    def damaged(self, files: Mapping[str, str]) -> dict[str, DamagedObject]:
        """Those of `files` (key: path) that are not what was written, or too large to decode, and why.

        What is gone is not told of here.
        """
        fresh = [(key, path) for key, path in files.items() if not self._is_known(path)]
        if len(fresh) < _FEW:
            answers: Sequence[DamagedObject | None] = [self._check(*each) for each in fresh]
        else:
            with ThreadPoolExecutor(_THREADS, thread_name_prefix="lakeboard-check") as pool:
                answers = list(pool.map(lambda each: self._check(*each), fresh))
        return {key: error for (key, _), error in zip(fresh, answers, strict=True) if error is not None}

    def _is_known(self, path: str) -> bool:
        known = self._known.get(path)
        return known is not None and known == _stamp(path)

    def _check(self, key: str, path: str) -> DamagedObject | None:
        try:
            status = Path(path).stat()
            if not stat.S_ISREG(status.st_mode):
                return DamagedObject(f"{key} is no file: it is passed over; take it away", key=key)
            with Path(path).open("rb", buffering=0) as file:
                status = os.fstat(file.fileno())

                def read(begin: int, end: int) -> bytes:
                    return os.pread(file.fileno(), end - begin, begin)

                if status.st_size > MAX_OBJECT_BYTES:
                    return too_large(key, status.st_size)
                verify_stream(read, status.st_size, key=key)
                trailer = read(max(0, status.st_size - _TRAILER), status.st_size)
                start = max(0, status.st_size - check_footer_length(trailer, key=key))
                check_end(read(start, status.st_size), key=key, whole=lambda: read(0, status.st_size))
        except DamagedObject as error:
            return error
        except OSError:
            # Gone, or not ours to read: the engine finds the same, and whoever asked it goes on from there.
            return None
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[path] = (status.st_size, status.st_mtime_ns)
        return None


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
