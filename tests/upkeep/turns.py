"""Several actors on one store, one store call at a time, in an order that a seed decides; any of them may be killed."""

from __future__ import annotations

import builtins
import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from os import PathLike

from lakeboard.schema.errors import StoreError
from lakeboard.store.base import ObjectInfo, OnBytes, Store, Stored
from lakeboard.store.wrapper import StoreWrapper

PAGE = 3
"""Keys that one page of a listing shows; anything may happen between two pages."""


class Killed(BaseException):
    """The actor's process is gone; nothing of it goes on."""


class Turns:
    """Runs actors in threads of which one moves at a time."""

    def __init__(self, inner: Store, chance: random.Random, *, deaths: int = 0) -> None:
        self.inner = inner
        self.chance = chance
        self.deaths = deaths
        self.steps = 0
        self._condition = threading.Condition()
        self._waiting: dict[str, bool] = {}
        self._alive: set[str] = set()
        self._go: dict[str, str] = {}
        self.failures: dict[str, BaseException] = {}
        self.killed: list[str] = []
        self._lanes: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def run(
        self,
        actors: Mapping[str, Callable[[Store], None]],
        *,
        mortal: Iterable[str] = (),
        between: Callable[[], None] = lambda: None,
    ) -> None:
        """Run all to their ends; `between` sees the store between any two calls."""
        self._alive = set(actors)
        threads = [
            threading.Thread(target=self._act, args=(name, act), name=name, daemon=True) for name, act in actors.items()
        ]
        for thread in threads:
            thread.start()
        mortals = set(mortal)
        # Some are slow and some are fast, so that a whole pass of one may fall between two steps of another.
        speed = {name: self.chance.choice([1, 3, 10, 40]) for name in sorted(actors)}
        while True:
            with self._condition:
                done = self._condition.wait_for(lambda: self._alive == self._waiting.keys(), timeout=60)
                assert done, f"stuck: {self._alive} alive, {self._waiting} waiting"
                if not self._alive or self.failures:
                    break
                alive = sorted(self._alive)
                name = self.chance.choices(alive, [speed[a] for a in alive])[0]
                order = "go"
                if name in mortals and self.deaths and self.chance.random() < 0.04:
                    self.deaths -= 1
                    order = self.chance.choice(["die before", "die after"])
                del self._waiting[name]
                self._go[name] = order
                self._condition.notify_all()
            self.steps += 1
            with self._condition:
                self._condition.wait_for(partial(self._is_still, name), timeout=60)
            between()
        for name, error in self.failures.items():
            raise AssertionError(f"{name} failed: {error!r}") from error
        for thread in threads:
            thread.join(10)

    def _is_still(self, name: str) -> bool:
        return name in self._waiting or name not in self._alive

    def _act(self, name: str, act: Callable[[Store], None]) -> None:
        try:
            act(TurnStore(self.inner, self, name))
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - told in the main thread
            self.failures[name] = error
        finally:
            with self._condition:
                self._alive.discard(name)
                self._waiting.pop(name, None)
                self._condition.notify_all()

    def around(self, store: Store, name: str) -> TurnStore:
        """Another store in which each call of the actor `name` is a turn of its own."""
        return TurnStore(store, self, name)

    def move(self, name: str, effect: Callable[[], None]) -> None:
        """Have an effect when it is this actor's turn; the threads of one actor queue up."""
        with self._lanes[name]:
            order = "die before" if name in self.killed else self._turn(name)
            if order != "die before":
                effect()
            if order != "go":
                self.killed.append(name)
                raise Killed

    def _turn(self, name: str) -> str:
        with self._condition:
            self._waiting[name] = True
            self._condition.notify_all()
            self._condition.wait_for(lambda: name in self._go)
            return self._go.pop(name)


class TurnStore(StoreWrapper):
    """Each call is one turn, each page of a listing as well."""

    def __init__(self, inner: Store, turns: Turns, name: str) -> None:
        super().__init__(inner)
        self._turns = turns
        self._name = name

    def _move(self, effect: Callable[[], None]) -> None:
        self._turns.move(self._name, effect)

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        self._move(lambda: self._inner.put(key, data, durable=durable))

    def get(self, key: str) -> bytes:
        out: list[bytes] = []
        self._move(lambda: out.append(self._inner.get(key)))
        return out[0]

    def get_tail(self, key: str, length: int) -> bytes:
        data = self.get(key)
        return data[max(0, len(data) - length) :]

    def put_file(
        self,
        key: str,
        path: str | PathLike[str],
        *,
        note: str | PathLike[str] | None = None,
        on_bytes: OnBytes | None = None,
        durable: bool = False,
    ) -> Stored:
        out: list[Stored] = []
        self._move(lambda: out.append(self._inner.put_file(key, path)))
        return out[0]

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
        out: dict[str, bytes | Exception] = {}
        for key in dict.fromkeys(keys):
            try:
                out[key] = self.get(key)
            except StoreError as error:
                out[key] = error
        return out

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        out: builtins.list[ObjectInfo] = []

        def turn_page() -> None:
            out.extend([i for i in self._inner.list(prefix) if not out or i.key > out[-1].key][:PAGE])

        while True:
            before = len(out)
            self._move(turn_page)
            if len(out) < before + PAGE:
                return out

    def list_dirs(self, prefix: str) -> builtins.list[str]:
        out: builtins.list[str] = []
        self._move(lambda: out.extend(self._inner.list_dirs(prefix)))
        return out

    def delete(self, keys: Iterable[str]) -> None:
        # One by one and in any order: a bulk request is not atomic.
        doomed = builtins.list(keys)
        self._turns.chance.shuffle(doomed)
        for key in doomed:
            self._move(partial(self._inner.delete, [key]))
