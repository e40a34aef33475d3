"""docs/facades.md: its scripts run, and every method and verb that it names is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import lakeboard
from lakeboard import wandb
from lakeboard.tensorboard import SummaryWriter
from tests.checkout import ROOT

DOC = (ROOT / "docs/facades.md").read_text()


def test_the_scripts_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for block in re.findall(r"^```python\n(.*?)^```", DOC, re.DOTALL | re.MULTILINE):
        names: dict[str, Any] = {}
        exec(block, names)
    lake = lakeboard.open()
    assert lake.runs("runs").select("name", "status", "params.lr", "acc").rows() == [("exp1", "finished", 0.1, 0.9)]
    assert lake.runs("digits").select("name", "status", "val/acc").rows() == [("brisk", "finished", 0.9)]


def test_what_it_names_is_there() -> None:
    methods = set(re.findall(r"`(add_\w+)`", DOC))
    assert len(methods) > 15
    assert {name for name in methods if not hasattr(SummaryWriter, name)} == set()
    table = DOC.partition("| W&B | here |")[2]
    verbs = {name for name in re.findall(r"`(\w+)(?:\(commit=\))?`", table) if not name.startswith(("WANDB", "_"))}
    gone = {"sweep", "agent", "Api", "launch"}
    others = {"entity", "settings", "save_code", "latest", "offline", "config", "summary"}
    assert {name for name in verbs - gone - others if not hasattr(wandb, name)} == set()
    assert {name for name in gone if hasattr(wandb, name)} == set()
