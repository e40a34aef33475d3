from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.query.filters.language import Filter, parse_filter, to_expr, to_text
from lakeboard.query.filters.widgets import (
    Choices,
    Contains,
    ParamFilter,
    Period,
    Pick,
    Range,
    Since,
    filters_for,
    from_widgets,
    to_widgets,
)
from lakeboard.schema.errors import FilterError

START = datetime(2026, 11, 1, tzinfo=UTC)


def frame() -> pl.DataFrame:
    n = 40
    return pl.DataFrame(
        {
            "run_id": [f"r{i}" for i in range(n)],
            "status": ["finished"] * (n - 1) + ["running"],
            "tags": [["a", "b"], ["a"], None, *[[]] * (n - 3)],
            "created_at": [START] * n,
            "params.lr": [10.0 ** -(i % 8) for i in range(n)],
            "params.width": list(range(100, 100 + n)),
            "params.depth": [1, 2, None, 4] * 10,
            "params.ema": [True, None, *[False] * (n - 2)],
            "params.text": [f"t{i}" for i in range(n)],
            "params.constant": ["x"] * n,
            "params.nothing": [None] * n,
            "params.bad": [math.nan, math.inf, *[float(i) for i in range(n - 2)]],
            "loss": [0.0] * n,
        },
        schema_overrides={
            "created_at": pl.Datetime("ms", "UTC"),
            "tags": pl.List(pl.String),
            "params.nothing": pl.Null,
        },
    )


def test_each_param_gets_the_widget_that_fits() -> None:
    found = {each.column: each for each in filters_for(frame())}
    assert {column: each.widget for column, each in found.items()} == {
        "status": "multi-choice", "tags": "multi-choice", "created_at": "period", "params.lr": "range",
        "params.width": "range", "params.depth": "multi-choice", "params.ema": "choice", "params.text": "contains",
        "params.constant": "multi-choice", "params.bad": "range",
    }  # fmt: skip
    assert found["params.lr"] == ParamFilter(
        "params.lr", "lr", "number", "range", low=1e-7, high=1.0, log=True, n_distinct=8
    )
    assert (found["params.width"].low, found["params.width"].high, found["params.width"].log) == (100, 139, False)
    assert (found["params.bad"].low, found["params.bad"].high, found["params.bad"].log) == (0, 37, False)
    assert found["params.depth"].choices == ((1, 10), (2, 10), (4, 10), (None, 10))
    assert found["params.ema"].choices == ((False, 38), (True, 1), (None, 1))
    assert found["tags"].choices == (("a", 2), ("b", 1), (None, 38))
    assert found["status"].choices == (("finished", 39), ("running", 1))
    assert found["params.constant"].n_distinct == 1
    assert (found["created_at"].low, found["created_at"].high) == (START.timestamp(), START.timestamp())


def test_columns_can_be_chosen() -> None:
    assert [each.column for each in filters_for(frame(), ["params.ema", "absent", "loss"])] == ["params.ema", "loss"]


def test_picks_become_a_filter_that_joins_the_box() -> None:
    picks: dict[str, Pick] = {
        "lr": Range(1e-3, 0.1), "params.depth": Choices((1, None)), "text": Contains("T"), "ema": Choices((False,)),
        "width": Range(), "status": Choices(()), "constant": Contains(""), "created_at": Period(START, None),
    }  # fmt: skip
    made = from_widgets(picks)
    assert to_text(made) == (
        'lr >= 0.001 and lr <= 0.1 and params.depth in (1, null) and text contains "T" and ema in (false) '
        'and created_at >= "2026-11-01 00:00:00.000"'
    )
    runs = frame()
    joined = made & parse_filter("width < 115")
    expected = [
        row["run_id"]
        for row in runs.iter_rows(named=True)
        if 1e-3 <= row["params.lr"] <= 0.1
        and row["params.depth"] in (1, None)
        and row["params.ema"] is False
        and row["params.width"] < 115
    ]
    assert len(expected) == 2
    assert runs.filter(to_expr(joined, runs.schema))["run_id"].to_list() == expected


def test_a_link_gives_the_picks_back() -> None:
    picks: dict[str, Pick] = {
        "params.lr": Range(1e-3, math.inf), "params.depth": Choices((1, 2.5, None)), "params.text": Contains('a "b"'),
        "params.ema": Choices((True, None)), "params.width": Range(low=3.0), "params.bad": Range(high=-1.0),
        "created_at": Period(START, datetime(2026, 11, 2, 3, 4, 5, 678000, tzinfo=UTC)),
        "tags": Choices(("true", "x")),
    }  # fmt: skip
    again = parse_filter(to_text(from_widgets(picks)))
    assert to_widgets(again, frame()) == (picks, parse_filter(""))


@pytest.mark.parametrize(
    "text",
    ["lr > 1", "lr >= 1 or lr <= 0", "lr in (width)", "not ema", "lr >= width", "text contains `text`", "absent in (1)",
     "created_at < 2026-11-01", "created_at < 'x'", "lr <= 1 and lr <= 2", "text in (a)"],
)  # fmt: skip
def test_what_no_widget_shows_stays_text(text: str) -> None:
    picks, rest = to_widgets(parse_filter(f"ema in (true) and ({text})"), frame())
    kept = to_text(rest)
    assert picks["params.ema"] == Choices((True,))
    if text == "lr <= 1 and lr <= 2":
        assert (kept, picks["params.lr"]) == ("lr <= 2", Range(high=1.0))
    else:
        assert (parse_filter(kept), len(picks)) == (parse_filter(text), 1)


def test_too_many_choices_are_refused() -> None:
    with pytest.raises(FilterError, match="choose fewer values"):
        from_widgets({"text": Choices(tuple("x" * 100 for _ in range(50)))})


_choices = st.lists(
    st.one_of(st.none(), st.booleans(), st.text(max_size=5), st.integers(-5, 5), st.floats(allow_nan=False)),
    min_size=1,
    max_size=4,
)


@given(_choices)
@settings(deadline=None)
def test_any_choices_survive_the_link(values: list[str | float | bool | None]) -> None:
    made = from_widgets({"text": Choices(tuple(values))})
    picks, rest = to_widgets(parse_filter(to_text(made)), frame())
    assert (picks, rest.term) == ({"params.text": Choices(tuple(values))}, None)


def test_since_counts_from_whenever_it_is_asked() -> None:
    text = to_text(from_widgets({"created_at": Since("7 days ago")}))
    assert text == 'created_at >= "7 days ago"'
    assert to_widgets(parse_filter(text), frame()) == ({"created_at": Since("7 days ago")}, Filter())
    kept = [
        frame().filter(to_expr(parse_filter(text), frame().schema, now=now)).height
        for now in (START + timedelta(days=6), START + timedelta(days=8))
    ]
    assert kept == [40, 0]
    odd = 'created_at >= "yesterday"'
    assert to_widgets(parse_filter(odd), frame()) == ({}, parse_filter(odd))
