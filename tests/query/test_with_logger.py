"""What a real logger writes is what a reader shows, while it runs and afterwards."""

from __future__ import annotations

import math
import time
from pathlib import Path

import polars as pl
import pytest

import lakeboard
from lakeboard.query.lake import Lake


def wait_for(lake: Lake, condition: str) -> pl.DataFrame:
    """The runs that fulfil a filter, once there are any."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not lake.snapshot("digits").empty:
            try:
                frame = lake.runs("digits", where=condition)
            except lakeboard.FilterError:
                frame = pl.DataFrame()
            if frame.height:
                return frame
        time.sleep(0.05)
    raise AssertionError(f"no run with {condition}")


def test_live_then_ended(tmp_path: Path) -> None:
    config = {"lr": 1e-3, "model": {"depth": 4, "act": "gelu"}, "amp": True, "seeds": [1, 2]}
    run = lakeboard.init(project="digits", config=config, lake=str(tmp_path), dataset="mnist", tags=["a"], quiet=True)
    lake = lakeboard.open(str(tmp_path))
    for step in range(500):
        run.log({"loss": 1 / (step + 1), "val": {"acc": step / 500}}, step=step)
    (row,) = wait_for(lake, "loss < 0.0021").iter_rows(named=True)
    assert (row["status"], row["silent"], row["dataset"], row["tags"]) == ("running", False, "mnist", ["a"])
    assert row["params.lr"] == 1e-3
    assert row["params.model.depth"] == 4
    assert row["params.model.act"] == "gelu"
    assert row["params.amp"] is True
    assert row["params.seeds"] == "[1,2]"
    points = lake.metrics("digits", metrics="val/acc").sort("step").collect()
    assert points["step"].to_list() == list(range(500))
    assert points["value"].to_list() == [s / 500 for s in range(500)]
    assert points["dataset"].unique().to_list() == ["mnist"]
    run.log({"loss": math.nan}, step=500)
    run.finish()
    (row,) = lake.runs("digits").iter_rows(named=True)
    assert (row["status"], row["rows"], row["last_step"]) == ("finished", 1001, 500)
    assert math.isnan(row["loss"])
    assert row["loss.min"] == 1 / 500
    assert row["val/acc.max"] == 499 / 500
    assert row["heartbeat_age"] is None
    every = lake.metrics("digits").collect()
    assert sorted(every["seq"]) == list(range(1001))
    assert lake.problems("digits") == ()
    view = lake.run("digits", row["run_id"])
    assert view.row.env
    assert view.live == ()


def test_resume_is_one_run(tmp_path: Path) -> None:
    first = lakeboard.init(project="digits", id="mine", lake=str(tmp_path), config={"lr": 1}, quiet=True)
    for step in range(10):
        first.log({"loss": float(step)}, step=step)
    first.finish()
    second = lakeboard.init(
        project="digits", id="mine", resume="must", lake=str(tmp_path), config={"lr": 2}, quiet=True
    )
    for step in range(10, 15):
        second.log({"loss": float(step)}, step=step)
    second.finish()
    lake = lakeboard.open(str(tmp_path))
    (row,) = lake.runs("digits").iter_rows(named=True)
    assert (row["attempts"], row["rows"], row["last_step"], row["params.lr"]) == (2, 15, 14, 2)
    steps = lake.metrics("digits").sort("step").collect()
    assert steps["step"].to_list() == list(range(15))
    assert lake.metrics("digits", hidden=True).collect().height == 15


@pytest.mark.slow
def test_reading_all_the_while_never_shows_a_hole_or_a_double(tmp_path: Path) -> None:
    run = lakeboard.init(project="digits", lake=str(tmp_path), quiet=True)
    lake = lakeboard.open(str(tmp_path))
    wait_for(lake, "status = running")
    last = step = 0
    deadline = time.monotonic() + 12
    while time.monotonic() < deadline:
        for _ in range(20_000):
            run.log({"a": step, "b": -step}, step=step)
            step += 1
        seqs = lake.metrics("digits").select(pl.col("seq").sort()).collect()["seq"]
        assert seqs.to_list() == list(range(len(seqs)))
        assert len(seqs) >= last
        last = len(seqs)
    run.finish()
    assert lake.metrics("digits").select(pl.len()).collect().item() == 2 * step
    assert lake.problems("digits") == ()
