"""What the page of one run shows."""

from __future__ import annotations

import polars as pl

from lakeboard.dashboard import run_info
from lakeboard.query.lake import open_lake
from lakeboard.schema.edits import Edit
from lakeboard.schema.values import encode_param

from . import lake as lakes


def test_facts_in_a_line(lake: str) -> None:
    told = run_info.facts(open_lake(lake).run(lakes.PROJECT, "r4"))
    assert (told.status, told.colour) == ("finished", "green")
    assert told.parts[1:] == ("by ada on box", "16 points")
    live = run_info.facts(open_lake(lake).run(lakes.PROJECT, "rlive"))
    assert live.status.startswith("running, heard of")


def test_best_goes_by_the_metrics_direction(lake: str) -> None:
    rows = run_info.metric_rows(open_lake(lake).run(lakes.PROJECT, "r0").row)
    best = {row.id: (row.cells[2], row.cells[3]) for row in rows}
    assert best["val/acc"] == ({"text": "0.6400", "title": "0.64", "tint": "strong"}, "7")
    assert best["train/loss"][1] == "7"


def test_params_read_as_they_were_given() -> None:
    values = {"lr": 1e-3, "flag": True, "name": "a b", "none": None, "list": [1, "x"], "big": 2**70, "n": 3}
    rows = run_info.param_rows({name: encode_param(value) for name, value in values.items()})
    assert {str(row.cells[0]): row.cells[1] for row in rows} == {
        "lr": "0.001",
        "flag": "true",
        "name": "a b",
        "none": "null",
        "list": '[1, "x"]',
        "big": str(2**70),
        "n": "3",
    }


def test_environment_git_and_packages_apart() -> None:
    env, git, packages = run_info.env_rows(
        {"python": "3.11", "git.commit": "abc", "package.numpy": "2", "command": "train.py", "zebra": "1"}
    )
    assert [row.id for row in env] == ["command", "python", "zebra"]
    assert [row.cells for row in git] == [["commit", "abc"]]
    assert [row.cells for row in packages] == [["numpy", "2"]]


def test_history_newest_first_in_words() -> None:
    edits = [
        Edit(1_000_000_000, "a", "r1", "rename", "best", "ada"),
        Edit(2_000_000_000, "a", "r1", "delete", None, None),
    ]
    assert [row.cells for row in run_info.history_rows(edits)] == [
        [{"text": 2000}, None, "moved it to the trash"],
        [{"text": 1000}, "ada", "renamed it to best"],
    ]


def test_namesakes_are_told_apart_by_what_differs() -> None:
    runs = pl.DataFrame(
        {
            "run_id": ["r1", "r2", "r3", "r4", "r5"],
            "name": ["mlp", "mlp", "solo", None, "mlp"],
            "params.lr": [0.1, 0.01, 0.1, 0.1, 0.01],
            "params.same": ["x"] * 5,
        }
    )
    assert run_info.run_labels(runs, ["r1", "r2", "r3", "r4"]) == {
        "r1": "mlp · lr=0.1",
        "r2": "mlp · lr=0.01",
        "r3": "solo",
        "r4": "r4",
    }
    assert len(set(run_info.run_labels(runs, ["r1", "r2", "r5"]).values())) == 3
