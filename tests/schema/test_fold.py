"""Folding groups as they grow is folding each metric's points one by one."""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.batch import Group
from lakeboard.schema.fold import fold
from lakeboard.schema.run.summary import Summary, metric_label, update
from tests.schema.strategies import Call, calls, groups_of


def _one_by_one(logged: Sequence[Call]) -> dict[str, Summary]:
    out: dict[str, Summary] = {}
    for names, dataset, step, at, values in logged:
        for name, value in zip(names, values, strict=True):
            label = metric_label(name, dataset)
            out[label] = update(out.get(label) or Summary(name, dataset), [value], [step], [int(at * 1000)])
    return out


def _about(found: dict[str, Summary]) -> dict[str, tuple[str, str | None]]:
    """Everything to the last bit but the mean, and that rounded."""
    return {
        label: (repr(replace(s, mean=None)), None if s.mean is None else f"{s.mean:.9e}") for label, s in found.items()
    }


def _plain(logged: Sequence[Call]) -> list[Call]:
    """Values whose sums are exact, steps that meet."""
    return [
        (n, d, s % 7, at, tuple(float(round(v) % 9) if math.isfinite(v) else v for v in values))
        for n, d, s, at, values in logged
    ]


@given(calls(), st.integers(0, 12))
def test_folding_as_groups_grow_is_folding_point_by_point(logged: list[Call], cut: int) -> None:
    logged = _plain(logged)
    known: dict[str, Summary] = {}
    early, _ = groups_of(logged[:cut])
    fold(known, [(g, 0) for g in early])
    counts = {(g.dataset, g.names): g.calls for g in early}
    late, _ = groups_of(logged)
    fold(known, [(g, counts.get((g.dataset, g.names), 0)) for g in late])
    assert _about(known) == _about(_one_by_one(logged))


@pytest.mark.parametrize("seed", range(8))
def test_long_columns_give_what_short_ones_do(seed: int) -> None:
    draw = random.Random(seed)
    choices = [0.0, 1.0, -1.0, 2.5, math.nan] + ([math.inf, -math.inf] if seed % 2 else [])
    choices = [math.nan] if seed == 6 else choices
    group = Group(("a", "b"))
    for call in range(1_000):
        group.steps.append(draw.randrange(-50, 50))
        group.times.append(1e9 + call)
        group.starts.append(2 * call)
        group.values.extend(array("d", [draw.choice(choices), draw.choice(choices)]))
    long: dict[str, Summary] = {}
    fold(long, [(group, 0)])
    short: dict[str, Summary] = {}
    for first in range(0, 1_000, 100):
        part = Group(group.names)
        part.steps, part.times = group.steps[first : first + 100], group.times[first : first + 100]
        part.starts, part.values = group.starts[first : first + 100], group.values[2 * first : 2 * first + 200]
        fold(short, [(part, 0)])
    assert _about(long) == _about(short)


def test_groups_without_new_calls_change_nothing() -> None:
    group = Group(("a",))
    known: dict[str, Summary] = {}
    fold(known, [(group, 0)])
    assert known == {}
