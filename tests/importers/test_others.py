"""CSV files, states of transformers' Trainer, trackio, DVCLive and Sacred."""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import lakeboard
from lakeboard.importers.csv_file import CsvFiles
from lakeboard.importers.dvclive import DvcliveFolder
from lakeboard.importers.sacred import SacredFolder
from lakeboard.importers.source import Source, SourceUnreadable
from lakeboard.importers.trackio import TrackioDatabase
from lakeboard.importers.trainer_state import TrainerStates
from lakeboard.importers.write import Imported
from lakeboard.schema.run.row import RunRow
from tests.importers.lakes import bring, counts, points


def one(source: Source, lake: Path, project: str) -> tuple[RunRow, dict[str, list[tuple[int, float]]]]:
    (result,) = bring(source, lake)
    assert isinstance(result, Imported), result
    run_id = result.run.run_id
    return lakeboard.open(lake).run(project, run_id).row, points(lake, project, run_id)


def test_lightning_s_metrics_csv(tmp_path: Path) -> None:
    folder = tmp_path / "logs" / "version_0"
    folder.mkdir(parents=True)
    (folder / "metrics.csv").write_text("epoch,step,train_loss,val_acc\n0,9,0.5,\n0,9,,0.75\n1,19,0.25,\n1,1")
    (folder / "hparams.yaml").write_text("lr: 0.1\nname: 'net'\nflag: true\nlayers:\n- 1\nnone: null\n")
    row, found = one(CsvFiles(tmp_path / "logs"), tmp_path / "lake", "logs")
    assert (row.name, row.status) == ("version_0", "finished")
    assert {k: p.decode() for k, p in row.params.items()} == {"lr": 0.1, "name": "net", "flag": True, "none": None}
    assert found == {
        "epoch": [(9, 0.0), (9, 0.0), (19, 1.0)],
        "train_loss": [(9, 0.5), (19, 0.25)],
        "val_acc": [(9, 0.75)],
    }


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_keras_s_log_and_whatever_looks_like_it(tmp_path: Path, between: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"epoch{between}loss\r\n0{between}1.5\r\n1{between}nan\r\n", encoding="utf-8-sig")
    row, found = one(CsvFiles(path), tmp_path / "lake", tmp_path.name.lstrip("_"))
    assert row.name == "log"
    assert found["loss"][0] == (0, 1.5)
    assert math.isnan(found["loss"][1][1])


@pytest.mark.parametrize(
    ("text", "why"),
    [("epoch,loss\n0,hello\n", r"line 2, column 'loss': 'hello' is no number"), ("epoch\n1\n", "no column of a metric"),
     ("step,x\nten,1\n", "step 'ten' is no number")],
)  # fmt: skip
def test_a_cell_that_is_no_number_is_named(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    (result,) = bring(CsvFiles(tmp_path / "x.csv"), tmp_path / "lake")
    assert why in getattr(result, "why", "")


def state(folder: Path, step: int, *, most: int = 20) -> None:
    folder.mkdir(parents=True)
    history = [{"epoch": 0.5, "loss": 1.0, "step": 10}, {"epoch": 1.0, "eval_loss": 0.5, "step": 20}][: step // 10]
    told = {"global_step": step, "max_steps": most, "train_batch_size": 8, "log_history": history, "epoch": 1.0}
    (folder / "trainer_state.json").write_text(json.dumps(told))


def test_states_of_a_trainer(tmp_path: Path) -> None:
    out = tmp_path / "out"
    state(out / "checkpoint-10", 10)
    state(out / "checkpoint-20", 20)
    row, found = one(TrainerStates(out), tmp_path / "lake", "out")
    assert (row.status, row.params["train_batch_size"].decode()) == ("finished", 8)
    assert found == {"epoch": [(10, 0.5), (20, 1.0)], "loss": [(10, 1.0)], "eval_loss": [(20, 0.5)]}
    state(tmp_path / "other", 10)
    assert one(TrainerStates(tmp_path / "other"), tmp_path / "lake", "other")[0].status == "crashed"


_TRACKIO = """
create table metrics (id integer primary key, timestamp text, run_name text, step integer, metrics text);
create table configs (id integer primary key, run_name text, config text, created_at text);
create table system_metrics (id integer primary key, timestamp text, run_name text, metrics text);
"""


def test_trackio_s_database(tmp_path: Path) -> None:
    path = tmp_path / "digits.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(_TRACKIO)
        metrics = [json.dumps({"loss": 1.0 - n, "bad": "NaN"}) for n in range(2)]
        rows = [(f"2023-11-14T22:13:{20 + n}", "brisk", n, said) for n, said in enumerate(metrics)]
        database.executemany("insert into metrics (timestamp, run_name, step, metrics) values (?,?,?,?)", rows)
        config = {"lr": 0.1, "_Username": "ann", "_Created": "2023-11-14T22:13:20", "_Group": "g"}
        database.execute("insert into configs (run_name, config) values ('brisk', ?)", (json.dumps(config),))
        of_system = ("2023-11-14T22:13:35", "brisk", '{"cpu": 5}')
        database.execute("insert into system_metrics (timestamp, run_name, metrics) values (?,?,?)", of_system)
    row, found = one(TrackioDatabase(path), tmp_path / "lake", "digits")
    assert (row.name, row.user, row.group, row.started_at) == ("brisk", "ann", "g", 1_700_000_000_000)
    assert {k: p.decode() for k, p in row.params.items()} == {"lr": 0.1}
    assert (found["loss"], found["system/cpu"]) == ([(0, 1.0), (1, 0.0)], [(15, 5.0)])
    assert [math.isnan(value) for _, value in found["bad"]] == [True, True]


def test_dvclive_s_folder(tmp_path: Path) -> None:
    folder = tmp_path / "proj" / "dvclive" / "plots" / "metrics" / "train"
    folder.mkdir(parents=True)
    (folder / "loss.tsv").write_text("timestamp\tstep\tloss\n1700000000000\t0\t1.5\n1700000001000\t1\t0.5\n")
    (folder.parent / "acc.tsv").write_text("step\tacc\n0\t0.25\n")
    row, found = one(DvcliveFolder(tmp_path / "proj" / "dvclive"), tmp_path / "lake", "proj")
    assert (row.name, row.status) == ("dvclive", "finished")
    assert found == {"train/loss": [(0, 1.5), (1, 0.5)], "acc": [(0, 0.25)]}


def test_sacred_s_storage(tmp_path: Path) -> None:
    for number, status in ((2, "COMPLETED"), (10, "FAILED")):
        folder = tmp_path / "sacred" / str(number)
        folder.mkdir(parents=True)
        told = {
            "status": status,
            "start_time": "2023-11-14T22:13:20.000000",
            "host": {"hostname": "vm"},
            "experiment": {"name": "digits"},
            "result": 0.5,
            "fail_trace": ["a\n", "b"] if number == 10 else None,
        }
        (folder / "run.json").write_text(json.dumps(told))
        (folder / "config.json").write_text('{"lr": 0.1, "opt": {"name": "adam"}}')
        metrics = {
            "loss": {"steps": [0, 1], "timestamps": ["2023-11-14T22:13:20"] * 2, "values": [1.0, {"value": 0.5}]}
        }
        (folder / "metrics.json").write_text(json.dumps(metrics))
    results = bring(SacredFolder(tmp_path / "sacred"), tmp_path / "lake")
    assert counts(results) == [("digits 2", 2, 2), ("digits 10", 2, 2)]
    lake = lakeboard.open(tmp_path / "lake")
    rows = [lake.run("digits", result.run.run_id).row for result in results]
    assert [(row.status, row.error, row.host) for row in rows] == [("finished", None, "vm"), ("failed", "a\nb", "vm")]
    assert {k: p.decode() for k, p in rows[0].params.items()} == {"lr": 0.1, "opt.name": "adam"}
    assert points(tmp_path / "lake", "digits", results[0].run.run_id) == {"loss": [(0, 1.0), (1, 0.5)]}


@pytest.mark.parametrize("kind", [CsvFiles, TrainerStates, DvcliveFolder, SacredFolder])
def test_an_empty_folder_is_refused(tmp_path: Path, kind: type[CsvFiles]) -> None:
    with pytest.raises(SourceUnreadable, match=str(tmp_path)):
        list(kind(tmp_path).runs())
