"""Ray Tune: `RunConfig(callbacks=[LakeboardCallback()])`, a run for every trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .session import guarded, needs

if TYPE_CHECKING:
    from .. import Run

with needs("ray", '"ray[tune]"'):
    from ray.tune.logger import LoggerCallback

__all__ = ["LakeboardCallback"]


_RAYS_OWN = (
    "pid",
    "timestamp",
    "time_since_restore",
    "iterations_since_restore",
    "training_iteration",
    "time_this_iter_s",
)


class LakeboardCallback(LoggerCallback):
    """Trials as runs of one group, with their params and results by iteration. The driver writes all of them.

    Args:
        metric: what the trials are compared by, with `mode` "min" or "max": its goal.
        mode: see there.
        **init: keywords of `lakeboard.init`.
    """

    def __init__(self, metric: str | None = None, mode: str = "min", **init: Any) -> None:
        super().__init__()
        self._options = init
        self._metric = metric
        self._goal = "maximize" if mode == "max" else "minimize"
        self._runs: dict[str, Run] = {}

    @guarded(None)
    def log_trial_start(self, trial: Any) -> None:
        """Begins the trial's run; a trial that goes on after a failure is its next attempt."""
        from .. import init

        group = str(getattr(trial, "experiment_dir_name", None) or trial.trainable_name)
        options = {"group": group, "name": str(trial), **self._options}
        run_id = f"t-{trial.trial_id}".replace("_", "-")
        run = init(id=run_id, resume="allow", config=trial.config, reinit="create_new", **options)
        if self._metric is not None:
            run.define_metric(self._metric, goal=self._goal)
        self._runs[trial.trial_id] = run

    @guarded(None)
    def log_trial_result(self, iteration: int, trial: Any, result: dict[str, Any]) -> None:
        """Logs one result."""
        numbers = {
            name: value
            for name, value in result.items()
            if name not in _RAYS_OWN and hasattr(value, "__float__") and not isinstance(value, (bool, str))
        }
        self._runs[trial.trial_id].log(numbers, step=result.get("training_iteration", iteration))

    @guarded(None)
    def log_trial_end(self, trial: Any, failed: bool = False) -> None:
        """Ends the trial's run."""
        run = self._runs.pop(trial.trial_id, None)
        if run is None:
            return
        if not failed:
            run.finish()
            return
        # Ray says that a trial failed before it lets anybody ask why.
        run.finish(status="failed", error="the trial failed; the error file in Ray's own folder tells why")
