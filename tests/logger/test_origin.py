"""What a run's row says of the code that ran: the commit, what differs from it, and no secrets."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import lakeboard
from lakeboard.logger.inputs.redact import redact_code
from lakeboard.logger.origin import git_state, shorten
from lakeboard.logger.settings import resolve
from lakeboard.schema.errors import InvalidSetting


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "train.py").write_text("lr = 0.1\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def test_a_clean_repository_has_a_commit_and_no_difference(repository: Path) -> None:
    found = git_state(repository)
    assert len(found["git.commit"]) == 40
    assert (found["git.branch"], found["git.dirty"]) == ("main", "false")
    assert "git.diff" not in found


def test_what_differs_is_recorded_without_secrets(repository: Path) -> None:
    (repository / "train.py").write_text('lr = 0.3\nhf_token = "abcdefgh"\n')
    found = git_state(repository)
    assert found["git.changed"] == "train.py"
    assert "-lr = 0.1\n+lr = 0.3\n" in found["git.diff"]
    assert '+hf_token = "[redacted]"' in found["git.diff"]


def test_the_difference_may_be_left_out(repository: Path) -> None:
    (repository / "train.py").write_text("lr = 0.3\n")
    assert "git.diff" not in git_state(repository, diff=False)


def test_outside_a_repository_nothing_is_known(tmp_path: Path) -> None:
    assert git_state(tmp_path) == {}


def test_a_run_carries_it(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "train.py").write_text("lr = 0.7\n")
    monkeypatch.chdir(repository)
    monkeypatch.setattr("sys.argv", [""])
    lakeboard.init(project="p", id="r1", lake=tmp_path / "lake", quiet=True).finish()
    pytest.importorskip("polars")
    assert "+lr = 0.7" in lakeboard.open(tmp_path / "lake").run("p", "r1").row.env["git.diff"]


def test_a_long_difference_is_cut_at_a_line_and_says_so() -> None:
    text = "\n".join(f"+line {n}" for n in range(5_000))
    kept, _, told = shorten(text).rpartition("\n")
    assert len(kept) <= 16_000
    assert text.startswith(f"{kept}\n")
    assert told == f"… {len(text) - len(kept):,} more characters are not recorded"
    assert shorten("short") == "short"
    assert shorten("x" * 20_000).startswith("x" * 16_000)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('password = "hunter22"', 'password = "[redacted]"'),
        ("db.password: 'hunter22'", "db.password: '[redacted]'"),
        ('{"api_key": "hunter22"}', '{"api_key": "[redacted]"}'),
        ('if token == "hunter22":', 'if token == "[redacted]":'),
        ('model = "resnet50"', 'model = "resnet50"'),
        ('max_tokens = "many more"', 'max_tokens = "many more"'),
        ('url = "https://ada:hunter22@host/x"', 'url = "https://[redacted]@host/x"'),
    ],
)
def test_code_is_kept_and_secrets_are_not(line: str, kept: str) -> None:
    assert redact_code(line) == kept


def test_a_switch_that_makes_no_sense_is_told() -> None:
    with pytest.raises(InvalidSetting, match="LAKEBOARD_GIT_DIFF='maybe' is unknown"):
        resolve(lake=None, mode=None, env={"LAKEBOARD_GIT_DIFF": "maybe"})
    assert resolve(lake=None, mode=None, env={}).git_diff
    assert not resolve(lake=None, mode=None, env={"LAKEBOARD_GIT_DIFF": "0"}).git_diff
