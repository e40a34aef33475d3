"""LightGBM: `callbacks=[LakeboardCallback()]` of `lightgbm.train`, `lightgbm.cv` and the estimators' `fit`."""

from __future__ import annotations

import threading
from functools import wraps
from typing import Any

from .session import Ending, LogModel, Session, fitted_by_a_search, guarded, log_model_given, needs

with needs("lightgbm"):
    from lightgbm.callback import EarlyStopException

__all__ = ["LakeboardCallback"]


_OF_THREAD = threading.local()
"""`training`: the callback whose training this thread is inside of."""


class LakeboardCallback(Ending):
    """Logs `<data>/<metric>` of every round, the params and, as LightGBM tells them, the goals.

    Under `cv` the spread over folds is `<data>/<metric>_std`. After early stopping, `best/iteration` is the best
    round, from 0. Candidates of a scikit-learn search log nothing.

    Args:
        log_model: "best" or "all": the booster is stored as `model-<run id>` when the training ends.
        **init: keywords of `lakeboard.init`, for the run that is begun where none is open.
    """

    # Before early stopping (30), which raises: the round that it stops at is logged all the same.
    order = 25
    before_iteration = False

    def __init__(self, *, log_model: LogModel = False, **init: Any) -> None:
        self.session = Session(init)
        self._log_model = log_model_given(log_model)
        self._silent = False

    @guarded(None)
    def __call__(self, env: Any) -> None:
        """One round."""
        first = env.iteration == env.begin_iteration
        if first:
            self._silent = fitted_by_a_search()
        if self._silent:
            return
        run = self.session.begin(env.params, section="lightgbm") if first else self.session.run
        if run is None:
            return
        _watch_early_stops()
        _OF_THREAD.training = (self, env.model)
        values: dict[str, float] = {}
        for data, metric, value, maximize, *spread in env.evaluation_result_list or []:
            # `cv` puts the name of the data before the metric's: "valid l2".
            name = f"{data}/{metric}" if " " not in metric else metric.replace(" ", "/")
            values[name] = value
            if spread:
                values[f"{name}_std"] = spread[0]
            if first:
                run.define_metric(name, goal="maximize" if maximize else "minimize")
        run.log(values, step=env.iteration)
        if env.iteration == env.end_iteration - 1:
            self._end(env.model)

    def _end(self, model: Any, best: int | None = None) -> None:
        _OF_THREAD.training = None
        run = self.session.run
        if run is not None and best is not None:
            run.summary["best/iteration"] = best
        if self._log_model and hasattr(model, "save_model"):
            self.session.log_model(model.save_model, "model.txt", ("best",))
        self.session.finish()


def _watch_early_stops() -> None:
    """LightGBM tells no callback that it stopped early: the exception that it stops by does."""
    if hasattr(EarlyStopException.__init__, "_lakeboard"):
        return
    before = EarlyStopException.__init__

    @wraps(before)
    def begin(error: Any, *args: Any, **kwargs: Any) -> None:
        before(error, *args, **kwargs)
        _stopped_early(error)

    begin._lakeboard = True  # type: ignore[attr-defined]  # noqa: SLF001 - our own mark
    EarlyStopException.__init__ = begin


@guarded(None)
def _stopped_early(error: Any) -> None:
    training = getattr(_OF_THREAD, "training", None)
    if training is not None:
        callback, model = training
        callback._end(model, error.best_iteration)  # noqa: SLF001 - of this file
