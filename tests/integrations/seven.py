"""The seven tests that every integration has, against the real framework: a class for test files to derive from."""

from __future__ import annotations

import importlib
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

import lakeboard

_REQUIRED = os.environ.get("LAKEBOARD_REQUIRE_FRAMEWORKS") == "1"


def framework(package: str, module: str | None = None) -> Any:
    """The integration of a framework; without it the tests of the file are skipped, or fail where it is required."""
    try:
        importlib.import_module(package)
    except ModuleNotFoundError as error:
        if _REQUIRED or (error.name or "").partition(".")[0] != package.partition(".")[0]:
            raise
        pytest.skip(f"the framework {package} is not installed", allow_module_level=True)
    return importlib.import_module(f"lakeboard.integrations.{module or package}")


class Boom(RuntimeError):
    """What a training dies of."""


def rows(lake: Path, project: str = "p") -> list[dict[str, Any]]:
    """All runs of the project, the oldest first."""
    if not (lake / "points").exists() and not any(lake.rglob("*.parquet")):
        return []
    return lakeboard.open(lake).runs(project).sort("created_at").to_dicts()


def goals(lake: Path, run_id: str, project: str = "p") -> dict[str, str]:
    """The goals that were told, by metric."""
    summary = lakeboard.open(lake).run(project, run_id).row.summary
    return {name: each.goal for name, each in summary.items() if each.goal is not None}


def steps(lake: Path, run_id: str, metric: str, project: str = "p") -> list[int]:
    """The steps of a metric, as logged."""
    frame = lakeboard.open(lake).metrics(project, runs=[run_id]).sort("attempt", "seq").collect()
    return [step for name, step in frame.select("metric", "step").rows() if name == metric]


def outputs(lake: Path, run_id: str, project: str = "p") -> list[str]:
    """The versions that a run stored, as `name:v1`."""
    return [
        f"{made.artifact}:{made.version.partition('-')[0]}"
        for made in lakeboard.open(lake).run(project, run_id).row.outputs
    ]


class Seven:
    """Derive, say how the framework trains, and inherit the tests."""

    metric: str
    """One that `fit` logs."""
    steps: list[int]
    """At these steps."""
    params: dict[str, Any]
    """Columns of the run's row."""
    goals: dict[str, str]
    """What it tells."""

    def make(self, lake: Path, **options: Any) -> Any:
        """The callback or logger, for a lake."""
        raise NotImplementedError

    def fit(self, callback: Any, *, fail: bool = False) -> None:
        """A small training; with `fail` it raises Boom after something was logged."""
        raise NotImplementedError

    def close(self, callback: Any) -> None:
        """End an own run, where the framework never says that all is over."""

    def rank_one(self, lake: Path) -> bool:
        """Do what a process of rank 1 does; False where the framework has no ranks."""
        return False

    @pytest.fixture
    def lake(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        return tmp_path / "lake"

    def test_params_metrics_steps_and_goals_land(self, lake: Path) -> None:
        callback = self.make(lake, project="p")
        self.fit(callback)
        self.close(callback)
        (row,) = rows(lake)
        assert {name: row.get(name) for name in self.params} == self.params
        assert steps(lake, row["run_id"], self.metric) == self.steps
        assert goals(lake, row["run_id"]) == self.goals

    def test_the_open_run_is_used_and_left_open(self, lake: Path) -> None:
        with lakeboard.init(project="p", lake=lake, id="mine", quiet=True) as run:
            self.fit(self.make(lake, project="other"))
            assert lakeboard.run is run
            run.log({"after": 1.0})
        (row,) = rows(lake)
        assert (row["run_id"], row["status"], row["after"]) == ("mine", "finished", 1.0)
        assert steps(lake, "mine", self.metric) == self.steps
        assert lakeboard.open(lake).projects()["project"].to_list() == ["p"]

    def test_an_own_run_is_finished_and_a_second_training_is_another(self, lake: Path) -> None:
        callback = self.make(lake, project="p")
        for _ in range(2):
            self.fit(callback)
            self.close(callback)
            assert lakeboard.run is None
        assert [row["status"] for row in rows(lake)] == ["finished", "finished"]

    def test_a_training_that_raises_is_a_failure_with_its_text(self, lake: Path) -> None:
        callback = self.make(lake, project="p")
        with pytest.raises(Boom):
            self.fail(callback)
        (row,) = rows(lake)
        assert row["status"] == "failed"
        assert "Boom" in row["error"]
        assert lakeboard.run is None

    def fail(self, callback: Any) -> None:
        """Fail as the docs tell people to guard a training."""
        with callback:
            self.fit(callback, fail=True)

    def test_a_run_that_is_resumed_is_attempt_two(self, lake: Path) -> None:
        for _ in range(2):
            callback = self.make(lake, project="p", **self.resumed())
            self.fit(callback)
            self.close(callback)
        (row,) = rows(lake)
        assert (row["run_id"], row["attempts"], row["status"]) == ("again", 2, "finished")
        assert steps(lake, "again", self.metric) == self.steps * 2

    def resumed(self) -> dict[str, Any]:
        """The keywords that resume the run `again`."""
        return {"id": "again", "resume": "allow"}

    def test_ranks_beyond_zero_write_nothing(self, lake: Path) -> None:
        if not self.rank_one(lake):
            pytest.skip("this framework trains in one process, or tells each of its processes all")
        assert rows(lake) == []

    def test_it_travels_by_pickle(self, lake: Path) -> None:
        with lakeboard.init(project="p", lake=lake, quiet=True) as run:
            callback = self.make(lake)
            self.fit(callback)
            again = pickle.loads(pickle.dumps(callback))
            self.fit(again)
            assert lakeboard.run is run
        (row,) = rows(lake)
        assert steps(lake, row["run_id"], self.metric) == self.steps * 2
