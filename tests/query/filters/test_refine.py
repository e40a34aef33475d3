from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lakeboard.query.filters.language import compile_filter, parse_filter, to_text
from lakeboard.query.filters.refine import alike, narrowed
from lakeboard.schema.errors import FilterError

TEXTS = st.text(max_size=12)
COLUMNS: dict[str, tuple[pl.DataType, st.SearchStrategy[Any]]] = {
    "params.model": (pl.String(), st.none() | TEXTS),
    "params.and": (pl.Int64(), st.none() | st.integers(-(2**62), 2**62)),
    "params.lr": (pl.Float64(), st.none() | st.floats(allow_nan=False, allow_infinity=True)),
    "params.ema": (pl.Boolean(), st.none() | st.booleans()),
    "tags": (pl.List(pl.String()), st.lists(TEXTS, max_size=3, unique=True)),
}


def same(a: Any, b: Any) -> bool:
    """Whether a run with `b` counts as having the value `a`."""
    return set(a) <= set(b) and bool(a) == bool(b) if isinstance(a, list) else a == b


@pytest.mark.parametrize("column", COLUMNS)
@given(data=st.data())
def test_runs_with_a_value_and_runs_without_it_are_all_runs(column: str, data: st.DataObject) -> None:
    dtype, values = COLUMNS[column]
    held = data.draw(st.lists(values, min_size=1, max_size=6))
    frame = pl.DataFrame({"at": range(len(held)), column: pl.Series(held, dtype=dtype)})
    wanted = held[0]
    only = frame.filter(compile_filter(to_text(alike(column, wanted, frame.schema)), frame.schema))["at"].to_list()
    others = frame.filter(compile_filter(to_text(alike(column, wanted, frame.schema, without=True)), frame.schema))[
        "at"
    ].to_list()
    assert only == [i for i, each in enumerate(held) if same(wanted, each)]
    assert sorted(only + others) == list(range(len(held)))


def test_a_filter_grows_by_a_value_once() -> None:
    schema = pl.DataFrame({"params.lr": [0.1], "params.model": ["a"]}).schema
    more = alike("params.model", "a", schema)
    assert to_text(more) == 'model = "a"'
    assert narrowed("lr < 1 or lr > 2", more) == '(lr < 1 or lr > 2) and model = "a"'
    assert narrowed('lr < 1 and model = "a"', more) == 'lr < 1 and model = "a"'
    assert narrowed("", more) == 'model = "a"'


def test_nan_is_asked_for_by_its_name() -> None:
    frame = pl.DataFrame({"params.lr": [0.1, math.nan, None]})
    text = to_text(alike("params.lr", math.nan, frame.schema))
    assert frame.filter(compile_filter(text, frame.schema)).height == 1


def test_what_has_no_room_is_refused() -> None:
    schema = pl.DataFrame({"params.text": ["a"], "created_at": [None]}).schema
    with pytest.raises(FilterError, match="5,"):
        alike("params.text", "x" * 5000, schema)
    with pytest.raises(FilterError, match="created_at"):
        alike("created_at", object(), schema)
    with pytest.raises(FilterError, match="4,"):
        narrowed("lr < " + "1" * 3990, alike("params.text", "x" * 100, schema))


@given(text=TEXTS)
@example('quote " and `tick`')
def test_the_filter_can_be_read_again(text: str) -> None:
    found = alike("params.odd name", text, pl.DataFrame({"params.odd name": [text]}).schema)
    assert parse_filter(to_text(found)) == found
