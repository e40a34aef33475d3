"""`lakeboard artifacts` and `lakeboard artifact …`, as a person types them."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from lakeboard.cli import main
from lakeboard.store.local import LocalStore
from tests.checkout import ROOT

Output = pytest.CaptureFixture[str]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of files; the current folder is empty, and the lake is not there yet."""
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_bytes(b"one")
    (folder / "sub" / "b.txt").write_bytes(b"second")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return folder


def call(*arguments: str) -> int:
    return main(list(arguments))


def told(output: Output) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.readouterr().out.splitlines()]


def put(folder: Path, output: Output, *more: str) -> str:
    assert call("artifact", "put", "mnist/digits", str(folder), "--type", "dataset", "--json", *more) == 0
    (line,) = told(output)
    return str(line["version"])


def test_files_go_in_and_come_out(data: Path, capsys: Output, tmp_path: Path) -> None:
    version = put(data, capsys, "--alias", "best", "--description", "of 2026")
    lake = LocalStore(tmp_path / "lake")
    assert lake.get(f"files/project=mnist/digits/{version}/sub/b.txt") == b"second"
    assert call("artifact", "get", "digits:best", "out") == 0
    assert "2 files, 9 B, in out" in capsys.readouterr().out
    assert Path("out/sub/b.txt").read_bytes() == b"second"
    assert call("artifact", "get", "mnist/digits") == 0
    assert Path(f"digits-{version}/a.txt").read_bytes() == b"one"
    assert call("artifact", "put", "digits", str(data), "--type", "dataset", "--project", "mnist") == 0
    assert f"mnist/digits:{version} has these very files; no other version was made" in capsys.readouterr().out


def test_versions_are_listed_and_shown(data: Path, capsys: Output) -> None:
    first = put(data, capsys, "--alias", "best")
    (data / "a.txt").write_bytes(b"changed")
    second = put(data, capsys)
    assert call("artifact", "put", "mnist/model", str(data / "a.txt"), "--type", "model", "--json") == 0
    capsys.readouterr()
    assert call("artifacts", "mnist", "--type", "dataset", "--json") == 0
    lines = told(capsys)
    assert [(x["version"], x["bytes"], x["shared"], x["aliases"]) for x in lines] == [
        (first, 9, 0, ["best"]), (second, 13, 6, []),
    ]  # fmt: skip
    assert call("artifacts") == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split()[:4] for line in out[1:]] == [
        ["mnist", "digits", first, "dataset"], ["mnist", "digits", second, "dataset"],
        ["mnist", "model", out[3].split()[2], "model"],
    ]  # fmt: skip
    assert call("artifact", "show", "digits:v1", "--json") == 0
    (shown,) = told(capsys)
    assert [(row["path"], row["sha256"]) for row in shown["contents"]] == [
        ("a.txt", hashlib.sha256(b"one").hexdigest()), ("sub/b.txt", hashlib.sha256(b"second").hexdigest()),
    ]  # fmt: skip
    assert call("artifact", "show", "digits:latest") == 0
    out_text = capsys.readouterr().out
    assert f"mnist/digits:{second}  dataset" in out_text
    assert "2 files, 13 B, of it 6 B of other versions" in out_text


def test_versions_are_compared(data: Path, capsys: Output) -> None:
    put(data, capsys)
    (data / "a.txt").write_bytes(b"changed")
    (data / "sub" / "b.txt").rename(data / "c.txt")
    put(data, capsys)
    assert call("artifact", "diff", "digits:v1", "digits:v2") == 1
    assert capsys.readouterr().out.splitlines() == ["+ c.txt", "- sub/b.txt", "~ a.txt"]
    assert call("artifact", "diff", "digits:v2", "digits:v2") == 0
    capsys.readouterr()
    assert call("artifact", "diff", "digits:v1", "digits", "--json") == 1
    assert told(capsys) == [{"added": ["c.txt"], "removed": ["sub/b.txt"], "changed": ["a.txt"]}]


def test_a_changed_byte_is_found(data: Path, capsys: Output, tmp_path: Path) -> None:
    version = put(data, capsys)
    assert call("artifact", "verify", "digits") == 0
    assert "2 files, 9 B: all as they were stored" in capsys.readouterr().out
    LocalStore(tmp_path / "lake").put(f"files/project=mnist/digits/{version}/a.txt", b"two")
    assert call("artifact", "verify", "digits", "--json") == 1
    problem, summary = told(capsys)
    assert (problem["kind"], summary["problems"]) == ("damaged", 1)
    assert call("artifact", "get", "digits", "out") == 1
    assert "has SHA-256" in capsys.readouterr().err
    assert not Path("out/a.txt").exists()


def test_aliases_move_and_versions_go_and_come_back(data: Path, capsys: Output, tmp_path: Path) -> None:
    first = put(data, capsys, "--alias", "best")
    (data / "a.txt").write_bytes(b"changed")
    second = put(data, capsys)
    assert call("artifact", "alias", "digits:v2", "best") == 0
    assert f"digits:{second} is now digits:best" in capsys.readouterr().out
    assert call("artifact", "rm", "digits:best", "--why", "wrong split") == 0
    assert call("artifact", "get", "digits:latest", "latest") == 0
    assert Path("latest/a.txt").read_bytes() == b"one"
    assert call("artifact", "restore", "digits:v2") == 0
    assert call("artifact", "alias", "digits:v2", "best", "--remove") == 0
    capsys.readouterr()
    assert call("artifact", "show", "digits:best") == 1
    assert "has the alias 'best'" in capsys.readouterr().err
    assert call("artifact", "rm", "digits:v1", "--purge") == 1
    assert f"say so with --yes digits:{first}" in capsys.readouterr().err
    assert call("artifact", "rm", "digits:v1", "--purge", "--yes", f"digits:{first}") == 0
    capsys.readouterr()
    assert call("artifact", "show", "digits:v1") == 1
    assert "was purged" in capsys.readouterr().err
    assert call("artifact", "verify", "digits:v2") == 0, "what the purged one shares stays"
    lake = LocalStore(tmp_path / "lake")
    assert len([i for i in lake.list("artifacts/") if "/e-" in i.key]) == 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["put", "digits", "."], "say whose 'digits' is: --project NAME, or PROJECT/digits"),
        (["put", "a/digits", ".", "--project", "b"], "is of project 'a', --project says 'b'"),
        (["put", "p/latest", "."], "artifact name 'latest' means a version"),
        (["put", "p/digits:v3", "."], "contains :"),
        (["put", "p/digits", "."], "holds no file"),
        (["put", "p/digits", "nowhere"], "nowhere: No such file"),
        (["put", "p/digits", ".", "--alias", "v3"], "alias 'v3' means a version by itself"),
        (["put", "1/digits", "."], "project '1' must start with a letter"),
        (["show", "digits"], "there is no lake at"),
    ],
)
def test_what_can_not_be_is_told_with_the_fix(data: Path, capsys: Output, arguments: list[str], said: str) -> None:
    assert call("artifact", *arguments) == 1
    assert said in capsys.readouterr().err


def test_a_lake_without_artifacts_says_so(data: Path, capsys: Output) -> None:
    put(data, capsys)
    assert call("artifacts", "--type", "model") == 0
    assert "no artifacts of type 'model' in" in capsys.readouterr().out
    assert call("artifact", "show", "other/digits") == 1
    assert "project 'other' has no artifact 'digits'; it has none yet" in capsys.readouterr().err
    assert call("tidy") == 0


def test_the_page_says_what_happens(data: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs/artifacts.md").read_text()
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    (shell,) = (text for kind, text in blocks if not kind)
    reading, running = (text for kind, text in blocks if kind == "python")
    monkeypatch.chdir(data.parent)
    codes = {}
    for line in shell.splitlines():
        words = line.partition("#")[0].split()
        assert words[0] == "lakeboard"
        if words[2] == "rm":
            words[3] = "digits:v1"  # The page's second and third versions are not made here.
        codes[words[2]] = call(*(word.replace("digits:v3", "digits:v1") for word in words[1:]))
    assert codes.pop("diff") == 0
    assert set(codes.values()) == {0}
    assert call("artifact", "restore", "digits:v1") == 0
    exec(reading, {})
    assert b"second" in capsys.readouterr().out.encode()
    Path("data/train.parquet").write_bytes(b"rows")
    Path("model.onnx").write_bytes(b"layers")
    told: dict[str, Any] = {}
    exec(running, told)
    assert told["folder"].is_dir()
    assert told["handle"].version.startswith("v1-")
    assert {version.artifact for version in told["run"].row.outputs} == {"digits", "net", "images"}
    assert "not stored" not in capsys.readouterr().err
