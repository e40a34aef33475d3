"""`lakeboard show RUN --console`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakeboard.cli import main
from lakeboard.schema.logs.keys import LogKey
from lakeboard.store.local import LocalStore
from tests.query.lakes import Writer, loss, note_lake

W1, W2 = "w001-00000001", "w001-00000002"
TRACE = "Traceback (most recent call last):\nValueError: boom\n"


@pytest.fixture
def lake(tmp_path: Path) -> str:
    store = LocalStore(str(tmp_path))
    note_lake(store)
    return str(tmp_path)


def put(lake: str, text: str, writer: str = W1, **fields: object) -> None:
    store = LocalStore(lake)
    Writer(store, "p", "r1", rand=writer[-8:], fields=fields).start().log(loss(2)).finish(
        "failed" if "error" in fields else "finished"
    )
    data = text.encode()
    if data:
        store.put(LogKey("p", "r1", writer, len(data), len(data)).path, data)


def show(lake: str, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[list[str], str]:
    assert main(["show", "r1", "--console", "--lake", lake, *more]) == 0
    said = capsys.readouterr()
    return said.out.splitlines(), said.err


def test_the_last_lines_all_of_them_or_as_json(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    put(lake, "".join(f"line {n} {'x' * (n % 300)}\n" for n in range(3_000)))
    lines, errors = show(lake, capsys)
    assert (len(lines), lines[-1].split()[:2], errors) == (200, ["line", "2999"], "")
    assert [line.split()[1] for line in show(lake, capsys, "--lines", "3")[0]] == ["2997", "2998", "2999"]
    assert len(show(lake, capsys, "--all")[0]) == 3_000
    found = [json.loads(line) for line in show(lake, capsys, "--lines", "2", "--json")[0]]
    assert [(each["writer"], each["line"].split()[1]) for each in found] == [(W1, "2998"), (W1, "2999")]


def test_what_a_terminal_would_obey_is_spelled_out(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    put(lake, "\x1b]0;title\x07\x1b[2J gone\n")
    assert show(lake, capsys)[0] == ["\\x1b]0;title\\x07\\x1b[2J gone"]


def test_a_failed_run_tells_its_traceback_once(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    put(lake, "so far\n", error="ValueError: boom", traceback=TRACE)
    lines, errors = show(lake, capsys)
    assert lines == ["so far"]
    assert errors.endswith(f"it failed with\n{TRACE}\n")
    put(lake, f"so far\n{TRACE}", W2, error="ValueError: boom", traceback=TRACE)
    lines, errors = show(lake, capsys, "--writer", W2)
    assert lines == ["so far", *TRACE.splitlines()]
    assert errors == ""


def test_other_processes_are_named_and_one_can_be_chosen(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    put(lake, "one\n", W1)
    put(lake, "two\n", W2)
    newest, errors = show(lake, capsys)
    other = W1 if newest == ["two"] else W2
    assert f"--writer {other}" in errors
    assert {newest[0], show(lake, capsys, "--writer", other)[0][0]} == {"one", "two"}
    assert main(["show", "r1", "--console", "--lake", lake, "--writer", "w009-00000009"]) == 1
    assert f"there are {W1}, {W2}" in capsys.readouterr().err


def test_a_run_without_a_console_says_so(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    put(lake, "")
    assert show(lake, capsys) == (
        [],
        "lakeboard: r1 has no console; it printed nothing, or did not keep it (init(console=True))\n",
    )
