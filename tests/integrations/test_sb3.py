"""Stable-Baselines3 itself, on an environment of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integrations.seven import Boom, Seven, framework, outputs, rows

ours = framework("stable_baselines3", "sb3")
from stable_baselines3 import A2C
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.envs import IdentityEnv


class Stop(BaseCallback):
    def _on_step(self) -> bool:
        if self.num_timesteps == 15:
            raise Boom("timestep 15")
        return True


class TestSb3(Seven):
    metric = "train/n_updates"
    steps = [10, 20, 20]
    params = {"params.sb3.algorithm": "A2C", "params.sb3.n_steps": 5, "params.sb3.policy": "ActorCriticPolicy"}
    goals = {"rollout/ep_rew_mean": "maximize"}

    def make(self, lake: Path, **options: Any) -> Any:
        return ours.LakeboardCallback(lake=lake, quiet=True, **options)

    def fit(self, callback: Any, *, fail: bool = False) -> None:
        model = A2C("MlpPolicy", IdentityEnv(dim=2, ep_length=4), n_steps=5, seed=0, device="cpu")
        model.learn(20, log_interval=2, callback=[callback, *([Stop()] if fail else [])])


def test_the_model_is_stored(tmp_path: Path) -> None:
    callback = ours.LakeboardCallback(lake=tmp_path, project="p", quiet=True, log_model="best")
    TestSb3().fit(callback)
    (row,) = rows(tmp_path)
    assert outputs(tmp_path, row["run_id"]) == [f"model-{row['run_id']}:v1"]
