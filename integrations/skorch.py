"""skorch: `NeuralNet(..., callbacks=[LakeboardCallback()])`."""

from __future__ import annotations

from typing import Any

from .session import Ending, LogModel, Session, fitted_by_a_search, guarded, log_model_given, needs

with needs("skorch"):
    import skorch
    import skorch.callbacks

__all__ = ["LakeboardCallback"]


_OUTSIDE = ("epoch", "batches", "event_cp")


class LakeboardCallback(Ending, skorch.callbacks.Callback):
    """Logs `train/<x>` and `val/<x>` of every epoch (steps from 1), params, and the goals of what has a `*_best`.

    Candidates of a scikit-learn search log nothing. skorch tells no callback that `fit` raised: use
    `with LakeboardCallback() as callback:` around it. An interrupt ends `fit` quietly, and its run is finished.

    Args:
        log_model: "best" or "all": the module's weights are stored as `model-<run id>` when the training ends.
        **init: keywords of `lakeboard.init`, for the run that is begun where none is open.
    """

    def __init__(self, *, log_model: LogModel = False, **init: Any) -> None:
        self._init = init
        self.session = Session(init)
        self._log_model = log_model_given(log_model)
        self._silent = False

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """What it was made with, so that a clone logs to the same place."""
        return {"log_model": self._log_model, **self._init}

    @guarded(None)
    def on_train_begin(self, net: Any, X: Any = None, y: Any = None, **kwargs: Any) -> None:  # noqa: N803 - skorch's
        """Begins the run."""
        self._silent = fitted_by_a_search()
        if not self._silent:
            self.session.begin(_params(net), section="skorch")

    @guarded(None)
    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Logs the epoch."""
        run = self.session.run
        if self._silent or run is None:
            return
        row = net.history[-1]
        values: dict[str, float] = {}
        for name, value in row.items():
            if name in _OUTSIDE or isinstance(value, (bool, list, str)) or name.endswith("_best"):
                continue
            values[_named(name)] = value
            if f"{name}_best" in row:
                run.define_metric(_named(name), goal="minimize" if "loss" in name else "maximize")
        run.log(values, step=row["epoch"])

    @guarded(None)
    def on_train_end(self, net: Any, X: Any = None, y: Any = None, **kwargs: Any) -> None:  # noqa: N803 - skorch's
        """Stores the model, if asked to, and ends the run, if the callback began it."""
        if self._silent:
            return
        if self._log_model:
            self.session.log_model(lambda path: net.save_params(f_params=str(path)), "params.pt", ("best",))
        self.session.finish()


def _params(net: Any) -> dict[str, Any]:
    given = net.get_params(deep=False)
    return {
        name: value if isinstance(value, (bool, int, float, str)) else getattr(value, "__name__", type(value).__name__)
        for name, value in given.items()
        if value is not None
        and not callable(getattr(value, "on_epoch_end", None))
        and name not in ("callbacks", "_kwargs")
    }


def _named(name: str) -> str:
    for there, here in (("train_", "train/"), ("valid_", "val/")):
        if name.startswith(there):
            return here + name.removeprefix(there)
    return "epoch_seconds" if name == "dur" else name
