"""Optuna: `study.optimize(callback.track(objective), callbacks=[callback])`, a run for every trial."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .session import guarded, needs

if TYPE_CHECKING:
    from .. import Run

with needs("optuna"):
    import optuna

__all__ = ["LakeboardCallback"]


class LakeboardCallback:
    """Trials as runs of one group, the study's name; their params, values, intermediate values, goals and ends.

    A trial's run id comes from the study's name and the trial's number: a study that goes on elsewhere keeps them.
    As a callback alone it logs each trial when it is complete; `track` opens the run while the objective runs, so that
    `lakeboard.log` and `lakeboard.run` inside of it are the trial's, and it knows why a trial failed. `n_jobs` may be
    any number. A pruned trial is finished, tagged `pruned`, and has no final value.

    Args:
        metric: the name of what the objective returns; several for several objectives.
        **init: keywords of `lakeboard.init`.
    """

    def __init__(self, metric: str | tuple[str, ...] = "value", **init: Any) -> None:
        self._metrics = (metric,) if isinstance(metric, str) else tuple(metric)
        self._options = init
        self._done: set[tuple[str, int]] = set()
        """Trials that `track` has logged, until their callback comes."""

    def track(self, objective: Callable[..., Any]) -> Callable[..., Any]:
        """The objective, within its trial's run."""

        def tracked(trial: Any) -> Any:
            run = self._opened(trial.study, trial)
            if run is None:
                return objective(trial)
            with run:
                try:
                    value = objective(trial)
                except BaseException as error:
                    pruned = isinstance(error, optuna.TrialPruned)
                    self._end(run, trial.study, _reported(trial), None, pruned=pruned)
                    self._done.add((trial.study.study_name, trial.number))
                    if pruned:
                        run.finish()
                    raise
                self._end(run, trial.study, _reported(trial), value)
                self._done.add((trial.study.study_name, trial.number))
                return value

        return tracked

    @guarded(None)
    def __call__(self, study: Any, trial: Any) -> None:
        """A trial is complete: its run, where `track` made none."""
        if (study.study_name, trial.number) in self._done:
            self._done.discard((study.study_name, trial.number))
            return
        run = self._opened(study, trial)
        if run is None:
            return
        pruned = trial.state == optuna.trial.TrialState.PRUNED
        self._end(run, study, trial, None if pruned else trial.values, pruned=pruned)
        if trial.state == optuna.trial.TrialState.FAIL:
            run.finish(status="failed", error="the objective failed; track(objective) knows why")
        else:
            run.finish()

    @guarded(None)
    def _opened(self, study: Any, trial: Any) -> Run | None:
        from .. import init

        options = {"group": study.study_name, "name": f"trial-{trial.number}", **self._options}
        return init(id=_run_id(study.study_name, trial.number), reinit="create_new", **options)

    @guarded(None)
    def _end(self, run: Run, study: Any, trial: Any, value: Any, *, pruned: bool = False) -> None:
        run.config.update(trial.params)
        run.set_tag("optuna.trial", str(trial.number))
        if pruned:
            run.set_tag("pruned", "true")
        values = list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]
        names = self._metrics if len(self._metrics) >= len(values) else tuple(f"value_{i}" for i in range(len(values)))
        for name, direction in zip(names, study.directions, strict=False):
            run.define_metric(name, goal=direction.name.lower())
        for step, reported in sorted(trial.intermediate_values.items()):
            run.log({f"{names[0]}/reported": reported}, step=step)
        if values:
            run.log(dict(zip(names, values, strict=False)))


def _reported(trial: Any) -> Any:
    """A trial that still runs, as its study knows it: with what it reported."""
    running = trial.study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,))
    return next(each for each in running if each.number == trial.number)


def _run_id(study: str, number: int) -> str:
    from hashlib import sha256

    plain = re.sub(r"[^A-Za-z0-9-]+", "-", study).strip("-")[:40]
    return f"optuna-{plain}-{sha256(study.encode()).hexdigest()[:8]}-{number}"
