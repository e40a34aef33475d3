from __future__ import annotations

import threading
import time

import pytest

from lakeboard.schema.errors import MissingObject
from lakeboard.store.fetch import get_each


def readers(pause: float) -> set[int]:
    """The threads that read 60 keys, each taking `pause` seconds."""
    seen: set[int] = set()

    def get(key: str) -> bytes:
        seen.add(threading.get_ident())
        time.sleep(pause)
        return key.encode()

    keys = [f"a/{n}" for n in range(60)]
    assert get_each(get, keys) == {key: key.encode() for key in keys}
    return seen


def test_slow_answers_are_read_side_by_side() -> None:
    assert len(readers(0.005)) > 2


def test_quick_answers_are_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "perf_counter", lambda: 0.0)
    assert readers(0.0) == {threading.get_ident()}


def test_each_key_is_asked_once_and_failures_keep_their_place() -> None:
    asked: list[str] = []

    def get(key: str) -> bytes:
        asked.append(key)
        if key == "b":
            raise MissingObject(key)
        return key.encode()

    found = get_each(get, ["a", "b", "a", "c", "b"])
    assert asked == ["a", "b", "c"]
    assert list(found) == ["a", "b", "c"]
    assert isinstance(found["b"], MissingObject)
    assert get_each(get, []) == {}


def test_an_error_that_is_no_store_error_is_raised() -> None:
    def get(_key: str) -> bytes:
        raise ZeroDivisionError

    try:
        get_each(get, ["a"])
    except ZeroDivisionError:
        return
    raise AssertionError("it was swallowed")
