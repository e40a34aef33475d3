"""A metric's summary: exact values by definition, and an arithmetic in which batches and writers join."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.run.summary import Summary, merge, metric_label, update
from lakeboard.schema.values import dump_json
from tests.schema.strategies import MILLIS, NAMES, summaries

_STEPS = st.integers(-3, 3)
_VALUES = st.one_of(st.integers(-3, 3).map(float), st.sampled_from([math.nan, math.inf, -math.inf, 0.5]))
_POINTS = st.lists(st.tuples(_VALUES, _STEPS, st.integers(0, 3)), max_size=10)
Points = list[tuple[float, int, int]]


def _fold(points: Points, start: Summary | None = None) -> Summary:
    known = start or Summary("m")
    return update(known, *(list(c) for c in zip(*points, strict=True))) if points else known


def _same(a: Summary, b: Summary) -> bool:
    """Equal, NaN being NaN, and `mean` up to rounding."""
    means = [repr(a.mean), repr(b.mean)]
    close = means[0] == means[1] or (
        a.mean is not None and b.mean is not None and math.isclose(a.mean, b.mean, rel_tol=1e-12, abs_tol=1e-12)
    )
    return close and repr(replace(a, mean=0.0)) == repr(replace(b, mean=0.0))


def _brute(points: Points) -> Summary:
    real = [(v, s) for v, s, _ in points if not math.isnan(v)]
    top = max(s for _, s, _ in points)
    last = [p for p in points if p[1] == top][-1]
    low, high = min((v for v, _ in real), default=None), max((v for v, _ in real), default=None)
    return Summary(
        "m",
        first=points[0][0],
        last=last[0],
        last_step=top,
        last_at=last[2],
        min=low,
        min_step=min((s for v, s in real if v == low), default=None),
        max=high,
        max_step=min((s for v, s in real if v == high), default=None),
        mean=sum(v for v, _ in real) / len(real) if real else None,
        n=len(points),
        n_nan=len(points) - len(real),
    )


@given(_POINTS)
def test_a_summary_is_what_its_fields_say(points: Points) -> None:
    assert _same(_fold(points), _brute(points) if points else Summary("m"))


@given(_POINTS, st.lists(st.integers(0, 10), max_size=4))
def test_any_batching_gives_the_same(points: Points, cuts: Sequence[int]) -> None:
    known = Summary("m")
    edges = [0, *sorted(min(c, len(points)) for c in cuts), len(points)]
    for a, b in pairwise(edges):
        known = _fold(points[a:b], known)
    assert _same(known, _fold(points))


@given(_POINTS, _POINTS, _POINTS)
def test_joining_writers_is_associative(a: Points, b: Points, c: Points) -> None:
    x, y, z = _fold(a), _fold(b), _fold(c)
    assert _same(merge(merge(x, y), z), merge(x, merge(y, z)))


@given(_POINTS, _POINTS)
def test_a_later_attempt_has_the_last_word(a: Points, b: Points) -> None:
    old, new = _fold(a), _fold(b)
    joined = merge(old, new, b_attempt=True)
    if new.n:
        assert repr((joined.last, joined.last_step, joined.last_at)) == repr((new.last, new.last_step, new.last_at))
    assert joined.n == old.n + new.n


def test_at_one_step_the_later_point_is_the_last_though_the_clock_went_back() -> None:
    known = update(Summary("m"), [1.0], [5], [2_000])
    assert update(known, [2.0], [5], [1_000]).last == 2.0
    assert merge(known, update(Summary("m"), [2.0], [5], [1_000])).last == 1.0


@given(summaries())
def test_summaries_survive_strict_json(summary: Summary) -> None:
    again = Summary.from_json(json.loads(dump_json(summary.to_json())))
    assert repr(again) == repr(summary)


def test_unknown_fields_are_passed_over() -> None:
    assert Summary.from_json({"metric": "m", "n": 2, "median": 3}) == Summary("m", n=2)


def test_what_was_said_of_a_metric_stays() -> None:
    said = Summary("m", goal="maximize", step_metric="epoch")
    assert update(said, [1.0], [0], [0]).goal == "maximize"
    assert update(said, [1.0], [0], [0]).step_metric == "epoch"
    joined = merge(update(said, [1.0], [0], [0]), replace(said, goal="minimize", step_metric=None))
    assert (joined.goal, joined.step_metric) == ("maximize", "epoch")


@pytest.mark.parametrize(
    ("metric", "dataset", "label"), [("val/acc", None, "val/acc"), ("val/acc", "cifar10", "val/acc [cifar10]")]
)
def test_labels(metric: str, dataset: str | None, label: str) -> None:
    assert metric_label(metric, dataset) == label
    assert Summary(metric, dataset).label == label


@given(NAMES, MILLIS)
def test_nothing_new_changes_nothing(name: str, at: int) -> None:
    known = update(Summary(name), [math.nan], [0], [at])
    assert update(known, [], [], []) is known
