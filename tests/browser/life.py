"""Life in a lake, for pictures: models that train meanwhile, one that fails, runs in the trash, a team's board."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import lakeboard
from lakeboard.examples.sweep import DATASETS, PROJECT
from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.query.lake import Lake, open_lake

BOARD = "sklearn-cup"
OTHER = "digits-distilled"
_BEGIN_SECONDS = 120.0
_PAUSE_SECONDS = 4.0
_TRASHED = 3


@dataclass(frozen=True, slots=True)
class Job:
    """A model that somebody trains while pictures are taken."""

    user: str
    project: str
    dataset: str
    config: Mapping[str, Any]
    """As of `examples/sweep.py`."""
    hurry: float = 0.6
    """The part of its epochs that goes by quickly; the rest takes some seconds each."""


JOBS = (
    Job(
        "ada", PROJECT, "digits", {"model": "mlp", "lr": 2e-3, "width": 96, "depth": 2, "epochs": 120, "seed": 1}, 0.55
    ),
    Job("ben", PROJECT, "breast_cancer", {"model": "linear", "lr": 0.1, "alpha": 3e-3, "epochs": 90, "seed": 7}, 0.8),
    Job("cyd", OTHER, "digits", {"model": "mlp", "lr": 1e-3, "width": 16, "depth": 1, "epochs": 150, "seed": 3}, 0.3),
)


def copy(source: str, place: Path) -> str:
    """A lake in a folder, copied to another one that must not be there yet; its address."""
    shutil.copytree(source, place)
    return str(place)


@contextmanager
def lively(lake: str) -> Iterator[None]:
    """What people do to a lake, done; and models that go on training until the end."""
    _decide(open_lake(lake))
    context = multiprocessing.get_context("spawn")
    begun, stop = context.Barrier(len(JOBS) + 1), context.Event()
    jobs = [context.Process(target=_train, args=(lake, job, begun, stop), daemon=True) for job in JOBS]
    failing = context.Process(target=_fail, args=(lake,), daemon=True)
    for process in (*jobs, failing):
        process.start()
    try:
        begun.wait(_BEGIN_SECONDS)
        failing.join(_BEGIN_SECONDS)
        yield
    finally:
        stop.set()
        for process in (*jobs, failing):
            process.join(_BEGIN_SECONDS)


def _decide(lake: Lake) -> None:
    """Three runs deleted; a board saved, and saved again with a baseline: the config that does worst on it."""
    worst = lake.runs(PROJECT).sort("val/acc", nulls_last=True)["run_id"].head(_TRASHED).to_list()
    lake.delete(PROJECT, worst, editor="ben")
    board = Definition(
        measures=tuple(Measure("val/acc", dataset, goal="maximize", counts="best") for dataset in DATASETS),
        title="Sklearn cup",
        projects=(PROJECT,),
        entry="config",
    )
    lake.save_board(board, BOARD, editor="ada")
    last = lake.board(PROJECT, board).frame["entry"][-1]
    lake.save_board(replace(board, baselines=(last,)), BOARD, editor="ben")


def _train(lake: str, job: Job, begun: Any, stop: Any) -> None:
    from sklearn import datasets
    from sklearn.metrics import accuracy_score, log_loss
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    from lakeboard.examples.families import FAMILIES

    _sign(job.user)
    x, y = getattr(datasets, f"load_{job.dataset}")(return_X_y=True)
    x = StandardScaler().fit_transform(x)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.25, stratify=y, random_state=job.config["seed"])
    with lakeboard.init(
        job.project, config=dict(job.config), dataset=job.dataset, lake=lake, flush_seconds=1, quiet=True
    ) as run:
        run.define_metric("*/acc", goal="maximize")
        run.define_metric("*/loss", goal="minimize")
        for epoch, predict in enumerate(FAMILIES[job.config["model"]](dict(job.config), x_train, y_train)):
            seen, other = predict(x_train), predict(x_val)
            run.log(
                {
                    "train/loss": log_loss(y_train, seen, labels=range(seen.shape[1])),
                    "val/loss": log_loss(y_val, other, labels=range(other.shape[1])),
                    "val/acc": accuracy_score(y_val, other.argmax(axis=1)),
                },
                step=epoch,
            )
            if epoch == int(job.hurry * job.config["epochs"]):
                begun.wait(_BEGIN_SECONDS)
            if epoch >= job.hurry * job.config["epochs"] and stop.wait(_PAUSE_SECONDS):
                return


def _fail(lake: str) -> None:
    """A run that ends as many do."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    _sign("ben")
    x, y = np.array([[0.0], [np.nan], [2.0], [3.0]]), np.array([0, 1, 0, 1])
    init = partial(lakeboard.init, PROJECT, config={"model": "linear", "impute": False}, dataset="wine")
    with suppress(ValueError), init(lake=lake, quiet=True):
        LogisticRegression().fit(x, y)


def _sign(user: str) -> None:
    os.environ["LOGNAME"] = os.environ["USER"] = user
