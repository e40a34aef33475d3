"""torch itself: norms of gradients and weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lakeboard
from tests.integrations.seven import framework, rows, steps

ours = framework("torch")
import torch


def train(model: Any, passes: int) -> None:
    for _ in range(passes):
        model.zero_grad()
        model(torch.ones(1, 2)).sum().backward()
        lakeboard.log({"loss": 1.0})


def test_norms_land_at_the_runs_steps_and_move_none(tmp_path: Path) -> None:
    model = torch.nn.Linear(2, 1)
    with lakeboard.init(project="p", lake=tmp_path, quiet=True) as run:
        stop = ours.watch(model, every=2)
        train(model, 4)
        stop()
        train(model, 2)
        assert run.step == 5
    (row,) = rows(tmp_path)
    assert row["gradients/weight"] == pytest.approx(2**0.5)
    assert row["weights/bias"] == pytest.approx(abs(model.bias.item()))
    assert steps(tmp_path, row["run_id"], "gradients/weight") == [0, 2]


def test_frozen_parameters_are_left_out(tmp_path: Path) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))
    model[0].requires_grad_(requires_grad=False)
    with lakeboard.init(project="p", lake=tmp_path, quiet=True):
        ours.watch(model, every=1)
        train(model, 1)
    (row,) = rows(tmp_path)
    assert {name for name in row if name.startswith("gradients/") and "." in name[10:]} >= {"gradients/1.weight"}
    assert "gradients/0.weight" not in row


def test_without_a_run_nothing_happens() -> None:
    model = torch.nn.Linear(2, 1)
    ours.watch(model, every=1)
    model(torch.ones(1, 2)).sum().backward()
    assert lakeboard.run is None


def test_what_cannot_be_watched_says_so() -> None:
    with pytest.raises(ValueError, match="all of this one are frozen"):
        ours.watch(torch.nn.Linear(2, 1).requires_grad_(requires_grad=False))
    with pytest.raises(ValueError, match="every=0"):
        ours.watch(torch.nn.Linear(2, 1), every=0)
