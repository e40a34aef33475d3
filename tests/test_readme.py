"""What the README says is what happens: its Python runs in order, its commands exist, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import lakeboard
from lakeboard.cli import build_parser

README = Path(__file__).parent.parent / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)


def test_its_python_runs_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    scripts = blocks("python")
    assert len(scripts) == 4
    for script in scripts:
        exec(compile(script, str(README), "exec"), {"__name__": "__main__"})
    said = capsys.readouterr().out
    assert said.count("digits") >= 2, "both engines found the project"
    assert "0.95" in said, "the best accuracy, in the frames"
    frame = lakeboard.open("./lake").runs("digits")
    assert frame["params.model.depth"].to_list() == [4]


def test_its_two_commands() -> None:
    commands = [line for block in blocks("bash") for line in block.splitlines()]
    assert [c for c in commands if "&&" in c] == [
        'pip install -e ".[demo]" && lakeboard demo',
        'pip install -e ".[test]" && pytest -n 2',
    ]


def test_every_lakeboard_command_it_names_parses() -> None:
    text = README.read_text()
    inline = re.findall(r"`(lakeboard (?:ls|show|ui|recover|demo)[^`]*)`", text)
    commands = [line for block in blocks("bash") for line in block.splitlines() if line.startswith("lakeboard ")]
    assert len(inline + commands) >= 5
    for command in inline + commands:
        options = build_parser().parse_args(shlex.split(command)[1:])
        assert hasattr(options, "act"), command


def test_its_links_lead_to_files() -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", README.read_text())
    assert len(links) >= 8
    missing = [link for link in links if not (README.parent / link).exists()]
    assert missing == []
