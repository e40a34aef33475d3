"""The command line in hostile hands: what others wrote is shown, never obeyed; what can't be done is said once."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

import lakeboard
from lakeboard import demo
from lakeboard.cli import main
from lakeboard.schema.errors import StoreError
from lakeboard.store.local import LocalStore

NASTY = "v\x1b[31m\x9b2J\u202ex\r"


@pytest.fixture
def lake(tmp_path: Path) -> str:
    url = str(tmp_path / "lake")
    with lakeboard.init(
        project="p", name="x\u202eevil", id="r1", lake=url, quiet=True, notes=f"a\n{NASTY}", config={NASTY: NASTY}
    ) as run:
        run.log({"m": 1, "é": float("nan")})
    return url


@pytest.mark.parametrize(
    "command", [["ls"], ["ls", "p"], ["show", "r1"], ["ls", "p", "--json"], ["show", "r1", "--json"]]
)
def test_nothing_that_a_terminal_obeys_is_printed(
    lake: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--lake", lake]) == 0
    shown = capsys.readouterr().out
    assert not {"\x1b", "\x9b", "\u202e", "\r"} & set(shown)
    if "--json" in command:
        (found,) = [json.loads(line) for line in shown.splitlines()]
        assert found[f"params.{NASTY}"] == NASTY


@pytest.mark.parametrize("run", [NASTY, "x\u202e"])
def test_messages_show_names_that_a_terminal_would_obey(
    lake: str, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", run, "--lake", lake]) == 1
    assert not {"\x1b", "\x9b", "\u202e", "\r"} & set(capsys.readouterr().err)


def test_a_terminal_without_our_letters_gets_their_numbers(lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="ascii"))
    assert main(["ls", "p", "--lake", lake]) == 0
    sys.stdout.flush()
    assert b"\\xe9" in out.getvalue()


def test_a_reader_that_has_seen_enough_is_no_trouble(lake: str) -> None:
    command = f"{sys.executable} -m lakeboard ls p --lake {lake} --json | head -c 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{", "")


def test_a_number_that_is_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["ui", "--port", "abc"])
    assert left.value.code == 2
    assert "'abc' must be a whole number" in capsys.readouterr().err


def test_the_demo_says_at_once_that_a_lake_can_only_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_lake.json").write_text('{"format": 1, "min_reader": 1}')

    def refuse(self: LocalStore, key: str, data: bytes, **_: object) -> None:
        raise StoreError(f"can't write {key}: the file system is read-only")

    monkeypatch.setattr(LocalStore, "put", refuse)
    with pytest.raises(StoreError, match="read-only"):
        demo.demo(str(tmp_path), ui=False, seeds=1, processes=1, port=1, open_browser=False)
