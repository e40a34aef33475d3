"""The frontier: by the definition, whatever the numbers."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.query.compare.pareto import frontier, on_frontier
from lakeboard.query.names.direction import Goal
from lakeboard.schema.errors import InvalidSetting

VALUES = st.one_of(st.none(), st.integers(0, 4).map(float), st.sampled_from([math.nan, math.inf, -math.inf]))


def runs(*points: tuple[float | None, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "run_id": [f"r{i}" for i in range(len(points))],
            "cost": [x for x, _ in points],
            "acc": [y for _, y in points],
        },
        schema={"run_id": pl.String, "cost": pl.Float64, "acc": pl.Float64},
    )


BOTH: dict[str, Goal] = {"cost": "minimize", "acc": "maximize"}


def test_cheaper_or_better_stays() -> None:
    found = frontier(runs((1, 0.5), (2, 0.7), (3, 0.6), (4, 0.9), (4, 0.8)), BOTH)
    assert found["run_id"].to_list() == ["r0", "r1", "r3"]
    by_acc = frontier(runs((1, 0.5), (2, 0.7), (3, 0.6)), {"acc": "maximize", "cost": "minimize"})
    assert by_acc["run_id"].to_list() == ["r1", "r0"]


def test_equal_runs_stand_together_and_half_a_tie_falls() -> None:
    assert on_frontier(runs((1, 1), (1, 1), (2, 1), (1, 0)), BOTH).to_list() == [True, True, False, False]


def test_what_has_no_finite_value_is_never_on_it() -> None:
    found = on_frontier(runs((None, 1), (0, math.nan), (-math.inf, 1), (1, math.inf), (5, 0.1)), BOTH)
    assert found.to_list() == [False, False, False, False, True]
    assert on_frontier(runs(), BOTH).to_list() == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(VALUES, VALUES), max_size=14),
    st.sampled_from(["minimize", "maximize"]),
    st.sampled_from(["minimize", "maximize"]),
)
def test_it_is_what_the_definition_says(points: list[tuple[float | None, float | None]], a: Goal, b: Goal) -> None:
    def signed(point: tuple[float | None, float | None]) -> tuple[float, ...] | None:
        values = [v if goal == "minimize" or v is None else -v for v, goal in zip(point, (a, b), strict=True)]
        known = tuple(v for v in values if v is not None and math.isfinite(v))
        return known if len(known) == 2 else None

    def beaten(own: tuple[float, ...]) -> bool:
        others = [each for each in map(signed, points) if each is not None]
        return any(o != own and all(x <= y for x, y in zip(o, own, strict=True)) for o in others)

    expected = [(own := signed(point)) is not None and not beaten(own) for point in points]
    assert on_frontier(runs(*points), {"cost": a, "acc": b}).to_list() == expected


def test_odd_objectives_are_told() -> None:
    with pytest.raises(InvalidSetting, match="at least one objective"):
        on_frontier(runs((1, 1)), {})
    with pytest.raises(InvalidSetting, match="'speed' is no column of numbers"):
        on_frontier(runs((1, 1)), {"speed": "minimize"})
    with pytest.raises(InvalidSetting, match="no column of numbers"):
        on_frontier(runs((1, 1)), {"run_id": "minimize"})
    with pytest.raises(InvalidSetting, match="the goal 'less'"):
        on_frontier(runs((1, 1)), {"cost": "less"})  # type: ignore[dict-item]
