"""XGBoost: `callbacks=[LakeboardCallback()]` of `xgboost.train`, `xgboost.cv` and the estimators."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .session import Ending, LogModel, Session, fitted_by_a_search, guarded, log_model_given, needs

with needs("xgboost"):
    import xgboost

__all__ = ["LakeboardCallback"]


_MAXIMIZED = ("auc", "aucpr", "map", "ndcg", "pre")
_MINIMIZED = (
    "rmse", "rmsle", "mae", "mape", "mphe", "logloss", "error", "merror", "mlogloss", "poisson-nloglik",
    "gamma-nloglik", "gamma-deviance", "tweedie-nloglik", "cox-nloglik", "aft-nloglik", "interval-regression-accuracy",
    "quantile", "expectile",
)  # fmt: skip


class LakeboardCallback(Ending, xgboost.callback.TrainingCallback):
    """Logs `<data>/<metric>` of every round, the booster's params, goals, and `best/iteration` and `best/score`.

    Under `cv` the spread over folds is `<data>/<metric>_std`. Candidates of a scikit-learn search log nothing;
    `lakeboard.integrations.sklearn.log_search` tells of them afterwards.

    Args:
        log_model: "best" or "all": the booster is stored as `model-<run id>` when the training ends.
        **init: keywords of `lakeboard.init`, for the run that is begun where none is open.
    """

    def __init__(self, *, log_model: LogModel = False, **init: Any) -> None:
        super().__init__()
        self.session = Session(init)
        self._log_model = log_model_given(log_model)
        self._silent = False
        self._defined: set[str] = set()

    def before_training(self, model: Any) -> Any:
        """Begins the run, with the booster's params."""
        self._begin(model)
        return model

    @guarded(False)
    def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Mapping[str, Any]]) -> bool:
        """Logs the round."""
        run = self.session.run
        if self._silent or run is None:
            return False
        values: dict[str, float] = {}
        for data, metrics in evals_log.items():
            for metric, history in metrics.items():
                name, last = f"{data}/{metric}", history[-1]
                if isinstance(last, tuple):
                    values[name], values[f"{name}_std"] = last
                else:
                    values[name] = last
                if name not in self._defined:
                    self._defined.add(name)
                    goal = goal_of(metric)
                    if goal is not None:
                        run.define_metric(name, goal=goal)
        run.log(values, step=epoch)
        return False

    def after_training(self, model: Any) -> Any:
        """Logs the best round and the model, and ends the run, if the callback began it."""
        self._end(model)
        return model

    @guarded(None)
    def _begin(self, model: Any) -> None:
        self._silent = fitted_by_a_search()
        self._defined = set()
        if not self._silent:
            self.session.begin(_params(model), section="xgboost")

    @guarded(None)
    def _end(self, model: Any) -> None:
        run = self.session.run
        if self._silent or run is None:
            return
        attributes = model.attributes() if hasattr(model, "attributes") else {}
        for name in ("iteration", "score"):
            if f"best_{name}" in attributes:
                run.summary[f"best/{name}"] = float(attributes[f"best_{name}"])
        if self._log_model and hasattr(model, "save_model"):
            self.session.log_model(model.save_model, "model.ubj", ("best",))
        self.session.finish()


def goal_of(metric: str) -> str | None:
    """`maximize` or `minimize` for a metric of XGBoost's own; None for another."""
    stem = metric.partition("@")[0].rstrip("-")
    if stem in _MAXIMIZED:
        return "maximize"
    return "minimize" if stem in _MINIMIZED else None


def _params(model: Any) -> dict[str, Any]:
    """The scalars of a booster's configuration; none under `cv`, which has no booster yet."""
    if not hasattr(model, "save_config"):
        return {}
    out: dict[str, Any] = {}
    learner = json.loads(model.save_config())["learner"]
    out["booster"] = learner["gradient_booster"]["name"]
    out["objective"] = learner["objective"]["name"]
    tree = learner["gradient_booster"].get("tree_train_param", {})
    for name in ("eta", "max_depth", "min_child_weight", "subsample", "colsample_bytree", "gamma", "lambda", "alpha"):
        found = tree.get(name, tree.get(f"reg_{name}", tree.get("min_split_loss" if name == "gamma" else name)))
        if found is not None:
            out[name] = float(found)
    return out
