"""One cache of several kinds: what goes first, what is found again, and threads that want the same."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.objects.lru import KindUse, MemoryCache


def test_what_was_unused_longest_goes_first_whatever_its_kind() -> None:
    memory = MemoryCache(1_000)
    points, curves = memory.part("points"), memory.part("curves")
    points.put("a", "a", 400)
    curves.put("a", "b", 400)
    assert points.get("a") == "a"
    points.put("c", "c", 400)
    assert (points.get("a"), curves.get("a"), points.get("c")) == ("a", None, "c")
    assert memory.use() == (KindUse("points", 2, 800),)
    assert (memory.size, points.size, curves.size) == (800, 800, 0)


def test_none_is_a_value_too() -> None:
    part, made = MemoryCache(1_000).part("points"), []
    for _ in range(2):
        assert part("a", lambda: made.append(1), lambda _: 1) is None
    assert made == [1]


class Thing:
    """What can be referred to weakly."""


def test_a_value_in_use_is_found_again_after_it_was_thrown_away() -> None:
    memory = MemoryCache(1_000)
    part = memory.part("points")
    used, unused = Thing(), Thing()
    part.put("used", used, 600)
    part.put("other", np.zeros(3), 600)
    assert part.get("used") is used
    assert memory.use() == (KindUse("points", 1, 600),), "and counts again, as often as it did"
    part.put("unused", unused, 600)
    part.put("other", np.zeros(3), 600)
    del unused
    gc.collect()
    assert part.get("unused") is None


def test_a_part_that_nobody_has_any_more_holds_nothing() -> None:
    memory = MemoryCache(10_000)
    part, other = memory.part("points"), memory.part("points")
    part.put("a", 1, 300)
    other.put("a", 2, 400)
    assert memory.size == 700
    del part
    gc.collect()
    assert memory.use() == (KindUse("points", 1, 400),)
    assert other.get("a") == 2


def test_a_closed_part_computes_and_keeps_nothing() -> None:
    memory = MemoryCache(10_000)
    part = memory.part("pages")
    part.put("a", 1, 300)
    part.close()
    assert memory.size == 0
    assert [part("a", lambda: 2, lambda _: 300) for _ in range(2)] == [2, 2]
    assert memory.size == 0


def test_an_entry_above_the_budget_stays_alone() -> None:
    memory = MemoryCache(1_000)
    part = memory.part("points")
    part.put("a", 1, 400)
    part.put("b", 2, 5_000)
    assert (part.get("a"), part.get("b"), memory.size) == (None, 2, 5_000)
    part.put("b", 3, 10)
    assert (part.get("b"), memory.size) == (3, 200), "the smallest entry counts 200 bytes"
    part.discard("b")
    assert memory.size == 0


def test_threads_that_want_the_same_at_once_compute_it_once() -> None:
    part, made = MemoryCache(10_000).part("points"), []
    begun, go, ready = Event(), Event(), Barrier(4)

    def make() -> str:
        made.append(1)
        begun.set()
        assert go.wait(10)
        return "value"

    def ask() -> str:
        ready.wait(10)
        return part("key", make, len)

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(ask) for _ in range(4)]
        assert begun.wait(10)
        # Others are not held up meanwhile.
        assert part("other", lambda: "quick", len) == "quick"
        go.set()
        assert [each.result(10) for each in answers] == ["value"] * 4
    assert made == [1]


def test_after_a_failure_the_next_tries_again() -> None:
    part = MemoryCache(10_000).part("points")

    def fail() -> int:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            part("key", fail, lambda _: 1)
    assert part("key", lambda: 7, lambda _: 1) == 7


def test_what_needs_itself_is_computed_and_not_waited_for() -> None:
    part = MemoryCache(10_000).part("points")
    depth = []

    def make() -> int:
        depth.append(1)
        return 1 if len(depth) > 1 else part("key", make, lambda _: 1) + 1

    assert part("key", make, lambda _: 1) == 2


OPS = st.lists(
    st.tuples(st.sampled_from("pgd"), st.integers(0, 2), st.integers(0, 4), st.integers(0, 900)), max_size=60
)


@given(OPS)
def test_it_holds_what_a_list_in_order_of_use_would(ops: list[tuple[str, int, int, int]]) -> None:
    memory = MemoryCache(2_000)
    parts = [memory.part(kind) for kind in "abc"]
    model: dict[tuple[int, int], tuple[int, int]] = {}
    for n, (op, part, key, size) in enumerate(ops):
        at = (part, key)
        if op == "p":
            parts[part].put(key, n, size)
            model.pop(at, None)
            model[at] = (n, max(size, 200))
            while sum(s for _, s in model.values()) > 2_000 and len(model) > 1:
                del model[next(iter(model))]
        elif op == "g":
            assert parts[part].get(key) == model.get(at, (None,))[0]
            if at in model:
                model[at] = model.pop(at)
        else:
            parts[part].discard(key)
            model.pop(at, None)
        assert memory.size == sum(s for _, s in model.values())
    assert {use.kind: use.bytes for use in memory.use()} == {
        kind: total for i, kind in enumerate("abc") if (total := sum(s for (p, _), (_, s) in model.items() if p == i))
    }


def test_threads_in_any_order_leave_the_sum_right() -> None:
    memory = MemoryCache(20_000)
    parts = [memory.part(kind) for kind in "ab"]

    def work(seed: int) -> None:
        acts: list[Callable[[], object]] = []
        for n in range(300):
            part, key = parts[(seed + n) % 2], (seed * n) % 23
            acts.append(lambda part=part, key=key, n=n: part(key, lambda: n, lambda _: 700))  # type: ignore[misc]
            acts.append(lambda part=part, key=key: part.discard(key + 1))  # type: ignore[misc]
        for act in acts:
            act()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert memory.size == sum(part.size for part in parts) == sum(use.bytes for use in memory.use())
    assert memory.size <= 20_000
