"""A run whose id began with a digit is found by the id that it was given, and by the one that the lake has."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import polars as pl
import pytest

import lakeboard
from lakeboard.cli import main
from lakeboard.dashboard.state.views import CompareView, CurvesView, RunPageView, from_params
from lakeboard.query import relatives
from lakeboard.query.lake import Lake
from lakeboard.schema.errors import UnknownRun
from lakeboard.schema.names import linked_run_id, same_run_id
from lakeboard.upkeep import purge_now

GIVEN = "01930d1e-5b1a-7c3e-9d57-0f6a2b4c8e11"
STORED = f"r-{GIVEN}"
CHILD = "7f0c5c0e-5b1a-4c3e-9d57-0f6a2b4c8e12"
BOTH = pytest.mark.parametrize("asked", [GIVEN, STORED])


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = str(tmp_path / "lake")
    with lakeboard.init(project="p", id=GIVEN, name="first", lake=url, quiet=True) as run:
        run.log({"acc": 0.5})
    with lakeboard.init(project="p", id=UUID(CHILD), parent_run_id=GIVEN, name="child", lake=url, quiet=True) as run:
        run.log({"acc": 0.75})
    return url


@pytest.fixture
def lake(url: str) -> Lake:
    return lakeboard.open(url)


@BOTH
def test_in_python(lake: Lake, asked: str) -> None:
    assert lake.run("p", asked).row.run_id == STORED
    assert lake.metrics("p", runs=asked).collect()["value"].to_list() == [0.5]
    assert lake.metrics("p", runs=[GIVEN, STORED]).collect()["run_id"].to_list() == [STORED]
    assert relatives(lake.runs("p"), asked)["name"].to_list() == ["child"]
    board = lakeboard.query.Definition((lakeboard.query.Measure("acc"),), baselines=(asked,))
    assert lake.board("p", board).frame.select("entry", "baseline").rows() == [("child", False), ("first", True)]


def test_a_uuid_itself_will_do(lake: Lake) -> None:
    assert lake.run("p", UUID(GIVEN)).row.name == "first"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("run_id = {}", ["first"]),
        ('run_id = "{}"', ["first"]),
        ("run_id in ({}, nothing)", ["first"]),
        ("run_id != {}", ["child"]),
        ("run_id not in ({})", ["child"]),
        ("parent_run_id = {}", ["child"]),
        ("run.run_id == '{}'", ["first"]),
    ],
)
@BOTH
def test_in_filters(lake: Lake, where: str, names: list[str], asked: str) -> None:
    assert lake.runs("p", where=where.format(asked))["name"].to_list() == names


def test_parts_of_ids_are_matched_as_they_are_written(lake: Lake) -> None:
    assert lake.runs("p", where='run_id like "r-0193%"')["name"].to_list() == ["first"]
    assert lake.runs("p", where='run_id contains "01930d1e"')["name"].to_list() == ["first"]


@BOTH
def test_edits_and_their_history(lake: Lake, asked: str) -> None:
    lake.tag("p", [asked, STORED], "good")
    lake.rename("p", asked, "renamed")
    lake.delete("p", [asked])
    assert lake.history("p", asked).select("run_id", "op").rows() == [
        (STORED, "tag"), (STORED, "rename"), (STORED, "delete"),
    ]  # fmt: skip
    assert lake.runs("p")["name"].to_list() == ["child"]
    lake.edit("p", [asked], "purge")
    assert purge_now(lake.store, "p", asked).objects == 2
    assert lake.history("p", asked)["op"].to_list()[-1] == "purge"


@BOTH
def test_in_the_terminal(url: str, asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--lake", url]
    assert main(["show", asked, "--json", *at]) == 0
    assert json.loads(capsys.readouterr().out)["run_id"] == STORED
    for command in (["tag", "good", asked], ["note", asked, "text"], ["rename", asked, "new"], ["delete", asked],
                    ["restore", asked], ["history", asked]):  # fmt: skip
        assert main([*command, *at]) == 0, command
    capsys.readouterr()
    assert main(["purge", asked, "--yes", "new", "--now", *at]) == 0
    assert main(["history", asked, "--json", *at]) == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert {each["run_id"] for each in shown} == {STORED}
    assert main(["show", asked, *at]) == 1


@BOTH
def test_resumed_and_written_to_from_elsewhere(url: str, lake: Lake, asked: str) -> None:
    with lakeboard.init(project="p", id=asked, resume="must", lake=url, quiet=True) as run:
        assert run.id == STORED
        assert lakeboard.RunRef(url, "p", asked).run() is run
        assert lakeboard.RunRef(url, "p", asked) == lakeboard.RunRef(url, "p", STORED)
        run.log({"acc": 0.625}, step=1)
    elsewhere = lakeboard.RunRef(url, "p", asked, attempt=2).run()
    elsewhere.log({"acc": 0.875}, step=2)
    elsewhere.finish()
    points = lake.metrics("p", runs=asked).sort("step").collect()
    assert points["value"].to_list() == [0.5, 0.625, 0.875]
    assert lake.runs("p", where="name = first").select("attempts", "acc").rows() == [(2, 0.875)]


@BOTH
def test_addresses(asked: str) -> None:
    assert from_params(RunPageView, {"run": [asked]}).run == STORED
    curves = from_params(CurvesView, {"runs": [asked, STORED, "brisk-1"], "base": [asked]})
    assert (curves.runs, curves.base) == ((STORED, "brisk-1"), STORED)
    compared = from_params(CompareView, {"runs": [asked], "base": [STORED], "find": [GIVEN]})
    assert (compared.runs, compared.base, compared.find) == ((STORED,), STORED, GIVEN)


@pytest.mark.parametrize("text", ["", "r1", "brisk-otter-417", "r1@other", "1 2", "٣", "-1", "a" * 65, "1" * 63])
def test_what_is_no_such_id_stays_in_an_address(text: str) -> None:
    assert linked_run_id(text) == text


@pytest.mark.parametrize(
    ("asked", "kept"),
    [("", ""), (" ", " "), ("r1", "r1"), (" r1 ", "r1"), ("417", "r-417"), ("nan", "r-nan"), (True, "True")],
)
def test_ids_that_readers_ask_for(asked: object, kept: str) -> None:
    assert same_run_id(asked) == kept


def test_a_run_that_is_not_there_is_named_as_it_was_asked_for(lake: Lake, url: str) -> None:
    with pytest.raises(UnknownRun, match=r"has no run 99999999$"):
        lake.run("p", "99999999")
    with pytest.raises(UnknownRun, match=r"has no run what is this$"):
        lake.delete("p", ["what is this"])
    assert isinstance(lake.runs("p", where="run_id = 99999999"), pl.DataFrame)
