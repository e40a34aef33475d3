"""Configs, names and machines that nobody planned for: no secret leaks, nothing hangs, nothing stops a training."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import lakeboard
from lakeboard.logger.console import Console
from lakeboard.logger.inputs.redact import redact_params
from lakeboard.schema.errors import InvalidName, InvalidSetting
from lakeboard.schema.values import flatten_params
from lakeboard.store.opening import open_store
from lakeboard.upkeep.spooldir import lock_spool, remove_spool, spool_roots
from tests.logger.reading import read_lake

pytestmark = pytest.mark.process


@dataclass
class Database:
    password: str = "hunter2"
    hosts: list[str] = field(default_factory=lambda: ["a", "s3://key:hunter2@b"])


class Secret:
    def __str__(self) -> str:
        return "hunter2"


class Address:
    def __str__(self) -> str:
        return "postgres://me:hunter2@host"


class Broken(dict[str, Any]):
    def items(self) -> Any:
        raise LookupError("unresolved reference")


class NoText:
    def __str__(self) -> str:
        raise ZeroDivisionError

    __repr__ = __str__


def params(config: dict[Any, Any]) -> dict[str, Any]:
    return {name: param.decode() for name, param in flatten_params(redact_params(config)).items()}


@pytest.mark.parametrize(
    "config",
    [
        {"db": Database()},
        {"dbs": [Database(), {"password": "hunter2"}]},
        {"a": {"b": [({"api_key": "hunter2"},)]}},
        {"token": b"hunter2"},
        {"tokens": {"hf_token": Secret()}},
        {"passwords": ("x",), "password": ["hunter2", "hunter2"]},
        {"args": argparse.Namespace(password="hunter2")},
        {"args": SimpleNamespace(db_password="hunter2")},
        {"url": SimpleNamespace(engine=Address())},
        {"urls": {"postgres://me:hunter2@host"}},
    ],
)
def test_secrets_are_found_wherever_they_lie(config: dict[str, Any]) -> None:
    assert "hunter2" not in repr(params(config))
    assert "[redacted]" in repr(params(config))


def test_what_is_no_secret_is_kept_as_it_was() -> None:
    config: dict[str, Any] = {"lr": 0.1, "max_tokens": 5, "pad_token": 0, "layers": [1, 2], "on": True, "none": None}
    config["m"] = {"d": 4}
    config |= {
        "when": datetime(2024, 1, 2, tzinfo=UTC),
        "exact": Decimal("0.1"),
        "text": "é",
        "big": 10**30,
        "nested": [[1, "a"]],
    }
    found = params(config)
    assert found.pop("when") == "2024-01-02 00:00:00+00:00"
    assert found.pop("exact") == "0.1"
    assert found.pop("m.d") == 4
    assert found == {k: v for k, v in config.items() if k not in ("when", "exact", "m")}


def test_a_config_that_holds_itself_takes_no_time() -> None:
    config: dict[str, Any] = {"lr": 1}
    config |= {"a": config, "b": config, "c": [config, config]}
    looped: list[Any] = [1]
    looped += [looped, looped]
    began = time.monotonic()
    found = params({"x": config, "y": looped})
    assert time.monotonic() - began < 1
    assert found["x.lr"] == 1
    assert "holds itself" in repr(found)


@pytest.mark.parametrize(
    "config", [{"a": Broken()}, {NoText(): 1}, {"a": NoText()}, {"a": {NoText(), 1}}, {"a": {NoText(): [NoText()]}}]
)
def test_what_can_not_be_read_is_named_and_the_rest_is_kept(config: dict[Any, Any]) -> None:
    found = params({"lr": 1, "sub": config})
    assert found.pop("lr") == 1
    assert "<" in repr(found)


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    return tmp_path / "lake"


def test_odd_arguments_are_kept_as_text(lake: Path) -> None:
    with lakeboard.init(project="p", quiet=True, notes=5, tags="one", config={"x": "\udcff\x1b[2J"}) as run:  # type: ignore[arg-type]
        run.notes = 7.5  # type: ignore[assignment]
    (row,) = read_lake(open_store(lake)).rows
    assert (row.notes, row.tags) == ("7.5", ("one",))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"tags": 5}, InvalidName, "tags 5 (int) must be a list"),
        ({"lake": 5}, InvalidSetting, "lake=5 (int) must be a folder"),
        ({"storage_options": "x"}, InvalidSetting, "storage_options= must be a dict"),
        ({"config": [1]}, InvalidSetting, "config must be a dict"),
        ({"config": NoText.__new__(type("N", (), {"__slots__": (), "__repr__": NoText.__str__}))}, InvalidSetting, "N"),
        ({"id": "r", "resume": True, "resume_step": 2**70}, InvalidSetting, "resume_step=1180591620717411303424 (int)"),
        ({"id": "r", "resume": True, "resume_step": True}, InvalidSetting, "resume_step=True (bool)"),
        ({"finish_seconds": float("nan")}, InvalidSetting, "finish_seconds=nan"),
    ],
)
def test_arguments_that_make_no_sense_are_named(
    lake: Path, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as told:
        lakeboard.init(project="p", quiet=True, **arguments)
    assert message in str(told.value)


def test_limits_without_end_are_allowed(lake: Path) -> None:
    inf = float("inf")
    options: Any = {"finish_seconds": inf, "spool_cap_bytes": inf, "flush_seconds": inf}
    with lakeboard.init(project="p", quiet=True, **options) as run:
        run.log({"a": 1})
    assert read_lake(open_store(lake)).rows[0].rows == 1


def test_nothing_a_terminal_would_obey_reaches_the_console(capsys: pytest.CaptureFixture[str]) -> None:
    Console().say("run x\x1b[2Jy\u202ez\x9b5A\rw\nnext")
    assert capsys.readouterr().err == "lakeboard: run x\\x1b[2Jy\\u202ez\\x9b5A\\rw\nnext\n"


def test_a_console_that_raises_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Odd:
        def write(self, text: str) -> None:
            raise RuntimeError(text)

    monkeypatch.setattr(sys, "stderr", Odd())
    Console().warn("trouble")


def test_a_machine_without_home_and_temporary_folder_has_no_spool(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    assert spool_roots({}) == []


def test_a_spool_folder_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    (mine,) = spool_roots({})
    mine.mkdir(mode=0o700)
    assert spool_roots({}) == [mine]
    mine.chmod(0o777)
    assert spool_roots({}) == [], "anybody could put a spool of theirs there"
    mine.chmod(0o700)
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    theirs = tmp_path / f"lakeboard-spool-{os.getuid()}"
    theirs.mkdir(mode=0o700)
    assert spool_roots({}) == []
    theirs.rmdir()
    theirs.symlink_to(mine)
    assert spool_roots({}) == []


def test_a_new_spool_survives_a_recovery_that_looks_too_early(tmp_path: Path) -> None:
    folder = tmp_path / "spool" / "r.w001-00000000"
    folder.mkdir(parents=True)
    early = lock_spool(folder, create=True)
    assert early is not None
    import threading

    threading.Timer(0.05, remove_spool, [early]).start()
    lock = lock_spool(folder, create=True)
    assert lock is not None
    lock.release()


@pytest.mark.parametrize("gone", ["cwd", "home", "tmp", "stderr", "path"])
def test_a_script_on_a_bare_machine_runs_to_its_end(tmp_path: Path, gone: str) -> None:
    script = (
        "import lakeboard\nwith lakeboard.init(project='p', lake=LAKE) as run:\n    run.log({'a': 1})\nprint('end')"
    )
    env = {k: v for k, v in os.environ.items() if not k.startswith(("LAKEBOARD", "XDG", "HOME", "TMP"))}
    env |= {"HOME": str(tmp_path)}
    before = ""
    if gone == "cwd":
        before = "import os, tempfile\nd = tempfile.mkdtemp()\nos.chdir(d)\nos.rmdir(d)\n"
    elif gone == "home":
        env["HOME"] = "/nowhere/at/all"
    elif gone == "tmp":
        env |= {"TMPDIR": "/nowhere", "HOME": "/dev/null/home"}
    elif gone == "stderr":
        before = "import os, sys\nos.close(2)\nsys.stderr = None\n"
    else:
        env["PATH"] = ""
    lake = tmp_path / "lake"
    code = f"LAKE = {str(lake)!r}\n{before}{script}"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "end\n"), done.stderr
    assert read_lake(open_store(lake)).rows[0].rows == 1
