"""What was computed or read, kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import RLock
from typing import Final, Protocol, TypeVar, cast

T = TypeVar("T")
_LEAST: Final = 200
"""Bytes that any entry counts."""


class Remember(Protocol):
    """Gives what `make` gives, perhaps without calling it."""

    def __call__(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """The value of `key`, which must determine what `make` gives."""
        ...


def anew(key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:  # noqa: ARG001
    """Remember nothing."""
    return make()


class LruCache:
    """Values by key, the longest unused thrown away beyond `budget` bytes. Safe to share between threads.

    Two threads that ask for the same at the same time may both compute it.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._lock = RLock()
        self._kept: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._size = 0

    def __call__(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """The value of `key`; computed where it is not kept."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found, size(found))
        return cast("T", found)

    def get(self, key: Hashable) -> object | None:
        """The value of `key`, or null where it is not kept."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Hashable, value: object, size: int) -> None:
        """Keep a value instead of an older one."""
        with self._lock:
            self._size += max(size, _LEAST) - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = (value, max(size, _LEAST))
            while self._size > self._budget and len(self._kept) > 1:
                self._size -= self._kept.popitem(last=False)[1][1]

    @property
    def size(self) -> int:
        """Bytes of what is kept."""
        return self._size
