"""`lakeboard boards …`, as a person types it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

import lakeboard
from lakeboard.cli import main
from lakeboard.query.boards.definition import Definition, Measure

Output = pytest.CaptureFixture[str]
CUP = Definition(
    (Measure("acc", "iris"), Measure("acc", "wine")), title="Tab \u202e cup", projects=("tab",), entry="config"
)


@pytest.fixture(autouse=True)
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    monkeypatch.chdir(tmp_path)
    for model, iris, wine in (("a", 0.9, 0.5), ("b", 0.8, 0.7), ("c", 0.1, None)):
        with lakeboard.init("tab", name=model, config={"model": model}, quiet=True) as run:
            run.log({"acc": iris}, dataset="iris")
            if wine:
                run.log({"acc": wine}, dataset="wine")


def call(*arguments: str) -> int:
    return main(["boards", *arguments])


def test_a_board_goes_out_as_json_and_comes_back(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call() == 0
    assert "no saved boards" in capsys.readouterr().out
    Path("cup.json").write_text(CUP.to_json(), encoding="utf-8")
    assert call("save", "tab-cup", "cup.json") == 0
    capsys.readouterr()
    assert call("export", "tab-cup") == 0
    text = capsys.readouterr().out
    assert Definition.from_json(text) == CUP
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert call("save", "again", "-") == 0
    assert lakeboard.open().saved_board("again").definition == CUP
    capsys.readouterr()
    assert call("list", "--json") == 0
    assert [json.loads(line)["board"] for line in capsys.readouterr().out.splitlines()] == ["again", "tab-cup"]
    assert call("list", "--project", "other") == 0
    assert "no saved boards" in capsys.readouterr().out


def test_a_board_is_shown_with_what_one_must_know(capsys: Output) -> None:
    lakeboard.open().save_board(CUP, "cup")
    assert call("show", "cup") == 0
    out = capsys.readouterr().out
    assert "\u202e" not in out
    rows = [line.split() for line in out.splitlines()[2:5]]
    assert rows == [
        ["1", "model=a", "1.5", "0.9", "0.5", "2/2"], ["1", "model=b", "1.5", "0.8", "0.7", "2/2"],
        ["3", "model=c", "3", "0.1", "-", "1/2"],
    ]  # fmt: skip
    assert "- a missing value counts as the worst of its column" in out
    assert call("show", "cup", "--json") == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["rank"], row["value:acc [wine]"]) for row in shown] == [(1, 0.5), (1, 0.7), (3, None)]
    assert call("show", "cup", "--as-of", "2020-01-01") == 0
    assert "no run competes" in capsys.readouterr().out


def test_history_delete_and_restore(capsys: Output) -> None:
    first = lakeboard.open().save_board(CUP, "cup", editor="ann")
    assert call("delete", "cup") == 0
    assert call("show", "cup") == 1
    assert "was deleted" in capsys.readouterr().err
    assert call("restore", "cup", "--version", first.id) == 0
    capsys.readouterr()
    assert call("history", "cup") == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[-1].strip() for line in out[1:]] == ["first version", "deleted", "restored"]
    assert call("history", "cup", "--json") == 0
    assert [json.loads(line)["deleted"] for line in capsys.readouterr().out.splitlines()] == [False, True, False]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "nope"), "no board"),
        (("save", "x", "missing.json"), "can't be read"),
        (("save", "..", "ok.json"), "means a folder"),
        (("save", "x", "bad.json"), "no list of measures"),
        (("show", "all"), "--project"),
        (("show", "cup", "--as-of", "soon"), "is no time"),
        (("show", "cup", "--version", "1-2"), "no version"),
    ],
)
def test_what_can_not_be_done_says_why(arguments: tuple[str, ...], said: str, capsys: Output) -> None:
    Path("ok.json").write_text(CUP.to_json(), encoding="utf-8")
    Path("bad.json").write_text("{}", encoding="utf-8")
    lakeboard.open().save_board(CUP, "cup")
    lakeboard.open().save_board(Definition((Measure("acc"),), title="All"), "all")
    assert call(*arguments) == 1
    assert said in capsys.readouterr().err


def test_a_board_for_every_project_needs_to_be_told_which(capsys: Output) -> None:
    lakeboard.open().save_board(Definition((Measure("acc", "iris"),), title="All"), "all")
    assert call("show", "all", "--project", "tab", "--limit", "1") == 0
    assert "3 rows, 1 shown" in capsys.readouterr().out
