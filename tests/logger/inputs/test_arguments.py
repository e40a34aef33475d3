"""Names, ids and tags that can't be stored are no reason to end a job: they are mended, and that is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import lakeboard
from lakeboard.logger.inputs.arguments import (
    dataset_given,
    notes_given,
    project_given,
    run_id_given,
    tags_given,
    text_given,
)
from lakeboard.schema.errors import InvalidName
from lakeboard.schema.names import check_run_id, stored_run_id


@pytest.mark.parametrize(
    ("project", "kept"),
    [
        ("", "default"),
        ("  ", "default"),
        ("2024-mnist", "p-2024-mnist"),
        ("../x", "p-../x"),
        ("x" * 1000, "x" * 200),
        ("a\nb", "a\\nb"),
        ("NaN", "NaN_"),
        (3, "p-3"),
        ("a\udcffb", "a\\udcffb"),
    ],
)
def test_a_project_that_can_not_be_one_becomes_the_nearest(project: object, kept: str) -> None:
    warn: list[str] = []
    assert project_given(project, warn.append) == kept
    assert len(warn) == 1
    assert kept in warn[0]
    again: list[str] = []
    assert project_given(kept, again.append) == kept
    assert again == []
    assert project_given(None, again.append) == "default"


@pytest.mark.parametrize(
    ("text", "kept", "count"),
    [
        (None, None, 0),
        ("", None, 1),
        (" \t", None, 1),
        ("a", "a", 0),
        ("caf\udcc3\udca9", "café", 0),
        ("a\udce9", "a\\udce9", 1),
        ("a\nb", "a\\nb", 1),
        (7, "7", 0),
        ("x" * 5000, "x" * 1000, 1),
    ],
)
def test_texts_are_kept_on_one_line(text: object, kept: str | None, count: int) -> None:
    warn: list[str] = []
    assert text_given(text, "name", warn.append) == kept
    assert len(warn) == count


def test_tags_lose_what_is_empty() -> None:
    warn: list[str] = []
    assert tags_given(["x", "", None, "x", 5], warn.append) == ("x", "5")
    assert len(warn) == 1
    assert tags_given("one", warn.append) == ("one",)
    assert dataset_given("", warn.append) is None
    assert notes_given(5) == "5"
    with pytest.raises(InvalidName, match="must be a list"):
        tags_given(5, warn.append)


@pytest.mark.parametrize(
    ("run_id", "kept"),
    [
        ("abc", "abc"),
        ("a1b2c3d4e5f60718293a4b5c6d7e8f90", "a1b2c3d4e5f60718293a4b5c6d7e8f90"),
        ("01b2c3d4e5f60718293a4b5c6d7e8f90", "r-01b2c3d4e5f60718293a4b5c6d7e8f90"),
        (UUID(int=7), "r-00000000-0000-0000-0000-000000000007"),
        (12345, "r-12345"),
        ("nan", "r-nan"),
        ("_x", "r-_x"),
        ("fold 1/2", "r-fold-1-2-93a4a1c4"),
    ],
)
def test_an_id_becomes_one_that_the_lake_can_hold(run_id: object, kept: str) -> None:
    found = stored_run_id(run_id)
    assert found[: len(kept) - 8] == kept[: len(kept) - 8] if "fold" in kept else found == kept
    assert check_run_id(found) == found
    assert stored_run_id(found) == found
    warn: list[str] = []
    assert run_id_given(run_id, "id", warn.append) == found
    assert len(warn) == (found != str(run_id))


@pytest.mark.parametrize("run_id", ["", None, 1.5, True, []])
def test_what_is_no_id_at_all_is_refused(run_id: object) -> None:
    with pytest.raises(InvalidName):
        stored_run_id(run_id)


@pytest.mark.process
def test_a_job_with_empty_variables_runs_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAKEBOARD_MODE", "Online")
    monkeypatch.setenv("LAKEBOARD_GIT_DIFF", "False")
    arguments: dict[str, Any] = {"group": "", "tags": ["", "a"], "job_type": "", "id": "", "resume": "allow"}
    with lakeboard.init("", "", lake=tmp_path / "lake", quiet=True, **arguments) as run:
        run.log({"a": 1})
    assert (run.project, run.group, run.tags) == ("default", None, ("a",))
    assert capsys.readouterr().err.count("is empty") == 6
    assert lakeboard.open(tmp_path / "lake").runs("default")["a"].to_list() == [1.0]
