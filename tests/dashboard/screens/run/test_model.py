"""What the page of one run shows."""

from __future__ import annotations

import polars as pl

from lakeboard.dashboard.components.values import Field, Row
from lakeboard.dashboard.run_tables import run_labels
from lakeboard.dashboard.screens.run import model as run_model
from lakeboard.query.lake import open_lake
from lakeboard.query.run.progress import Progress
from lakeboard.query.run.relatives import related_runs
from lakeboard.schema.edits import Edit
from lakeboard.schema.values import encode_param
from lakeboard.store.local import LocalStore
from tests.dashboard import lake as lakes
from tests.query.lakes import Point, Writer


def field_of(row: Row) -> Field:
    assert row.field
    return row.field


def test_facts_in_a_line(lake: str) -> None:
    told = run_model.facts(open_lake(lake).run(lakes.PROJECT, "r4"))
    assert (told.status, told.colour) == ("finished", "green")
    assert told.parts[1:] == ("by ada on box", "16 points")
    live = run_model.facts(open_lake(lake).run(lakes.PROJECT, "rlive"))
    assert live.status.startswith("running, updated")


def test_best_goes_by_the_metrics_direction(lake: str) -> None:
    rows = run_model.metric_rows(open_lake(lake).run(lakes.PROJECT, "r0").row)
    best = {row.id: (row.cells[1], row.cells[2]) for row in rows}
    assert best["val/acc"] == ({"text": "0.6400", "title": "0.64", "tint": "strong"}, "7")
    assert best["train/loss"][1] == "7"


def test_params_read_as_they_were_given_with_their_types() -> None:
    values = {"lr": 1e-3, "flag": True, "name": "a b", "none": None, "list": [1, "x"], "big": 2**70, "n": 3}
    lines = run_model.param_lines({name: encode_param(value) for name, value in values.items()})
    assert {
        field_of(line).name: [each["text"] if isinstance(each, dict) else each for each in line.cells] for line in lines
    } == {
        "lr": ["0.001", "float"],
        "flag": ["true", "bool"],
        "name": ["a b", "str"],
        "none": ["null", "null"],
        "list": ['[1, "x"]', "json"],
        "big": [str(2**70), "int"],
        "n": ["3", "int"],
    }


def test_params_nest_as_they_were_given() -> None:
    params = {
        name: encode_param(1) for name in ("lr", "model.depth", "model.enc.layers", "model.enc.drop", "a..b", ".")
    }
    lines = run_model.param_lines(params)
    fields = [field_of(line) for line in lines]
    assert [(each.depth, each.name, each.group, each.note) for each in fields] == [
        (0, ".", False, ""),
        (0, "lr", False, ""),
        (0, "a", True, "1 param"),
        (1, ".b", False, ""),
        (0, "model", True, "3 params"),
        (1, "depth", False, ""),
        (1, "enc", True, "2 params"),
        (2, "drop", False, ""),
        (2, "layers", False, ""),
    ]
    assert fields[-1].find == "model.enc.layers"
    assert fields[-1].parent == lines[6].id
    assert len({line.id for line in lines}) == len(lines)


def test_environment_git_and_packages_apart() -> None:
    said = {"python": "3.11", "git.commit": "abc", "package.numpy": "2", "command": "train.py", "zebra": "1"}
    env, git, packages = run_model.env_rows({**said, "aside_metrics": "system/cpu"})
    assert [row.id for row in env] == ["command", "python", "zebra"]
    assert [row.cells for row in git] == [["commit", "abc"]]
    assert [row.cells for row in packages] == [["numpy", "2"]]


def test_history_newest_first_in_words() -> None:
    edits = [
        Edit(1_000_000_000, "a", "r1", "rename", "best", "ada"),
        Edit(2_000_000_000, "a", "r1", "delete", None, None),
    ]
    assert [row.cells for row in run_model.history_rows(edits)] == [
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
    assert run_labels.run_labels(runs, ["r1", "r2", "r3", "r4"]) == {
        "r1": "mlp · lr=0.1",
        "r2": "mlp · lr=0.01",
        "r3": "solo",
        "r4": "r4",
    }
    assert len(set(run_labels.run_labels(runs, ["r1", "r2", "r5"]).values())) == 3


def test_writers_tell_of_resumes_and_ranks(lake: str) -> None:
    store = LocalStore(lake)
    first = Writer(store, lakes.PROJECT, "many", fields={"env": {"rank": "1"}, "host": "a"}).start()
    first.log([Point("loss", step, 1.0) for step in range(3)]).finish("crashed", closed_by="janitor")
    Writer(store, lakes.PROJECT, "many", attempt=2, rand="00000002", fields={"resume_step": 2}).start().flush()
    one, two = run_model.writer_rows(open_lake(lake).run(lakes.PROJECT, "many"))
    assert one.cells[1:8] == ["1", {"text": "crashed", "state": "crashed"}, "a", "1", "3", None, "janitor"]
    assert (two.cells[1], two.cells[5], two.cells[6], two.cells[7]) == ("2", "0", "2", None)
    assert dict(two.cells[2] or {})["state"] == "running"  # type: ignore[arg-type]


def test_the_family_of_a_run() -> None:
    runs = pl.DataFrame(
        {
            "run_id": ["p", "r", "c"], "parent_run_id": ["gone", "p", "r"], "group": [None, "g", "g"],
            "name": ["up", "me", None], "status": ["finished"] * 3, "silent": [False] * 3,
            "heartbeat_age": [None] * 3, "error": [None] * 3,
        },
        schema_overrides={"heartbeat_age": pl.Float64, "error": pl.String},
    )  # fmt: skip
    rows = run_model.related_rows(related_runs(runs, "r"), project="x", colours={})
    assert [(row.id, dict(row.cells[0])["text"], row.cells[1]) for row in rows] == [  # type: ignore[arg-type]
        ("p", "up", "parent"),
        ("c", "c", "child"),
    ]
    assert len(run_model.related_table(related_runs(runs, "r"), project="x", colours={})[0]) == 3
    (away,) = run_model.related_rows(related_runs(runs, "p"), project="x", colours={})[:1]
    assert away.cells[1:] == ["parent, not in this project", None]


def test_the_runs_before_and_after() -> None:
    assert run_model.neighbours(["a", "b", "c"], "b") == ("a", "c", "2 of 3")
    assert run_model.neighbours(["a", "b"], "a") == (None, "b", "1 of 2")
    assert run_model.neighbours(["a"], "x") == (None, None, "")
    runs = pl.DataFrame({"run_id": ["a", "b", "c"], "params.lr": [1.0, 3.0, 2.0]})
    assert run_model.in_order(runs, ("lr > 1", "lr <"), "-params.lr") == ["b", "c"]


def test_changes_to_the_code_where_they_were_recorded() -> None:
    assert run_model.diff_of({"git.diff": "+a"}) == "+a"
    assert run_model.diff_of({"git.dirty": "true"}) == ""


def test_how_far_a_running_run_has_come_is_told_in_words() -> None:
    told = run_model.progress_words(Progress(49, 200.0, "max_steps", 0.25, 3 * 3600.0))
    assert told == ("25% done (step 49; max_steps = 200)", "about 3 h left at this pace")
    assert run_model.progress_words(Progress(199, 200.0, "max_steps", 1.0)) == (
        "100% done (step 199; max_steps = 200)",
    )
    assert run_model.progress_words(Progress(12_345)) == ("step 12,345",)
    assert run_model.progress_words(None) == ()
