"""Ray Tune itself, in a local cluster of one core."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integrations.seven import framework, goals, rows, steps

framework("ray.tune", "session")
ours = framework("ray")
import ray
from ray import tune

pytestmark = [pytest.mark.slow, pytest.mark.process]


def train(config: Any) -> None:
    for i in range(2):
        tune.report({"loss": config["x"] * (2 - i)})
        if config["x"] == 2:
            raise ValueError("x is two")


def test_trials_are_runs_and_failures_are_failures(tmp_path: Path) -> None:
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    callback = ours.LakeboardCallback(metric="loss", mode="min", lake=tmp_path / "lake", project="p", quiet=True)
    try:
        tune.Tuner(
            train,
            param_space={"x": tune.grid_search([1, 2])},
            run_config=tune.RunConfig(storage_path=str(tmp_path / "ray"), callbacks=[callback], verbose=0),
        ).fit()
    finally:
        ray.shutdown()
    found = sorted(rows(tmp_path / "lake"), key=lambda row: row["params.x"])
    assert [row["status"] for row in found] == ["finished", "failed"]
    assert found[1]["error"].startswith("the trial failed; ")
    assert steps(tmp_path / "lake", found[0]["run_id"], "loss") == [1, 2]
    assert goals(tmp_path / "lake", found[0]["run_id"])["loss"] == "minimize"
    assert len({row["group"] for row in found}) == 1
