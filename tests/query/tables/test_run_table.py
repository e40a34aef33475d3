"""The table of runs as a frame, by equality with what plain Polars gives."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.filters.language import compile_filter
from lakeboard.query.lake import Lake
from lakeboard.query.tables.run_table import counting_filters, run_table, select_rows
from lakeboard.schema.errors import FilterError
from lakeboard.store.memory import MemoryStore
from tests.checkout import ROOT
from tests.query.lakes import ended_run, note_lake, put_pack

RUNS = pl.DataFrame(
    {
        "project": ["p", "p", "p", "p"],
        "run_id": ["r0", "r1", "r2", "r3"],
        "name": ["a", "b", "c", None],
        "params.lr": [0.1, 0.01, 0.1, None],
        "tags": [["x"], [], ["x", "y"], ["y"]],
        "m": [1.0, float("nan"), 3.0, 2.0],
        "m.min": [0.5, None, 1.0, 2.0],
        "m.max": [1.5, None, 3.0, 2.0],
        "m.mean": [1.0, None, 2.0, 2.0],
    }
)


def ids(**asked: object) -> list[str]:
    return run_table(RUNS, **asked)["run_id"].to_list()  # type: ignore[arg-type]


def test_rows_pass_all_filters_in_order_and_what_is_missing_comes_last() -> None:
    assert ids(where=["lr = 0.1", "m < 3"]) == ["r0"]
    assert ids(where="lr = 0.1", sort="-m") == ["r2", "r0"]
    assert ids(sort="m") == ["r0", "r3", "r2", "r1"]
    assert ids(sort="-m") == ["r2", "r3", "r0", "r1"]
    assert ids(sort="tags") == ["r1", "r0", "r2", "r3"]
    assert ids(sort="nothing") == ["r0", "r1", "r2", "r3"]
    assert ids(where="not lr = 0.1") == ["r1"]


def test_columns_come_as_asked_after_id_and_name() -> None:
    assert run_table(RUNS, columns=["m.max", "gone", "params.lr", "m.max"]).columns == [
        "run_id", "name", "m.max", "params.lr",
    ]  # fmt: skip
    assert run_table(RUNS).columns == ["run_id", "name", *[c for c in RUNS.columns if c not in ("run_id", "name")]]
    two = pl.concat([RUNS, RUNS.with_columns(project=pl.lit("q"))])
    assert run_table(two, columns=["m"]).columns == ["project", "run_id", "name", "m"]


def test_groups_are_of_the_rows_that_pass() -> None:
    frame = run_table(RUNS, where="m < 3", group=["params.lr"], columns=["m"], sort="-m")
    assert frame.rows() == [(None, 1, 2.0, None, 1), (0.1, 1, 1.0, None, 1)]


def test_a_filter_that_does_not_fit_is_told() -> None:
    with pytest.raises(FilterError, match="bogus"):
        run_table(RUNS, where="bogus = 1")


def test_no_rows_are_no_trouble() -> None:
    none = RUNS.clear()
    assert run_table(none, where="lr < 1", sort="-m", columns=["m"]).height == 0
    assert run_table(none, group=["params.lr"], columns=["m", "tags"]).height == 0


@given(
    st.lists(st.tuples(st.none() | st.floats(), st.none() | st.integers(-3, 3)), max_size=12),
    st.sampled_from(["", "a < 1", "not a < 1", "a is null", "b in (1, 2) or a > 0", "b != 0"]),
    st.sampled_from(["", "a", "-a", "b", "-b"]),
)
def test_it_is_what_filtering_the_whole_frame_gives(
    rows: list[tuple[float | None, int | None]], where: str, sort: str
) -> None:
    runs = pl.DataFrame(rows, schema={"a": pl.Float64, "b": pl.Int64}, orient="row").with_row_index("at")
    whole = runs.filter(compile_filter(where, runs.schema))
    by = sort.removeprefix("-")
    if by:
        key = pl.col(by).fill_nan(None) if by == "a" else pl.col(by)
        whole = whole.sort(key, descending=sort.startswith("-"), nulls_last=True, maintain_order=True)
    assert runs[select_rows(runs, where=where, sort=sort)]["at"].to_list() == whole["at"].to_list()


def test_what_the_page_about_it_says_runs() -> None:
    page = (ROOT / "docs/runs.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    store = MemoryStore("lake")
    note_lake(store)
    put_pack(store, [ended_run(f"r{n}", {"lr": 0.1 * (n % 2), "seed": n}, {"val/acc": [n]}) for n in range(4)])
    names: dict[str, Any] = {"lake": Lake(store)}
    for block in blocks:
        exec(compile(block, "runs.md", "exec"), names)
    frame = names["frame"]
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns == ["config", "n", "val/acc", "val/acc.std", "val/acc.n"]
    assert frame.select("config", "n", "val/acc").rows() == [("lr=0.1", 2, 2.0), ("lr=0.0", 2, 1.0)]


def test_a_filter_is_compiled_once_for_saying_whether_it_fits_and_for_using_it() -> None:
    with patch("lakeboard.query.tables.run_table.compile_filter", wraps=compile_filter) as compiling:
        good, faults = counting_filters(["lr = 0.1", " ", "m <", "m < 3"], RUNS)
        assert [each.text for each in good] == ["lr = 0.1", "m < 3"]
        assert select_rows(RUNS, where=good, sort="m").to_list() == [0]
    assert compiling.call_count == 3, "blank ones are none"
    assert list(faults) == ["m <"]
    assert faults["m <"].__traceback__ is None
    assert good[0] == counting_filters(["lr = 0.1"], RUNS)[0][0]
