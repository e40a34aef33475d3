"""The part *Artifacts* of a run's page."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.dashboard.feed.artifacts import artifacts
from lakeboard.query.lake import open_lake
from lakeboard.query.run.uses import USES_SCHEMA, uses_frame
from lakeboard.schema.artifacts.names import parse_version
from tests.dashboard import shelf
from tests.dashboard.driver import Screen
from tests.dashboard.recipes import run_recipe

TABLE, FILES = "run.artifacts", "version.files"


@pytest.fixture
def shelved(lake: str, tmp_path: Path) -> str:
    """The lake with artifacts."""
    shelf.fill(lake, tmp_path / "data")
    return lake


def opened(run: str, **params: str) -> Screen:
    return Screen().open("run", project=shelf.PROJECT, run=run, tab="artifacts", **params)


def test_what_a_run_made_and_used_is_listed_and_looked_into(shelved: str) -> None:
    screen = opened("clean")
    rows = screen.data(TABLE)["rows"]
    assert [[row["cells"][0], row["cells"][1]["text"], row["cells"][2], row["tint"]] for row in rows] == [
        ["made", "images:v2", "dataset", "chosen"],
        ["used", "images:v1", "dataset", ""],
    ]
    assert "1 version made, 1 version used." in screen.text()
    assert [file["p"] for file in screen.data(FILES)["files"]] == ["a.txt", "new.txt", "sub/b.csv"]
    screen.trigger(TABLE, "act", {"kind": "open", "by": "open", "id": rows[1]["id"]})
    assert screen.params["version"] == rows[1]["id"]
    assert len(screen.data(FILES)["files"]) == 4
    assert screen.has("version.metadata")
    screen.trigger(FILES, "act", {"kind": "file", "path": "a.txt"})
    assert (screen.params["file"], screen.data(FILES)["chosen"]) == ("a.txt", "a.txt")


def test_one_file_alone_is_looked_into_at_once(shelved: str) -> None:
    assert opened("train").data(FILES)["chosen"] == "new.txt"


def test_a_deleted_and_a_purged_version_are_told(shelved: str) -> None:
    made = open_lake(shelved).artifact(f"{shelf.PROJECT}/net")
    version = parse_version(made.version)
    assert version is not None
    screen = opened("train")
    artifacts().decide(shelf.PROJECT, "delete", "net", version, editor="ann")
    screen.run()
    assert screen.data(TABLE)["rows"][0]["cells"][2] == "deleted"
    assert not screen.has(FILES)
    artifacts().decide(shelf.PROJECT, "purge", "net", version, editor="ann")
    screen.run()
    assert screen.data(TABLE)["rows"][0]["cells"][2] == "purged"
    assert f"net:{version} was purged by ann." in screen.text().replace("\\", "")


def test_a_run_without_any_says_how_to_log_one(lake: str) -> None:
    screen = opened("r0")
    assert "made no artifacts and used none" in screen.text()
    assert any("log_artifact" in each.value for each in screen.at.code)


def test_the_code_gives_the_same_frame(shelved: str) -> None:
    code = next(each.value for each in opened("clean").at.code if "run.outputs" in each.value)
    assert run_recipe(code).select("role", "artifact").rows() == [("made", "images"), ("used", "images")]


def test_uses_are_of_runs_that_are_not_purged(shelved: str) -> None:
    lake = open_lake(shelved)
    found = uses_frame(lake.snapshot(shelf.PROJECT))
    assert found.schema == USES_SCHEMA
    assert found.sort("run_id", "role").select("run_id", "role", "artifact").rows() == [
        ("clean", "made", "images"), ("clean", "used", "images"), ("prep", "made", "images"),
        ("train", "made", "net"), ("train", "used", "images"),
    ]  # fmt: skip
    lake.edit(shelf.PROJECT, ["clean"], "purge")
    assert set(uses_frame(lake.snapshot(shelf.PROJECT))["run_id"]) == {"prep", "train"}
    assert uses_frame(lake.snapshot("nothing")).height == 0
