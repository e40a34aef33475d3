"""What runs are compared by."""

from __future__ import annotations

import polars as pl

from lakeboard.query.compare.axes import (
    axes_of,
    best_column,
    direction_of,
    metric_of,
    reads_log,
    usual_axes,
    usual_metric,
)
from tests.query.runframes import runs_frame

RUNS = runs_frame(
    [
        {".lr": 0.1, ".seed": 1, ".model": "a", ".same": 1, "val/acc": 0.8, "loss": 0.4},
        {".lr": 0.01, ".seed": 2, ".model": "b", ".same": 1, "val/acc": 0.9, "loss": 0.3},
    ]
)


def test_what_varies_is_offered_first_then_metrics_then_the_rest() -> None:
    assert axes_of(RUNS) == [
        "params.lr", "params.seed", "params.model", "val/acc.max", "val/acc", "loss.min", "loss", "status",
        "params.same",
    ]  # fmt: skip


def test_the_usual_axes_end_with_the_metric_and_have_seeds_late() -> None:
    assert usual_metric(RUNS) == "val/acc.max"
    assert usual_axes(RUNS, "val/acc.max") == ["params.lr", "params.model", "params.seed", "val/acc.max"]
    assert usual_metric(RUNS.head(0)) is None
    assert usual_axes(RUNS.head(0), None) == []


def test_texts_that_hardly_repeat_make_no_axis_unasked() -> None:
    runs = runs_frame([{".path": f"/data/{i}", ".lr": float(i), "acc": 0.1} for i in range(40)])
    assert usual_axes(runs, None) == ["params.lr"]
    assert "params.path" in axes_of(runs)


def test_directions_of_metrics_and_costs_but_not_of_params() -> None:
    schema = {**RUNS.schema, "duration": pl.Float64(), "params.size": pl.Float64()}
    found = {name: direction_of(name, schema) for name in ("val/acc", "loss.min", "duration", "params.size", "status")}
    assert {name: each.goal if each else None for name, each in found.items()} == {
        "val/acc": "maximize", "loss.min": "minimize", "duration": "minimize", "params.size": None, "status": None,
    }  # fmt: skip
    declared = direction_of("val/acc.max", schema, goals={"val/acc": "minimize"})
    assert declared is not None
    assert (declared.goal, declared.known) == ("minimize", "declared")


def test_best_columns_and_back() -> None:
    assert best_column("loss", RUNS.schema) == "loss.min"
    assert best_column("nope", RUNS.schema) is None
    assert [metric_of(name, RUNS.schema) for name in ("loss.min", "loss", "params.lr")] == ["loss", "loss", None]


def test_when_a_logarithm_reads_better() -> None:
    assert reads_log([1e-4, 1e-2])
    assert not reads_log([1e-4, 9e-3])
    assert not reads_log([0.0, 1e-2, 10.0])
    assert not reads_log([])
    assert reads_log([1.0, None, float("nan"), 100.0])
