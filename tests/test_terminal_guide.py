"""docs/terminal.md: its commands run, and its options are options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import lakeboard
from lakeboard.cli import main
from tests.checkout import ROOT

DOC = (ROOT / "docs/terminal.md").read_text()


def test_the_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for name, top in (("brisk", 0.9), ("calm", 0.4)):
        with lakeboard.init(project="digits", name=name, quiet=True) as run:
            for step in range(5):
                run.log({"val/acc": top * step / 4})
    (block,) = re.findall(r"^```bash\n(.*?)^```", DOC, re.DOTALL | re.MULTILINE)
    for line in block.splitlines():
        command = shlex.split(line.partition("  #")[0])
        assert command[0] == "lakeboard"
        assert main(command[1:]) == 0, command
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake", "points.parquet", "runs.csv"]
    capsys.readouterr()


def test_the_exit_codes_are_those_of_wait() -> None:
    from lakeboard.following import NOT_REACHED, OUT_OF_TIME, REACHED, SILENT

    told = [int(code) for code in re.findall(r"^\| (\d) \|", DOC, re.MULTILINE)]
    assert told == [REACHED, NOT_REACHED, SILENT, OUT_OF_TIME, 1]
