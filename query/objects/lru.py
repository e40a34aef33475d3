"""What was computed or read, kept while there is room: one cache for the process, bounded by bytes."""

from __future__ import annotations

import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache, partial
from threading import Event, RLock, get_ident
from typing import Any, Final, Protocol, TypeAlias, TypeVar, cast

from .budget import memory_budget

T = TypeVar("T")
_LEAST: Final = 200
"""Bytes that any entry counts."""
MISSING: Final = object()
"""Stands for a value that is not kept; None may be one."""
_Key: TypeAlias = tuple[int, Hashable]
"""The part's number, and the key within it."""


class Remember(Protocol):
    """Gives what `make` gives, perhaps without calling it."""

    def __call__(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """The value of `key`, which must determine what `make` gives."""
        ...


def anew(key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:  # noqa: ARG001
    """Remember nothing."""
    return make()


@dataclass(frozen=True, slots=True)
class KindUse:
    """What one kind of value takes of a cache."""

    kind: str
    entries: int
    bytes: int


@dataclass(slots=True)
class _Entry:
    kind: str
    value: object
    size: int


@dataclass(slots=True)
class _Part:
    kind: str
    keys: set[Hashable]
    """Of what it keeps, and of what somebody still uses."""


class _Flight:
    """A value that some thread is computing."""

    def __init__(self) -> None:
        self.thread = get_ident()
        self.landed = Event()


class MemoryCache:
    """Values of several kinds in one budget of bytes, the longest unused thrown away first, whatever its kind.

    Each byte is counted once, by the part that made it: what a drawing holds and what was made of it by slices counts
    nothing more. A value that was thrown away while somebody still uses it is found again, not made a second time.
    The one used last always stays, however large. Safe to share between threads.

    Args:
        budget: bytes.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._lock = RLock()
        self._kept: OrderedDict[_Key, _Entry] = OrderedDict()
        self._in_use: dict[_Key, tuple[weakref.ref[Any], int]] = {}
        self._flights: dict[_Key, _Flight] = {}
        self._parts: dict[int, _Part] = {}
        self._next = 0
        self._size = 0
        # Finalizers run at any moment, amid a change of this cache too: they only leave a note here.
        self._parts_gone: deque[int] = deque()
        self._values_gone: deque[_Key] = deque()

    def part(self, kind: str) -> CachePart:
        """A part with keys of its own. What it holds goes when nobody has the part any more.

        Args:
            kind: what it holds, as people call it, such as `points`; several parts may say the same.
        """
        with self._lock:
            number = self._next
            self._next += 1
            self._parts[number] = _Part(kind, set())
        part = CachePart(self, number, kind)
        weakref.finalize(part, self._parts_gone.append, number).atexit = False
        return part

    @property
    def size(self) -> int:
        """Bytes of what is kept."""
        with self._lock:
            self._sweep()
            return self._size

    def use(self) -> tuple[KindUse, ...]:
        """What each kind takes, the largest first; kinds of which nothing is kept are left out."""
        with self._lock:
            self._sweep()
            found: dict[str, tuple[int, int]] = {}
            for entry in self._kept.values():
                entries, size = found.get(entry.kind, (0, 0))
                found[entry.kind] = (entries + 1, size + entry.size)
        return tuple(sorted((KindUse(kind, *told) for kind, told in found.items()), key=lambda u: (-u.bytes, u.kind)))

    def size_of(self, number: int) -> int:
        """Bytes of what the part of this number keeps."""
        with self._lock:
            return sum(entry.size for (part, _), entry in self._kept.items() if part == number)

    def once(self, number: int, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """See `CachePart.__call__`."""
        at = (number, key)
        while True:
            with self._lock:
                found = self._find(at)
                if found is not MISSING:
                    return cast("T", found)
                flight = self._flights.get(at)
                if flight is None:
                    flight = self._flights[at] = _Flight()
                    break
            if flight.thread == get_ident():
                # It needs itself, and waiting for it would be for ever.
                return make()
            flight.landed.wait()
        try:
            made = make()
            self.store(number, key, made, size(made))
            return made
        finally:
            with self._lock:
                del self._flights[at]
            flight.landed.set()

    def find(self, number: int, key: Hashable) -> object:
        """The value, or `MISSING`."""
        with self._lock:
            return self._find((number, key))

    def store(self, number: int, key: Hashable, value: object, size: int) -> None:
        """Keep a value of a part that is open, and throw away what does not fit."""
        with self._lock:
            self._sweep()
            if number in self._parts:
                self._store((number, key), value, max(size, _LEAST))

    def drop(self, number: int, key: Hashable) -> None:
        """Forget a value, if it is kept."""
        with self._lock:
            if number in self._parts:
                self._drop((number, key))

    def close(self, number: int) -> None:
        """Forget what a part holds, and let it keep nothing from here on."""
        with self._lock:
            part = self._parts.get(number)
            for key in list(part.keys) if part is not None else ():
                self._drop((number, key))
            self._parts.pop(number, None)

    def _find(self, key: _Key) -> object:
        entry = self._kept.get(key)
        if entry is not None:
            self._kept.move_to_end(key)
            return entry.value
        told = self._in_use.get(key)
        value = told[0]() if told is not None else None
        if told is None or value is None:
            return MISSING
        self._store(key, value, told[1])
        return value

    def _store(self, key: _Key, value: object, size: int) -> None:
        self._drop(key)
        part = self._parts[key[0]]
        part.keys.add(key[1])
        self._kept[key] = _Entry(part.kind, value, size)
        self._size += size
        while self._size > self.budget and len(self._kept) > 1:
            oldest, gone = next(iter(self._kept.items()))
            self._drop(oldest)
            try:
                self._in_use[oldest] = (weakref.ref(gone.value, partial(_note, self._values_gone, oldest)), gone.size)
            except TypeError:
                continue  # Of numbers, texts and tuples nobody can tell whether they are in use.
            self._parts[oldest[0]].keys.add(oldest[1])

    def _drop(self, key: _Key) -> None:
        entry = self._kept.pop(key, None)
        if entry is not None:
            self._size -= entry.size
        self._in_use.pop(key, None)
        self._parts[key[0]].keys.discard(key[1])

    def _sweep(self) -> None:
        """Let go of what parts held that nobody has any more, and of notes on values that nobody uses any more."""
        while self._parts_gone:
            self.close(self._parts_gone.popleft())
        while self._values_gone:
            key = self._values_gone.popleft()
            told = self._in_use.get(key)
            if told is not None and told[0]() is None:
                self._drop(key)


def _note(notes: deque[_Key], key: _Key, gone: object) -> None:  # noqa: ARG001 - weakref calls it with the reference
    notes.append(key)


class CachePart:
    """One kind's part of a `MemoryCache`, with keys of its own. Safe to share between threads."""

    def __init__(self, memory: MemoryCache, number: int, kind: str) -> None:
        self._memory = memory
        self._number = number
        self.kind = kind

    def __call__(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """The value of `key`; computed where it is not kept, by one thread while others that want it wait.

        What `make` raises is raised, and the next who asks tries again.
        """
        return self._memory.once(self._number, key, make, size)

    def get(self, key: Hashable) -> object | None:
        """The value of `key`, or None where it is not kept."""
        found = self._memory.find(self._number, key)
        return None if found is MISSING else found

    def put(self, key: Hashable, value: object, size: int) -> None:
        """Keep a value of so many bytes instead of an older one."""
        self._memory.store(self._number, key, value, size)

    def discard(self, key: Hashable) -> None:
        """Forget one value, if it is kept."""
        self._memory.drop(self._number, key)

    def close(self) -> None:
        """Forget all values, and keep none from here on: what they were about is past."""
        self._memory.close(self._number)

    @property
    def size(self) -> int:
        """Bytes of what it keeps."""
        return self._memory.size_of(self._number)


@cache
def process_memory() -> MemoryCache:
    """The cache of this process, which all lakes share; its budget is `memory_budget()` when it is first asked for.

    Raises:
        InvalidSetting: the environment variable `LAKEBOARD_MEMORY` says no amount of memory.
    """
    return MemoryCache(memory_budget())
