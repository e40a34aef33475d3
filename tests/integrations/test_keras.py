"""Keras 3 itself, on the backend that KERAS_BACKEND names (torch where it names none)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.integrations.seven import Boom, Seven, framework, outputs, rows, steps

os.environ.setdefault("KERAS_BACKEND", "torch")
ours = framework("keras")
import keras
import numpy as np

X = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")
Y = X[:, :1] * 2


class Stop(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        raise Boom(f"epoch {epoch}")


def model() -> Any:
    made = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
    made.compile(optimizer=keras.optimizers.SGD(0.01), loss="mse", metrics=["mae"])
    return made


class TestKeras(Seven):
    metric = "val/loss"
    steps = [0, 1]
    params = {
        "params.keras.epochs": 2,
        "params.keras.optimizer.name": "SGD",
        "params.keras.parameters": 4,
    }
    goals = dict.fromkeys(("train/loss", "train/mae", "val/loss", "val/mae"), "minimize")

    def make(self, lake: Path, **options: Any) -> Any:
        return ours.LakeboardCallback(lake=lake, quiet=True, **options)

    def fit(self, callback: Any, *, fail: bool = False) -> None:
        callbacks = [callback, *([Stop()] if fail else [])]
        model().fit(X, Y, epochs=2, batch_size=16, verbose=0, validation_data=(X, Y), callbacks=callbacks)


def test_batches_have_a_clock_of_their_own(tmp_path: Path) -> None:
    callback = ours.LakeboardCallback(lake=tmp_path, project="p", quiet=True, every=2)
    TestKeras().fit(callback)
    (row,) = rows(tmp_path)
    assert steps(tmp_path, row["run_id"], "batch/loss") == [2, 4]
    assert steps(tmp_path, row["run_id"], "train/learning_rate") == [0, 1]


def test_an_evaluation_alone_is_a_test(tmp_path: Path) -> None:
    callback = ours.LakeboardCallback(lake=tmp_path, project="p", quiet=True)
    model().evaluate(X, Y, verbose=0, callbacks=[callback])
    (row,) = rows(tmp_path)
    assert row["test/loss"] > 0
    assert row["status"] == "finished"


def test_the_best_model_is_stored_and_all_are(tmp_path: Path) -> None:
    for word in ("best", "all"):
        callback = ours.LakeboardCallback(lake=tmp_path, project=word, quiet=True, log_model=word)
        TestKeras().fit(callback)
        (row,) = rows(tmp_path, word)
        assert outputs(tmp_path, row["run_id"], word) == [f"model-{row['run_id']}:v{n}" for n in (1, 2)]


def test_a_fit_that_raised_is_a_failure_once_the_next_begins(tmp_path: Path) -> None:
    callback = ours.LakeboardCallback(lake=tmp_path, project="p", quiet=True)
    try:
        TestKeras().fit(callback, fail=True)
    except Boom:
        pass
    TestKeras().fit(callback)
    assert [row["status"] for row in rows(tmp_path)] == ["failed", "finished"]
