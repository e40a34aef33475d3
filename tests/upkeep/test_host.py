"""Where a spool's writer is, seen from here; and that the spools of other hosts are theirs."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

import lakeboard
from lakeboard.cli import main
from lakeboard.upkeep.host import Host, Standing, standing, this_host
from lakeboard.upkeep.recover import recover_host
from lakeboard.upkeep.recovered import Recovered, said_elsewhere
from lakeboard.upkeep.spooldir import lock_spool, spool_host

HERE = Host("node-a", "boot-1", "machine-a")


@pytest.mark.parametrize(
    ("writer", "here", "last_write", "expected"),
    [
        (None, HERE, 0.0, "here"),
        (HERE, HERE, 0.0, "here"),
        (Host("node-a"), HERE, 0.0, "here"),
        (Host("node-b", "boot-1", "machine-a"), HERE, 0.0, "elsewhere"),
        (Host("node-b", "boot-9", "machine-b"), HERE, 0.0, "elsewhere"),
        # The same machine, started anew at 100.
        (Host("node-a", "boot-0", "machine-a"), HERE, 99.0, "rebooted"),
        # Containers of one name, and one image's machine id, on two nodes.
        (Host("node-a", "boot-0", "machine-a"), HERE, 101.0, "elsewhere"),
        (Host("node-a", "boot-0", "machine-b"), HERE, 99.0, "elsewhere"),
        (Host("node-a", "boot-0", ""), Host("node-a", "boot-1", ""), 99.0, "elsewhere"),
    ],
)
def test_where_a_writer_is(writer: Host | None, here: Host, last_write: float, expected: Standing) -> None:
    assert standing(writer, here, last_write=last_write, booted_at=100.0) == expected


@pytest.mark.parametrize("found", [None, 1, {}, {"name": 1}, ["node-a"]])
def test_what_is_no_host_is_none(found: Any) -> None:
    assert Host.from_json(found) is None
    assert Host.from_json(HERE.to_json()) == HERE
    assert Host.from_json({"name": "n", "boot": 3}) == Host("n")


def test_a_lock_says_whose_it_is_before_anything_is_spooled(tmp_path: Path) -> None:
    lock = lock_spool(tmp_path / "r1.w001-0a1b2c3d", create=True)
    assert lock is not None
    assert spool_host(lock.folder) == this_host()
    lock.release()
    again = lock_spool(tmp_path / "r1.w001-0a1b2c3d")
    assert again is not None
    assert spool_host(again.folder) == this_host()
    again.release()


def _left_by(monkeypatch: pytest.MonkeyPatch, lake: Path, name: str, **options: Any) -> str:
    """A run whose spool another host left, as a job that was killed leaves it; its id."""
    with monkeypatch.context() as patched:
        patched.setattr("platform.node", lambda: name)
        run = lakeboard.init(project="p", lake=lake, mode="offline", quiet=True, **options)
        for n in range(5):
            run.log({"x": n})
        run.finish()
    return run.id


def _rows(lake: Path) -> int:
    return lakeboard.open(str(lake)).metrics("p").collect().height


def _aged(spool: Path, seconds: float) -> None:
    then = time.time() - seconds
    for path in spool.rglob("*"):
        os.utime(path, (then, then))


def test_a_start_leaves_other_hosts_spools_alone_and_names_them_once(
    tmp_path: Path, clean_environment: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lakeboard.logger.start._TOLD_OTHERS", [])
    theirs = _left_by(monkeypatch, tmp_path / "lake", "node-a")
    _aged(clean_environment / "spool", 90_000)
    capfd.readouterr()
    looked = []
    real = recover_host

    def looking(*args: Any, **options: Any) -> list[Recovered]:
        found = real(*args, **options)
        looked.append([each.elsewhere for each in found])
        return found

    monkeypatch.setattr("lakeboard.logger.start.recover_host", looking)
    for number in (1, 2):
        with lakeboard.init(project="p", lake=tmp_path / "lake", flush_seconds=0.1) as run:
            run.log({"y": 1.0})
            until = time.monotonic() + 30
            while len(looked) < number and time.monotonic() < until:
                time.sleep(0.02)
    assert looked == [["node-a"]] * 2
    said = capfd.readouterr().err
    assert said.count("1 spool of node-a (1, last written to 1 d ago) left alone") == 1
    assert said.count("lakeboard recover --spool") == 1
    assert theirs in {path.name.partition(".")[0] for path in (clean_environment / "spool").iterdir()}
    assert _rows(tmp_path / "lake") == 2


def test_recover_sends_what_was_silent_for_an_hour_and_names_the_rest(
    tmp_path: Path, clean_environment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lake, spool = tmp_path / "lake", clean_environment / "spool"
    _left_by(monkeypatch, lake, "node-a")
    _aged(spool, 3500)
    assert main(["recover"]) == 0
    assert "of node-a (1, last written to 58 min ago) left alone" in capsys.readouterr().err
    assert not lake.exists()
    _aged(spool, 3700)
    assert main(["recover"]) == 0
    assert "5 points" in capsys.readouterr().out
    assert _rows(lake) == 5
    assert list(spool.iterdir()) == []


def test_recover_sends_other_hosts_spools_at_once_where_it_is_told_to(
    tmp_path: Path, clean_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _left_by(monkeypatch, tmp_path / "lake", "node-a")
    assert main(["recover", "--other-hosts"]) == 0
    assert _rows(tmp_path / "lake") == 5


def test_recover_keeps_to_a_lake_and_a_project(
    tmp_path: Path, clean_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        run = lakeboard.init(project=name, lake=tmp_path / name, mode="offline", quiet=True)
        run.log({"x": 1.0})
        run.finish()
    assert main(["recover", "--lake", f"{tmp_path}/one/", "--project", "two"]) == 0
    assert "nothing of two" in capsys.readouterr().out
    assert main(["recover", "--lake", f"{tmp_path}/one/"]) == 0
    assert ((tmp_path / "one").exists(), (tmp_path / "two").exists()) == (True, False)
    assert main(["recover", "--project", "two"]) == 0
    assert (tmp_path / "two").exists()


@pytest.mark.s3
def test_recover_finds_the_endpoint_that_init_was_given(
    s3_lake: str, monkeypatch: pytest.MonkeyPatch, clean_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    given = {"endpoint_url": endpoint, "key": os.environ["AWS_ACCESS_KEY_ID"], "secret": "S3CRET-of-the-test"}
    run = lakeboard.init(project="p", lake=s3_lake, mode="offline", quiet=True, storage_options=given)
    run.log({"x": 1.0})
    run.finish()
    for path in (clean_environment / "spool").rglob("*.spool"):
        assert b"S3CRET" not in path.read_bytes()
    key, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "unknown")
    assert main(["recover"]) == 1
    assert "was given key, secret in storage_options, which a spool does not keep" in capsys.readouterr().err
    assert (
        main(["recover", "--lake", s3_lake, "--storage-option", f"key={key}", "--storage-option", f"secret={secret}"])
        == 0
    )
    assert "1 points" in capsys.readouterr().out


@pytest.mark.parametrize("given", ["endpoint_url", "=x", "a..b=1", ".a=1"])
def test_options_that_make_no_sense_are_refused(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recover", "--storage-option", given]) == 1
    assert "must be NAME=VALUE" in capsys.readouterr().err


def test_a_spool_of_another_byte_order_is_read(tmp_path: Path) -> None:
    import sys

    from lakeboard.schema.batch import Group
    from lakeboard.schema.spool import batch_record, group_record, json_record, read_segment

    group = Group(("x",), None)
    for column, value in ((group.steps, 3), (group.times, 1.5), (group.starts, 0), (group.values, 0.25)):
        column.append(value)  # type: ignore[arg-type]
        column.byteswap()
    other = "big" if sys.byteorder == "little" else "little"
    header = {"format": 1, "lo": 0, "lake": "/x", "project": "p", "run": {}, "byteorder": other}
    data = json_record(b"H", header) + group_record(0, group) + b"".join(batch_record([(0, group)], 1))
    segment = read_segment(data)
    assert segment is not None
    (read,) = segment.rows.groups.values()
    assert (list(read.steps), list(read.times), list(read.values)) == ([3], [1.5], [0.25])


def test_many_hosts_are_told_in_one_line() -> None:
    left = [Recovered(Path("/s"), elsewhere=f"n{n}", silent_seconds=n * 40.0) for n in range(8)]
    said = said_elsewhere([*left, left[0]])
    assert said.startswith("9 spools of n0 (2, last written to 0 s ago), n1 (1, last written to 40 s ago), n2 (1, last")
    assert "and 3 other hosts left alone" in said


def test_a_spool_that_says_nothing_yet_is_not_taken_from_another_host(tmp_path: Path) -> None:
    folder = tmp_path / "r1.w001-0a1b2c3d"
    folder.mkdir()
    (folder / "lock").touch()
    assert recover_host([tmp_path]) == []
    assert folder.exists()
    _aged(folder, 100)
    assert recover_host([tmp_path]) == []
    assert not folder.exists()


def test_the_lock_of_a_spool_is_json(tmp_path: Path) -> None:
    lock = lock_spool(tmp_path / "r1.w001-0a1b2c3d", create=True)
    assert lock is not None
    assert json.loads((lock.folder / "lock").read_text()) == this_host().to_json()
    lock.release()
