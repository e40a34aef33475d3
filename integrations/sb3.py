"""Stable-Baselines3: `model.learn(..., callback=LakeboardCallback())`."""

from __future__ import annotations

from typing import Any

from .session import Ending, LogModel, Session, guarded, log_model_given, needs

with needs("stable_baselines3", "stable-baselines3"):
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.logger import KVWriter

__all__ = ["LakeboardCallback"]


_CLOCKS = ("num_timesteps", "start_time")


class LakeboardCallback(Ending, BaseCallback):
    """Logs what the model's own logger writes (`rollout/...`, `train/...`, `eval/...`) by timestep, and its params.

    `rollout/ep_rew_mean` and `eval/mean_reward` are maximized. A `learn` that raises tells no callback: use
    `with LakeboardCallback() as callback:` around it.

    Args:
        log_model: "best" or "all": the model is stored as `model-<run id>` when `learn` ends.
        **init: keywords of `lakeboard.init`, for the run that is begun where none is open.
    """

    def __init__(self, *, log_model: LogModel = False, **init: Any) -> None:
        super().__init__()
        self.session = Session(init)
        self._log_model = log_model_given(log_model)

    @guarded(None)
    def _on_training_start(self) -> None:
        run = self.session.begin(_params(self.model), section="sb3")
        for name in ("rollout/ep_rew_mean", "eval/mean_reward", "rollout/success_rate"):
            run.define_metric(name, goal="maximize")
        formats = self.logger.output_formats
        formats[:] = [each for each in formats if not isinstance(each, LakeboardWriter)]
        formats.append(LakeboardWriter(self.session))

    def _on_step(self) -> bool:
        return True

    @guarded(None)
    def _on_training_end(self) -> None:
        # What was recorded since the last dump belongs to this training.
        self.logger.dump(self.num_timesteps)
        if self._log_model:
            self.session.log_model(lambda path: self.model.save(str(path)), "model.zip", ("best",))
        self.session.finish()

    def __getstate__(self) -> dict[str, Any]:
        """Without the model, which has environments that do not travel."""
        return {**self.__dict__, "model": None, "parent": None, "locals": {}, "globals": {}}


class LakeboardWriter(KVWriter):
    """Where Stable-Baselines3's Logger writes to: the numbers go into the session's run."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @guarded(None)
    def write(self, key_values: dict[str, Any], key_excluded: dict[str, Any], step: int = 0) -> None:
        """Logs the numbers at that timestep."""
        run = self._session.run
        if run is not None:
            numbers = {name: value for name, value in key_values.items() if not isinstance(value, (str, bool))}
            run.log({name: value for name, value in numbers.items() if hasattr(value, "__float__")}, step=step)

    def close(self) -> None:
        """Nothing to close: the session ends its run."""


def _params(model: Any) -> dict[str, Any]:
    found = {
        name: value
        for name, value in vars(model).items()
        if isinstance(value, (bool, int, float, str)) and not name.startswith("_") and name not in _CLOCKS
    }
    policy, env = getattr(model, "policy", None), getattr(model, "env", None)
    return {
        "algorithm": type(model).__name__,
        "policy": type(policy).__name__,
        "n_envs": getattr(env, "num_envs", 1),
        **found,
    }
