"""CatBoost itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integrations.seven import Boom, Seven, framework

ours = framework("catboost")
import catboost
import numpy as np

X = np.random.default_rng(0).normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)


class Stop:
    def after_iteration(self, info: Any) -> bool:
        raise Boom("iteration 1")


def model() -> Any:
    return catboost.CatBoostClassifier(
        iterations=3, depth=2, eval_metric="AUC", allow_writing_files=False, verbose=False, thread_count=1
    )


class TestCatboost(Seven):
    metric = "train/Logloss"
    steps = [0, 1, 2]
    params = {"params.catboost.depth": 2, "params.catboost.iterations": 3}
    goals = {"train/Logloss": "minimize", "validation/Logloss": "minimize", "validation/AUC": "maximize"}

    def make(self, lake: Path, **options: Any) -> Any:
        return ours.LakeboardCallback(model(), lake=lake, quiet=True, **options)

    def fit(self, callback: Any, *, fail: bool = False) -> None:
        model().fit(X, Y, eval_set=(X, Y), callbacks=[callback, *([Stop()] if fail else [])])

    def fail(self, callback: Any) -> None:
        # CatBoost wraps what a callback raises, text and all.
        try:
            super().fail(callback)
        except catboost.CatBoostError as error:
            raise Boom(str(error)) from error

    def close(self, callback: Any) -> None:
        callback.session.finish()


def test_goals_of_metrics() -> None:
    assert [ours.goal_of(name) for name in ("NDCG:top=5", "RMSE", "Mine")] == ["maximize", "minimize", None]
