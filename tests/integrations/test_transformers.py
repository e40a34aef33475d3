"""transformers itself, on a model of some hundred weights that begins at random."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lakeboard
from tests.integrations.seven import Boom, Seven, framework, outputs, rows, steps

ours = framework("transformers")
framework("accelerate", "session")
import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainerCallback, TrainingArguments

DATA = [{"input_ids": torch.tensor([1, 2, n % 7]), "labels": torch.tensor(n % 2)} for n in range(8)]


class Stop(TrainerCallback):  # type: ignore[misc]
    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == 2:
            raise Boom("step 2")


def trainer(*callbacks: Any, **options: Any) -> Any:
    config = BertConfig(
        vocab_size=8, hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4,
        max_position_embeddings=4,
    )  # fmt: skip
    settings = {
        "output_dir": "out", "num_train_epochs": 1, "per_device_train_batch_size": 4, "logging_steps": 1,
        "save_strategy": "no", "use_cpu": True, "disable_tqdm": True, "report_to": [], "eval_strategy": "epoch",
        "metric_for_best_model": "loss", "greater_is_better": False, **options,
    }  # fmt: skip
    return Trainer(
        BertForSequenceClassification(config), TrainingArguments(**settings), train_dataset=DATA, eval_dataset=DATA,
        callbacks=list(callbacks),
    )  # fmt: skip


class TestTransformers(Seven):
    metric = "train/loss"
    steps = [1, 2]
    params = {
        "params.args.num_train_epochs": 1,
        "params.args.per_device_train_batch_size": 4,
        "params.args.learning_rate": 5e-5,
        "params.args.output_dir": None,
        "params.model.hidden_size": 4,
        "params.model.vocab_size": 8,
        "params.model.hidden_act": None,
    }
    goals = {"eval/loss": "minimize"}

    def make(self, lake: Path, **options: Any) -> Any:
        return ours.LakeboardCallback(lake=lake, quiet=True, **options)

    def fit(self, callback: Any, *, fail: bool = False) -> None:
        trainer(callback, *([Stop()] if fail else [])).train()

    def close(self, callback: Any) -> None:
        callback.session.finish()

    def rank_one(self, lake: Path) -> bool:
        from transformers import TrainerControl, TrainerState

        callback, state = self.make(lake, project="p"), TrainerState(is_world_process_zero=False)
        args, control = TrainingArguments("out", report_to=[]), TrainerControl()
        callback.on_train_begin(args, state, control)
        callback.on_log(args, state, control, logs={"loss": 1.0})
        callback.on_predict(args, state, control, metrics={"test_loss": 1.0})
        callback.on_save(args, state, control)
        callback.on_train_end(args, state, control)
        return True


def test_report_to_lakeboard(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    made = trainer(report_to="lakeboard", run_name="tiny")
    made.train()
    made.evaluate()
    made.predict(DATA)
    lakeboard.finish()
    (row,) = rows(tmp_path / "lake", "default")
    assert (row["name"], row["status"]) == ("tiny", "finished")
    assert row["test/loss"] > 0
    assert steps(tmp_path / "lake", row["run_id"], "eval/loss", "default") == [2, 2]


def test_an_evaluation_alone_is_a_run(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    callback = ours.LakeboardCallback(lake=tmp_path / "lake", project="p", quiet=True)
    trainer(callback).evaluate()
    callback.session.finish()
    (row,) = rows(tmp_path / "lake")
    assert row["eval/loss"] > 0


def test_a_checkpoint_knows_its_run(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for resume in (False, True):
        callback = ours.LakeboardCallback(lake=tmp_path / "lake", project="p", quiet=True)
        made = trainer(callback, save_strategy="epoch", num_train_epochs=2 if resume else 1)
        made.train(resume_from_checkpoint=resume)
        callback.session.finish()
    (row,) = rows(tmp_path / "lake")
    assert row["attempts"] == 2
    assert steps(tmp_path / "lake", row["run_id"], "train/loss") == [1, 2, 3, 4]


def test_checkpoints_are_stored(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for word, n in (("best", 1), ("all", 2)):
        callback = ours.LakeboardCallback(lake=tmp_path / "lake", project=word, quiet=True, log_model=word)
        trainer(
            callback, save_strategy="epoch", num_train_epochs=2, load_best_model_at_end=True, output_dir=word
        ).train()
        callback.session.finish()
        (row,) = rows(tmp_path / "lake", word)
        made = outputs(tmp_path / "lake", row["run_id"], word)
        assert set(made) == {f"model-{row['run_id']}:v{i + 1}" for i in range(n)}
