"""Where a run's steps will end: told only where that is honest."""

from __future__ import annotations

import polars as pl
import pytest

from lakeboard.query.run.planned_steps import endings


def told(*rows: tuple[str, int | None, float | None], param: str = "params.max_steps") -> list[float | None]:
    """`total` of runs given as (status, last step, the param's value)."""
    frame = pl.DataFrame(
        {"status": [r[0] for r in rows], "last_step": [r[1] for r in rows], param: [r[2] for r in rows]},
        schema={"status": pl.String, "last_step": pl.Int64, param: pl.Float64},
    )
    return endings(frame)["total"].to_list()


@pytest.mark.parametrize(
    "name", ["max_steps", "steps", "train.num_iterations", "total_train_steps", "n_iter", "max-steps"]
)
def test_what_counts_steps_is_believed_until_runs_say_otherwise(name: str) -> None:
    assert told(("running", 5, 100), param=f"params.{name}") == [100.0]


@pytest.mark.parametrize("name", ["warmup_steps", "eval_every", "steps_per_epoch", "lr", "save_steps", "batch"])
def test_other_names_tell_nothing(name: str) -> None:
    assert told(("finished", 99, 100), ("running", 5, 100), param=f"params.{name}") == [None, None]


def test_epochs_are_believed_once_finished_runs_ended_there() -> None:
    assert told(("running", 1, 8), param="params.epochs") == [None]
    assert told(("finished", 7, 8), ("running", 1, 8), param="params.epochs") == [8.0, 8.0]
    assert told(("finished", 8, 8), ("running", 1, 8), param="params.epochs") == [8.0, 8.0]
    # A step is a batch here.
    assert told(("finished", 900, 8), ("running", 1, 8), param="params.epochs") == [None, None]


def test_half_of_the_finished_runs_must_have_ended_there() -> None:
    stopped = ("finished", 10, 100.0)
    whole = ("finished", 99, 100.0)
    live = ("running", 5, 100.0)
    assert told(stopped, whole, live)[-1] == 100.0
    assert told(stopped, stopped, whole, live)[-1] is None
    assert told(("failed", 10, 100.0), live)[-1] == 100.0, "what failed says nothing"


def test_never_where_the_run_went_beyond_or_the_value_makes_no_sense() -> None:
    assert told(("running", 101, 100)) == [None]
    assert told(("running", 5, 0), ("running", 5, float("inf")), ("running", 5, None)) == [None, None, None]
    assert told(("running", None, 100)) == [100.0]


def test_steps_come_before_epochs_and_the_param_is_named() -> None:
    frame = pl.DataFrame(
        {
            "status": ["finished", "running"],
            "last_step": [99, 5],
            "params.epochs": [100, 100],
            "params.max_steps": [100, None],
        }
    )
    assert endings(frame).rows() == [(100.0, "max_steps"), (100.0, "epochs")]


def test_without_runs_or_params_there_is_nothing() -> None:
    assert endings(pl.DataFrame(schema={"status": pl.String, "last_step": pl.Int64})).rows() == []
    assert told(param="params.max_steps") == []
