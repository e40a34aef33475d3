"""`run.config` takes what init takes and copies as a dict; `run.summary` keeps what is no number, too."""

from __future__ import annotations

import argparse
import copy
import json
import pickle
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lakeboard
from lakeboard.logger.inputs.config import Config
from lakeboard.store.opening import open_store

from ..reading import read_lake


def make(values: Mapping[str, Any] | None = None) -> tuple[Config, list[Mapping[str, Any]], list[str]]:
    changes: list[Mapping[str, Any]] = []
    warnings: list[str] = []
    return Config(values or {}, changed=changes.append, warn=warnings.append), changes, warnings


@pytest.mark.parametrize(
    "values", [{"a": 1}, argparse.Namespace(a=1), [("a", 1)], iter([("a", 1)]), type("C", (), {"a": 1})()]
)
def test_update_takes_whatever_init_takes(values: Any) -> None:
    config, changes, warnings = make()
    config.update(values, allow_val_change=True, b=2)
    assert dict(config) == {"a": 1, "b": 2}
    assert changes == [{"a": 1, "b": 2}]
    assert warnings == []


@pytest.mark.parametrize("values", [5, "text", [1, 2], None.__class__])
def test_update_of_anything_else_is_told(values: Any) -> None:
    config, changes, warnings = make()
    config.update(values)
    assert (dict(config), changes) == ({}, [])
    assert len(warnings) == (0 if values is type(None) else 1)


def test_copies_and_pickles_are_plain_dicts() -> None:
    config, changes, _ = make({"a": [1], "lock": threading.Lock(), "f": lambda: None})
    for made in (copy.copy(config), copy.deepcopy(config), pickle.loads(pickle.dumps(config))):
        assert type(made) is dict
        assert made["a"] == [1]
    assert copy.deepcopy(config)["a"] is not config["a"]
    assert changes == []
    with pytest.raises(AttributeError, match="config has no 'nothing'"):
        _ = config.nothing


@pytest.mark.process
def test_a_summary_keeps_text_booleans_and_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with lakeboard.init("p", lake=tmp_path / "lake", quiet=True) as run:
        run.summary["best"] = "epoch 7"
        run.summary["ok"] = np.bool_(True)
        run.summary["none"] = None
        run.summary["matrix"] = np.array([[1, 2], [3, 4]])
        run.summary["hf_token"] = "hunter2"
        run.summary["score"] = np.array([0.5])
        run.summary["val"] = {"acc": 0.9, "name": "resnet"}
        run.summary.update(argparse.Namespace(size=3))
        assert (run.summary["best"], run.summary["score"], run.summary["val/name"]) == ("epoch 7", 0.5, "resnet")
        assert {"best", "ok", "score", "val/acc"} <= set(run.summary)
    (row,) = read_lake(open_store(tmp_path / "lake")).rows
    assert {k: p.decode() for k, p in row.results.items()} == {
        "best": "epoch 7", "ok": True, "none": None, "matrix": [[1, 2], [3, 4]], "hf_token": "[redacted]",
        "val/name": "resnet",
    }  # fmt: skip
    assert {k: s.last for k, s in row.summary.items()} == {"score": 0.5, "val/acc": 0.9, "size": 3.0}
    assert capsys.readouterr().err == ""


@pytest.mark.process
def test_a_huge_config_is_cut_and_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = {"x": np.arange(1_000_000), "y": list(range(100_000)), "lr": 0.1}
    with lakeboard.init("p", config=config, lake=tmp_path / "lake", quiet=True) as run:
        run.config["z"] = "ok"
    err = capsys.readouterr().err
    assert (err.count("config 'x'"), err.count("config 'y'")) == (1, 1)
    (row,) = read_lake(open_store(tmp_path / "lake")).rows
    assert len(json.dumps(row.params["x"].text)) < 20_000
    assert (row.params["lr"].decode(), row.params["z"].decode()) == (0.1, "ok")
