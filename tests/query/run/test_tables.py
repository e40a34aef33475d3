"""One run as frames."""

from __future__ import annotations

from pathlib import Path

from lakeboard.query.lake import open_lake
from lakeboard.query.run.run import RunView
from lakeboard.query.run.tables import run_env, run_metrics, run_params, run_writers
from lakeboard.store.local import LocalStore
from tests.query.lakes import Point, Writer, note_lake


def view(tmp_path: Path) -> RunView:
    store = LocalStore(str(tmp_path))
    note_lake(store)
    config = {"lr": 1e-3, "model": {"name": "a", "sizes": [1, 2]}, "none": None}
    points = [Point("val/acc", 0, 0.9), Point("val/acc", 1, 0.7), Point("loss", 0, 0.2), Point("loss", 1, 0.4)]
    Writer(store, config=config, fields={"env": {"python": "3.11"}, "host": "a"}).start().log(points).finish()
    again = Writer(store, attempt=2, rand="00000002", fields={"host": "b", "resume_step": 1}).start()
    again.log([Point("loss", 1, 0.3)]).flush()
    return open_lake(str(tmp_path)).run("digits", "r1")


def test_metrics_best_by_goal_and_last_with_their_steps(tmp_path: Path) -> None:
    found = run_metrics(view(tmp_path))
    assert found.select("label", "goal", "declared", "best", "best_step", "last", "last_step", "n").rows() == [
        ("loss", "minimize", False, 0.2, 0, 0.3, 1, 2),
        ("val/acc", "maximize", False, 0.9, 0, 0.9, 0, 1),
    ]


def test_params_surroundings_and_writers(tmp_path: Path) -> None:
    found = view(tmp_path)
    assert run_params(found).rows() == [
        ("lr", "float", "0.001"),
        ("model.name", "str", "a"),
        ("model.sizes", "json", "[1,2]"),
        ("none", "null", "null"),
    ]
    assert run_env(found).rows() == [("python", "3.11")]
    writers = run_writers(found)
    assert writers.select("attempt", "status", "host", "rows", "resume_step", "files").rows() == [
        (1, "finished", "a", 4, None, 1),
        (2, "running", "b", 1, 1, 0),
    ]
    assert writers["heard_at"].null_count() == 0
