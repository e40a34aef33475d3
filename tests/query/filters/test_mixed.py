"""Params of several kinds: numbers stay numbers in filters, orders, controls and on the command line."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lakeboard
from lakeboard.cli import main
from lakeboard.query.filters.language import compile_filter, parse_filter, to_text
from lakeboard.query.filters.lookup import other_meanings
from lakeboard.query.filters.widgets import Range, filters_for, from_widgets, to_widgets
from lakeboard.query.tables.ordering import order_of
from lakeboard.schema.errors import FilterError

RUNS = pl.DataFrame(
    {
        "run_id": list("abcdefgh"),
        "name": ["3", "10", "x", "y", "z", "u", "v", "w"],
        "params.lr": ["0.1", "auto", "2", "10", None, "NaN", "inf", "Auto"],
        "params.depth": [1, 2, 3, 4, 5, 6, 7, 8],
    }
)


def asked(text: str) -> str:
    found = "".join(RUNS.filter(compile_filter(text, RUNS.schema))["run_id"])
    assert "".join(RUNS.filter(compile_filter(to_text(parse_filter(text)), RUNS.schema))["run_id"]) == found
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lr < 3", "ac"),
        ('lr < "3"', "ac"),
        ("lr >= 2", "cdg"),
        ("not lr < 3", "dg"),
        ("lr = 2", "c"),
        ("lr = 2.0", "c"),
        ("lr != 2", "abdfgh"),
        ('lr = "auto"', "b"),
        ("lr = auto", "b"),
        ('lr != "auto"', "acdfgh"),
        ("lr in (10, auto, null)", "bde"),
        ("lr not in (10, auto)", "acfgh"),
        ("lr between 0.1 and 2", "ac"),
        ('lr < "b"', "bh"),
        ("lr contains uto", "bh"),
        ("lr = nan", "f"),
        ("lr = inf", "g"),
        ("inf > lr", "acd"),
        ("nan = lr", "f"),
        ("inf >= lr >= 2", "cdg"),
        ("lr > `depth`", "dg"),
        ("depth > lr", "ac"),
        ("lr is null", "e"),
    ],
)
def test_numbers_compare_as_numbers(text: str, expected: str) -> None:
    assert asked(text) == expected


def test_columns_of_the_run_itself_stay_text() -> None:
    with pytest.raises(FilterError, match='write "3"'):
        asked("name < 3")
    assert asked('name < "2"') == "b"


@pytest.mark.parametrize(("sort", "expected"), [("params.lr", "acdghbef"), ("-params.lr", "gdcabhef")])
def test_numbers_sort_by_size_before_texts_and_what_is_missing_is_last(sort: str, expected: str) -> None:
    # `Auto` before `auto`: by code point, as everywhere.
    assert "".join(RUNS["run_id"].gather(order_of(RUNS["params.lr"], sort))) == expected


@given(st.lists(st.one_of(st.none(), st.floats(), st.integers(-(2**40), 2**40), st.sampled_from(["auto", "x", ""]))))
def test_an_order_has_every_run_once_and_numbers_in_order(values: list[float | str | None]) -> None:
    column = pl.Series("v", [None if v is None else str(v) for v in values], dtype=pl.String)
    order = order_of(column, "params.v").to_list()
    assert sorted(order) == list(range(len(values)))
    numbers = [float(v) for i in order if isinstance(v := values[i], (int, float)) and not math.isnan(v)]
    assert numbers == sorted(numbers)
    texts = [i for i, at in enumerate(order) if isinstance(values[at], str)]
    assert all(i >= len(numbers) for i in texts)


def test_a_range_of_numbers_is_offered_where_a_few_values_are_text() -> None:
    many = pl.DataFrame({"params.lr": [*(str(i / 100) for i in range(1, 60)), "auto"], "params.t": ["t"] * 60})
    (lr, _) = filters_for(many)
    assert (lr.widget, lr.low, lr.high, lr.log) == ("range", 0.01, 0.59, False)
    picked = from_widgets({"params.lr": Range(0.1, 0.2)})
    assert many.filter(compile_filter(to_text(picked), many.schema)).height == 11
    assert to_widgets(picked, many)[0] == {"params.lr": Range(0.1, 0.2)}


def test_a_param_that_took_a_columns_name_is_told() -> None:
    schema = {
        "status": pl.String(), "params.status": pl.String(), "params.lr": pl.Float64(), "params.loss": pl.Float64(),
        **dict.fromkeys(("loss", "loss.min", "loss.max", "loss.mean"), pl.Float64()),
    }  # fmt: skip
    assert other_meanings(parse_filter("status = finished and lr < 3 and loss > 1"), schema) == (
        "`status` is the param here; `run.status` is the run's own",
        "`loss` is the param here; `metrics.loss` is the metric",
    )
    assert other_meanings(parse_filter("run.status = finished and metrics.loss > 1"), schema) == ()


def test_so_does_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake = str(tmp_path / "lake")
    for name, lr in (("a", 0.1), ("b", "auto"), ("c", 2), ("d", 10)):
        lakeboard.init("p", name=name, config={"lr": lr, "status": "odd"}, lake=lake, quiet=True).finish()
    assert main(["ls", "p", "--lake", lake, "--where", "lr < 3", "--sort", "lr", "--json"]) == 0
    told = capsys.readouterr().out
    assert told.index('"a"') < told.index('"c"')
    assert '"b"' not in told
    assert '"d"' not in told
    assert main(["ls", "p", "--lake", lake, "--where", "status = finished"]) == 0
    assert "`run.status` is the run's own" in capsys.readouterr().err
