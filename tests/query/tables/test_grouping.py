"""Groups of runs, by equality."""

from __future__ import annotations

import math
import statistics
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.filters.language import compile_filter, to_text
from lakeboard.query.names.params import CONFIG
from lakeboard.query.tables.grouping import find_groups, group_filter, group_runs, stat_names
from lakeboard.schema.errors import InvalidSetting

T = datetime(2026, 1, 1, tzinfo=UTC)


def runs(**columns: Any) -> pl.DataFrame:
    """Runs with one metric `m` and more columns."""
    n = len(next(iter(columns.values())))
    m = pl.Series("m", columns.pop("m", [float(i) for i in range(n)]), dtype=pl.Float64)
    frame = pl.DataFrame({"run_id": [f"r{i}" for i in range(n)], **columns}, strict=False)
    return frame.with_columns(m, (m - 1).alias("m.min"), (m + 1).alias("m.max"), m.alias("m.mean"))


def test_a_group_has_n_mean_and_std_of_what_is_measured() -> None:
    frame = runs(**{"params.model": ["a", "b", "a", "a"], "m": [1.0, 5.0, 2.0, math.nan]})
    assert group_runs(frame, ["params.model"], ["m"]).to_dicts() == [
        {"params.model": "a", "n": 3, "m": 1.5, "m.std": statistics.stdev([1.0, 2.0]), "m.n": 2},
        {"params.model": "b", "n": 1, "m": 5.0, "m.std": None, "m.n": 1},
    ]


def test_what_is_chosen_shows_where_all_agree_and_times_the_latest() -> None:
    frame = runs(
        **{
            "user": ["ada", "ada", "ben"],
            "params.seed": [1, 2, 3],
            "tags": [["x", "y"], ["y", "x"], []],
            "created_at": [T, T.replace(day=2), T],
        }
    )
    found = group_runs(frame, ["user"], ["params.seed", "tags", "created_at"]).to_dicts()
    assert found == [
        {"user": "ada", "n": 2, "params.seed": None, "params.seed.values": 2, "tags": ["x", "y"], "tags.values": 1,
         "created_at": T.replace(day=2)},
        {"user": "ben", "n": 1, "params.seed": 3, "params.seed.values": 1, "tags": [], "tags.values": 1,
         "created_at": T},
    ]  # fmt: skip


def test_groups_sort_by_a_mean_and_by_what_they_share() -> None:
    frame = runs(**{"params.model": ["a", "b", "c", "c"], "m": [1.0, None, 3.0, 5.0]})
    assert group_runs(frame, ["params.model"], ["m"], sort="-m")["params.model"].to_list() == ["c", "a", "b"]
    assert group_runs(frame, ["params.model"], ["m"], sort="m")["params.model"].to_list() == ["a", "c", "b"]
    assert group_runs(frame, ["params.model"], ["m"], sort="-params.model")["params.model"].to_list() == ["c", "b", "a"]
    assert group_runs(frame, ["params.model"], ["m"])["params.model"].to_list() == ["c", "a", "b"], "largest first"


def test_several_columns_and_missing_values_make_groups() -> None:
    frame = runs(**{"params.model": ["a", None, None, "a"], "dataset": ["x", "x", "x", "y"]})
    assert group_runs(frame, ["params.model", "dataset"], []).rows() == [(None, "x", 2), ("a", "x", 1), ("a", "y", 1)]


def test_a_config_is_all_params_but_seeds() -> None:
    frame = runs(**{"params.lr": [0.1, 0.1, 0.2], "params.seed": [1, 2, 1], "params.same": [7, 7, 7]})
    found = find_groups(frame, [CONFIG], ["m"])
    assert found.keys.columns == ["params.lr"]
    assert found.frame.select("config", "n", "m").rows() == [("lr=0.1", 2, 0.5), ("lr=0.2", 1, 2.0)]
    alike = runs(**{"params.seed": [1, 2]})
    assert group_runs(alike, [CONFIG], []).rows() == [("all alike", 2)]


def test_a_run_is_in_the_group_of_each_of_its_tags() -> None:
    frame = runs(tags=[["a", "b"], ["b"], []], m=[1.0, 3.0, 7.0])
    assert group_runs(frame, ["tags"], ["m"]).select("tags", "n", "m").rows() == [
        ("b", 2, 2.0), ("a", 1, 1.0), (None, 1, 7.0),
    ]  # fmt: skip


def test_only_some_rows_are_grouped_and_members_are_places_in_the_whole() -> None:
    frame = runs(user=["a", "b", "a", "b"])
    found = find_groups(frame, ["user"], ["m"], rows=pl.Series([3, 2, 1], dtype=pl.UInt32))
    assert found.frame.rows() == [("b", 2, 2.0, statistics.stdev([3, 1]), 2), ("a", 1, 2.0, None, 1)]
    assert found.members.to_list() == [[3, 1], [2]]


def test_a_group_is_called_the_same_whatever_else_is_there() -> None:
    frame = runs(user=["a", "b", "b"])
    one = find_groups(frame, ["user"], [])
    two = find_groups(frame.head(1), ["user"], ["m"])
    assert one.id_of(1) == two.id_of(0) != one.id_of(0)


def test_added_columns_step_aside_for_those_that_are_there() -> None:
    assert stat_names(["n"], ["m", "m.n"])["m", "n"] == "m.n_"
    frame = runs(user=["a"]).with_columns(pl.lit("x").alias("m.std"))
    assert group_runs(frame, ["user"], ["m", "m.std"]).columns == [
        "user", "n", "m", "m.std_", "m.n", "m.std", "m.std.values",
    ]  # fmt: skip


@pytest.mark.parametrize("by", [[], "user", ["bogus"]])
def test_what_can_not_be_grouped_by_says_so(by: list[str]) -> None:
    with pytest.raises(InvalidSetting, match="group by"):
        group_runs(runs(user=["a"]), by, [])


VALUES = st.none() | st.text(max_size=6)
NUMBERS = st.none() | st.floats()


@given(st.lists(st.tuples(VALUES, NUMBERS, st.none() | st.booleans()), min_size=1, max_size=10))
def test_the_filter_of_a_group_finds_its_runs_and_groups_share_out_all(
    rows: list[tuple[str | None, float | None, bool | None]],
) -> None:
    names = ["params.text", "params.number", "params.flag"]
    types = [pl.String(), pl.Float64(), pl.Boolean()]
    frame = pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")
    found = find_groups(frame, names, [])
    every = sorted(row for rows in found.members.to_list() for row in rows)
    assert every == list(range(frame.height))
    for at in range(found.frame.height):
        text = group_filter(found, at, frame.schema)
        assert text is not None
        passed = frame.with_row_index("at").filter(compile_filter(to_text(text), frame.schema))["at"]
        assert sorted(passed) == sorted(found.members[at])
