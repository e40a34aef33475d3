"""Artifacts of a run from the call to the lake, and what becomes of them when it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import lakeboard
from lakeboard.schema.keys import RowKey, parse_key, project_prefix
from lakeboard.schema.parquet import decode_table
from lakeboard.schema.rowtable import table_to_rows
from lakeboard.schema.run.row import OWNER, RunRow, final_version, latest
from lakeboard.store.base import OnBytes, Store, Stored
from lakeboard.store.local import LocalStore
from lakeboard.store.opening import open_store
from lakeboard.upkeep.artifacts.summaries import summaries
from lakeboard.upkeep.recover import recover_host
from lakeboard.upkeep.recovered import Recovered

PATIENCE = 30.0


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for files that is not the system's temporary one."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def spool() -> Path:
    return Path(os.environ["LAKEBOARD_SPOOL"])


def recovered() -> Recovered:
    (done,) = recover_host([spool()])
    assert done.error is None
    return done


def rows_of(store: Store) -> list[RunRow]:
    keys = [k for i in store.list(project_prefix("runs", "p")) if isinstance(k := parse_key(i.key), RowKey)]
    return [row for key in keys for row in table_to_rows(decode_table(store.get(key.path), key=key.path))]


def final_row(store: Store) -> RunRow:
    (row,) = latest(rows_of(store))
    return row


def versions(lake: Path) -> list[tuple[str, int, int]]:
    frame = lakeboard.open(str(lake)).artifacts("p")
    return [(a, n, b) for a, n, b in frame.select("artifact", "number", "bytes").rows()]


class Gate:
    """Is opened once; without a lock, which a forked child might inherit locked."""

    def __init__(self) -> None:
        self.is_open = False

    def open(self) -> None:
        self.is_open = True


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Uploads of files wait until it is set."""
    let = Gate()
    before = LocalStore.put_file

    def put_file(
        self: LocalStore,
        key: str,
        path: str | os.PathLike[str],
        *,
        note: str | os.PathLike[str] | None = None,
        on_bytes: OnBytes | None = None,
        durable: bool = False,
    ) -> Stored:
        while not let.is_open:
            time.sleep(0.01)
            if on_bytes is not None:
                on_bytes(0)
        return before(self, key, path, note=note, on_bytes=on_bytes, durable=durable)

    monkeypatch.setattr(LocalStore, "put_file", put_file)
    return let


def test_a_file_becomes_a_version_that_the_run_s_row_names(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = tmp_path / "lake"
    (data / "train.csv").write_bytes(b"1,2")
    with lakeboard.init(project="p", lake=lake) as run:
        run.log({"loss": 1.0})
        handle = run.log_artifact(
            data / "train.csv", name="digits", type="dataset", aliases=["raw"], metadata={"n": 2}, description="d"
        )
        version = handle.wait(PATIENCE)
        assert (handle.done, handle.error, handle.version) == (True, None, version.version)
        # The same files once more are the same version.
        assert run.log_artifact(data / "train.csv", name="digits", type="dataset").wait(PATIENCE).number == 1
        used = run.use_artifact("digits:raw", type="dataset")
        assert used.download(tmp_path / "out").joinpath("train.csv").read_bytes() == b"1,2"
    assert (version.run_id, version.type, version.metadata, version.summary.description) == (
        run.id, "dataset", {"n": 2}, "d",
    )  # fmt: skip
    row = final_row(open_store(str(lake)))
    assert [str(v) for v in row.outputs] == [str(v) for v in row.inputs] == [f"p/digits:{version.version}"]
    assert row.version == final_version(1, OWNER)
    assert len(rows_of(open_store(str(lake)))) == 1
    assert not list(spool().iterdir())
    assert "not stored" not in capsys.readouterr().err


def test_the_end_waits_for_uploads_and_their_versions_come_with_a_later_row(
    tmp_path: Path, data: Path, held: Gate, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = tmp_path / "lake"
    (data / "big").write_bytes(b"x" * 1000)
    run = lakeboard.init(project="p", lake=lake)
    run.log({"loss": 1.0})
    run.log_artifact(data / "big")
    ending = threading.Thread(target=run.finish)
    ending.start()
    store = open_store(str(lake))
    end = time.monotonic() + PATIENCE
    # The run's points and its end are not held up by the upload.
    while not rows_of(store) and time.monotonic() < end:
        time.sleep(0.01)
    assert [(r.status, r.rows, r.outputs) for r in rows_of(store)] == [("finished", 1, ())]
    held.open()
    ending.join(PATIENCE)
    row = final_row(store)
    assert (row.status, row.version, [v.artifact for v in row.outputs]) == (
        "finished", final_version(1, OWNER), ["big"],
    )  # fmt: skip
    assert not list(spool().iterdir())
    assert "uploading 1 artifact (big; 1.0 kB)" in capsys.readouterr().err


def test_what_the_end_could_not_wait_for_is_said_and_recovered(
    tmp_path: Path, data: Path, held: Gate, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = tmp_path / "lake"
    (data / "big").write_bytes(b"x" * 1000)
    run = lakeboard.init(project="p", lake=lake)
    run.log({"loss": 1.0})
    handle = run.log_artifact(data / "big", aliases=["best"])
    run.finish(timeout=1.0)
    assert not handle.done
    with pytest.raises(lakeboard.StoreUnreachable, match="was not in the lake when its run ended; send it with: lake"):
        handle.wait()
    said = capsys.readouterr().err
    assert "1 artifact (big; 1.0 kB) wait in" in said
    assert "Leave the files alone and send them with: lakeboard recover" in said
    assert versions(lake) == []
    held.open()
    done = recovered()
    assert (done.status, done.rows, done.artifacts, done.refused) == ("finished", 1, 1, ())
    assert versions(lake) == [("big", 1, 1000)]
    row = final_row(open_store(str(lake)))
    assert (row.status, [v.artifact for v in row.outputs]) == ("finished", ["big"])
    assert lakeboard.open(str(lake)).artifact("p/big:best").number == 1
    assert recover_host([spool()]) == []


def test_an_offline_run_s_artifacts_are_sent_by_recover_and_changed_ones_refused(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = tmp_path / "lake"
    (data / "good").write_bytes(b"good")
    (data / "changes").write_bytes(b"before")
    with lakeboard.init(project="p", lake=lake, mode="offline") as run:
        handle = run.log_artifact(data / "good")
        run.log_artifact(data / "changes", wait=True)
        small = lakeboard.Artifact("small")
        small.add_bytes(b"in the spool", "a.txt")
        run.log_artifact(small)
        with pytest.raises(lakeboard.StoreUnreachable, match="the run is offline; lakeboard recover"):
            handle.wait()
    assert "3 artifacts (good, changes, small;" in capsys.readouterr().err
    (data / "changes").write_bytes(b"behind")
    done = recovered()
    assert done.artifacts == 2
    (why,) = done.refused
    assert "changes" in why
    assert "since it was logged; log it again" in why
    assert versions(lake) == [("good", 1, 4), ("small", 1, 12)]
    assert [v.artifact for v in final_row(open_store(str(lake))).outputs] == ["good", "small"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda run, d: run.log_artifact(d / "nowhere"), "artifact 'nowhere' (str)"),
        (lambda run, d: run.log_artifact(d / "a", name="a/b"), "artifact 'a/b'"),
        (lambda run, d: run.log_artifact(d / "a", aliases=["v3"]), "alias 'v3' means a version by itself"),
        (lambda run, d: run.log_artifact(d / "a", aliases=7), "artifact 'a'"),
        (lambda run, d: run.log_artifact(d / "a", metadata=[1]), "metadata must be a dict"),
        (lambda run, d: run.log_artifact(d / "a", type=""), "artifact type"),
        (lambda run, d: run.log_artifact(7), "artifact 7"),
        (lambda run, d: run.log_artifact(lakeboard.Artifact("x"), name="y"), "is called 'x'; leave name='y' out"),
        (lambda run, d: run.log_dir(d / "a"), "is no folder; log_artifact takes files"),
        (lambda run, d: run.log_reference("no-url", "x"), "is no address"),
    ],
)
def test_bad_input_costs_itself_and_one_warning(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str], call: object, said: str
) -> None:
    assert callable(call)
    (data / "a").write_bytes(b"a")
    with lakeboard.init(project="p", lake=tmp_path / "lake", quiet=True) as run:
        handle = call(run, data)
        assert handle.done
        assert handle.error is not None
        with pytest.raises(type(handle.error)):
            handle.wait()
        run.log({"loss": 1.0})
    (line,) = capsys.readouterr().err.splitlines()
    assert "is not stored: " in line
    assert said in line
    assert final_row(open_store(str(tmp_path / "lake"))).rows == 1


def test_after_the_end_nothing_is_stored_and_disabled_runs_store_nothing(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "a").write_bytes(b"a")
    with lakeboard.init(project="p", lake=tmp_path / "lake", quiet=True) as run:
        pass
    assert isinstance(run.log_artifact(data / "a").error, lakeboard.RunFinished)
    assert "has finished" in capsys.readouterr().err
    with lakeboard.init(project="p", lake=tmp_path / "none", mode="disabled") as run:
        handle = run.log_artifact(data / "a", wait=True)
        assert handle.done
    assert capsys.readouterr().err == ""
    assert not (tmp_path / "none").exists()


def test_the_current_run_takes_artifacts_by_the_module_s_own_verbs(tmp_path: Path, data: Path) -> None:
    (data / "a.txt").write_text("a")
    with pytest.raises(lakeboard.RunFinished, match=r"log_artifact\(\) needs a run"):
        lakeboard.log_artifact(data / "a.txt")
    with pytest.raises(lakeboard.RunFinished, match=r"use_artifact\(\) needs a run"):
        lakeboard.use_artifact("a")
    with lakeboard.init(project="p", lake=tmp_path / "lake", name="r") as run:
        lakeboard.log_artifact(data / "a.txt", "a", "dataset", aliases=["raw"]).wait()
        assert lakeboard.use_artifact("a:raw", "dataset").bytes == 1
    row = lakeboard.open(tmp_path / "lake").run("p", run.id).row
    assert [(v.project, v.artifact) for v in row.inputs] == [("p", "a")]
    assert row.inputs[0].identity == row.outputs[0].identity


def test_use_artifact_says_what_there_is(tmp_path: Path, data: Path) -> None:
    (data / "a").write_bytes(b"a")
    with lakeboard.init(project="p", lake=tmp_path / "lake", quiet=True) as run:
        run.log_artifact(data / "a", type="model", wait=True)
        with pytest.raises(lakeboard.UnknownArtifact, match="has no artifact 'b'; it has a"):
            run.use_artifact("b")
        with pytest.raises(lakeboard.InvalidSetting, match="is of type 'model', not 'dataset'"):
            run.use_artifact("a", type="dataset")
        with pytest.raises(lakeboard.InvalidName):
            run.use_artifact("p/")
        assert run.row.inputs == ()
    with lakeboard.init(project="q", lake=tmp_path / "lake", quiet=True) as other:
        for _ in range(2):
            other.use_artifact("p/a:v1")
        assert [str(v)[:6] for v in other.row.inputs] == ["p/a:v1"]


@pytest.mark.process
def test_a_forked_child_inherits_no_upload_and_may_log_its_own(tmp_path: Path, data: Path, held: Gate) -> None:
    lake = tmp_path / "lake"
    for name in ("parents", "childs"):
        (data / name).write_bytes(name.encode())
    run = lakeboard.init(project="p", lake=lake, quiet=True)
    handle = run.log_artifact(data / "parents")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            held.open()  # The child's own copy.
            try:
                handle.wait(1.0)
            except lakeboard.InvalidSetting:
                made = run.log_artifact(data / "childs").wait(PATIENCE)
                run.finish()
                # Without Polars, whose threads a fork leaves behind.
                there = [s.artifact for s in summaries(open_store(str(lake)), "p").versions]
                code = 0 if (made.name, there) == ("childs", ["childs"]) else 2
        finally:
            os._exit(code)
    end, found = time.monotonic() + PATIENCE, (0, 0)
    while found[0] == 0 and time.monotonic() < end:
        found = os.waitpid(child, os.WNOHANG)
        time.sleep(0.01)
    if found[0] == 0:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert found[0] == child
    assert os.waitstatus_to_exitcode(found[1]) == 0
    held.open()
    run.finish()
    assert versions(lake) == [("childs", 1, 6), ("parents", 1, 7)]
    outputs = lakeboard.open(str(lake)).run("p", run.id).row.outputs
    assert sorted(v.artifact for v in outputs) == ["childs", "parents"]
    assert not list(spool().iterdir())


_KILLED = """
import sys, time
from pathlib import Path
import lakeboard
from lakeboard.store.local import LocalStore
before = LocalStore.put_file
def put_file(self, key, *args, **options):
    if key.endswith("two"):
        print("sending", flush=True)
        time.sleep(60)
    return before(self, key, *args, **options)
LocalStore.put_file = put_file
run = lakeboard.init(project="p", lake=sys.argv[1], flush_seconds=60)
run.log({"loss": 1.0})
run.log_artifact(Path(sys.argv[2], "one"))
run.log_artifact(Path(sys.argv[2], "two"), aliases=["best"])
bytes_ = lakeboard.Artifact("three")
bytes_.add_bytes(b"of the spool", "x")
run.log_artifact(bytes_)
time.sleep(60)
"""

_RECOVERING = """
import os, sys
from lakeboard.store.local import LocalStore
from lakeboard.upkeep.recover import recover_host
from pathlib import Path
number, at = 0, int(sys.argv[2])
def dying(verb):
    def act(self, *args, **options):
        global number
        number += 1
        if number == at:
            os._exit(9)
        return verb(self, *args, **options)
    return act
LocalStore.put, LocalStore.put_file = dying(LocalStore.put), dying(LocalStore.put_file)
(done,) = recover_host([Path(sys.argv[1])])
sys.exit(done.error)
"""


@pytest.mark.process
@pytest.mark.slow
def test_a_killed_run_s_artifacts_are_made_once_however_often_the_recovery_is_killed(
    tmp_path: Path, data: Path
) -> None:
    lake = tmp_path / "lake"
    for name in ("one", "two"):
        (data / name).write_bytes(name.encode())
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(lake), str(data)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sending\n"
        time.sleep(1.0)  # Points are spooled within a second.
        process.send_signal(signal.SIGKILL)
    assert versions(lake) == [("one", 1, 3)]
    for at in (1, 2, 3, 4):
        killed = subprocess.run([sys.executable, "-c", _RECOVERING, str(spool()), str(at)], check=False, timeout=60)
        assert killed.returncode == 9
    recovered()
    assert versions(lake) == [("one", 1, 3), ("three", 1, 12), ("two", 1, 3)]
    row = final_row(open_store(str(lake)))
    assert (row.status, [v.artifact for v in row.outputs]) == ("crashed", ["one", "two", "three"])
    for version in row.outputs:
        assert lakeboard.open(str(lake)).artifact(str(version)).verify() == []
    assert lakeboard.open(str(lake)).artifact("p/two:best").number == 1
    assert not list(spool().iterdir())


@pytest.mark.process
def test_the_next_start_on_this_host_sends_what_a_killed_run_left(tmp_path: Path, data: Path) -> None:
    lake = tmp_path / "lake"
    for name in ("one", "two"):
        (data / name).write_bytes(name.encode())
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(lake), str(data)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sending\n"
        process.send_signal(signal.SIGKILL)
    with lakeboard.init(project="p", lake=lake, quiet=True):
        end = time.monotonic() + PATIENCE
        while len(versions(lake)) < 3 and time.monotonic() < end:
            time.sleep(0.05)
    assert [name for name, _, _ in versions(lake)] == ["one", "three", "two"]
