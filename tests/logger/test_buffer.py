from __future__ import annotations

import math
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.logger import buffer as module
from lakeboard.logger.buffer import Buffer
from lakeboard.schema.batch import Group


def make(**options: Any) -> tuple[Buffer, list[str]]:
    told: list[str] = []
    return Buffer(complain=told.append, hurry=lambda: None, now=lambda: 1.5, **options), told


def points(groups: list[Group]) -> list[tuple[int, str, str | None, int, float]]:
    out = []
    for group in groups:
        width = len(group.names)
        for call in range(group.calls):
            for j, name in enumerate(group.names):
                value = group.values[call * width + j]
                out.append((group.starts[call] + j, name, group.dataset, group.steps[call], value))
    return sorted(out)


def test_rows_are_numbered_densely_across_groups() -> None:
    buffer, told = make()
    buffer.append({"a": 1, "b": 2}, None, None)
    buffer.append({"c": 3}, None, "x")
    buffer.append({"a": 4, "b": 5}, None, None)
    groups, hi = buffer.take()
    assert hi == 5
    assert points(groups) == [
        (0, "a", None, 0, 1.0),
        (1, "b", None, 0, 2.0),
        (2, "c", "x", 1, 3.0),
        (3, "a", None, 2, 4.0),
        (4, "b", None, 2, 5.0),
    ]
    assert told == []
    assert buffer.take() == ([], 5)


def test_default_step_is_the_largest_so_far_plus_one_and_steps_come_in_any_order() -> None:
    buffer, _ = make()
    for step in (None, 10, 3, None):
        buffer.append({"a": 0}, step, None)
    assert [p[3] for p in points(buffer.take()[0])] == [0, 10, 3, 11]
    assert buffer.step == 11


@pytest.mark.parametrize(
    ("metrics", "kept", "message"),
    [
        ({"a": "high", "b": 1}, {"b": 1.0}, "metric 'a' is 'high' (str), not a number; text belongs in run.config"),
        ({"a": None, "b": 1}, {"b": 1.0}, "metric 'a' is None"),
        ({"a": [1, 2], "b": 1}, {"b": 1.0}, "metric 'a' is [1, 2] (list), not one number"),
        ({"": 1, "b": 1}, {"b": 1.0}, "metric name '' must not be empty"),
        ({"x" * 1000: 1, "b": 1}, {"b": 1.0}, "longer than 500 characters"),
        ({"a\nb": 1, "b": 1}, {"b": 1.0}, "line breaks"),
        ({5: 1, "b": 1}, {"5": 1.0, "b": 1.0}, None),
        ({"v": {"a": 1, "d": {"e": 2}}}, {"v/a": 1.0, "v/d/e": 2.0}, None),
        (3.0, {}, "log() takes a dict"),
        (None, {}, "log() takes a dict"),
        ({}, {}, None),
        ({"a": True, "../=%🦆": math.inf}, {"a": 1.0, "../=%🦆": math.inf}, None),
    ],
)
def test_what_is_not_a_number_is_told_once_and_the_rest_is_kept(
    metrics: Any, kept: dict[str, float], message: str | None
) -> None:
    buffer, told = make()
    for _ in range(3):
        buffer.append(metrics, None, None)
    groups, hi = buffer.take()
    assert hi == 3 * len(kept)
    assert [(p[1], p[4]) for p in points(groups)] == 3 * list(kept.items())
    assert len(told) == (message is not None)
    assert message is None or message in told[0]


@pytest.mark.parametrize("step", ["7", 2**63, -(2**63) - 1, math.nan, object(), 1 + 2j])
def test_a_step_that_is_no_integer_is_told_and_the_next_one_taken(step: Any) -> None:
    buffer, told = make()
    buffer.append({"a": 1}, 4, None)
    buffer.append({"a": 1}, step, None)
    assert [p[3] for p in points(buffer.take()[0])] == [4, 5]
    assert "is not a 64-bit integer" in told[0]


def test_whole_floats_are_steps() -> None:
    buffer, told = make()
    buffer.append({"a": 1}, 4.0, None)  # type: ignore[arg-type]
    assert [p[3] for p in points(buffer.take()[0])] == [4]
    assert told == []


class Interrupting:
    """A value whose reading is interrupted, as Ctrl-C may do anywhere."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __float__(self) -> float:
        raise self.error


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(-1, 3)), max_size=30))
def test_an_interrupted_call_leaves_no_trace(calls: list[tuple[int, int]]) -> None:
    buffer, _ = make()
    expected = 0
    for width, broken in calls:
        metrics: dict[str, Any] = {f"m{i}": float(i) for i in range(width)}
        if 0 <= broken < width:
            metrics[f"m{broken}"] = Interrupting(KeyboardInterrupt())
            with pytest.raises(KeyboardInterrupt):
                buffer.append(metrics, None, None)
        else:
            buffer.append(metrics, None, None)
            expected += width
    groups, hi = buffer.take()
    assert hi == expected
    assert [p[0] for p in points(groups)] == list(range(expected))


def test_any_error_of_a_value_is_told_and_never_raised() -> None:
    buffer, told = make()
    buffer.append({"a": Interrupting(ZeroDivisionError("no")), "b": 2}, None, None)
    assert [(p[1], p[4]) for p in points(buffer.take()[0])] == [("b", 2.0)]
    assert "'a' could not be read as a number (ZeroDivisionError: no)" in told[0]


def test_threads_lose_and_double_nothing() -> None:
    buffer, _ = make()
    taken: list[Group] = []

    def work(name: str) -> None:
        for i in range(2_000):
            buffer.append({name: i, "all": i}, i, None)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    while any(t.is_alive() for t in threads):
        taken += buffer.take()[0]
    taken += buffer.take()[0]
    found = points(taken)
    assert [p[0] for p in found] == list(range(16_000))
    for n in range(4):
        assert [p[4] for p in found if p[1] == f"t{n}"] == [float(i) for i in range(2_000)]


def test_a_full_buffer_hurries_then_drops_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_ROWS", 10)
    monkeypatch.setattr(module, "DROP_ROWS", 20)
    hurried: list[int] = []
    buffer = Buffer(complain=lambda text: None, hurry=lambda: hurried.append(1))
    for _ in range(30):
        buffer.append({"a": 1}, None, None)
    assert (buffer.hi, buffer.dropped) == (20, 10)
    assert len(hurried) == 20
    buffer.take()
    buffer.append({"a": 1}, None, None)
    assert buffer.hi == 21


def test_refused_points_get_no_number() -> None:
    buffer, _ = make()
    buffer.append({"a": 1}, None, None)
    buffer.refuse(True)
    buffer.append({"a": 1, "b": 1}, None, None)
    buffer.refuse(False)
    buffer.append({"a": 1}, None, None)
    assert (buffer.hi, buffer.dropped) == (2, 2)


def test_a_forked_child_is_awakened_once_before_its_first_point() -> None:
    awakened: list[str] = []
    buffer, _ = make(awaken=lambda: awakened.append("now"))
    buffer.append({}, None, None)
    assert awakened == []
    for _ in range(3):
        buffer.append({"a": 1}, None, None)
        buffer.take()
    assert awakened == ["now"]
