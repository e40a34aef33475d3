"""MLflow's database and its folder of files: every field and every point, and again only what is new."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import lakeboard
from lakeboard.importers.mlflow_database import MlflowDatabase
from lakeboard.importers.mlflow_files import MlflowFiles, read_meta
from lakeboard.importers.source import SourceUnreadable
from lakeboard.importers.write import Imported
from tests.importers.lakes import NOW, bring, counts, points
from tests.importers.making import T0, Mlflow, mlruns

META = "run_id: '{}'\nrun_name: my run\nuser_id: ann\nstatus: 3\nstart_time: 1700000000000\nend_time: 1700000009000\n"


@pytest.fixture
def database(tmp_path: Path) -> Mlflow:
    made = Mlflow(tmp_path / "mlflow.db")
    made.add("a1")
    made.log("a1", "val/acc", [(0, 0.5, False), (1, 0.0, True), (2, 1.7976931348623157e308, False)])
    made.log("a1", "loss [s]", [(0, -1.0, False)])
    made.run("insert into params values ('lr', '0.001', 'a1'), ('seed', '001', 'a1'), ('n', '4', 'a1')")
    made.run("insert into params values ('deep', 'True', 'a1'), ('commit', '7e10', 'a1'), ('none', 'None', 'a1')")
    made.run("insert into tags values ('mlflow.note.content', 'hello', 'a1'), ('stage', 'prod', 'a1')")
    made.run("insert into tags values ('mlflow.source.git.commit', 'abc', 'a1'), ('mlflow.parentRunId', 'p0', 'a1')")
    return made


def test_a_run_comes_with_all_that_it_has(database: Mlflow, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    before = database.path.read_bytes()
    (result,) = bring(MlflowDatabase(database.path), lake)
    assert isinstance(result, Imported)
    assert (result.points, result.new, result.is_new) == (4, 4, True)
    assert result.notes == ("metric 'loss [s]' is kept as 'loss[s]'",)
    row = lakeboard.open(lake).run("Default", "mlflow-a1").row
    assert (row.name, row.user, row.status, row.notes) == ("name of a1", "ann", "finished", "hello")
    assert (row.started_at, row.ended_at, row.parent_run_id) == (T0 * 1000, (T0 + 9) * 1000, "mlflow-p0")
    assert {k: p.decode() for k, p in row.params.items()} == {
        "lr": 0.001, "seed": "001", "n": 4, "deep": True, "commit": "7e10", "none": None,
    }  # fmt: skip
    assert row.tag_values == {"stage": "prod"}
    assert (row.env["git_commit"], row.env["imported_from"], row.env["imported_id"]) == ("abc", "mlflow", "a1")
    found = points(lake, "Default", "mlflow-a1")
    assert found["loss[s]"] == [(0, -1.0)]
    assert found["val/acc"][0] == (0, 0.5)
    assert math.isnan(found["val/acc"][1][1])
    assert found["val/acc"][2] == (2, math.inf)
    assert database.path.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake", "mlflow.db"]


def test_again_nothing_is_written_and_what_grew_comes_as_the_next_attempt(database: Mlflow, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    bring(MlflowDatabase(database.path), lake)
    before = {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()}
    assert counts(bring(MlflowDatabase(database.path), lake)) == [("name of a1", 0, 4)]
    assert {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()} == before
    database.log("a1", "val/acc", [(3, 0.9, False)])
    database.log("a1", "other", [(5, 1.0, False)])
    assert counts(bring(MlflowDatabase(database.path), lake)) == [("name of a1", 2, 6)]
    row = lakeboard.open(lake).run("Default", "mlflow-a1").row
    assert (row.rows, row.attempt, row.summary["val/acc"].n, row.summary["val/acc"].last) == (6, 2, 4, 0.9)
    assert points(lake, "Default", "mlflow-a1")["val/acc"][3] == (3, 0.9)
    assert counts(bring(MlflowDatabase(database.path), lake)) == [("name of a1", 0, 6)]


def test_a_run_that_ends_after_it_was_imported_ends_here_too(tmp_path: Path) -> None:
    made = Mlflow(tmp_path / "mlflow.db")
    made.add("a1", status="RUNNING")
    made.log("a1", "x", [(0, 1.0, False)])
    lake = tmp_path / "lake"
    assert [r.run.name for r in bring(MlflowDatabase(made.path), lake, ended_only=True)] == ["name of a1"]
    assert not lake.exists()
    bring(MlflowDatabase(made.path), lake)
    row = lakeboard.open(lake).run("Default", "mlflow-a1").row
    assert (row.status, row.error) == ("crashed", "mlflow does not say how it ended")
    made.run("update runs set status = 'FAILED'")
    bring(MlflowDatabase(made.path), lake)
    row = lakeboard.open(lake).run("Default", "mlflow-a1").row
    assert (row.status, row.error, row.rows) == ("failed", "MLflow says FAILED", 1)


def test_what_was_cut_in_the_source_is_refused_by_name_and_keeps_nobody_else(database: Mlflow, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    bring(MlflowDatabase(database.path), lake)
    database.run("delete from metrics where step = 1")
    database.add("b2")
    database.log("b2", "x", [(0, 1.0, False)])
    failed, good = bring(MlflowDatabase(database.path), lake)
    assert "a1 of mlflow has 2 points of 'val/acc' where 3 were imported" in getattr(failed, "why", "")
    assert isinstance(good, Imported)
    assert len(points(lake, "Default", "mlflow-a1")["val/acc"]) == 3


def test_deleted_and_older_runs_are_left_out_unless_asked_for(database: Mlflow, tmp_path: Path) -> None:
    database.add("b2", stage="deleted")
    source = MlflowDatabase(database.path)
    assert [type(r).__name__ for r in bring(source, tmp_path / "one")] == ["Imported", "Skipped"]
    assert len(counts(bring(source, tmp_path / "two", deleted=True))) == 2
    assert counts(bring(source, tmp_path / "three", since_ms=T0 * 1000 + 1, deleted=True)) == []


def test_files_and_models_come_along_as_an_artifact(database: Mlflow, tmp_path: Path) -> None:
    artifacts, model = tmp_path / "files" / "a1", tmp_path / "files" / "m-1"
    for folder in (artifacts, model):
        folder.mkdir(parents=True)
    (artifacts / "conf.txt").write_text("c")
    (model / "MLmodel").write_text("m")
    database.run(f"update runs set artifact_uri = '{artifacts.as_uri()}'")
    database.run(f"insert into logged_models values ('m-1', 'net', '{model}', 'a1')")
    lake = tmp_path / "lake"
    (result,) = bring(MlflowDatabase(database.path), lake)
    assert isinstance(result, Imported)
    assert result.files == 2
    (used,) = lakeboard.open(lake).run("Default", "mlflow-a1").row.outputs
    stored = lakeboard.open(lake).artifact(f"Default/{used.artifact}")
    assert stored.files().column("path").to_pylist() == ["conf.txt", "models/net/MLmodel"]
    (again,) = bring(MlflowDatabase(database.path), tmp_path / "bare", with_files=False)
    assert isinstance(again, Imported)
    assert again.files == 0


def test_files_that_can_not_be_stored_cost_themselves(database: Mlflow, tmp_path: Path) -> None:
    artifacts = tmp_path / "a1"
    artifacts.mkdir()
    (artifacts / "x").write_text("x")
    (artifacts / "out").symlink_to("/etc/hostname")
    database.run(f"update runs set artifact_uri = '{artifacts}'")
    (result,) = bring(MlflowDatabase(database.path), tmp_path / "lake")
    assert isinstance(result, Imported)
    assert (result.new, result.files) == (4, 0)
    assert "its files are left out: " in result.notes[-1]


def test_a_dry_run_writes_nothing(database: Mlflow, tmp_path: Path) -> None:
    assert counts(bring(MlflowDatabase(database.path), tmp_path / "lake", dry_run=True)) == [("name of a1", 4, 4)]
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize(
    ("query", "why"),
    [("drop table metrics", "has no table metrics"), ("drop table runs", "has no table runs")],
)
def test_another_database_is_refused(database: Mlflow, tmp_path: Path, query: str, why: str) -> None:
    database.run(query)
    with pytest.raises(SourceUnreadable, match=why):
        bring(MlflowDatabase(database.path), tmp_path / "lake")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 200)
    with pytest.raises(SourceUnreadable, match="can't be read as MLflow's database"):
        bring(MlflowDatabase(tmp_path / "x.db"), tmp_path / "lake")


def test_a_folder_of_files_gives_the_same_run(tmp_path: Path) -> None:
    files = {
        "meta.yaml": META.format("a1"),
        "metrics/val/acc": "1700000000000 0.5 0\n1700000001000 nan 1\n1700000002000 inf 2\n1700000003000 0.1",
        "metrics/old": "1700000000000 1.5\n1700000000000 2.5\n",
        "params/lr": "0.001",
        "tags/mlflow.note.content": "two\nlines",
        "artifacts/conf.txt": "c",
    }
    root = mlruns(tmp_path, {"a1": files, "tags": {"x": "1"}})
    (result,) = bring(MlflowFiles(root), tmp_path / "lake")
    assert isinstance(result, Imported)
    assert (result.points, result.files) == (6, 1)
    row = lakeboard.open(tmp_path / "lake").run("Digits", "mlflow-a1").row
    assert (row.name, row.user, row.status, row.notes) == ("my run", "ann", "finished", "two\nlines")
    found = points(tmp_path / "lake", "Digits", "mlflow-a1")
    # Old files say no step: the place in the file is one. What is cut is no point before its line is whole.
    assert found["old"] == [(0, 1.5), (1, 2.5)]
    assert [step for step, _ in found["val/acc"]] == [0, 1, 2, 3]


def test_the_bin_of_a_folder_of_files(tmp_path: Path) -> None:
    gone = META.format("b2") + "lifecycle_stage: deleted\n"
    root = mlruns(tmp_path, {"a1": {"meta.yaml": META.format("a1")}, "b2": {"meta.yaml": gone}})
    binned = root / ".trash" / "9"
    (binned / "c3").mkdir(parents=True)
    (binned / "meta.yaml").write_text("experiment_id: '9'\nname: Old\nlifecycle_stage: deleted\n")
    (binned / "c3" / "meta.yaml").write_text(META.format("c3"))
    found = {run.source_id: run.deleted for run in MlflowFiles(root).runs()}
    assert found == {"a1": False, "b2": True, "c3": True}


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    files = {"meta.yaml": META.format("a1"), "metrics/x": "1700000000000 0.5 0\nnonsense\n"}
    (result,) = bring(MlflowFiles(mlruns(tmp_path, {"a1": files})), tmp_path / "lake")
    assert "metrics/x, line 2: 'nonsense' is no point" in getattr(result, "why", "")


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=r"no experiment in it has a meta\.yaml"):
        list(MlflowFiles(tmp_path).runs())


def test_meta_is_read_as_mlflow_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "meta.yaml"
    path.write_text(
        "a: plain\nb: 'it''s'\nc: \"tab\\there\"\nd: null\nlong: one\n  two\ne: 'a: b'\nartifact_uri: file:///x\n"
    )
    assert read_meta(path) == {
        "a": "plain", "b": "it's", "c": "tab\there", "long": "one two", "e": "a: b", "artifact_uri": "file:///x",
    }  # fmt: skip
    assert read_meta(tmp_path / "none.yaml") is None


def test_two_sources_of_one_run_are_one_run(database: Mlflow, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    bring(MlflowDatabase(database.path), lake, project="p")
    meta = META.format("a1")
    lines = "1700000000000 0.5 0\n1700000001000 nan 1\n1700000002000 inf 2\n"
    files = {"meta.yaml": meta, "metrics/val/acc": lines, "metrics/loss[s]": "1700000000000 -1 0\n"}
    assert counts(bring(MlflowFiles(mlruns(tmp_path, {"a1": files})), lake, project="p")) == [("my run", 0, 4)]
    assert NOW > T0


HOSTILE = (
    "../../etc",
    "a/b",
    "",
    "x" * 300,
    "new\nline",
    "\u202egnp",
    "true",
    "'; drop table runs; --",
    "\0",
    "é" * 90,
)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_inside_the_lake(tmp_path: Path, name: str) -> None:
    made = Mlflow(tmp_path / "mlflow.db")
    made.run("insert into experiments values (7, ?, 'active')", (name,))
    row = (name, name, name, "FINISHED", T0 * 1000, None, "active", "", 7)
    made.run("insert into runs values (?,?,?,?,?,?,?,?,?)", row)
    made.run("insert into params values (?, ?, ?)", (name, name, name))
    made.run("insert into tags values (?, ?, ?)", (name, name, name), ("mlflow.note.content", name, name))
    made.run("insert into metrics values (?, 1.0, ?, ?, 0, 0)", (name or "x", T0 * 1000, name))
    lake = tmp_path / "lake"
    (result,) = bring(MlflowDatabase(made.path), lake)
    assert isinstance(result, Imported), result
    assert result.new == (1 if name.strip("\0\n ") or not name else 0)
    assert {path.parts[len(lake.parts)] for path in lake.rglob("*") if path.is_file()} <= {
        "_lake.json", "metrics", "runs",
    }  # fmt: skip
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("lake", "mlflow.db")] == []
    assert [r.new for r in bring(MlflowDatabase(made.path), lake) if isinstance(r, Imported)] == [0]


def test_points_that_were_written_anew_are_refused_and_the_lake_keeps_its_own(database: Mlflow, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    bring(MlflowDatabase(database.path), lake)
    database.run("update metrics set value = 0.25 where key = 'val/acc' and step = 0")
    database.log("a1", "val/acc", [(3, 0.75, False)])
    (failed,) = bring(MlflowDatabase(database.path), lake)
    assert "the first 3 points of 'val/acc' of run a1 of mlflow are others" in getattr(failed, "why", "")
    assert points(lake, "Default", "mlflow-a1")["val/acc"][0] == (0, 0.5)
    assert len(points(lake, "Default", "mlflow-a1")["val/acc"]) == 3


def test_files_that_came_later_come_with_what_is_new(database: Mlflow, tmp_path: Path) -> None:
    lake, artifacts = tmp_path / "lake", tmp_path / "a1"
    artifacts.mkdir()
    database.run(f"update runs set artifact_uri = '{artifacts}'")
    bring(MlflowDatabase(database.path), lake)
    (artifacts / "model.txt").write_text("m")
    database.log("a1", "val/acc", [(3, 0.75, False)])
    (result,) = bring(MlflowDatabase(database.path), lake)
    assert isinstance(result, Imported)
    assert (result.new, result.files) == (1, 1)
    (made,) = lakeboard.open(lake).run("Default", "mlflow-a1").row.outputs
    assert made.artifact == "files-of-mlflow-a1"


def test_an_empty_folder_of_a_run_s_own_hides_no_artifacts_elsewhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "f.txt").write_text("f")
    meta = META.format("a1") + f"artifact_uri: {elsewhere.as_uri()}\n"
    root = mlruns(tmp_path, {"a1": {"meta.yaml": meta, "metrics/x": "1700000000000 1 0\n"}})
    (root / "417" / "a1" / "artifacts").mkdir()
    (result,) = bring(MlflowFiles(root), tmp_path / "lake")
    assert isinstance(result, Imported)
    assert result.files == 1
