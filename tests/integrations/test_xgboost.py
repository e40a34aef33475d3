"""XGBoost itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lakeboard
from tests.integrations.seven import Boom, Seven, framework, outputs, rows, steps

ours = framework("xgboost")
import numpy as np
import xgboost

X = np.arange(40.0).reshape(20, 2)
Y = np.tile([0.0, 1.0], 10)


class Stop(xgboost.callback.TrainingCallback):  # type: ignore[misc]
    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        if epoch == 1:
            raise Boom("round 1")
        return False


class TestXgboost(Seven):
    metric = "train/logloss"
    steps = [0, 1, 2, 3]
    params = {"params.xgboost.max_depth": 3, "params.xgboost.objective": "binary:logistic"}
    goals = {"train/logloss": "minimize", "train/auc": "maximize"}

    def make(self, lake: Path, **options: Any) -> Any:
        return ours.LakeboardCallback(lake=lake, quiet=True, **options)

    def fit(self, callback: Any, *, fail: bool = False) -> None:
        data = xgboost.DMatrix(X, Y)
        params = {"max_depth": 3, "objective": "binary:logistic", "eval_metric": ["logloss", "auc"], "nthread": 1}
        more = [Stop()] if fail else []
        xgboost.train(params, data, 4, evals=[(data, "train")], verbose_eval=False, callbacks=[callback, *more])


def test_cv_logs_means_and_spreads(tmp_path: Path) -> None:
    callback = ours.LakeboardCallback(lake=tmp_path, project="p", quiet=True)
    params = {"objective": "reg:squarederror", "nthread": 1}
    xgboost.cv(params, xgboost.DMatrix(X, Y), 3, nfold=2, callbacks=[callback])
    (row,) = rows(tmp_path)
    assert steps(tmp_path, row["run_id"], "test/rmse_std") == steps(tmp_path, row["run_id"], "train/rmse") == [0, 1, 2]


def test_the_model_is_stored_with_its_best_round(tmp_path: Path) -> None:
    callback = ours.LakeboardCallback(lake=tmp_path, project="p", quiet=True, log_model="best")
    data = xgboost.DMatrix(X, Y)
    params = {"objective": "reg:squarederror", "eta": 1.0, "nthread": 1}
    xgboost.train(
        params, data, 50, evals=[(data, "val")], early_stopping_rounds=2, verbose_eval=False, callbacks=[callback]
    )
    (row,) = rows(tmp_path)
    assert row["best/iteration"] >= 0
    assert outputs(tmp_path, row["run_id"]) == [f"model-{row['run_id']}:v1"]
    folder = lakeboard.open(tmp_path).artifact(f"p/model-{row['run_id']}:best").download(tmp_path / "got")
    booster = xgboost.Booster(model_file=str(Path(folder) / "model.ubj"))
    assert booster.num_boosted_rounds() > 0


@pytest.mark.parametrize("jobs", [1, 2])
def test_candidates_of_a_search_log_nothing(tmp_path: Path, jobs: int) -> None:
    from sklearn.model_selection import GridSearchCV

    callback = ours.LakeboardCallback(lake=tmp_path, project="p", quiet=True)
    model = xgboost.XGBClassifier(n_estimators=3, n_jobs=1, callbacks=[callback])
    GridSearchCV(model, {"max_depth": [1, 2]}, cv=2, n_jobs=jobs).fit(X, Y)
    # The refit alone.
    assert len(rows(tmp_path)) == 1


def test_goals_of_metrics() -> None:
    found = {name: ours.goal_of(name) for name in ("auc", "ndcg@5", "map@3-", "rmse", "error@0.7", "mine")}
    assert list(found.values()) == ["maximize", "maximize", "maximize", "minimize", "minimize", None]


def test_a_fault_of_ours_is_told_once_and_ends_no_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ValueError("no lake today")

    monkeypatch.setattr("lakeboard.integrations.session.init", broken)
    TestXgboost().fit(ours.LakeboardCallback(lake=tmp_path))
    assert capsys.readouterr().err.count("no lake today") == 1


def test_log_model_takes_three_words() -> None:
    with pytest.raises(lakeboard.InvalidValue, match="log_model='yes' is unknown"):
        ours.LakeboardCallback(log_model="yes")
