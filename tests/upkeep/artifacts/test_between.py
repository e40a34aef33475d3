"""A purge and a collection between any two requests of a writer, and a writer between any two of a collector."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from os import PathLike
from pathlib import Path
from unittest import mock

import pytest

from lakeboard.schema.artifacts.names import Version
from lakeboard.store.base import ObjectInfo, OnBytes, Store, Stored
from lakeboard.store.testing import MemoryStore
from lakeboard.store.wrapper import StoreWrapper
from lakeboard.upkeep.artifacts import collect as collecting
from lakeboard.upkeep.artifacts import commit as committing
from lakeboard.upkeep.artifacts.collect import collect
from tests.upkeep.artifacts.shelves import NOW_MS, act, files, make, named
from tests.upkeep.worlds import HOUR, T0, P, memory

FIRST = Version(1, "00000001")
MOST = 40


class Interrupted(StoreWrapper):
    """Does something once, before the request number `at`."""

    def __init__(self, inner: Store, at: int, then: Callable[[], None]) -> None:
        super().__init__(inner)
        self._left = at
        self._then = then

    @property
    def was(self) -> bool:
        """Whether it came to that."""
        return self._left < 0

    def _count(self) -> None:
        self._left -= 1
        if self._left == -1:
            self._then()

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        self._count()
        self._inner.put(key, data, durable=durable)

    def put_file(
        self,
        key: str,
        path: str | PathLike[str],
        *,
        note: str | PathLike[str] | None = None,
        on_bytes: OnBytes | None = None,
        durable: bool = False,
    ) -> Stored:
        self._count()
        return self._inner.put_file(key, path)

    def get(self, key: str) -> bytes:
        self._count()
        return self._inner.get(key)

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
        self._count()
        return self._inner.get_many(keys)

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        self._count()
        return self._inner.list(prefix)

    def delete(self, keys: object) -> None:
        for key in keys:  # type: ignore[attr-defined]
            self._count()
            self._inner.delete([key])


def gather(store: Store, rand: str = "cccccccc") -> None:
    collect(store, P, now=T0 + HOUR, now_ms=NOW_MS, rand=rand, grace=timedelta(0))


def begun(folder: Path) -> MemoryStore:
    store, _ = memory()
    make(store, folder / "first", {"a": b"one", "b": b"two"})
    return store


def writer_interrupted(folder: Path) -> int:
    """How many times a purge of what a writer is about to refer to, and a collection, fell into its work."""
    for at in range(MOST):
        store = begun(folder)

        def then(store: Store = store) -> None:
            act(store, "purge", FIRST)
            gather(store)

        broken = Interrupted(store, at, then)
        make(broken, folder / "second", {"a": b"one", "c": b"three"}, rand=9)
        assert named(store.objects) <= files(store.objects), f"interrupted before request {at}"
        if not broken.was:
            return at
        gather(store, "dddddddd")
        assert files(store.objects) == named(store.objects)
    raise AssertionError("it never came to an end")


def collector_interrupted(folder: Path) -> int:
    """How many times a whole writer, then a purge of what it referred to, fell into the work of a collector."""
    for at in range(MOST):
        store = begun(folder)

        def then(store: Store = store) -> None:
            make(store, folder / "second", {"a": b"one", "c": b"three"}, rand=9)
            act(store, "purge", FIRST)

        broken = Interrupted(store, at, then)
        gather(broken)
        assert named(store.objects) <= files(store.objects), f"interrupted before request {at}"
        if not broken.was:
            return at
        for rand in ("dddddddd", "eeeeeeee"):
            gather(store, rand)
        assert files(store.objects) == named(store.objects)
    raise AssertionError("it never came to an end")


def test_a_collection_may_fall_between_any_two_requests_of_a_writer(tmp_path: Path) -> None:
    assert writer_interrupted(tmp_path) >= 8


def test_a_writer_may_fall_between_any_two_requests_of_a_collector(tmp_path: Path) -> None:
    assert collector_interrupted(tmp_path) >= 5


def test_a_second_collector_may_fall_between_any_two_requests_of_the_first(tmp_path: Path) -> None:
    for at in range(MOST):
        store = begun(tmp_path)

        def then(store: Store = store) -> None:
            make(store, tmp_path / "second", {"a": b"one", "c": b"three"}, rand=9)
            act(store, "purge", FIRST)
            gather(store, "dddddddd")

        broken = Interrupted(store, at, then)
        gather(broken)
        assert named(store.objects) <= files(store.objects), f"interrupted before request {at}"
        if not broken.was:
            return


def test_a_writer_that_does_not_look_again_is_caught(tmp_path: Path) -> None:
    def trusting(self: object, candidates: Mapping[object, object]) -> set[object]:
        return set(candidates)

    with (
        mock.patch.object(committing._Commit, "_still_alive", trusting),
        pytest.raises(AssertionError, match="interrupted before"),
    ):
        writer_interrupted(tmp_path)


def test_a_writer_without_an_intent_is_caught(tmp_path: Path) -> None:
    class Mute(StoreWrapper):
        def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
            if "/i-" not in key:
                self._inner.put(key, data, durable=durable)

    for at in range(MOST):
        store = begun(tmp_path)

        def then(store: Store = store) -> None:
            act(store, "purge", FIRST)
            gather(store)

        make(Mute(Interrupted(store, at, then)), tmp_path / "second", {"a": b"one", "c": b"three"}, rand=9)
        if not named(store.objects) <= files(store.objects):
            return
    raise AssertionError("nobody noticed")


def test_a_collector_that_reads_no_intents_is_caught(tmp_path: Path) -> None:
    real = collecting._read

    def blind(store: Store, listing: object, *rest: object) -> bool:
        return real(store, replace(listing, intents=()), *rest)  # type: ignore[type-var, arg-type]

    with mock.patch.object(collecting, "_read", blind), pytest.raises(AssertionError, match="interrupted before"):
        writer_interrupted(tmp_path)
