"""Keras 3: `model.fit(..., callbacks=[LakeboardCallback()])`, on any backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .session import Ending, LogModel, Session, guarded, log_model_given, needs

with needs("keras"):
    import keras

__all__ = ["LakeboardCallback"]


class LakeboardCallback(Ending, keras.callbacks.Callback):
    """Logs `train/<x>` and `val/<x>` of every epoch (steps from 0), the learning rate, params and goals.

    `evaluate` with this callback logs `test/<x>`. Keras tells no callback that `fit` raised: an own run that was left
    so is failed when the next begins or the program ends; `with LakeboardCallback() as callback:` around `fit` gives it
    the error's own text at once.

    Args:
        every: log the metrics of every so many batches too, as `batch/<x>`; None for none.
        log_model: "best" stores the model of the best epoch by `monitor`, "all" that of every epoch, as `model.keras`
            in versions of `model-<run id>`.
        monitor: what "best" goes by.
        **init: keywords of `lakeboard.init`, for the run that is begun where none is open.
    """

    def __init__(
        self, *, every: int | None = None, log_model: LogModel = False, monitor: str = "val_loss", **init: Any
    ) -> None:
        super().__init__()
        self.session = Session(init)
        self._every = every
        self._log_model = log_model_given(log_model)
        self._monitor = monitor
        self._maximize = goal_of(monitor) == "maximize"
        self._best: float | None = None
        self._fitting = False
        self._batches = 0

    @guarded(None)
    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Begins the run."""
        self._fitting = True
        self._best = None
        self.session.begin(self._params(), section="keras")

    @guarded(None)
    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Logs a batch, if asked to."""
        self._batches += 1
        run = self.session.run
        if self._every and run is not None and logs and self._batches % self._every == 0:
            run.log({f"batch/{name}": float(value) for name, value in logs.items()}, step=self._batches, aside=True)

    @guarded(None)
    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Logs the epoch."""
        run = self.session.run
        if run is None or not logs:
            return
        values = {_named(name): float(value) for name, value in logs.items() if name != "learning_rate"}
        for name in logs:
            goal = goal_of(name)
            if goal is not None:
                run.define_metric(_named(name), goal=goal)
        values["train/learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        run.log(values, step=epoch)
        self._keep(logs)

    @guarded(None)
    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Logs an `evaluate` that is no part of `fit`, into the open run or the one of the last `fit`."""
        if self._fitting or not logs:
            return
        run = self.session.attach()
        run.log({f"test/{name}": float(value) for name, value in logs.items()})
        self.session.finish()

    @guarded(None)
    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Ends the run, if the callback began it."""
        self._fitting = False
        self.session.finish()

    def _keep(self, logs: Mapping[str, Any]) -> None:
        if not self._log_model:
            return
        value = float(logs[self._monitor]) if self._monitor in logs else None
        better = value is not None and (
            self._best is None or (value > self._best if self._maximize else value < self._best)
        )
        if better:
            self._best = value
        if better or self._log_model == "all":
            self.session.log_model(self.model.save, "model.keras", ("best",) if better else ())

    def _params(self) -> dict[str, Any]:
        out = {name: self.params[name] for name in ("epochs", "steps") if self.params.get(name) is not None}
        optimizer = getattr(self.model, "optimizer", None)
        if optimizer is not None:
            config = optimizer.get_config()
            plain = {name: value for name, value in config.items() if isinstance(value, (int, float, str))}
            out["optimizer"] = {**plain, "name": type(optimizer).__name__}
        if getattr(self.model, "built", False):
            out["parameters"] = self.model.count_params()
        return out


def goal_of(name: str) -> str | None:
    """`minimize` for losses and errors, `maximize` for accuracies and the like; None where the name does not tell."""
    stem = name.removeprefix("val_")
    if stem.endswith(("loss", "error", "mae", "mse")):
        return "minimize"
    return "maximize" if stem.endswith(("accuracy", "acc", "auc", "precision", "recall", "f1_score")) else None


def _named(name: str) -> str:
    return f"val/{name.removeprefix('val_')}" if name.startswith("val_") else f"train/{name}"
