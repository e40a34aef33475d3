"""`lakeboard import`, as a person types it: what it says, what it refuses, and what a kill in the middle leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import lakeboard
from lakeboard.cli import main
from lakeboard.importers.source import KINDS
from tests.checkout import ROOT
from tests.importers.lakes import points
from tests.importers.making import Mlflow, event, event_file, mlruns, scalar, wandb_records
from tests.importers.test_mlflow import META
from tests.importers.test_wandb import DONE, RUN, history

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def database(path: Path, *, runs: int = 2, steps: int = 3) -> Path:
    made = Mlflow(path)
    for n in range(runs):
        made.add(f"a{n}")
        made.log(f"a{n}", "x", [(step, float(step), False) for step in range(steps)])
    return path


def test_what_it_says(here: Path, capsys: Output) -> None:
    database(here / "mlflow.db")
    assert main(["import", "mlflow.db", "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Default: name of a0: would get 3 of 3 points",
        "Default: name of a1: would get 3 of 3 points",
        f"2 runs would be imported, 0 grew, 0 unchanged: 6 new points of 6, in 1 project of {here / 'lake'}",
    ]
    assert not (here / "lake").exists()
    assert main(["import", "mlflow.db"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"2 runs imported, 0 grew, 0 unchanged: 6 new points of 6, in 1 project of {here / 'lake'}"
    )
    assert main(["import", "mlflow.db", "--project", "digits", "--lake", "other", "--json"]) == 0
    first, _ = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first == {
        "project": "digits", "run_id": "mlflow-a0", "source_id": "a0", "name": "name of a0", "state": "new",
        "points": 3, "new": 3, "media": 0, "files": 0, "notes": [], "left_out": {},
    }  # fmt: skip
    assert main(["import", "mlflow.db"]) == 0
    assert "0 runs imported, 0 grew, 2 unchanged: 0 new points of 6" in capsys.readouterr().out
    assert main(["fsck"]) == 0


def test_kinds_are_told_by_what_stands_there(here: Path, capsys: Output) -> None:
    database(here / "mlflow.db", runs=1)
    mlruns(here / "files", {"b1": {"meta.yaml": META.format("b1"), "metrics/x": "1700000000000 1 0\n"}})
    event_file(here / "tb" / "exp", event(0, scalar("x", 1.0)))
    (here / "wb").mkdir()
    (here / "wb" / "run-abc.wandb").write_bytes(wandb_records(RUN, history(0, x=1.0), DONE))
    (here / "csv").mkdir()
    (here / "csv" / "metrics.csv").write_text("step,x\n0,1\n")
    (here / "hf").mkdir()
    (here / "hf" / "trainer_state.json").write_text('{"log_history": [{"step": 1, "x": 1}]}')
    (here / "dvclive").mkdir()
    (here / "dvclive" / "x.tsv").write_text("step\tx\n0\t1\n")
    (here / "sacred" / "1").mkdir(parents=True)
    (here / "sacred" / "1" / "run.json").write_text("{}")
    for source, kind in {
        "mlflow.db": "mlflow", "sqlite:///mlflow.db": "mlflow", "files": "mlflow", "files/mlruns": "mlflow",
        "tb": "tensorboard", "wb": "wandb", "csv": "csv", "csv/metrics.csv": "csv", "hf": "transformers",
        "dvclive": "dvclive", "sacred": "sacred",
    }.items():  # fmt: skip
        assert main(["import", source, "--json", "--dry-run"]) == 0
        (line,) = capsys.readouterr().out.splitlines()
        assert json.loads(line)["run_id"].startswith(f"{kind}-"), source
        assert kind in KINDS


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nothing"], "nothing is not there"),
        (["empty"], "empty holds nothing that can be imported"),
        (["text.txt"], "text.txt holds nothing that can be imported"),
        (["https://127.0.0.1:1", "--kind", "wandb"], "of wandb only files can be imported"),
        (["http://127.0.0.1:1"], "can't be asked for experiments/search"),
        (["mlflow.db", "--project", "9"], "must start with a letter"),
        (["empty", "--kind", "tensorboard"], "holds no event files"),
    ],
)
def test_what_can_not_be_is_refused(here: Path, capsys: Output, arguments: list[str], why: str) -> None:
    (here / "empty").mkdir()
    (here / "text.txt").write_text("hello")
    database(here / "mlflow.db", runs=1)
    assert main(["import", *arguments]) == 1
    assert why in capsys.readouterr().err
    assert not (here / "lake").exists()


def test_a_run_that_can_not_be_is_named_and_the_others_come(here: Path, capsys: Output) -> None:
    good = {"meta.yaml": META.format("a1"), "metrics/x": "1700000000000 1 0\n"}
    bad = {"meta.yaml": META.format("b2"), "metrics/x": "nonsense\n"}
    mlruns(here, {"a1": good, "b2": bad})
    assert main(["import", "mlruns"]) == 1
    told = capsys.readouterr()
    assert "Digits: my run: 1 of 1 points" in told.out
    assert "my run (b2) is not imported: SourceUnreadable: " in told.out
    assert "1 run could not be imported" in told.err


KILLED = """
import os, sys
from lakeboard.cli import main
from lakeboard.store.local import LocalStore
left = int(sys.argv[1])
for verb in ("put", "delete"):
    def counted(self, *args, _done=getattr(LocalStore, verb), **options):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return _done(self, *args, **options)
    setattr(LocalStore, verb, counted)
sys.exit(main(["import", "mlflow.db"]))
"""


@pytest.mark.slow
@pytest.mark.process
def test_an_import_that_is_killed_anywhere_is_whole_when_it_is_repeated(here: Path, capsys: Output) -> None:
    database(here / "mlflow.db", runs=2, steps=50)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for writes in range(1, 10):
        lake = here / f"lake{writes}"
        environment["LAKEBOARD_LAKE"] = str(lake)
        done = subprocess.run([sys.executable, "-c", KILLED, str(writes)], env=environment, check=False)
        assert done.returncode == (9 if writes < 9 else 0)
        assert main(["import", "mlflow.db", "--lake", str(lake)]) == 0
        for run in ("mlflow-a0", "mlflow-a1"):
            assert points(lake, "Default", run) == {"x": [(step, float(step)) for step in range(50)]}
        assert main(["fsck", "--lake", str(lake)]) == 0
        assert lakeboard.open(lake).runs("Default").get_column("status").to_list() == ["finished"] * 2
    capsys.readouterr()
