"""docs/console.md and docs/system.md: what they show runs, and gives what they say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import lakeboard
from lakeboard.cli import main
from lakeboard.logger.capture.cleaning import LINE_CHARS
from lakeboard.logger.capture.console_log import MEMORY_BYTES, RUN_BYTES
from lakeboard.logger.capture.pace import LOCAL_SECONDS, REMOTE_SECONDS, Pace
from lakeboard.logger.hearing.transcript import BACKLOG_CHARS
from lakeboard.logger.system.sampler import machine_readings
from tests.checkout import ROOT

CONSOLE = (ROOT / "docs/console.md").read_text()
SYSTEM = (ROOT / "docs/system.md").read_text()


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_guide_to_consoles_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write, read = blocks(CONSOLE, "python")
    exec(write, {})
    capsys.readouterr()
    names: dict[str, Any] = {}
    exec(read, names)
    text = "epoch 0: loss 0.71\nlearning rate is high\n"
    assert capsys.readouterr().out == f"{text}\n"
    assert names["end"].text == text
    assert names["older"].text == ""
    assert [(hit.number, hit.line) for hit in names["hits"]] == [(2, "learning rate is high")]
    (commands,) = blocks(CONSOLE, "bash")
    outputs = []
    for line in commands.splitlines():
        words = shlex.split(line.partition("#")[0].partition(">")[0])
        assert words[0] == "lakeboard"
        assert main(words[1:]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[:2] == [text, text]
    assert [line.count('"writer": "w001-') for line in outputs[2].splitlines()] == [1, 1]


def test_the_guide_to_the_machine_runs_and_names_every_metric(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = blocks(SYSTEM, "python")
    exec(code, {})
    assert lakeboard.open("./lake").runs("digits")["run_id"].to_list() == ["busy"]
    pytest.importorskip("psutil")
    readings = machine_readings().values()
    found = {name for _ in range(2) for read in readings for name in read()}
    assert found
    assert {name for name in found if f"`system/{name}`" not in SYSTEM} == set()


def test_numbers_of_the_guide_are_those_of_the_code() -> None:
    assert f"{LINE_CHARS:,} characters of a line and {RUN_BYTES / 1e6:.0f} MB" in CONSOLE
    assert f"{BACKLOG_CHARS / 1e6:.0f} MB of memory at most, {MEMORY_BYTES / 1e6:.0f} MB more" in CONSOLE
    assert (REMOTE_SECONDS, LOCAL_SECONDS) == (300, 60)
    pace, day = Pace(REMOTE_SECONDS, 0.0), 0
    for second in range(86_400):
        if pace.due(second):
            pace.done(second)
            day += 1
    assert 290 <= day <= 300
