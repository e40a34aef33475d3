"""Hydra and Optuna themselves: every job of a sweep is a run with all of its points, and no end is told as known."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import lakeboard

pytestmark = [pytest.mark.slow, pytest.mark.process]

TRAIN = """
import os, hydra, lakeboard

@hydra.main(version_base=None, config_path=None)
def main(cfg):
    run = lakeboard.init(project="p", id=f"job{cfg.x}", config=cfg, lake=os.environ["SWEEP_LAKE"], quiet=True)
    for step in range(3):
        run.log({"acc": float(cfg.x)}, step=step)
    if cfg.x == 2:
        raise ValueError("job two diverged")
    return 0.5

if __name__ == "__main__":
    main()
"""
SEARCH = """
import os, sys, optuna, lakeboard

optuna.logging.set_verbosity(optuna.logging.ERROR)

def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    run = lakeboard.init(project="p", id=f"t{trial.number}", config=trial.params, lake=os.environ["SWEEP_LAKE"],
                         quiet=True)
    for step in range(10):
        run.log({"loss": x * step}, step=step)
    if trial.number % 4 == 1:
        raise ValueError(f"trial {trial.number} diverged")
    if trial.number % 4 == 2:
        raise optuna.TrialPruned()
    return x

optuna.create_study().optimize(objective, n_trials=16, n_jobs=int(sys.argv[1]), catch=(ValueError,))
"""
IN_WITH = (
    SEARCH.replace("    run = lakeboard.init(", "    with lakeboard.init(")
    .replace(
        'quiet=True)\n    for step in range(10):\n        run.log({"loss": x * step}, step=step)\n',
        'quiet=True) as run:\n      for step in range(10):\n        run.log({"loss": x * step}, step=step)\n',
    )
    .replace("    if trial.number", "      if trial.number")
    .replace("        raise", "          raise")
)


def swept(tmp_path: Path, program: str, *arguments: str) -> tuple[int, dict[str, tuple[str, str | None, int, object]]]:
    """The exit code of a program, and of each of its runs the status, error, points and `x`."""
    script, lake = tmp_path / "train.py", str(tmp_path / "lake")
    script.write_text(program)
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        env={**os.environ, "SWEEP_LAKE": lake, "HOME": str(tmp_path), "LAKEBOARD_GIT_DIFF": "0"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    runs = lakeboard.open(lake).runs("p").select("run_id", "status", "error", "rows", "params.x")
    return done.returncode, {run_id: tuple(rest) for run_id, *rest in runs.iter_rows()}


def test_a_hydra_multirun_whose_second_job_raises(tmp_path: Path) -> None:
    pytest.importorskip("hydra", reason="hydra-core is not installed")
    code, runs = swept(tmp_path, TRAIN, "-m", "+x=1,2,3")
    assert code == 1
    # Hydra keeps the error to itself until all jobs are done: nobody said how the first two went.
    assert runs == {"job1": ("ended", None, 3, 1), "job2": ("ended", None, 3, 2), "job3": ("finished", None, 3, 3)}


@pytest.mark.parametrize("jobs", [1, 4])
def test_optuna_with_catch_keeps_every_point_of_every_trial(tmp_path: Path, jobs: int) -> None:
    pytest.importorskip("optuna", reason="optuna is not installed")
    code, runs = swept(tmp_path, SEARCH, str(jobs))
    assert code == 0
    assert sorted(runs) == sorted(f"t{n}" for n in range(16))
    assert {rows for _, _, rows, _ in runs.values()} == {10}
    statuses = [status for status, *_ in runs.values()]
    # The last one of each thread is open when the program comes to its end.
    assert 1 <= statuses.count("finished") <= jobs
    assert statuses.count("ended") == 16 - statuses.count("finished")


def test_optuna_in_a_with_block_tells_every_end(tmp_path: Path) -> None:
    pytest.importorskip("optuna", reason="optuna is not installed")
    code, runs = swept(tmp_path, IN_WITH, "4")
    assert code == 0
    for n in range(16):
        status, error, rows, _ = runs[f"t{n}"]
        assert rows == 10
        if n % 4 == 1:
            assert (status, error) == ("failed", f"ValueError: trial {n} diverged")
        elif n % 4 == 2:
            assert status == "failed"
            assert (error or "").startswith("TrialPruned")
        else:
            assert (status, error) == ("finished", None)
