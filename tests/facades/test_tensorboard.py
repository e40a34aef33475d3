"""`SummaryWriter` with torch's names and parameters, writing to a lake."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import lakeboard
from lakeboard.facades.notices import NOTICES
from lakeboard.tensorboard import SummaryWriter

TORCH = {
    "__init__": "log_dir comment purge_step max_queue flush_secs filename_suffix",
    "add_audio": "tag snd_tensor global_step sample_rate walltime",
    "add_custom_scalars": "layout",
    "add_custom_scalars_marginchart": "tags category title",
    "add_custom_scalars_multilinechart": "tags category title",
    "add_embedding": "mat metadata label_img global_step tag metadata_header",
    "add_figure": "tag figure global_step close walltime",
    "add_graph": "model input_to_model verbose use_strict_trace",
    "add_histogram": "tag values global_step bins walltime max_bins",
    "add_histogram_raw": "tag min max num sum sum_squares bucket_limits bucket_counts global_step walltime",
    "add_hparams": "hparam_dict metric_dict hparam_domain_discrete run_name global_step",
    "add_image": "tag img_tensor global_step walltime dataformats",
    "add_image_with_boxes": "tag img_tensor box_tensor global_step walltime rescale dataformats labels",
    "add_images": "tag img_tensor global_step walltime dataformats",
    "add_mesh": "tag vertices colors faces config_dict global_step walltime",
    "add_onnx_graph": "prototxt",
    "add_pr_curve": "tag labels predictions global_step num_thresholds weights walltime",
    "add_scalar": "tag scalar_value global_step walltime new_style double_precision",
    "add_scalars": "main_tag tag_scalar_dict global_step walltime",
    "add_tensor": "tag tensor global_step walltime",
    "add_text": "tag text_string global_step walltime",
    "add_video": "tag vid_tensor global_step fps walltime",
    "close": "",
    "flush": "",
    "get_logdir": "",
}
"""Names and parameters of torch 2.13's class."""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    monkeypatch.setattr(NOTICES, "_told", set())
    monkeypatch.chdir(tmp_path)
    yield
    lakeboard.finish()


def points(project: str) -> list[tuple[str, int, float]]:
    frame = lakeboard.open().metrics(project).sort("metric", "step", "value")
    return [tuple(row) for row in frame.select("metric", "step", "value").collect().rows()]


@pytest.mark.parametrize("name", TORCH)
def test_names_and_parameters_are_torch_s(name: str) -> None:
    parameters = list(inspect.signature(getattr(SummaryWriter, name)).parameters)
    assert parameters == ["self", *TORCH[name].split()]


def test_numbers(tmp_path: Path) -> None:
    with SummaryWriter("runs/exp1") as writer:
        for step in range(3):
            writer.add_scalar("loss", np.float32(step), step, walltime=1_700_000_000 + step)
        writer.add_scalar("own", 1.0)
        writer.add_scalar("own", 2.0)
        writer.add_scalars("both", {"a": 1.0, "b": 2.0}, 7)
        run = writer.run
    assert writer.get_logdir() == "runs/exp1"
    assert (run.project, run.name, run.finished) == ("runs", "exp1", True)
    assert points("runs") == [
        ("both/a", 7, 1.0), ("both/b", 7, 2.0), ("loss", 0, 0.0), ("loss", 1, 1.0), ("loss", 2, 2.0), ("own", 0, 1.0),
        ("own", 1, 2.0),
    ]  # fmt: skip
    times = lakeboard.open().metrics("runs", metrics="loss").sort("step").collect()["timestamp"].dt.epoch("s")
    assert times.to_list() == [1_700_000_000 + step for step in range(3)]


def test_writers_of_parts_share_a_run() -> None:
    train, val = SummaryWriter("runs/exp1/train"), SummaryWriter("runs/exp1/val")
    train.add_scalar("loss", 1.0, 0)
    val.add_scalar("loss", 2.0, 0)
    assert train.run is val.run
    train.close()
    train.close()
    assert not val.run.finished
    val.close()
    assert val.run.finished
    assert points("runs") == [("train/loss", 0, 1.0), ("val/loss", 0, 2.0)]
    assert SummaryWriter("runs/exp1/train").run is not train.run


def test_the_current_run_stays_the_current_one() -> None:
    with lakeboard.init(project="mine") as mine:
        with SummaryWriter("runs/exp1") as writer:
            writer.add_scalar("loss", 1.0, 0)
            lakeboard.log({"x": 1.0})
        assert lakeboard.run is mine
    assert points("mine") == [("x", 0, 1.0)]
    with SummaryWriter("runs/exp2") as writer:
        assert lakeboard.run is writer.run


def test_purge_step_goes_on_with_the_run_that_was_written_here() -> None:
    with SummaryWriter("runs/exp1") as writer:
        for step in range(4):
            writer.add_scalar("x", float(step), step)
        first = writer.run.id
    with SummaryWriter("runs/exp1", purge_step=2) as writer:
        writer.add_scalar("x", 20.0, 2)
        assert writer.run.id == first
    assert points("runs") == [("x", 0, 0.0), ("x", 1, 1.0), ("x", 2, 20.0)]
    with SummaryWriter("runs/exp1") as writer:
        assert writer.run.id != first


def test_params_come_from_hparams_and_from_tables_of_text() -> None:
    table = "|param|value|\n|-|-|\n|lr|0.001|\n|seed|001|\n|deep|True|"
    with SummaryWriter("runs/exp1") as writer:
        writer.add_text("hyperparameters", table)
        writer.add_hparams({"batch": 32, "opt": "adam"}, {"hparam/acc": 0.5})
        writer.add_hparams({"batch": 64, "opt": "adam"}, {"hparam/acc": 0.75}, run_name="second")
        run_id = writer.run.id
    row = lakeboard.open().run("runs", run_id).row
    assert {k: p.decode() for k, p in row.params.items()} == {
        "lr": 0.001, "seed": "001", "deep": True, "batch": 32, "opt": "adam",
    }  # fmt: skip
    assert row.summary["hparam/acc"].last == 0.5
    child = lakeboard.open().runs("runs").filter(name="second").row(0, named=True)
    assert (child["parent_run_id"], child["params.batch"], child["hparam/acc"]) == (run_id, 64, 0.75)


def test_media(capsys: pytest.CaptureFixture[str]) -> None:
    chance = np.random.default_rng(1)
    with SummaryWriter("runs/exp1") as writer:
        writer.add_image("chw", chance.random((3, 8, 9)), 1)
        writer.add_image("hwc", chance.random((8, 9, 3)), 1, dataformats="HWC")
        writer.add_image("hw", chance.random((8, 9)), 1, dataformats="HW")
        # Which axis has the channels is told, not guessed.
        writer.add_image("three", chance.random((3, 3, 3)), 1)
        writer.add_images("batch", chance.random((2, 3, 8, 9)), 1)
        writer.add_image_with_boxes("boxes", chance.random((3, 8, 9)), [[0, 0, 4, 4]], 1, labels=["cat"])
        writer.add_histogram("hist", chance.random(50), 1)
        writer.add_histogram_raw("raw", 0.0, 2.0, 3, 3.0, 5.0, [1.0, 2.0], [1.0, 2.0], 1)
        writer.add_audio("sound", np.zeros(100), 1, sample_rate=8000)
        writer.add_text("note", "hello", 1)
        writer.add_pr_curve("pr", np.array([0, 1, 1]), np.array([0.1, 0.9, 0.4]), 1)
        writer.add_image("bad", chance.random((8, 9)), 1)
        writer.add_image("bad", chance.random((8, 9)), 2)
        writer.add_image("order", chance.random((8, 9)), 1, dataformats="XYZ")
    frame = lakeboard.open().media("runs").sort("key", "index")
    assert frame.select("key", "kind", "width", "height").rows() == [
        ("batch", "image", 9, 8), ("batch", "image", 9, 8), ("boxes", "image", 9, 8), ("chw", "image", 9, 8),
        ("hist", "histogram", None, None), ("hw", "image", 9, 8), ("hwc", "image", 9, 8),
        ("note", "text", None, None), ("pr", "table", 4, 4), ("raw", "histogram", None, None),
        ("sound", "audio", None, None), ("three", "image", 3, 3),
    ]  # fmt: skip
    told = capsys.readouterr().err
    assert told.count("'bad' is left out: ValueError: a picture of shape (8, 9) is no CHW") == 1
    assert "dataformats='XYZ' is unknown" in told


def test_what_has_no_place_is_told_once_and_ends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with SummaryWriter("runs/exp1") as writer:
        for _ in range(2):
            writer.add_video("v", np.zeros((1, 2, 3, 4, 4)))
            writer.add_tensor("t", np.zeros(3))
            writer.add_graph(None)
            writer.add_onnx_graph("x")
            writer.add_embedding(np.zeros((2, 2)))
            writer.add_mesh("m", np.zeros((1, 2, 3)))
            writer.add_custom_scalars({})
            writer.add_custom_scalars_multilinechart(["a"])
            writer.add_custom_scalars_marginchart(["a"])
            writer.add_scalar("x", "no number", 1)
        writer.flush()
    told = capsys.readouterr().err
    for name in ("video", "tensor", "graph", "onnx_graph", "embedding", "mesh", "custom_scalars"):
        assert told.count(f"add_{name} is left out") == 1
    assert "metric 'x' is 'no number'" in told


def test_without_a_folder_the_name_tells_time_and_host() -> None:
    with SummaryWriter(comment="_lr0.1") as writer:
        assert writer.log_dir.startswith("runs/")
        assert writer.log_dir.endswith("_lr0.1")
        assert writer.run.project == "runs"


def test_a_folder_that_can_not_be_made_ends_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")
    with SummaryWriter("file/exp") as writer:
        writer.add_scalar("x", 1.0, 0)
    assert points("file") == [("x", 0, 1.0)]
    assert "the folder file/exp is left out" in capsys.readouterr().err
