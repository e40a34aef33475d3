"""`log()` with whatever a training may hand it: it never raises, keeps what is a number, and says what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lakeboard
from lakeboard.logger.buffer import Buffer
from lakeboard.schema.run.summary import metric_label
from lakeboard.schema.text.labels import split_label
from tests.logger.test_buffer import make, points


class NoRepr:
    def __repr__(self) -> str:
        raise ZeroDivisionError

    __str__ = __repr__


class NoValues(dict[str, Any]):
    def values(self) -> Any:
        raise KeyError("values")


class NoItems(dict[str, Any]):
    def __iter__(self) -> Any:
        raise KeyError("iter")

    def items(self) -> Any:
        raise KeyError("items")


class Tensor:
    """A scalar of another library: an index and a float, and arithmetic that gives its own kind."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value

    def __gt__(self, other: int) -> bool:
        return self.value > other

    def __add__(self, other: int) -> Tensor:
        raise AssertionError("no arithmetic on the training's own objects")


@pytest.mark.parametrize("metrics", [["a"], {"a"}, "a", NoRepr(), NoItems(a=1), {NoRepr(): 1}, 5, b"a"])
def test_what_is_no_dict_of_names_is_told_once(metrics: Any) -> None:
    buffer, told = make()
    buffer.append({"a": 1}, None, None)
    for _ in range(3):
        buffer.append(metrics, None, None)
    assert [p[4] for p in points(buffer.take()[0])] == [1.0]
    assert len(told) == 1


def test_a_mapping_whose_values_raise_is_read_by_its_items() -> None:
    buffer, _ = make()
    buffer.append(NoValues(a=2), None, None)
    assert [p[4] for p in points(buffer.take()[0])] == [2.0]


@pytest.mark.parametrize("step", [object(), NoRepr(), float("nan"), "7", 2**63, b"1", [1]])
def test_a_step_that_is_none_is_told_and_the_next_one_is_used(step: Any) -> None:
    buffer, told = make()
    buffer.append({"a": 1}, 4, None)
    buffer.append({"a": 1}, step, None)
    assert [p[3] for p in points(buffer.take()[0])] == [4, 5]
    assert len(told) == 1


def test_the_largest_step_is_the_last_that_is_counted_on() -> None:
    buffer, told = make()
    buffer.append({"a": 1}, 2**63 - 1, None)
    for _ in range(3):
        buffer.append({"a": 1}, None, None)
    assert [p[3] for p in points(buffer.take()[0])] == [2**63 - 1] * 4
    assert len(told) == 1


def test_steps_of_other_libraries_become_plain_ints() -> None:
    buffer, told = make()
    buffer.append({"a": 1}, Tensor(5), None)  # type: ignore[arg-type]
    buffer.append({"a": 1}, None, None)
    assert type(buffer.step) is int
    assert [p[3] for p in points(buffer.take()[0])] == [5, 6]
    assert told == []


def test_a_text_that_changes_at_every_step_is_told_once() -> None:
    buffer, told = make()
    for n in range(50):
        buffer.append({"a": f"text {n}", "b": n}, None, None)
    assert len(told) == 1
    assert buffer.hi == 50


def test_nothing_raises_while_points_are_refused() -> None:
    buffer, _ = make()
    buffer.refuse(True)
    for metrics in (None, 5, {"a": 1, "b": 2}):
        buffer.append(metrics, None, None)  # type: ignore[arg-type]
    assert buffer.dropped == 2


def test_names_are_kept_as_plain_text() -> None:
    class Name(str):
        __slots__ = ()

    buffer, _ = make()
    buffer.append({Name("a"): 1}, None, None)
    assert isinstance(buffer, Buffer)
    assert points(buffer.take()[0])[0][1] == "a"


def test_a_name_that_would_be_a_label_is_kept_without_the_space(tmp_path: Path) -> None:
    """`a [b]` is what the metric `a` on the dataset `b` is called: their numbers must never be one summary."""
    told: list[str] = []
    with lakeboard.init(project="p", lake=tmp_path / "lake", quiet=True) as run:
        run._buffer._complain = told.append
        run.define_metric("time [s]", goal="minimize")
        for n in range(3):
            run.log({"a [b]": 1.0, "time [s]": n})
            run.log({"a": 100.0}, dataset="b")
            run.log({"a": 7.0}, dataset="b] [c")
        run.log({"x [y]": 1, "x[y]": 2})
        run.log({"u [v]": 1, "u  [v]": 2})
        run.summary["done  [%]"] = 50
        assert run.summary["done  [%]"] == 50
    (row,) = lakeboard.open(tmp_path / "lake").runs("p").iter_rows(named=True)
    assert (row["a[b]"], row["a [b]"], row["a [b] [c]"], row["time[s]"], row["x[y]"], row["u[v]"], row["done[%]"]) == (
        1.0, 100.0, 7.0, 2.0, 2.0, 1.0, 50.0
    )  # fmt: skip
    assert sum("is kept as" in each for each in told) == 4
    assert sum("can't be told apart" in each for each in told) == 2
    assert lakeboard.open(tmp_path / "lake").snapshot("p").metrics()["time[s]"].goal == "minimize"


@pytest.mark.parametrize("metric", ["a", "a[b]", "é]", "a]["])
@pytest.mark.parametrize("dataset", [None, "b", "b [c]", "b] [c", "[", " [x"])
def test_a_label_tells_metric_and_dataset(metric: str, dataset: str | None) -> None:
    assert split_label(metric_label(metric, dataset)) == (metric, dataset)
