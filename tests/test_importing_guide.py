"""docs/importing.md: its commands run, on sources of the kinds that it names."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import lakeboard
from lakeboard.cli import main
from tests.checkout import ROOT
from tests.importers.making import Mlflow, event, event_file, mlruns, scalar, wandb_records
from tests.importers.test_mlflow import META
from tests.importers.test_wandb import DONE, RUN, history

DOC = (ROOT / "docs/importing.md").read_text()


def test_the_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    mlruns(tmp_path, {"a1": {"meta.yaml": META.format("a1"), "metrics/x": "1700000000000 1 0\n", "artifacts/f": "f"}})
    made = Mlflow(tmp_path / "mlflow.db")
    made.add("b2")
    made.log("b2", "x", [(0, 1.0, False)])
    event_file(tmp_path / "runs" / "exp", event(0, scalar("x", 1.0)))
    (tmp_path / "wandb").mkdir()
    (tmp_path / "wandb" / "run-abc.wandb").write_bytes(wandb_records(RUN, history(0, x=1.0), DONE))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "metrics.csv").write_text("step,x\n0,1\n")
    commands = [
        shlex.split(line.partition("#")[0])
        for block in re.findall(r"^```bash\n(.*?)^```", DOC, re.DOTALL | re.MULTILINE)
        for line in block.splitlines()
    ]
    for command in commands:
        assert command[0] == "lakeboard"
        assert main(command[1:]) == 0, command
    assert "files-of-mlflow-a1" in capsys.readouterr().out
    runs = {project: lakeboard.open("lake").runs(project).height for project in ("Digits", "Default", "runs", "digits")}
    # W&B's project is called digits, too.
    assert runs == {"Digits": 1, "Default": 1, "runs": 1, "digits": 2}


def test_every_option_of_the_page_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["import", "--help"])
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    assert set(re.findall(r"`(--[a-z-]+)", DOC)) <= known
