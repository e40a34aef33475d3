"""Optuna itself: every trial is a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lakeboard
from tests.integrations.seven import Boom, framework, goals, rows, steps

ours = framework("optuna")
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def objective(trial: Any) -> float:
    x: float = trial.suggest_float("x", 0, 1)
    trial.report(x, 0)
    if trial.number % 4 == 1:
        raise Boom(f"trial {trial.number}")
    if trial.number % 4 == 2:
        raise optuna.TrialPruned
    return x


def logging(trial: Any) -> float:
    value = objective(trial)
    lakeboard.log({"loss": value}, step=7)
    return value


@pytest.fixture
def callback(tmp_path: Path) -> Any:
    return ours.LakeboardCallback(metric="loss", lake=tmp_path, project="p", quiet=True)


def study(**options: Any) -> Any:
    return optuna.create_study(study_name="s", sampler=optuna.samplers.RandomSampler(0), **options)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("tracked", [True, False])
def test_trials_land_with_params_goals_and_ends(tmp_path: Path, callback: Any, jobs: int, tracked: bool) -> None:
    made = study()
    run = callback.track(objective) if tracked else objective
    made.optimize(run, n_trials=8, n_jobs=jobs, catch=(Boom,), callbacks=[callback])
    found = sorted(rows(tmp_path), key=lambda row: int(row["tags.optuna.trial"]))
    assert [row["status"] for row in found] == ["finished", "failed", "finished", "finished"] * 2
    assert [row["params.x"] for row in found] == [trial.params["x"] for trial in made.trials] if not tracked else True
    assert [row["loss"] is None for row in found] == [False, True, True, False] * 2
    assert [row["tags.pruned"] for row in found] == [None, None, "true", None] * 2
    assert {row["group"] for row in found} == {"s"}
    assert goals(tmp_path, found[0]["run_id"])["loss"] == "minimize"
    assert steps(tmp_path, found[0]["run_id"], "loss/reported") == [0]
    if tracked:
        assert found[1]["error"] == "Boom: trial 1"
    assert lakeboard.run is None


def test_what_the_objective_logs_is_the_trials(tmp_path: Path, callback: Any) -> None:
    study(direction="maximize").optimize(callback.track(logging), n_trials=1, callbacks=[callback])
    (row,) = rows(tmp_path)
    assert steps(tmp_path, row["run_id"], "loss")[0] == 7
    assert goals(tmp_path, row["run_id"])["loss"] == "maximize"


def test_an_exception_that_nobody_catches_ends_its_run(tmp_path: Path, callback: Any) -> None:
    with pytest.raises(Boom):
        study().optimize(callback.track(objective), n_trials=4, callbacks=[callback])
    assert [(row["status"], row["error"]) for row in rows(tmp_path)] == [
        ("finished", None),
        ("failed", "Boom: trial 1"),
    ]


def test_trials_leave_the_open_run_the_current_one(tmp_path: Path, callback: Any) -> None:
    with lakeboard.init(project="p", lake=tmp_path, id="mine", quiet=True) as run:
        study().optimize(callback.track(objective), n_trials=1, callbacks=[callback])
        assert lakeboard.run is run
    assert {row["run_id"] == "mine" for row in rows(tmp_path)} == {True, False}


def test_two_objectives_have_two_metrics(tmp_path: Path) -> None:
    callback = ours.LakeboardCallback(metric=("loss", "acc"), lake=tmp_path, project="p", quiet=True)
    made = optuna.create_study(directions=["minimize", "maximize"])
    made.optimize(callback.track(lambda trial: (0.25, 0.75)), n_trials=1, callbacks=[callback])
    (row,) = rows(tmp_path)
    assert (row["loss"], row["acc"]) == (0.25, 0.75)
    assert goals(tmp_path, row["run_id"]) == {"loss": "minimize", "acc": "maximize"}


def test_names_of_studies_may_be_anything(tmp_path: Path, callback: Any) -> None:
    for name in ("ü/../'", "x" * 300):
        made = optuna.create_study(study_name=name)
        made.optimize(lambda trial: 1.0, n_trials=1, callbacks=[callback])
    assert [row["loss"] for row in rows(tmp_path)] == [1.0, 1.0]
