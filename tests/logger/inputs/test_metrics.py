"""Nothing that `log()` is given is changed in silence: steps, complex numbers, arrays, names that meet."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from lakeboard.logger.inputs.metrics import read_step

from ..test_buffer import make, points


def logged(*calls: Any, step: Any = None) -> tuple[dict[str, float], list[str]]:
    buffer, warn = make()
    for metrics in calls:
        buffer.append(metrics, step, None)
    return {p[1]: p[4] for p in points(buffer.take()[0])}, warn


@pytest.mark.parametrize("step", [0.25, np.float32(0.5), Decimal("1.5"), Fraction(1, 3), np.array(2.5)])
def test_a_fractional_step_is_told_once_and_the_point_is_at_the_next(step: Any) -> None:
    buffer, warn = make()
    buffer.append({"a": 1}, 4, None)
    for _ in range(3):
        buffer.append({"a": 1}, step, None)
    assert [p[3] for p in points(buffer.take()[0])] == [4, 5, 6, 7]
    assert len(warn) == 1
    assert "step_metric=" in warn[0]


@pytest.mark.parametrize("step", [3.0, np.float64(3), np.int32(3), Decimal(3), Fraction(3), np.array(3), np.array(3.0)])
def test_a_whole_step_is_kept_whatever_its_type(step: Any) -> None:
    buffer, warn = make()
    buffer.append({"a": 1}, step, None)
    assert [p[3] for p in points(buffer.take()[0])] == [3]
    assert warn == []


@pytest.mark.parametrize("value", [1 + 2j, np.complex64(1 + 2j), np.complex128(1), np.array([1j]), np.array(1j)])
def test_a_complex_number_is_refused_first_or_later(value: Any) -> None:
    kept, warn = logged({"a": value, "b": 1})
    assert (kept, len(warn)) == ({"b": 1.0}, 1)
    assert "two" in warn[0]
    buffer, warn = make()
    for each in (1.0, np.float32(2.0), value, 3.0):
        buffer.append({"a": each, "b": 1}, None, None)
    assert [p[4] for p in sorted(points(buffer.take()[0]), key=lambda p: p[3]) if p[1] == "a"] == [1.0, 2.0, 3.0]
    assert len(warn) == 1


@pytest.mark.parametrize(
    "value", [np.array([1.5]), np.array([[1.5]]), np.array(1.5), np.float16(1.5), Decimal("1.5"), Fraction(3, 2)]
)
def test_an_array_of_one_item_is_a_number(value: Any) -> None:
    assert logged({"a": value}, {"a": value}) == ({"a": 1.5}, [])


def test_an_array_of_several_is_told() -> None:
    kept, warn = logged({"a": np.array([1.0, 2.0]), "b": 2})
    assert (kept, len(warn)) == ({"b": 2.0}, 1)


def test_names_that_meet_are_told() -> None:
    kept, warn = logged({"val/acc": 1, "val": {"acc": 2}})
    assert kept == {"val/acc": 1.0}
    assert len(warn) == 1
    assert "'val/acc' is there twice" in warn[0]


def test_names_that_differ_in_an_ending_are_kept_apart_and_told_once() -> None:
    kept, warn = logged({"acc": 1}, {"acc.max": 5}, {"acc": 1}, {"acc.max": 5})
    assert kept == {"acc": 1.0, "acc.max": 5.0}
    assert len(warn) == 1
    assert "'metrics.acc.max'" in warn[0]
    _, warn = logged({"a ": 1, "a": 2})
    assert "differ in blanks" in warn[0]


@dataclasses.dataclass
class Scores:
    acc: float = 0.5


def test_objects_with_fields_are_metrics() -> None:
    assert logged({"val": Scores()}) == ({"val/acc": 0.5}, [])
    assert logged(Scores()) == ({"acc": 0.5}, [])


def test_a_value_may_change_its_kind() -> None:
    buffer, warn = make()
    for value in (1.0, np.float32(2), 3, np.array([4.0]), True, Decimal(6)):
        buffer.append({"a": value}, None, None)
    assert sorted(p[4] for p in points(buffer.take()[0])) == [1.0, 1.0, 2.0, 3.0, 4.0, 6.0]
    assert warn == []


@pytest.mark.parametrize(
    "step", [8, np.array(8), np.array([8]), np.array([[8]]), np.int32(8), np.array([8.0])], ids=repr
)
def test_an_array_of_one_item_is_a_step(step: Any) -> None:
    warn: list[str] = []
    assert read_step(step, 3, lambda text, _: warn.append(text)) == 8
    assert warn == []
    assert read_step(np.array([8, 9]), 3, lambda text, _: warn.append(text)) == 4
    assert len(warn) == 1
