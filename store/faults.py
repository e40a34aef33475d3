"""Stores that are slow or fail on demand: what networks do, made repeatable for tests."""

from __future__ import annotations

import builtins
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from threading import Lock
from typing import Literal, TypeAlias

from ..schema.errors import StoreError, StoreUnreachable
from .base import ObjectInfo, OnBytes, Store, Stored
from .keyrules import check_key
from .wrapper import StoreWrapper


def _timeout() -> StoreError:
    return StoreUnreachable("the planned fault: no answer in time")


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned failure."""

    kind: Literal["before", "after", "later"]
    """`before`: nothing happens, the call raises. `after`: it happens, the answer is lost, the call raises.
    `later` (put, put_file, copy and delete only): the call raises now, it happens when the test calls
    `FaultyStore.land`."""
    error: StoreError = field(default_factory=_timeout)
    """What the caller sees."""


Plan: TypeAlias = Callable[[str, str, int], "Fault | None"]
"""`(verb, key, n)` to what goes wrong, if anything: `n` counts this verb's calls from 0.

Verbs are `put`, `get` (`get_many` asks it for each key), `get_tail`, `get_range`, `put_file`, `get_file`, `copy` (its
key is the new one), `list`, `list_dirs` (their key is the prefix) and `delete` (asked for each key)."""


class FaultyStore(StoreWrapper):
    """Fails as `plan` says. A delete of many keys that fails midway has removed those before."""

    def __init__(self, inner: Store, plan: Plan) -> None:
        super().__init__(inner)
        self.plan = plan
        """May be replaced at any time."""
        self._calls: Counter[str] = Counter()
        self._pending: builtins.list[Callable[[], None]] = []
        self._lock = Lock()

    @property
    def pending(self) -> int:
        """How many effects have not landed yet."""
        with self._lock:
            return len(self._pending)

    def land(self, index: int | None = None) -> None:
        """Let the effect number `index` (oldest first) happen now, or all of them in order."""
        with self._lock:
            chosen = self._pending if index is None else [self._pending[index]]
            self._pending = [] if index is None else [e for e in self._pending if e is not chosen[0]]
        for effect in chosen:
            effect()

    def _fault(self, verb: str, key: str) -> Fault | None:
        with self._lock:
            n = self._calls[verb]
            self._calls[verb] += 1
        return self.plan(verb, key, n)

    def _act(self, verb: str, key: str, effect: Callable[[], None]) -> None:
        fault = self._fault(verb, key)
        if fault is None:
            effect()
            return
        if fault.kind == "after":
            effect()
        elif fault.kind == "later":
            with self._lock:
                self._pending.append(effect)
        raise fault.error

    def _ask(self, verb: str, key: str) -> None:
        # A read that got lost on its way there or back looks the same.
        if fault := self._fault(verb, key):
            raise fault.error

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        """Store `data` under `key`, unless the plan says otherwise."""
        self._act("put", key, lambda: self._inner.put(key, data, durable=durable))

    def get(self, key: str) -> bytes:
        """All bytes of one object, unless the plan says otherwise."""
        self._ask("get", key)
        return self._inner.get(key)

    def get_tail(self, key: str, length: int) -> bytes:
        """The last `length` bytes of one object, unless the plan says otherwise."""
        self._ask("get_tail", key)
        return self._inner.get_tail(key, length)

    def put_file(
        self,
        key: str,
        path: str | PathLike[str],
        *,
        note: str | PathLike[str] | None = None,
        on_bytes: OnBytes | None = None,
        durable: bool = False,
    ) -> Stored:
        """Store a file, unless the plan says otherwise; one that lands later is read then."""
        stored: builtins.list[Stored] = []

        def effect() -> None:
            stored.append(self._inner.put_file(key, path, note=note, on_bytes=on_bytes, durable=durable))

        self._act("put_file", key, effect)
        return stored[0]

    def get_file(
        self,
        key: str,
        path: str | PathLike[str],
        *,
        size: int,
        sha256: str | None = None,
        on_bytes: OnBytes | None = None,
    ) -> None:
        """Fetch an object into a file, unless the plan says otherwise."""
        self._ask("get_file", key)
        self._inner.get_file(key, path, size=size, sha256=sha256, on_bytes=on_bytes)

    def get_range(self, key: str, start: int, stop: int) -> bytes:
        """A part of one object, unless the plan says otherwise."""
        self._ask("get_range", key)
        return self._inner.get_range(key, start, stop)

    def copy(self, key: str, to: str, *, size: int, source: Store | None = None, durable: bool = False) -> None:
        """Store a copy of an object, unless the plan says otherwise."""
        self._act("copy", to, lambda: self._inner.copy(key, to, size=size, source=source, durable=durable))

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
        """All bytes of many objects; those that the plan fails map to its errors."""
        found: dict[str, bytes | Exception] = {}
        for key in keys:
            try:
                found[key] = self.get(key)
            except StoreError as error:
                found[key] = error
        return found

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        """Every object below the folder `prefix`, unless the plan says otherwise."""
        self._ask("list", prefix)
        return self._inner.list(prefix)

    def list_dirs(self, prefix: str) -> builtins.list[str]:
        """Names of the folders directly below the folder `prefix`, unless the plan says otherwise."""
        self._ask("list_dirs", prefix)
        return self._inner.list_dirs(prefix)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects one by one, up to the first that the plan fails."""
        for key in [check_key(key) for key in keys]:
            self._act("delete", key, partial(self._inner.delete, [key]))


class SlowStore(StoreWrapper):
    """Waits before each request. `get_many` waits once, as its requests run side by side."""

    def __init__(self, inner: Store, *, latency_seconds: float) -> None:
        super().__init__(inner)
        self.latency_seconds = latency_seconds
        """May be changed at any time."""

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        """Store `data` under `key`, after the wait."""
        time.sleep(self.latency_seconds)
        self._inner.put(key, data, durable=durable)

    def get(self, key: str) -> bytes:
        """All bytes of one object, after the wait."""
        time.sleep(self.latency_seconds)
        return self._inner.get(key)

    def get_tail(self, key: str, length: int) -> bytes:
        """The last `length` bytes of one object, after the wait."""
        time.sleep(self.latency_seconds)
        return self._inner.get_tail(key, length)

    def put_file(
        self,
        key: str,
        path: str | PathLike[str],
        *,
        note: str | PathLike[str] | None = None,
        on_bytes: OnBytes | None = None,
        durable: bool = False,
    ) -> Stored:
        """Store a file, after one wait."""
        time.sleep(self.latency_seconds)
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
        """Fetch an object into a file, after one wait."""
        time.sleep(self.latency_seconds)
        self._inner.get_file(key, path, size=size, sha256=sha256, on_bytes=on_bytes)

    def get_range(self, key: str, start: int, stop: int) -> bytes:
        """A part of one object, after the wait."""
        time.sleep(self.latency_seconds)
        return self._inner.get_range(key, start, stop)

    def copy(self, key: str, to: str, *, size: int, source: Store | None = None, durable: bool = False) -> None:
        """Store a copy of an object, after one wait."""
        time.sleep(self.latency_seconds)
        self._inner.copy(key, to, size=size, source=source, durable=durable)

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
        """All bytes of many objects, after one wait."""
        time.sleep(self.latency_seconds)
        return self._inner.get_many(keys)

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        """Every object below the folder `prefix`, after the wait."""
        time.sleep(self.latency_seconds)
        return self._inner.list(prefix)

    def list_dirs(self, prefix: str) -> builtins.list[str]:
        """Names of the folders directly below the folder `prefix`, after the wait."""
        time.sleep(self.latency_seconds)
        return self._inner.list_dirs(prefix)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects, after the wait."""
        time.sleep(self.latency_seconds)
        self._inner.delete(keys)
