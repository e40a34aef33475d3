"""Frames of runs: columns, types, clashes, several writers, decisions, filters."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.query.lake import Lake
from lakeboard.query.names.run_columns import RUN_SCHEMA
from lakeboard.query.snapshots.runs_frame import metric_columns
from lakeboard.schema.errors import FilterError
from lakeboard.schema.keys import RowKey
from lakeboard.schema.parquet import encode_table
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.schema.run.row import RunRow, merge_writers
from lakeboard.schema.run.summary import Summary
from lakeboard.schema.values import flatten_params
from lakeboard.store.testing import MemoryStore
from tests.effort import examples
from tests.query.lakes import Point, Writer, ended_run, loss, put_edit, put_pack


def runs_of(configs: list[dict[str, Any]], **more: Any) -> pl.DataFrame:
    """The frame of runs with these configs, half of them packed, in order."""
    store = MemoryStore()
    rows = [ended_run(f"r{i}", config, {}) for i, config in enumerate(configs)]
    put_pack(store, rows[::2])
    for row in rows[1::2]:
        store.put(RowKey("digits", row.run_id, row.writer, 1).path, encode_table(rows_to_table([row])))
    return Lake(store).runs("digits", **more).sort("run_id")


def column(values: list[Any]) -> tuple[Any, list[Any]]:
    """Type and cells of a param with these values."""
    series = runs_of([{"x": v} for v in values])["params.x"]
    return series.dtype, series.to_list()


def test_own_columns_come_first_and_in_order() -> None:
    frame = runs_of([{"lr": 1.0}])
    assert list(frame.schema.items())[: len(RUN_SCHEMA)] == list(RUN_SCHEMA.items())
    assert frame.columns[len(RUN_SCHEMA) :] == ["params.lr"]


BIG = 2**70


@pytest.mark.parametrize(
    ("values", "dtype", "cells"),
    [
        ([1, 2], pl.Int64, [1, 2]),
        ([1, -(2**63)], pl.Int64, [1, -(2**63)]),
        ([2**53 + 1, 2**53], pl.Int64, [2**53 + 1, 2**53]),
        ([1, 0.5], pl.Float64, [1.0, 0.5]),
        ([1e-300, math.inf], pl.Float64, [1e-300, math.inf]),
        ([True, False], pl.Boolean, [True, False]),
        (["a", ""], pl.String, ["a", ""]),
        ([None, 3], pl.Int64, [None, 3]),
        ([None, None], pl.String, [None, None]),
        ([True, 1], pl.String, ["true", "1"]),
        ([0.1, "auto"], pl.String, ["0.1", "auto"]),
        ([3, "3.0"], pl.String, ["3", "3.0"]),
        ([3, 1.0, "x"], pl.String, ["3", "1.0", "x"]),
        ([[1, 2], "x"], pl.String, ["[1,2]", "x"]),
        ([[1, 2], []], pl.String, ["[1,2]", "[]"]),
        ([BIG, 1], pl.String, [str(BIG), "1"]),
        ([BIG, 0.5], pl.Float64, [float(BIG), 0.5]),
        ([False, None, "no"], pl.String, ["false", None, "no"]),
    ],
    ids=repr,
)
def test_params_are_typed_when_all_runs_agree(values: list[Any], dtype: Any, cells: list[Any]) -> None:
    assert column(values) == (dtype, cells)


def test_nan_is_a_value_and_not_a_null() -> None:
    series = runs_of([{"x": math.nan}, {}, {"x": 1.0}])["params.x"]
    assert series.is_nan().to_list() == [True, None, False]
    assert series.null_count() == 1


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**80), 2**80), st.floats(), st.text(max_size=5), st.lists(st.integers())
)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "ç/d", "e.f"]), scalars), min_size=1, max_size=8))
def test_params_of_one_kind_come_back_exactly(configs: list[dict[str, Any]]) -> None:
    frame = runs_of(configs)
    for name in ("a", "b", "ç/d", "e.f"):
        cells = frame[f"params.{name}"].to_list() if f"params.{name}" in frame.columns else [None] * len(configs)
        given_values = [config.get(name) for config in configs]
        kinds = {type(v) for v in given_values if v is not None}
        present = [v is not None for v in given_values]
        assert [c is not None for c in cells] == present
        if kinds == {int} and all(-(2**63) <= v < 2**63 for v in given_values if v is not None):
            assert cells == given_values
        elif kinds <= {float}:
            assert repr(cells) == repr(given_values)
        elif kinds in ({bool}, {str}):
            assert cells == given_values


def test_metrics_are_four_columns_each() -> None:
    store = MemoryStore()
    put_pack(store, [ended_run("r0", {}, {"loss": [3.0, 1.0, 2.0]}), ended_run("r1", {}, {"acc": [math.nan]})])
    frame = Lake(store).runs("digits").sort("run_id")
    assert frame.columns[len(RUN_SCHEMA) :] == [
        *("acc", "acc.min", "acc.max", "acc.mean"),
        *("loss", "loss.min", "loss.max", "loss.mean"),
    ]
    assert frame.select(pl.col("^loss.*$")).rows() == [(2.0, 1.0, 3.0, 2.0), (None, None, None, None)]
    acc = frame.row(1, named=True)
    assert math.isnan(acc["acc"])
    assert acc["acc.max"] is None, "the best of nothing but NaN is nothing"
    assert frame["last_step"].to_list() == [2, 0]


def test_datasets_have_columns_of_their_own() -> None:
    store = MemoryStore()
    w = Writer(store).start().log([Point("acc", 0, 0.5), Point("acc", 0, 0.25, "cifar10")])
    w.finish()
    frame = Lake(store).runs("digits")
    assert frame.select("acc", "acc [cifar10]", "acc [cifar10].max").row(0) == (0.5, 0.25, 0.25)


def test_names_that_clash_are_told_apart() -> None:
    store = MemoryStore()
    names = ("status", "loss", "loss.min", "params.lr", "metrics.status", "duration")
    put_pack(store, [ended_run("r0", {"lr": 7}, {name: [float(i)] for i, name in enumerate(names)})])
    frame = Lake(store).runs("digits")
    row = frame.row(0, named=True)
    assert row["status"] == "finished"
    assert row["params.lr"] == 7
    assert row["loss"] == 1.0
    assert row["metrics.loss.min"] == 2.0
    assert row["metrics.params.lr"] == 3.0
    assert row["metrics.duration"] == 5.0
    assert {row["metrics.status"], row["metrics.metrics.status"]} == {0.0, 4.0}
    assert len(set(frame.columns)) == len(frame.columns)


@given(st.lists(st.sampled_from(["a", "a.min", "a.min.min", "metrics.a", "metrics.a.min", "b"]), unique=True))
def test_metric_columns_never_clash(labels: list[str]) -> None:
    found = metric_columns(sorted(labels), taken={"b", "a.max"})
    names = [column for columns in found.values() for column in columns]
    assert len(names) == len(set(names)) == 4 * len(labels)
    assert not {"b", "a.max"} & set(names)
    for columns in found.values():
        assert [c.removeprefix(columns[0]) for c in columns] == ["", ".min", ".max", ".mean"]


def test_several_writers_are_one_run() -> None:
    store = MemoryStore()
    ranks = [
        Writer(store, rand=f"0000000{i}", config={"lr": 0.1, f"rank{i}": i}, fields={"tags": (f"t{i}",)}).start()
        for i in range(3)
    ]
    for i, w in enumerate(ranks):
        w.log([Point("loss", step, float(step + i)) for step in range(4)]).finish()
    again = Writer(store, attempt=2, rand="00000009", config={"lr": 0.2}).start().log(loss(2, first=4))
    again.finish("failed", error="no room")
    rows = [w.final_row() for w in ranks] + [replace(again.final_row("failed"), error="no room")]
    lake = Lake(store)
    (row,) = lake.runs("digits").iter_rows(named=True)
    merged = merge_writers(rows)
    assert row["status"] == "failed"
    assert row["error"] == "no room"
    assert row["attempts"] == 2
    assert row["rows"] == 14
    assert row["params.lr"] == 0.2
    assert [row[f"params.rank{i}"] for i in range(3)] == [0, 1, 2]
    assert row["tags"] == ["t0", "t1", "t2"]
    assert row["loss"] == merged.summary["loss"].last
    assert row["loss.max"] == 5.0
    assert row["last_step"] == 5
    put_pack(store, rows)
    store.delete([info.key for info in store.list("runs/") if "/r-" in info.key])
    assert list(lake.runs("digits").iter_rows(named=True)) == [row], "packed or not"
    view = lake.run("digits", "r1")
    assert (view.row.status, len(view.writers), view.live) == ("failed", 4, ())
    assert view.row.params["lr"].num == 0.2


def test_decisions_are_applied() -> None:
    store = MemoryStore()
    put_pack(store, [ended_run(f"r{i}", {}, {}, name=f"run {i}", tags=("a", "b"), notes="n") for i in range(4)])
    put_edit(store, ["r0"], "rename", "best", hlc=1)
    put_edit(store, ["r0", "r1"], "tag", "c", hlc=2)
    put_edit(store, ["r1"], "untag", "a", hlc=3)
    put_edit(store, ["r1"], "note", "", hlc=4)
    put_edit(store, ["r2"], "delete", hlc=5, editor="mia")
    put_edit(store, ["r3"], "delete", hlc=6)
    put_edit(store, ["r3"], "restore", hlc=7)
    put_edit(store, ["r9"], "rename", "nobody", hlc=8)
    lake = Lake(store)
    names = ("run_id", "name", "tags", "notes", "deleted", "deleted_by")
    frame = lake.runs("digits", deleted=True).sort("run_id").select(names)
    assert frame.rows() == [
        ("r0", "best", ["a", "b", "c"], "n", False, None),
        ("r1", "run 1", ["b", "c"], "", False, None),
        ("r2", "run 2", ["a", "b"], "n", True, "mia"),
        ("r3", "run 3", ["a", "b"], "n", False, None),
    ]
    assert lake.runs("digits").sort("run_id")["run_id"].to_list() == ["r0", "r1", "r3"]
    put_edit(store, ["r0"], "purge", hlc=9)
    put_edit(store, ["r0"], "restore", hlc=10)
    assert lake.runs("digits", deleted=True).sort("run_id")["run_id"].to_list() == ["r1", "r2", "r3"]


def test_newest_runs_come_first() -> None:
    store = MemoryStore()
    times = {"a": 5, "b": 7, "c": None, "d": 6, "e": 5}
    put_pack(store, [ended_run(run, {}, {}, created_at=at) for run, at in times.items()])
    assert Lake(store).runs("digits")["run_id"].to_list() == ["b", "d", "a", "e", "c"]


def test_only_the_columns_asked_for() -> None:
    configs = [{"lr": 0.1 * i, "n": i} for i in range(4)]
    frame = runs_of(configs, columns=["params.n", "params.nope", "status"])
    assert frame.columns == [*RUN_SCHEMA, "params.n"]
    assert runs_of(configs, columns=[]).columns == list(RUN_SCHEMA)
    some = runs_of(configs, columns=["params.n"], where="lr > 0.15")
    assert some["params.n"].to_list() == [2, 3]
    assert some.columns == [*RUN_SCHEMA, "params.n"]


def test_filters_see_every_column() -> None:
    configs: list[dict[str, Any]] = [{"lr": 0.1, "opt": "adam"}, {"lr": 0.2, "opt": "sgd"}, {"lr": 0.3}]
    assert runs_of(configs, where='opt = "sgd"')["run_id"].to_list() == ["r1"]
    assert runs_of(configs, where="lr > 0.15 and status = finished")["run_id"].to_list() == ["r1", "r2"]
    assert runs_of(configs, where="  ").height == 3
    with pytest.raises(FilterError, match="nope"):
        runs_of(configs, where="nope > 1")


def test_several_projects_share_types() -> None:
    store = MemoryStore()
    put_pack(store, [ended_run("r0", {"x": 1}, {"loss": [1.0]})], project="a")
    put_pack(store, [ended_run("r0", {"x": "one"}, {}), ended_run("r1", {}, {"acc": [2.0]})], project="b")
    lake = Lake(store)
    frame = lake.runs(["a", "b"]).sort("project", "run_id")
    assert frame.select("project", "run_id", "params.x", "loss", "acc").rows() == [
        ("a", "r0", "1", 1.0, None),
        ("b", "r0", "one", None, None),
        ("b", "r1", None, None, 2.0),
    ]
    assert lake.runs().sort("project", "run_id").equals(frame)
    assert lake.runs("a")["params.x"].dtype == pl.Int64


def test_rows_of_an_older_and_a_newer_version_are_read() -> None:
    import pyarrow as pa

    store = MemoryStore()
    summary = pa.map_(pa.string(), pa.struct([("last", pa.float64()), ("median", pa.float64())]))
    table = pa.table(
        {
            "run_id": ["r1"],
            "writer": ["w001-00000001"],
            "version": pa.array([1], pa.int32()),
            "attempt": pa.array([1], pa.int16()),
            "status": ["finished"],
            "summary": pa.array([[("acc", {"last": 0.5, "median": 0.4})]], type=summary),
            "carbon": [3],
        }
    )
    store.put(RowKey("digits", "r1", "w001-00000001", 1).path, encode_table(table))
    put_pack(store, [ended_run("r2", {"lr": 1}, {"acc": [0.25]})])
    lake = Lake(store)
    frame = lake.runs("digits").sort("run_id")
    assert lake.problems("digits") == ()
    assert frame.select("acc", "acc.min", "params.lr").rows() == [(0.5, None, None), (0.25, 0.25, 1)]


def test_ten_thousand_runs() -> None:
    store = MemoryStore()
    rows = [
        RunRow(
            f"r{i:05d}",
            "w001-00000001",
            status="finished",
            created_at=i,
            params=flatten_params({"lr": i / 7, f"only{i % 50}": i}),
            summary={"acc": Summary("acc", last=i / 3, last_step=i, n=1)},
            rows=1,
        )
        for i in range(10_000)
    ]
    put_pack(store, rows[:6000], gen=1)
    put_pack(store, rows[5000:], gen=2)
    put_edit(store, [r.run_id for r in rows[:500]], "delete", hlc=1)
    live = Writer(store, run_id="live", config={"lr": 1, "only3": 0.5}).start()
    live.log(loss(3)).flush()
    lake = Lake(store)
    frame = lake.runs("digits").sort("run_id")
    assert frame.height == 9_501
    assert frame["params.only3"].dtype == pl.Float64
    ended = frame.filter(pl.col("status") == "finished")
    expected = range(500, 10_000)
    assert ended["run_id"].to_list() == [f"r{i:05d}" for i in expected]
    assert ended["params.lr"].to_list() == [i / 7 for i in expected]
    assert ended["params.only7"].to_list() == [i if i % 50 == 7 else None for i in expected]
    assert ended["acc"].to_list() == [i / 3 for i in expected]
    assert ended["last_step"].to_list() == list(expected)


def test_values_of_a_metric_called_params_are_no_params() -> None:
    found = metric_columns(["acc", "params", "params.n"], taken=())
    assert [columns[0] for columns in found.values()] == ["acc", "metrics.params", "metrics.params.n"]
    assert not any(column.startswith("params.") for columns in found.values() for column in columns)
