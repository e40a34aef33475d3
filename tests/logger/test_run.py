from __future__ import annotations

import dataclasses
import os
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lakeboard
from lakeboard.logger.process import PROCESS
from lakeboard.schema.errors import InvalidName, InvalidSetting, InvalidValue, RunFinished, StoreError, UnknownRun
from lakeboard.schema.run.row import RunRow
from lakeboard.store.opening import open_store
from lakeboard.upkeep.recover import recover_host
from tests.logger.reading import Held, read_lake


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    yield tmp_path / "lake"
    lakeboard.finish()


def held(lake: Path) -> Held:
    return read_lake(open_store(lake))


def only(lake: Path) -> RunRow:
    (row,) = held(lake).rows
    return row


def params(row: RunRow) -> dict[str, object]:
    return {name: p.decode() for name, p in row.params.items()}


def test_the_five_lines(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = lakeboard.init(project="digits", config={"lr": 1e-3, "model": {"depth": 4}})
    for epoch in range(3):
        run.log({"train/loss": 1 / (epoch + 1), "val": {"acc": epoch / 10}})
    run.summary["params"] = 1_200_000
    run.config["seed"] = 3
    run.finish()
    row = only(lake)
    assert params(row) == {"lr": 1e-3, "model.depth": 4, "seed": 3}
    assert {name: (s.last, s.last_step, s.n) for name, s in row.summary.items()} == {
        "train/loss": (1 / 3, 2, 3),
        "val/acc": (0.2, 2, 3),
        "params": (1_200_000.0, 2, 1),
    }
    assert (row.status, row.rows, row.attempt) == ("finished", 7, 1)
    assert row.name is not None
    assert row.host
    assert row.env["python"].startswith("3.")
    said = capsys.readouterr()
    assert said.out == ""
    first, last = said.err.splitlines()
    assert row.name in first
    assert str(lake) in first
    assert f"lakeboard ui --lake {lake}" in first
    assert f"run {row.name} finished: 7 points in {lake}" in last


def test_quiet_says_nothing(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lakeboard.init(project="p", quiet=True).finish()
    assert capsys.readouterr() == ("", "")


def test_module_level_functions_act_on_the_current_run(lake: Path) -> None:
    lakeboard.init(project="p", quiet=True)
    lakeboard.log({"a": 1})
    lakeboard.log({"a": 2}, step=9)
    lakeboard.finish()
    lakeboard.finish()
    assert only(lake).summary["a"].last_step == 9
    with pytest.raises(RunFinished, match=r"call lakeboard\.init"):
        lakeboard.log({"a": 1})


def test_with_statement_tells_how_it_ended(lake: Path) -> None:
    with pytest.raises(ZeroDivisionError), lakeboard.init(project="p", quiet=True, id="failed") as run:
        run.log({"a": 1})
        raise ZeroDivisionError("by zero")
    with pytest.raises(KeyboardInterrupt), lakeboard.init(project="p", quiet=True, id="killed"):
        raise KeyboardInterrupt
    with pytest.raises(SystemExit), lakeboard.init(project="p", quiet=True, id="exit3"):
        raise SystemExit(3)
    with pytest.raises(SystemExit), lakeboard.init(project="p", quiet=True, id="exit0"):
        raise SystemExit(0)
    ends = {r.run_id: (r.status, r.error) for r in held(lake).rows}
    assert ends == {
        "failed": ("failed", "ZeroDivisionError: by zero"),
        "killed": ("killed", "KeyboardInterrupt"),
        "exit3": ("failed", "SystemExit: 3"),
        "exit0": ("finished", None),
    }


def test_a_second_init_finishes_the_first_and_says_so(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = lakeboard.init(project="p")
    first.log({"a": 1})
    second = lakeboard.init(project="p", quiet=False)
    assert first.finished
    assert not second.finished
    assert f"run {first.name} was still open" in capsys.readouterr().err
    assert [r.run_id for r in held(lake).rows] == [first.id]


def test_log_after_finish_is_told_once(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = lakeboard.init(project="p", quiet=True)
    run.finish()
    for _ in range(3):
        run.log({"a": 1})
    assert capsys.readouterr().err.count("after the run has finished") == 1
    run.config["x"] = 1
    assert "the change of params is not kept" in capsys.readouterr().err


def test_disabled_is_a_real_run_that_does_nothing(
    lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAKEBOARD_MODE", "disabled")
    with lakeboard.init(project="p", config={"lr": 1}) as run:
        run.log({"a": 1})
        lakeboard.log({"a": "x"})
        run.define_metric("a", goal="maximize")
        run.config["b"] = 2
        run.summary["c"] = 3
        run.tags = ["x"]
        assert run.config.lr == 1
        assert dict(run.config) == {"lr": 1, "b": 2}
    assert run.finished
    assert not lake.exists()
    assert capsys.readouterr() == ("", "")


def test_offline_keeps_everything_for_recover(lake: Path, clean_environment: Path) -> None:
    with lakeboard.init(project="p", mode="offline", quiet=True, config={"lr": 2}) as run:
        run.log({"a": 1})
        run.define_metric("a", goal="minimize")
        run.tags = ["kept"]
    assert not lake.exists()
    (done,) = recover_host([clean_environment / "spool"])
    assert (done.error, done.rows, done.status) == (None, 1, "finished")
    row = only(lake)
    assert params(row) == {"lr": 2}
    assert (row.tags, row.closed_by, row.summary["a"].goal) == (("kept",), "recover", "minimize")
    assert recover_host([clean_environment / "spool"]) == []


def test_row_changes_reach_the_lake(lake: Path) -> None:
    run = lakeboard.init(
        project="p", name="n", group="g", job_type="train", dataset="d", tags=["a", "a"], notes="x", quiet=True
    )
    run.name, run.tags, run.notes = "renamed", ("b", "c"), "**bold**"
    run.config.update(lr=1, nested={"k": "v"})
    run.finish()
    row = only(lake)
    assert (row.name, row.tags, row.notes, row.group, row.job_type, row.dataset) == (
        "renamed", ("b", "c"), "**bold**", "g", "train", "d",
    )  # fmt: skip
    assert params(row) == {"lr": 1, "nested.k": "v"}


@dataclasses.dataclass
class Settings:
    lr: float = 0.5


@pytest.mark.parametrize("config", [{"lr": 0.5}, Settings(), Namespace(lr=0.5)])
def test_config_kinds(lake: Path, config: Any) -> None:
    lakeboard.init(project="p", config=config, quiet=True).finish()
    assert params(only(lake)) == {"lr": 0.5}


def test_secrets_stay_out(lake: Path) -> None:
    config = {"hf_token": "abc", "db": {"password": "hunter2"}, "max_tokens": 5, "url": "s3://k:s3cr3t@h/b"}
    lakeboard.init(project="p", config=config, quiet=True).finish()
    found = params(only(lake))
    assert found["hf_token"] == found["db.password"] == "[redacted]"
    assert found["max_tokens"] == 5
    assert "s3cr3t" not in str(found)
    assert b"hunter2" not in b"".join(p.read_bytes() for p in lake.rglob("*") if p.is_file())


def test_resume(lake: Path) -> None:
    run = lakeboard.init(project="p", id="abc", name="first", quiet=True, config={"lr": 1})
    run.log({"a": 1}, step=10)
    run.finish()
    again = lakeboard.init(project="p", id="abc", resume="must", resume_step=5, quiet=True, config={"lr": 2})
    again.log({"a": 2})
    again.finish()
    third = lakeboard.init(project="p", id="abc", resume=True, quiet=True)
    third.log({"a": 3})
    third.finish()
    rows = sorted(held(lake).rows, key=lambda r: r.attempt)
    assert [(r.attempt, r.name, r.resume_step) for r in rows] == [(1, "first", None), (2, None, 5), (3, None, None)]
    assert [r.summary["a"].last_step for r in rows] == [10, 5, 11]
    with pytest.raises(InvalidSetting, match="exists already"):
        lakeboard.init(project="p", id="abc", resume="never", quiet=True)
    with pytest.raises(UnknownRun, match="'xyz'"):
        lakeboard.init(project="p", id="xyz", resume="must", quiet=True)
    with lakeboard.init(project="p", id="xyz", resume="allow", quiet=True):
        pass
    with lakeboard.init(project="p", id="xyz2", resume="never", quiet=True):
        pass


def test_two_processes_with_one_id_are_two_writers(lake: Path) -> None:
    for _ in range(2):
        with lakeboard.init(project="p", id="ddp", quiet=True) as run:
            run.log({"a": 1})
    rows = held(lake).rows
    assert len({r.writer for r in rows}) == 2
    assert {r.attempt for r in rows} == {1}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"project": "p", "id": 1.5}, InvalidName, "must be a letter followed by"),
        ({"project": "p", "mode": "onlin"}, InvalidSetting, "mode='onlin' is unknown"),
        ({"project": "p", "config": 3}, InvalidSetting, "config must be a dict"),
        ({"project": "p", "resume": "maybe"}, InvalidSetting, "resume='maybe'"),
        ({"project": "p", "resume": True}, InvalidSetting, "needs the id="),
        ({"project": "p", "resume_step": 3}, InvalidSetting, "go with resume="),
        ({"project": "p", "flush_seconds": 0}, InvalidSetting, "flush_seconds=0"),
        ({"project": "p", "lake": "nosuch://x"}, Exception, "nosuch"),
    ],
)
def test_bad_arguments_name_the_thing_the_value_and_the_fix(
    lake: Path, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message.replace("(", r"\(")):
        lakeboard.init(**{"quiet": True, **arguments})
    assert PROCESS.run is None


@pytest.mark.parametrize("project", ["a=b/c %41\\", "Ünï🦆", "_", "a" * 200, "p..", "a'b\"c"])
def test_odd_projects_are_kept_exactly(lake: Path, project: str) -> None:
    with lakeboard.init(project=project, quiet=True) as run:
        run.log({"a": 1})
    (key,) = held(lake).sealed
    assert key.project == project


def test_bad_environment_is_named(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEBOARD_MODE", "of")
    with pytest.raises(InvalidSetting, match="LAKEBOARD_MODE='of'"):
        lakeboard.init(project="p")


def test_bad_goal(lake: Path) -> None:
    with lakeboard.init(project="p", quiet=True) as run, pytest.raises(InvalidValue, match="'up'"):
        run.define_metric("a", goal="up")


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_lake_without_write_permission_stops_nothing(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake.mkdir()
    lake.chmod(0o500)
    with lakeboard.init(project="p") as run:
        run.log({"a": 1})
    assert "lakeboard recover" in capsys.readouterr().err


def test_a_lake_that_is_a_file_stops_nothing_and_loses_nothing(
    lake: Path, capsys: pytest.CaptureFixture[str], clean_environment: Path
) -> None:
    lake.write_text("not a folder")
    with lakeboard.init(project="p", finish_seconds=0.5) as run:
        run.log({"a": 1})
    said = capsys.readouterr().err
    assert str(lake) in said
    assert "lakeboard recover" in said
    lake.unlink()
    (done,) = recover_host([clean_environment / "spool"])
    assert (done.error, done.rows) == (None, 1)


def test_an_unusable_spool_is_told_and_the_upload_goes_on(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("LAKEBOARD_SPOOL", str(blocked / "spool"))
    with lakeboard.init(project="p", quiet=True) as run:
        run.log({"a": 1})
    assert only(lake).rows == 1
    assert capsys.readouterr().err.count("can't keep a spool") == 1


def test_recover_of_a_lake_out_of_reach_says_so_and_keeps_the_spool(lake: Path, clean_environment: Path) -> None:
    with lakeboard.init(project="p", mode="offline", quiet=True) as run:
        run.log({"a": 1})
    lake.write_text("not a folder")
    (done,) = recover_host([clean_environment / "spool"])
    assert done.error is not None
    assert str(lake) in done.error
    lake.unlink()
    (done,) = recover_host([clean_environment / "spool"])
    assert done.error is None


def test_the_next_run_on_a_host_recovers_what_was_left(lake: Path) -> None:
    with lakeboard.init(project="p", mode="offline", quiet=True, id="left") as run:
        run.log({"a": 1})
    run = lakeboard.init(project="p", quiet=True)
    for _ in range(100):
        if lake.exists() and any(r.run_id == "left" for r in held(lake).rows):
            break
        run.log({"b": 1})
        import time

        time.sleep(0.05)
    run.finish()
    assert {r.run_id for r in held(lake).rows} == {"left", run.id}


def test_summary_reads_back_what_was_set(lake: Path) -> None:
    with lakeboard.init(project="p", quiet=True) as run:
        run.summary["best"] = 3
        assert run.summary["best"] == 3.0
        with pytest.raises(KeyError):
            run.summary["none"]
        run.summary["text"] = "x"
        with pytest.raises(InvalidValue):
            del run.summary["best"]
        with pytest.raises(InvalidValue):
            del run.config["x"]


def test_store_errors_never_reach_the_caller(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lakeboard.store.local import LocalStore

    def broken(*_: Any, **__: Any) -> None:
        raise StoreError("planned")

    monkeypatch.setattr(LocalStore, "put", broken)
    with lakeboard.init(project="p", quiet=True, finish_seconds=0.2) as run:
        run.log({"a": 1})


def test_a_defect_in_the_thread_is_told_and_stops_nothing(
    lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lakeboard.logger.writer import Writer

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("planned defect")

    monkeypatch.setattr(Writer, "take", broken)
    with lakeboard.init(project="p", quiet=True, finish_seconds=0.2) as run:
        run.log({"a": 1})
    assert "internal error (RuntimeError: planned defect)" in capsys.readouterr().err
