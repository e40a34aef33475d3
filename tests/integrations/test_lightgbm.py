"""LightGBM itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integrations.seven import Boom, Seven, framework, goals, outputs, rows, steps

ours = framework("lightgbm")
import lightgbm
import numpy as np

X = np.random.default_rng(0).normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(float)
PARAMS = {"objective": "binary", "metric": ["binary_logloss", "auc"], "num_leaves": 4, "verbose": -1, "num_threads": 1}


def stop(env: Any) -> None:
    if env.iteration == 1:
        raise Boom("round 1")


class TestLightgbm(Seven):
    metric = "train/auc"
    steps = [0, 1, 2, 3]
    params = {"params.lightgbm.num_leaves": 4, "params.lightgbm.objective": "binary"}
    goals = {"train/binary_logloss": "minimize", "train/auc": "maximize"}

    def make(self, lake: Path, **options: Any) -> Any:
        return ours.LakeboardCallback(lake=lake, quiet=True, **options)

    def fit(self, callback: Any, *, fail: bool = False) -> None:
        data = lightgbm.Dataset(X, Y)
        more = [stop] if fail else []
        lightgbm.train(PARAMS, data, 4, valid_sets=[data], valid_names=["train"], callbacks=[callback, *more])


def test_early_stopping_ends_the_run_with_its_best_round(tmp_path: Path) -> None:
    callback = ours.LakeboardCallback(lake=tmp_path, project="p", quiet=True, log_model="best")
    data = lightgbm.Dataset(X, Y)
    held = lightgbm.Dataset(X, 1 - Y, reference=data)
    callbacks = [callback, lightgbm.early_stopping(2, verbose=False)]
    lightgbm.train(PARAMS, data, 50, valid_sets=[held], valid_names=["val"], callbacks=callbacks)
    (row,) = rows(tmp_path)
    assert (row["status"], row["best/iteration"]) == ("finished", 0.0)
    assert steps(tmp_path, row["run_id"], "val/auc") == [0, 1, 2]
    assert outputs(tmp_path, row["run_id"]) == [f"model-{row['run_id']}:v1"]


def test_cv_logs_means_spreads_and_goals(tmp_path: Path) -> None:
    callback = ours.LakeboardCallback(lake=tmp_path, project="p", quiet=True)
    lightgbm.cv(PARAMS, lightgbm.Dataset(X, Y), 3, nfold=2, callbacks=[callback])
    (row,) = rows(tmp_path)
    assert steps(tmp_path, row["run_id"], "valid/auc_std") == [0, 1, 2]
    assert goals(tmp_path, row["run_id"])["valid/auc"] == "maximize"


def test_candidates_of_a_search_log_nothing(tmp_path: Path) -> None:
    from sklearn.model_selection import cross_val_score

    callback = ours.LakeboardCallback(lake=tmp_path, project="p", quiet=True)
    model = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1)
    cross_val_score(model, X, Y, cv=2, params={"callbacks": [callback]})
    assert rows(tmp_path) == []


def test_a_training_without_evaluations_is_a_run_all_the_same(tmp_path: Path) -> None:
    callback = ours.LakeboardCallback(lake=tmp_path, project="p", quiet=True)
    lightgbm.train(PARAMS, lightgbm.Dataset(X, Y), 2, callbacks=[callback])
    assert [row["status"] for row in rows(tmp_path)] == ["finished"]
