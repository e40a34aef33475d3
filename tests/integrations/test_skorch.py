"""skorch itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integrations.seven import Boom, Seven, framework, outputs, rows

ours = framework("skorch")
import numpy as np
import torch
from skorch import NeuralNetRegressor
from skorch.callbacks import Callback

X = np.random.default_rng(0).normal(size=(40, 2)).astype("float32")
Y = X.sum(1, keepdims=True)


class Line(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def forward(self, x: Any) -> Any:
        return self.layer(x)


class Stop(Callback):
    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        raise Boom("epoch 1")


def net(*callbacks: Any) -> Any:
    return NeuralNetRegressor(Line, max_epochs=2, lr=0.01, batch_size=10, verbose=0, callbacks=list(callbacks))


class TestSkorch(Seven):
    metric = "val/loss"
    steps = [1, 2]
    params = {"params.skorch.max_epochs": 2, "params.skorch.lr": 0.01, "params.skorch.module": "Line"}
    goals = {"train/loss": "minimize", "val/loss": "minimize"}

    def make(self, lake: Path, **options: Any) -> Any:
        return ours.LakeboardCallback(lake=lake, quiet=True, **options)

    def fit(self, callback: Any, *, fail: bool = False) -> None:
        net(callback, *([Stop()] if fail else [])).fit(X, Y)


def test_candidates_of_a_search_log_nothing_and_the_refit_does(tmp_path: Path) -> None:
    from sklearn.model_selection import GridSearchCV

    callback = ours.LakeboardCallback(lake=tmp_path, project="p", quiet=True)
    GridSearchCV(net(callback), {"lr": [0.01, 0.1]}, cv=2, scoring="neg_mean_squared_error").fit(X, Y)
    assert len(rows(tmp_path)) == 1


def test_the_weights_are_stored(tmp_path: Path) -> None:
    callback = ours.LakeboardCallback(lake=tmp_path, project="p", quiet=True, log_model="best")
    TestSkorch().fit(callback)
    (row,) = rows(tmp_path)
    assert outputs(tmp_path, row["run_id"]) == [f"model-{row['run_id']}:v1"]
