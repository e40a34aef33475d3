"""What summaries say beside metrics, and tags with a value: from the run to frames, filters, orders and terminals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import lakeboard
from lakeboard.cli import main
from lakeboard.query import run_results, run_table
from lakeboard.query.lake import Lake
from lakeboard.schema.errors import FilterError
from lakeboard.schema.keys import project_prefix
from lakeboard.schema.values import encode_param
from lakeboard.store.testing import MemoryStore
from lakeboard.upkeep.packing.pack import Pack, pack
from tests.query.lakes import ended_run, note_lake, put_pack
from tests.query.runframes import runs_frame
from tests.query.test_with_logger import wait_for

SAID: dict[str, Any] = {
    "verdict": "good, “really”\n",
    "empty": "",
    "converged": True,
    "diverged": False,
    "nothing": None,
    "confusion": [[5, 1], [0, 7.5]],
    "best/epoch": "007",
    "like a number": "1e3",
}
COLUMNS = {
    "summary.best/epoch": "007",
    "summary.confusion": "[[5,1],[0,7.5]]",
    "summary.converged": True,
    "summary.diverged": False,
    "summary.empty": "",
    "summary.like a number": "1e3",
    "summary.nothing": None,
    "summary.verdict": "good, “really”\n",
    "tags.empty": "",
    "tags.stage": "production",
    "tags.version": "1.10",
}
TAGS = {"stage": "production", "version": "1.10", "empty": ""}


def own(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name.startswith(("summary.", "tags."))}


def decoded(lake: Lake, run_id: str) -> dict[str, object]:
    return {name: value.decode() for name, value in lake.run("digits", run_id).row.results.items()}


def test_the_same_while_it_runs_when_it_ended_and_when_it_is_packed(tmp_path: Path) -> None:
    run = lakeboard.init(project="digits", id="one", tags=TAGS | {"stage": "staging"}, lake=str(tmp_path), quiet=True)
    run.log({"acc": 0.5})
    run.summary.update(SAID)
    run.summary["best"] = 0.75
    run.set_tag("stage", "production")
    lake = lakeboard.open(str(tmp_path))
    (live,) = wait_for(lake, "tags.stage = production and summary.converged").iter_rows(named=True)
    assert own(live) == COLUMNS
    assert live["status"] == "running"
    run.finish()
    for seen in ("ended", "packed"):
        if seen == "packed":
            listed = lake.store.list(project_prefix("runs", "digits"))
            assert pack(lake.store, Pack("runs", "digits", 1, tuple(info.key for info in listed))).rows == 1
        fresh = lakeboard.open(str(tmp_path))
        (row,) = fresh.runs("digits").iter_rows(named=True)
        assert own(row) == COLUMNS
        assert (row["acc"], row["best"]) == (0.5, 0.75), "numbers are metrics"
        assert decoded(fresh, "one") == SAID
        assert dict(fresh.run("digits", "one").row.tag_values) == TAGS


def test_several_writers_by_key_the_later_attempt_wins(tmp_path: Path) -> None:
    with lakeboard.init(project="digits", id="one", tags={"a": "1", "b": "1"}, lake=str(tmp_path), quiet=True) as run:
        run.summary.update({"verdict": "bad", "kept": [1]})
    with lakeboard.init(
        project="digits", id="one", resume="must", tags={"b": "2"}, lake=str(tmp_path), quiet=True
    ) as run:
        run.summary["verdict"] = "good"
    lake = lakeboard.open(str(tmp_path))
    (row,) = lake.runs("digits").iter_rows(named=True)
    assert own(row) == {"summary.kept": "[1]", "summary.verdict": "good", "tags.a": "1", "tags.b": "2"}
    assert run_results(lake.run("digits", "one")).rows() == [("kept", "json", "[1]"), ("verdict", "str", "good")]


@pytest.fixture
def lake() -> Lake:
    store = MemoryStore()
    note_lake(store)
    said: list[dict[str, Any]] = [{"v": 2}, {"v": "10"}, {"v": "good"}, {"ok": True}, {}]
    put_pack(
        store,
        [
            ended_run(
                f"r{i}", {}, {"acc": [i]}, results={k: encode_param(v) for k, v in given.items()},
                tag_values={"n": f"{10 - 3 * i}"} if i < 3 else {},
            )
            for i, given in enumerate(said)
        ],
    )  # fmt: skip
    return Lake(store)


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("summary.v = 10", ["r1"]),
        ("summary.v > 1", ["r0", "r1"]),
        ('summary.v = "good"', ["r2"]),
        ("v = good", ["r2"]),
        ("summary.ok", ["r3"]),
        ("ok = true", ["r3"]),
        ("summary.ok is null", ["r0", "r1", "r2", "r4"]),
        ("tags.n >= 7", ["r0", "r1"]),
        ('tags.n = "4"', ["r2"]),
        ("n in (4, 7)", ["r1", "r2"]),
        ("`tags.n` is not null and acc < 1", ["r0"]),
    ],
)
def test_filters_know_them_by_their_names(lake: Lake, where: str, ids: list[str]) -> None:
    assert sorted(lake.runs("digits", where=where)["run_id"]) == ids


def test_a_param_or_metric_of_the_same_name_comes_first() -> None:
    runs = runs_frame([{".v": 1, "acc": 0.5}, {".v": 2, "acc": 0.6}]).with_columns(
        pl.Series("summary.v", ["x", "y"]),
        pl.Series("summary.verdict", ["x", "y"]),
        pl.Series("tags.acc", ["no", "yes"]),
    )
    assert run_table(runs, where="v = 2")["run_id"].to_list() == ["r1"]
    assert run_table(runs, where="acc < 0.55")["run_id"].to_list() == ["r0"]
    assert run_table(runs, where="summary.v = y and tags.acc = yes")["run_id"].to_list() == ["r1"]
    with pytest.raises(FilterError, match=r"did you mean summary\.verdict"):
        run_table(runs, where="summary.verdikt = y")


def test_orders_put_numbers_before_texts_and_groups_are_by_value(lake: Lake) -> None:
    runs = lake.runs("digits")
    assert run_table(runs, sort="summary.v")["summary.v"].to_list() == ["2", "10", "good", None, None]
    assert run_table(runs, sort="-tags.n")["tags.n"].to_list() == ["10", "7", "4", None, None]
    groups = run_table(runs, group=["tags.n"], columns=["acc"], sort="tags.n")
    assert groups.select("tags.n", "n", "acc").rows() == [("4", 1, 2.0), ("7", 1, 1.0), ("10", 1, 0.0), (None, 2, 3.5)]


def test_metrics_with_names_like_theirs_stand_apart(tmp_path: Path) -> None:
    with lakeboard.init(project="digits", lake=str(tmp_path), tags={"a": "b"}, quiet=True) as run:
        run.log({"summary.v": 1.0, "tags": 2.0, "tags.a": 3.0, "summary": 4.0})
        run.summary["v"] = "text"
    (row,) = lakeboard.open(str(tmp_path)).runs("digits").iter_rows(named=True)
    assert (row["summary.v"], row["tags.a"], row["tags"]) == ("text", "b", [])
    assert [row[f"metrics.{name}"] for name in ("summary.v", "tags", "tags.a", "summary")] == [1.0, 2.0, 3.0, 4.0]
    found = lakeboard.open(str(tmp_path)).runs("digits", where="metrics.summary.v = 1 and metrics.tags = 2")
    assert found.height == 1


def test_the_terminal_shows_filters_and_sorts_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, verdict, stage in (("a", "good", "2"), ("b", "bad", "10")):
        with lakeboard.init(
            project="digits", id=name, name=name, tags={"stage": stage}, lake=str(tmp_path), quiet=True
        ) as run:
            run.summary["verdict"] = verdict
    at = ["--lake", str(tmp_path)]
    assert main(["ls", "digits", "--sort", "stage", "--json", *at]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["run_id"], row["summary.verdict"], row["tags.stage"]) for row in rows] == [
        ("a", "good", "2"),
        ("b", "bad", "10"),
    ]
    assert main(["ls", "digits", "--where", "verdict = bad", *at]) == 0
    shown = capsys.readouterr().out
    heads, row = shown.splitlines()[:2]
    assert heads.split()[-2:] == ["summary.verdict", "tags.stage"]
    assert row.split()[-2:] == ["bad", "10"]
    assert "good" not in shown
    assert main(["show", "a", *at]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["summary.verdict", "good"] in lines
    assert ["tags.stage", "2"] in lines
