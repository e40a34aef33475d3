"""Reading whole objects and footers of a lake, with what was read of live tails at hand."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Final

from ..schema.checksum import verify
from ..schema.errors import DamagedObject, StoreError
from ..schema.parquet import FOOTER_GUESS_BYTES, footer_length
from ..store.base import Store
from .problems import Problem, problem_of

WHOLE_BYTES: Final = 131_072
"""Tails up to this size are read whole: the points come with the footer, and one request serves both."""
_MEMORY_BYTES: Final = 64 * 2**20
_THREADS: Final = 16


class Memory:
    """Bytes of immutable objects, the most recently used up to a limit; safe to share between threads."""

    def __init__(self, limit: int = _MEMORY_BYTES) -> None:
        self._limit = limit
        self._lock = Lock()
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def get(self, key: str) -> bytes | None:
        """The object's bytes, where they are held."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: str, data: bytes) -> None:
        """Hold them."""
        with self._lock:
            self._size += len(data) - len(self._held.pop(key, b""))
            self._held[key] = data
            while self._size > self._limit:
                self._size -= len(self._held.popitem(last=False)[1])


class Objects:
    """Objects of one store. Nothing raises over a single object: it becomes a `Problem`."""

    def __init__(self, store: Store, memory: Memory) -> None:
        self.store = store
        self._memory = memory

    def whole(self, keys: Sequence[str]) -> Mapping[str, bytes | Problem]:
        """All bytes of each object; what is not as it was written is a problem. One GET for each that is not held."""
        found: dict[str, bytes | Problem] = {}
        for key in keys:
            held = self._memory.get(key)
            if held is not None:
                found[key] = held
        answers = self.store.get_many([key for key in keys if key not in found])
        for key, answer in answers.items():
            found[key] = problem_of(key, answer) if isinstance(answer, Exception) else _intact(key, answer)
        return found

    def tails(self, keys: Sequence[str]) -> Mapping[str, bytes | Problem]:
        """Like `whole`, and held afterwards."""
        found = self.whole(keys)
        for key, data in found.items():
            if isinstance(data, bytes):
                self._memory.put(key, data)
        return found

    def footers(self, wanted: Sequence[tuple[str, int]]) -> list[bytes | Problem]:
        """The end of each object, at least its Parquet footer, given (key, size).

        One GET each, several at a time; small ones are read whole and held; a second GET where a footer is longer
        than the first read.
        """
        small = self.tails([key for key, size in wanted if size <= WHOLE_BYTES])
        large = [key for key, size in wanted if size > WHOLE_BYTES]
        ends: dict[str, bytes | Problem] = dict(small)
        if len(large) > 1:
            with ThreadPoolExecutor(_THREADS, thread_name_prefix="lakeboard-footer") as pool:
                ends |= dict(zip(large, pool.map(self._footer, large), strict=True))
        elif large:
            ends[large[0]] = self._footer(large[0])
        return [ends[key] for key, _ in wanted]

    def _footer(self, key: str) -> bytes | Problem:
        try:
            tail = self.store.get_tail(key, FOOTER_GUESS_BYTES)
            length = footer_length(tail, key=key)
            if length > len(tail):
                tail = self.store.get_tail(key, length)
        except (StoreError, DamagedObject) as error:
            return problem_of(key, error)
        return tail


def _intact(key: str, data: bytes) -> bytes | Problem:
    try:
        verify(data, key=key)
    except DamagedObject as error:
        return problem_of(key, error)
    return data
