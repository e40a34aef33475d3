"""`lakeboard media …`, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import lakeboard
from lakeboard.cli import main

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    monkeypatch.chdir(tmp_path)
    with lakeboard.init("digits", id="r-1", name="brisk", quiet=True) as run:
        for step in (0, 10, 20):
            run.log({"val/texts": [lakeboard.Text(f"{n} at {step}") for n in range(2)]}, step=step)
        run.log({"val/texts": lakeboard.Json({"step": 20})}, step=20)
    with lakeboard.init("digits", id="r-2", quiet=True) as run:
        run.log({"loss": 1.0})


def test_what_a_run_logged_is_listed(capsys: Output) -> None:
    assert main(["media", "list", "brisk"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "key        kind  items  first step  last step  size",
        "val/texts  text  7      0           20         0.0 MB",
    ]
    assert main(["media", "list", "r-2"]) == 0
    assert capsys.readouterr().out == "run r-2 logged no media\n"
    assert main(["media", "list", "r-1", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["step"], line["index"], line["kind"]) for line in lines][:3] == [
        (0, 0, "text"),
        (0, 1, "text"),
        (10, 0, "text"),
    ]


def test_items_become_files_named_after_their_steps(capsys: Output) -> None:
    assert main(["media", "get", "brisk", "val/texts", "--out", "all"]) == 0
    assert capsys.readouterr().out == "7 files of val/texts in all, 0.0 MB\n"
    assert sorted(path.name for path in Path("all").iterdir()) == [
        "val-texts-0-0.txt", "val-texts-0-1.txt", "val-texts-10-0.txt", "val-texts-10-1.txt", "val-texts-20-0-2.json",
        "val-texts-20-0.txt", "val-texts-20-1.txt",
    ]  # fmt: skip
    assert Path("all/val-texts-10-1.txt").read_text() == "1 at 10"
    assert json.loads(Path("all/val-texts-20-0-2.json").read_text()) == {"step": 20}


@pytest.mark.parametrize(("steps", "files"), [("10", 2), ("0-10", 4), ("10-", 5), ("-10", 4)])
def test_only_the_steps_that_are_asked_for(steps: str, files: int) -> None:
    assert main(["media", "get", "r-1", "val/texts", f"--steps={steps}", "--out", "some"]) == 0
    assert len(list(Path("some").iterdir())) == files


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["get", "r-1", "val/text"], "val/texts"),
        (["get", "r-2", "val/texts"], "r-2"),
        (["get", "r-1", "val/texts", "--steps=30-"], "nothing of 'val/texts' at steps 30-; leave --steps out"),
        (["get", "nobody", "val/texts"], "nobody"),
    ],
)
def test_what_is_not_there_is_told(arguments: list[str], said: str, capsys: Output) -> None:
    assert main(["media", *arguments]) == 1
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in Path().iterdir()) == ["lake"]


def test_nothing_is_written_over(capsys: Output) -> None:
    Path("val-texts-0-1.txt").write_text("mine")
    assert main(["media", "get", "r-1", "val/texts"]) == 1
    assert "val-texts-0-1.txt is there already; name another folder with --out" in capsys.readouterr().err
    assert Path("val-texts-0-1.txt").read_text() == "mine"
    assert not Path("val-texts-0-0.txt").exists()


@pytest.mark.parametrize("steps", ["", "-", "a", "5-1", "1.5"])
def test_what_is_no_range_of_steps_is_wrong_usage(steps: str, capsys: Output) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["media", "get", "r-1", "val/texts", f"--steps={steps}"])
    assert ended.value.code == 2
    assert "is no range of steps" in capsys.readouterr().err
