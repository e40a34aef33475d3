"""Runs side by side."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lakeboard.query.compare.differences import COLUMNS, differences, environments
from lakeboard.query.lake import open_lake
from lakeboard.store.local import LocalStore
from tests.query.lakes import Writer, loss, note_lake
from tests.query.runframes import runs_frame

RUNS = runs_frame(
    [
        {".lr": 0.1, ".depth": 2, ".same": "x", "val/acc": (0.8, 0.5, 0.9), "loss": (0.4, 0.3, 1.0), "user": "ada"},
        {".lr": 0.1, ".depth": 3, ".same": "x", "val/acc": (0.7, 0.5, 0.95), "loss": (0.5, 0.3, 1.0), "user": "ada"},
    ]
)


def rows(table: pl.DataFrame, section: str) -> list[tuple[object, ...]]:
    return table.filter(pl.col("section") == section).drop("section", "created_at", strict=False).rows()


def test_params_that_differ_come_first() -> None:
    assert rows(differences(RUNS), "params") == [
        ("depth", "", "number", None, True, "2", "3"),
        ("lr", "", "number", None, False, "0.1", "0.1"),
        ("same", "", "text", None, False, "x", "x"),
    ]


def test_what_summaries_say_and_tags_with_a_value_have_sections_of_their_own() -> None:
    told = RUNS.with_columns(
        pl.Series("summary.ok", [True, False]),
        pl.Series("summary.note", ["a", "a"]),
        pl.Series("tags.stage", ["1", None]),
    )
    table = differences(told)
    assert rows(table, "summary") == [
        ("ok", "", "bool", None, True, "true", "false"),
        ("note", "", "text", None, False, "a", "a"),
    ]
    assert rows(table, "tags") == [("stage", "", "text", None, True, "1", None)]
    assert rows(table, "params") == rows(differences(RUNS), "params")


def test_metrics_have_best_by_their_goal_and_last() -> None:
    assert sorted(rows(differences(RUNS), "metrics")) == [
        ("loss", "best", "number", "minimize", False, "0.3", "0.3"),
        ("loss", "last", "number", "minimize", True, "0.4", "0.5"),
        ("val/acc", "best", "number", "maximize", True, "0.9", "0.95"),
        ("val/acc", "last", "number", "maximize", True, "0.8", "0.7"),
    ]
    turned = differences(RUNS, goals={"val/acc": "minimize"})
    best = turned.filter((pl.col("name") == "val/acc") & (pl.col("part") == "best"))
    assert best.select("goal", "r0").row(0) == ("minimize", "0.5")


def test_surroundings_and_only_differences() -> None:
    env = {"r0": {"python": "3.11", "gpu": "A"}, "r1": {"python": "3.11"}}
    table = differences(RUNS, env=env, only=True)
    assert rows(table, "env") == [("gpu", "", "text", None, True, "A", None)]
    assert table["differs"].all()
    assert rows(differences(RUNS, env=env), "env")[1] == ("python", "", "text", None, False, "3.11", "3.11")


def test_one_run_differs_in_nothing_and_none_has_no_columns() -> None:
    assert not differences(RUNS.head(1))["differs"].any()
    assert differences(RUNS.head(0)).columns == [*COLUMNS]


def test_a_run_may_be_called_like_a_column() -> None:
    named = RUNS.with_columns(run_id=pl.Series(["name", "r1"]))
    assert differences(named).columns[-2:] == ["run:name", "r1"]


def test_a_value_is_not_the_same_as_none_nor_a_number_as_its_text() -> None:
    runs = runs_frame([{".a": 1, ".b": 1.0}, {".b": float("nan")}, {".a": 1, ".b": float("nan")}])
    found = {row[0]: row[4:] for row in rows(differences(runs), "params")}
    assert found == {"a": (True, "1", None, "1"), "b": (True, "1.0", "nan", "nan")}


def test_what_runs_said_of_their_surroundings(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    note_lake(store)
    first = Writer(store, run_id="r1", fields={"env": {"python": "3.11", "host": "a"}}).start().log(loss(3))
    first.finish()
    again = Writer(store, run_id="r1", attempt=2, rand="00000002", fields={"env": {"host": "b"}}).start().log(loss(2))
    again.flush()
    Writer(store, run_id="r2", rand="00000003", fields={"env": {"python": "3.12"}}).start()
    snapshot = open_lake(str(tmp_path)).snapshot("digits")
    assert environments(snapshot, ["r1", "r2", "nope"]) == {
        "r1": {"python": "3.11", "host": "b"},
        "r2": {"python": "3.12"},
    }


def test_without_a_direction_there_is_no_best() -> None:
    runs = runs_frame([{"flux": (1.0, 0.5, 2.0)}] * 2)
    assert sorted(rows(differences(runs), "metrics")) == [
        ("flux", "last", "number", None, False, "1.0", "1.0"),
        ("flux", "max", "number", None, False, "2.0", "2.0"),
        ("flux", "min", "number", None, False, "0.5", "0.5"),
    ]
