"""CatBoost: `model.fit(..., callbacks=[LakeboardCallback()])`."""

from __future__ import annotations

from typing import Any

from .session import Ending, Session, fitted_by_a_search, guarded, needs

with needs("catboost"):
    import catboost  # noqa: F401 - asked for here, so that the error names it

__all__ = ["LakeboardCallback"]


_MAXIMIZED = (
    "AUC", "Accuracy", "BalancedAccuracy", "F1", "TotalF1", "Precision", "Recall", "R2", "NDCG", "MAP", "MRR", "MCC",
    "Kappa", "PRAUC",
)  # fmt: skip
_MINIMIZED = ("Logloss", "CrossEntropy", "MultiClass", "RMSE", "MAE", "MAPE", "MSLE", "Quantile", "Poisson")


class LakeboardCallback(Ending):
    """Logs `<train or validation>/<metric>` of every iteration (steps from 0) and the goals.

    CatBoost tells a callback neither its params nor that a training is over: the run that this one began ends with
    `with LakeboardCallback(model) as callback:`, with the next training or with the program.

    Args:
        model: the CatBoost model that is to be fitted, for its params.
        **init: keywords of `lakeboard.init`, for the run that is begun where none is open.
    """

    def __init__(self, model: Any = None, **init: Any) -> None:
        self.session = Session(init)
        self._params = {} if model is None else dict(model.get_params())
        self._silent = False

    @guarded(True)
    def after_iteration(self, info: Any) -> bool:
        """One iteration; True goes on."""
        first = info.iteration == 1
        if first:
            self._silent = fitted_by_a_search()
        if self._silent:
            return True
        run = self.session.begin(self._params, section="catboost") if first else self.session.attach()
        values: dict[str, float] = {}
        for data, metrics in (info.metrics or {}).items():
            for metric, history in metrics.items():
                name = f"{'train' if data == 'learn' else data}/{metric}"
                values[name] = history[-1]
                goal = goal_of(metric)
                if first and goal is not None:
                    run.define_metric(name, goal=goal)
        run.log(values, step=info.iteration - 1)
        # Whether another one comes, nobody says: what is left when the program ends is a training that ended.
        self.session.rest()
        return True


def goal_of(metric: str) -> str | None:
    """`maximize` or `minimize` for a metric of CatBoost's own; None for another."""
    stem = metric.partition(":")[0]
    if stem in _MAXIMIZED:
        return "maximize"
    return "minimize" if stem in _MINIMIZED else None
