"""Lightning itself: its generic cases for loggers, and what is ours alone."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

import lakeboard
from tests.integrations.seven import Boom, Seven, framework, goals, outputs, rows, steps

ours = framework("lightning")
import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from torch.utils.data import DataLoader, TensorDataset

X = torch.randn(8, 2, generator=torch.Generator().manual_seed(0))
DATA = DataLoader(TensorDataset(X, X.sum(1, keepdim=True)), batch_size=4)


class Line(LightningModule):  # type: ignore[misc]
    def __init__(self, lr: float = 0.1, fail: BaseException | None = None) -> None:
        super().__init__()
        self.save_hyperparameters("lr")
        self.layer = torch.nn.Linear(2, 1)
        self._fail = fail

    def _loss(self, batch: Any) -> Any:
        return ((self.layer(batch[0]) - batch[1]) ** 2).mean()

    def training_step(self, batch: Any, index: int) -> Any:
        loss = self._loss(batch)
        self.log("train/loss", loss)
        if self._fail is not None and self.global_step == 1:
            raise self._fail
        return loss

    def validation_step(self, batch: Any, index: int) -> None:
        self.log("val/loss", self._loss(batch))

    def test_step(self, batch: Any, index: int) -> None:
        self.log("test/loss", self._loss(batch))

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.01)


def trainer(logger: Any, *callbacks: Any, **options: Any) -> Any:
    return Trainer(
        logger=logger, callbacks=list(callbacks), max_epochs=2, log_every_n_steps=1, accelerator="cpu",
        enable_checkpointing=bool(callbacks), enable_progress_bar=False, enable_model_summary=False, **options,
    )  # fmt: skip


class TestLightning(Seven):
    metric = "train/loss"
    steps = [0, 1, 2, 3]
    params = {"params.lr": 0.1}
    goals = {}

    def make(self, lake: Path, **options: Any) -> Any:
        return ours.LakeboardLogger(lake=lake, quiet=True, **options)

    def fit(self, callback: Any, *, fail: bool = False) -> None:
        trainer(callback).fit(Line(fail=Boom("step 1") if fail else None), DATA, DATA)

    def fail(self, callback: Any) -> None:
        self.fit(callback, fail=True)

    def close(self, callback: Any) -> None:
        callback.experiment.finish()

    def resumed(self) -> dict[str, Any]:
        return {"version": "again", "resume": "allow"}

    def rank_one(self, lake: Path) -> bool:
        from lightning.pytorch.utilities.rank_zero import rank_zero_only

        before = rank_zero_only.rank
        rank_zero_only.rank = 1
        try:
            logger = self.make(lake, project="p")
            logger.experiment.log({"x": 1})
            logger.log_metrics({"x": 1.0}, step=0)
            logger.log_hyperparams({"lr": 0.1})
            logger.finalize("success")
        finally:
            rank_zero_only.rank = before
        return True


def test_fit_validate_and_test_are_one_run(tmp_path: Path) -> None:
    logger = ours.LakeboardLogger(lake=tmp_path, project="p", quiet=True)
    train = trainer(logger)
    model = Line()
    train.fit(model, DATA, DATA)
    train.validate(model, DATA, verbose=False)
    train.test(model, DATA, verbose=False)
    logger.experiment.finish()
    (row,) = rows(tmp_path)
    assert row["status"] == "finished"
    assert row["run_id"] == logger.version
    assert steps(tmp_path, row["run_id"], "test/loss") == [4]


def test_checkpoints_are_stored_and_tell_the_goal(tmp_path: Path) -> None:
    for word in ("best", "all"):
        logger = ours.LakeboardLogger(lake=tmp_path / "lake", project=word, quiet=True, log_model=word)
        saved = ModelCheckpoint(tmp_path / word, monitor="val/loss", mode="min", save_top_k=-1)
        trainer(logger, saved).fit(Line(), DATA, DATA)
        logger.experiment.finish()
        (row,) = rows(tmp_path / "lake", word)
        assert goals(tmp_path / "lake", row["run_id"], word) == {"val/loss": "minimize"}
        made = outputs(tmp_path / "lake", row["run_id"], word)
        assert set(made) == {f"model-{row['run_id']}:v{n + 1}" for n in range(1 if word == "best" else 2)}


def test_an_interrupted_fit_is_killed(tmp_path: Path) -> None:
    logger = ours.LakeboardLogger(lake=tmp_path, project="p", quiet=True)
    with pytest.raises((SystemExit, KeyboardInterrupt)):
        trainer(logger).fit(Line(fail=KeyboardInterrupt()), DATA)
    assert [row["status"] for row in rows(tmp_path)] == ["killed"]


def test_prefix_default_project_and_version(tmp_path: Path) -> None:
    logger = ours.LakeboardLogger(lake=tmp_path, prefix="mine", quiet=True)
    assert (logger.name, logger.version) == ("lightning_logs", None)
    logger.log_metrics({"x": torch.tensor(1.0)}, step=3)
    logger.experiment.finish()
    (row,) = rows(tmp_path, "lightning_logs")
    assert row["mine-x"] == 1.0


def test_a_trainer_travels_with_its_logger(tmp_path: Path) -> None:
    logger = ours.LakeboardLogger(lake=tmp_path, project="p", quiet=True)
    logger.log_metrics({"x": 1.0}, step=0)
    again = pickle.loads(pickle.dumps(trainer(logger)))
    again.logger.log_metrics({"x": 2.0}, step=1)
    assert again.logger.version == logger.version
    lakeboard.finish()
    (row,) = rows(tmp_path)
    assert row["x"] == 2.0
