"""Code that a page offers: it runs, says what it means, and nothing that people wrote gets out of its quotes."""

from __future__ import annotations

import ast
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.dashboard.format.snippets import call, literal, recipe
from lakeboard.query.lake import open_lake
from tests.dashboard import lake as lakes
from tests.dashboard.recipes import run_recipe

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_a_literal_evaluates_to_its_value(value: Any) -> None:
    assert ast.literal_eval(literal(value)) == value


@given(st.text())
def test_a_literal_shows_all_that_it_holds(text: str) -> None:
    assert literal(text).isprintable()


def test_numbers_and_times_without_a_plain_literal() -> None:
    assert literal(math.inf) == 'float("inf")'
    assert literal(datetime(2026, 11, 5, 12, 30, tzinfo=UTC)) == 'datetime.fromisoformat("2026-11-05T12:30:00+00:00")'


def test_what_has_no_source_is_refused() -> None:
    with pytest.raises(TypeError, match="no source for a object"):
        literal(object())


def test_a_call_leaves_out_what_is_null_and_breaks_where_it_is_long() -> None:
    assert call("lake.runs", "digits", where=None) == 'lake.runs("digits")'
    long = call("lake.runs", "digits", where="x" * 90)
    assert long == f'lake.runs(\n    "digits",\n    where="{"x" * 90}",\n)'


def test_a_recipe_gives_the_frame(tmp_path: Path) -> None:
    root = lakes.make(tmp_path / "lake")
    code = recipe(root, "frame = " + call("lake.runs", "digits", where='model = "c"') + '.sort("val/acc")')
    assert code.startswith("import lakeboard\n\nlake = lakeboard.open(")
    expected = open_lake(root).runs("digits", where='model = "c"').sort("val/acc")
    assert run_recipe(code).drop("heartbeat_age").equals(expected.drop("heartbeat_age"))


def test_polars_is_imported_where_it_is_used() -> None:
    code = recipe("lake", 'frame = lake.runs("p").filter(pl.col("lr") > 1)', imports=["import datetime"])
    assert code.splitlines()[:3] == ["import datetime", "import polars as pl", "import lakeboard"]


def test_imports_of_one_module_are_one_line() -> None:
    imports = ["from lakeboard.query import run_table", "from lakeboard.query import Definition, band", "import math"]
    code = recipe("lake", "frame = pl.DataFrame()", imports=imports)
    assert code.splitlines()[:4] == [
        "from lakeboard.query import Definition, band, run_table",
        "import math",
        "import polars as pl",
        "import lakeboard",
    ]
