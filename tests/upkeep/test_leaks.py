"""`lakeboard fsck --secrets` names the object, the field and the kind of what a lake holds, never the secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.cli import main
from lakeboard.schema.keys import RowKey
from lakeboard.schema.parquet import encode_table
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.schema.run.row import RunRow
from lakeboard.schema.values import flatten_params
from lakeboard.store.opening import open_store
from lakeboard.upkeep.leaks import find_leaks, secrets_of

_W = "w001-00000000"
_TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8"


def leaky() -> RunRow:
    return RunRow(
        "r1",
        _W,
        version=3,
        status="failed",
        error="401 for https://x/y?api_key=hunter2x",
        rows=0,
        params=flatten_params({"db": {"password": "hunter2x"}, "lr": 0.1, "pad_token": "<pad>", "m": {_TOKEN: 1}}),
        results=flatten_params({"link": "https://ada:hunter2x@host/x"}),
        env={
            "command": "python t.py --db-pass hunter2x",
            "git.diff": "diff --git a/.env b/.env\n@@ -1 +1 @@\n+X=hunter2x",
            "git.remote": f"https://{_TOKEN}@github.com/a/b",
            "cwd": "/home/ada",
        },
    )


def put(lake: Path, row: RunRow) -> str:
    store = open_store(lake)
    store.put("_lake.json", b'{"format": 1, "min_reader": 1}')
    key = RowKey("p", row.run_id, row.writer, row.version).path
    store.put(key, encode_table(rows_to_table([row])))
    return key


def test_every_field_with_a_secret_is_named() -> None:
    assert dict(secrets_of(leaky())) == {
        "error": ["secret name"],
        "params.db.password": ["secret name"],
        "params.m.[redacted]": ["GitHub token"],
        "results.link": ["login in an address"],
        "env.command": ["secret name"],
        "env.git.diff": ["file that holds secrets"],
        "env.git.remote": ["GitHub token"],
    }
    assert list(secrets_of(RunRow("r1", _W, params=flatten_params({"token": "[redacted]", "lr": 1})))) == []


def test_the_command_tells_where_and_never_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = put(tmp_path / "lake", leaky())
    assert main(["fsck", "--secrets", "--lake", str(tmp_path / "lake")]) == 1
    out, err = capsys.readouterr()
    assert f"{key}: run r1 of p: params.db.password (secret name)" in err
    assert "7 fields" in out
    assert "hunter2" not in out + err
    assert _TOKEN not in out + err
    assert main(["fsck", "--secrets", "--json", "--lake", str(tmp_path / "lake")]) == 1
    out, err = capsys.readouterr()
    assert out.count('"field"') == 7
    assert "hunter2" not in out + err


def test_a_lake_without_secrets_is_said_to_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path / "lake", RunRow("r1", _W, version=3, status="finished", rows=0, params=flatten_params({"lr": 1})))
    assert main(["fsck", "--secrets", "--lake", str(tmp_path / "lake")]) == 0
    assert "no secrets found" in capsys.readouterr().out
    found = find_leaks(open_store(tmp_path / "lake"))
    assert (found.objects, found.found, found.unread) == (1, (), ())
