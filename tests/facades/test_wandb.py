"""W&B's module by its own names, writing to a lake."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lakeboard
from lakeboard import wandb
from lakeboard.facades.notices import NOTICES
from tests.checkout import ROOT


@pytest.fixture(autouse=True)
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    monkeypatch.setattr(NOTICES, "_told", set())
    monkeypatch.chdir(tmp_path)
    return str(tmp_path / "lake")


def points(project: str) -> list[tuple[str, int, float]]:
    frame = lakeboard.open().metrics(project).sort("metric", "step")
    return [tuple(row) for row in frame.select("metric", "step", "value").collect().rows()]


def test_a_script_as_people_write_it() -> None:
    wandb.login()
    run = wandb.init(
        project="digits", name="brisk", config={"lr": 0.1}, entity="me", tags=["a"], group="g", job_type="train",
        notes="n", save_code=True, settings=wandb.Settings(console="off"), resume="allow", id="abc", reinit=True,
    )  # fmt: skip
    assert wandb.run.id == run.id == "abc"
    assert (run.entity, run.path, run.project_name()) == ("", "digits/abc", "digits")
    assert Path(run.dir).is_dir()
    assert run.url.startswith("lakeboard ui --lake ")
    wandb.config.update({"batch": 32}, allow_val_change=True)
    assert (wandb.config["lr"], wandb.config.batch) == (0.1, 32)
    wandb.define_metric("val/*", step_metric="epoch", summary="max")
    for step in range(3):
        wandb.log({"loss": 1 / (step + 1), "val/acc": step / 10, "epoch": step})
    wandb.log({"late": 1.0}, commit=False)
    wandb.log({"more": 2.0})
    run.log({"at": 5.0}, step=50)
    wandb.summary["best"] = 0.5
    run.name = "renamed"
    wandb.finish()
    assert wandb.run is None
    row = lakeboard.open().run("digits", "abc").row
    assert (row.name, row.group, row.job_type, row.notes, row.tags) == ("renamed", "g", "train", "n", ("a",))
    assert {k: p.decode() for k, p in row.params.items()} == {"lr": 0.1, "batch": 32}
    assert row.summary["val/acc"].goal == "maximize"
    found = points("digits")
    assert ("loss", 2, 1 / 3) in found
    assert ("late", 3, 1.0) in found
    assert ("more", 3, 2.0) in found
    assert ("at", 50, 5.0) in found


def test_media_take_w_and_b_s_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    with wandb.init(project="digits") as run:
        pixels = np.zeros((4, 6, 3), np.uint8)
        table = wandb.Table(columns=["a", "b"], data=[[1, "x"]])
        table.add_data(2, "y")
        run.log(
            {
                "one": wandb.Image(pixels, caption="c"),
                "several": [wandb.Image(pixels) for _ in range(2)],
                "table": table,
                "hist": wandb.Histogram([1.0, 2.0, 3.0]),
                "counted": wandb.Histogram(np_histogram=np.histogram([1.0, 2.0], bins=2)),
                "page": wandb.Html("<p>hi</p>"),
                "sound": wandb.Audio(np.zeros(100), sample_rate=8000),
                "matrix": wandb.plot.confusion_matrix(y_true=[0, 1], preds=[0, 0], class_names=["a", "b"]),
                "line": wandb.plot.line(table, "a", "b", title="t"),
                "lines": wandb.plot.line_series([0, 1], [[1, 2], [3, 4]], keys=["u", "v"]),
                "molecule": wandb.Molecule("x.pdb"),
                "objects": [wandb.Object3D("y")],
                "loss": 0.5,
            }
        )
    kinds = dict(lakeboard.open().media("digits").select("key", "kind").unique().rows())
    assert kinds == {
        "one": "image", "several": "image", "table": "table", "hist": "histogram", "counted": "histogram",
        "page": "html", "sound": "audio", "matrix": "table", "line": "table", "lines": "table",
    }  # fmt: skip
    assert points("digits") == [("loss", 0, 0.5)]
    told = capsys.readouterr().err
    assert told.count("wandb.Molecule is left out") == 1
    assert "refused" not in told


def test_artifacts(tmp_path: Path) -> None:
    (tmp_path / "model.txt").write_text("weights")
    (tmp_path / "extra.txt").write_text("e")
    with wandb.init(project="digits") as run:
        artifact = wandb.Artifact("net", type="model", description="d", metadata={"acc": 0.9})
        artifact.add_file("model.txt")
        with artifact.new_file("labels.txt") as file:
            file.write("0 1 2")
        run.log_artifact(artifact, aliases=["latest", "best"]).wait()
        found = Path(wandb.use_artifact("me/digits/net:best", type="model").download(tmp_path / "out"))
        assert sorted(path.name for path in found.iterdir()) == ["labels.txt", "model.txt"]
        wandb.log_model("model.txt", "plain")
        assert [Path(path).name for path in wandb.save("*.txt")] == ["extra.txt", "model.txt"]
        assert wandb.save("nothing*") == []
    frame = lakeboard.open().artifacts("digits").sort("artifact")
    assert frame.select("artifact", "type", "files").rows() == [
        ("net", "model", 2), ("plain", "model", 1), ("saved-files", "files", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [("PROJECT", "project", "env"), ("NAME", "name", "env"), ("RUN_GROUP", "group", "env"),
     ("RUN_ID", "id", "env"), ("NOTES", "notes", "env"), ("TAGS", "tags", ("a", "b"))],
)  # fmt: skip
def test_w_and_b_s_environment_is_read(monkeypatch: pytest.MonkeyPatch, given: str, field: str, value: object) -> None:
    monkeypatch.setenv(f"WANDB_{given}", "a, b" if given == "TAGS" else "env")
    with wandb.init() as run:
        assert getattr(run, field) == value


@pytest.mark.parametrize(
    ("mode", "lake", "wanted"),
    [("disabled", "lake", "disabled"), ("offline", "lake", None), ("online", "s3://b/lake", None),
     ("offline", "s3://b/lake", "offline")],
)  # fmt: skip
def test_modes(monkeypatch: pytest.MonkeyPatch, mode: str, lake: str, wanted: str | None) -> None:
    from lakeboard.facades.wandb import _mode

    monkeypatch.setenv("LAKEBOARD_LAKE", lake)
    assert _mode(mode) == wanted


def test_a_verb_without_a_run_says_what_to_call() -> None:
    with pytest.raises(wandb.Error, match=r"You must call wandb\.init\(\) before wandb\.log\(\)"):
        wandb.log({"a": 1})
    wandb.finish()


def test_what_is_not_there_names_what_is() -> None:
    for name, said in (("sweep", "Optuna"), ("Api", "lakeboard.open"), ("nonsense", "no nonsense")):
        with pytest.raises(AttributeError, match=said):
            getattr(wandb, name)
    with wandb.init(project="digits") as run, pytest.raises(AttributeError, match="give the version an alias"):
        run.link_artifact("x")


def test_what_has_no_place_is_told_once_and_ends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with wandb.init(project="digits", config="config.yaml", strange=1, sync_tensorboard=True) as run:
        for _ in range(3):
            run.watch(None)
            run.define_metric("x", goal="sideways")
            run.log([1, 2])
    told = capsys.readouterr().err
    for said in ("wandb.watch is left out", "config='config.yaml' is left out", "wandb.init(strange=) is passed over",
                 "sync_tensorboard is left out", "define_metric('x') is left out"):  # fmt: skip
        assert told.count(said) == 1, said


def test_an_error_fails_the_run() -> None:
    with pytest.raises(ZeroDivisionError), wandb.init(project="digits", id="bad"):
        raise ZeroDivisionError("no")
    assert lakeboard.open().run("digits", "bad").row.status == "failed"


def test_all_that_the_room_has_stands_at_the_door() -> None:
    from lakeboard.facades import wandb as room

    assert {name for name in room.__all__ if not hasattr(wandb, name)} == set()
    assert all(inspect.getdoc(getattr(wandb, name)) for name in room.__all__ if callable(getattr(wandb, name)))


def test_nothing_of_a_facade_is_loaded_by_lakeboard_alone() -> None:
    code = "import lakeboard, sys; lakeboard.init; print([n for n in sys.modules if 'facades' in n])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
