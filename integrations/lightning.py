"""Lightning: `Trainer(logger=LakeboardLogger())`, of `lightning` or of `pytorch_lightning`."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .session import LogModel, end_with, guarded, log_model_given, needs, open_run

if TYPE_CHECKING:
    from .. import Run

with needs("lightning"):
    from lightning.fabric.utilities.logger import _add_prefix, _convert_params
    from lightning.pytorch.loggers.logger import Logger, rank_zero_experiment
    from lightning.pytorch.utilities.rank_zero import rank_zero_only

__all__ = ["LakeboardLogger"]


class LakeboardLogger(Logger):
    """What a LightningModule logs, its hyperparameters, the goal and the checkpoints of a ModelCheckpoint.

    `fit`, `validate` and `test` with one logger are one run. A run that the logger began ends with the program, as
    failed or killed when `fit` raises, or with `logger.experiment.finish()`. Rank zero alone writes. The logger
    can be pickled; it opens the same run again elsewhere.

    Args:
        project: what the run belongs to.
        name: of the run; a readable one is made up.
        version: the run id. With `resume="allow"` and `fit(ckpt_path=...)` a run goes on as its next attempt.
        save_dir: the lake, where `lake=` is not given; also where Lightning puts its checkpoints.
        prefix: put before every metric, with a `-`.
        log_model: "best" stores the best checkpoint after each fit, "all" every checkpoint when it is saved (give
            ModelCheckpoint `save_top_k=-1`, since what it deletes meanwhile can't be stored), in `model-<run id>`.
        **init: further keywords of `lakeboard.init`.
    """

    def __init__(
        self,
        project: str = "lightning_logs",
        *,
        name: str | None = None,
        version: str | None = None,
        save_dir: str | None = None,
        prefix: str = "",
        log_model: LogModel = False,
        **init: Any,
    ) -> None:
        super().__init__()
        self._project = project
        self._init: dict[str, Any] = {"name": name, "id": version, **init}
        self._save_dir = save_dir
        self._prefix = prefix
        self._log_model = log_model_given(log_model)
        self._run: Run | None = None
        self._own = False
        self._checkpoint: Any = None
        self._stored: str | None = None

    @property
    def name(self) -> str:
        """The project."""
        return self._project

    @property
    def version(self) -> str | None:
        """The run id; None before the first use, unless it was given."""
        return self._run.id if self._run is not None else self._init["id"]

    @property
    def save_dir(self) -> str | None:
        """The folder that was given."""
        return self._save_dir

    @property
    @rank_zero_experiment
    def experiment(self) -> Run:
        """The run: the open one where there is one, else one that begins here."""
        if self._run is not None and self._run.finished:
            # It has ended: another fit is another run.
            self._run, self._stored = None, None
        if self._run is None:
            current = open_run()
            self._own = current is None
            self._run = self._begin() if current is None else current
        return self._run

    @rank_zero_only
    @guarded(None)
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Logs them at that step."""
        self.experiment.log(_add_prefix(metrics, self._prefix, "-"), step=step)

    @rank_zero_only
    @guarded(None)
    def log_hyperparams(self, params: dict[str, Any] | Namespace, *args: Any, **kwargs: Any) -> None:
        """Adds them to the run's params."""
        self.experiment.config.update(_convert_params(params))

    @rank_zero_only
    @guarded(None)
    def after_save_checkpoint(self, checkpoint_callback: Any) -> None:
        """Tells the goal of what the ModelCheckpoint monitors; stores the checkpoint, where all are wanted."""
        self._checkpoint = checkpoint_callback
        monitor = getattr(checkpoint_callback, "monitor", None)
        if monitor:
            goal = "maximize" if checkpoint_callback.mode == "max" else "minimize"
            self.experiment.define_metric(str(monitor), goal=goal)
        if self._log_model == "all":
            best = checkpoint_callback.best_model_path
            saved = getattr(checkpoint_callback, "_last_checkpoint_saved", "") or best
            self._store(saved, ("best",) if saved == best else ())

    @rank_zero_only
    @guarded(None)
    def finalize(self, status: str) -> None:
        """The end of one fit, validate or test: the run goes on, unless it failed."""
        if self._run is None:
            return
        if self._log_model == "best" and self._checkpoint is not None:
            self._store(self._checkpoint.best_model_path, ("best",))
        error = sys.exc_info()[1]
        if status == "failed" and self._own:
            end_with(self._run, error if error is not None else RuntimeError("the training failed"))

    def __getstate__(self) -> dict[str, Any]:
        """Without the run: its id, by which `experiment` opens it again."""
        return {**self.__dict__, "_run": None, "_checkpoint": None, "_init": {**self._init, "id": self.version}}

    def _begin(self) -> Run:
        from .. import init

        options = dict(self._init)
        if self._save_dir is not None:
            options.setdefault("lake", self._save_dir)
        return init(self._project, **options)

    def _store(self, path: str | Path, aliases: tuple[str, ...] = ()) -> None:
        if not path or str(path) == self._stored:
            return
        self._stored = str(path)
        self.experiment.log_artifact(path, f"model-{self.experiment.id}", "model", aliases=aliases)
