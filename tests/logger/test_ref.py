"""A run in other processes: its reference, and a run that is pickled."""

from __future__ import annotations

import dataclasses
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lakeboard
from lakeboard.logger.process import PROCESS
from lakeboard.logger.ref import RunRef
from lakeboard.store.opening import open_store

from .reading import read_lake


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("LAKEBOARD_GIT_DIFF", "0")
    yield tmp_path / "lake"
    for entry in PROCESS.registry.open:
        if entry.run is not None:
            entry.run.finish()


def test_a_reference_is_small_frozen_and_holds_no_secret(lake: Path) -> None:
    options = {
        "key": "AKIA" + 16 * "X", "secret": "hunter2", "token": "hunter2", "anon": False,
        "endpoint_url": "https://user:hunter2@host", "config_kwargs": {"retries": 3},
        "client_kwargs": {"region_name": "eu", "aws_secret_access_key": "x"},
    }  # fmt: skip
    run = lakeboard.init(project="p", quiet=True, mode="disabled", storage_options=options)
    run_ref = run.ref()
    assert run_ref.options == {
        "anon": False, "config_kwargs": {"retries": 3}, "client_kwargs": {"region_name": "eu"},
    }  # fmt: skip
    assert "hunter2" not in repr(run_ref)
    assert pickle.loads(pickle.dumps(run_ref)) == run_ref
    assert len({run_ref, run.ref()}) == 1
    assert len(pickle.dumps(run_ref)) < 1_000
    with pytest.raises(dataclasses.FrozenInstanceError):
        run_ref.id = "other"  # type: ignore[misc]


def test_in_the_same_process_it_gives_the_open_run(lake: Path) -> None:
    with lakeboard.init(project="p", id="a", quiet=True) as run:
        run.log({"a": 1}, step=7)
        reference = run.ref()
        assert reference == RunRef(str(lake), "p", "a", "online", 1, 7)
        assert reference.run() is run
        assert pickle.loads(pickle.dumps(run)) is run


def test_a_run_that_had_ended_comes_back_as_one_that_has(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = lakeboard.init(project="p", id="a", quiet=True)
    run.finish()
    again = pickle.loads(pickle.dumps(run))
    assert again.finished
    again.log({"a": 1})
    assert "after the run has finished" in capsys.readouterr().err
    assert len(read_lake(open_store(lake)).rows) == 1


WORKERS = """
import lakeboard, multiprocessing, pickle, sys
from concurrent.futures import ProcessPoolExecutor

class Callback:
    def __init__(self, run):
        self.run = run
    def fit(self, n):
        if n >= 0:
            self.run.log({f"fold{n}": 1}, step=n)
            self.run.config[f"seen{n}"] = True
        return n

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with lakeboard.init(project="p", id="a", quiet=True, config={"lr": 1}) as run:
        run.log({"main": 1}, step=4)
        callback = Callback(run)
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            # What logs nothing begins no writer.
            assert list(pool.map(callback.fit, [-1] * 4)) == [-1] * 4
            assert sorted(pool.map(callback.fit, range(6))) == list(range(6))
        run.log({"main": 2})
"""


@pytest.mark.process
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_callback_that_holds_a_run_logs_from_the_workers_it_is_sent_to(
    lake: Path, tmp_path: Path, method: str
) -> None:
    script = tmp_path / "search.py"
    script.write_text(WORKERS)
    subprocess.run([sys.executable, str(script), method], env=dict(os.environ), check=True, timeout=90)
    rows = read_lake(open_store(lake)).rows
    assert {(r.run_id, r.status, r.attempt) for r in rows} == {("a", "finished", 1)}
    assert 2 <= len(rows) <= 3
    assert sum(r.rows or 0 for r in rows) == 8
    frame = lakeboard.open(lake).runs("p")
    assert frame["params.lr"].to_list() == [1]
    assert all(frame[f"params.seen{n}"].to_list() == [True] for n in range(6))


@pytest.mark.process
@pytest.mark.slow
def test_a_search_in_parallel_with_a_callback_that_holds_a_run(lake: Path, tmp_path: Path) -> None:
    script = tmp_path / "grid.py"
    script.write_text(
        """
import lakeboard
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV

class Model(ClassifierMixin, BaseEstimator):
    def __init__(self, depth=1, callback=None):
        self.depth, self.callback = depth, callback
    def fit(self, X, y):
        self.classes_ = [0, 1]
        self.callback.log({f"depth{self.depth}": 1.0})
        return self
    def predict(self, X):
        return [0] * len(X)

if __name__ == "__main__":
    with lakeboard.init(project="p", id="a", quiet=True) as run:
        search = GridSearchCV(Model(callback=run), {"depth": [1, 2]}, cv=2, n_jobs=2, refit=False)
        search.fit([[0]] * 8, [0, 1] * 4)
"""
    )
    subprocess.run([sys.executable, str(script)], env=dict(os.environ), check=True, timeout=110)
    lakeboard_rows = read_lake(open_store(lake)).rows
    assert sum(r.rows or 0 for r in lakeboard_rows) == 4
    assert {r.run_id for r in lakeboard_rows} == {"a"}
