"""The commands, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import lakeboard
from lakeboard.cli import main
from lakeboard.schema.keys import PointsKey
from lakeboard.store.local import LocalStore
from lakeboard.upkeep.clock import GRACE
from tests.upkeep.lakes import FULL, cut
from tests.upkeep.worlds import P, ended, feed, put_row, writer

Output = pytest.CaptureFixture[str]


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalStore:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    store = LocalStore(tmp_path / "lake")
    ended(store, "r1", 5)
    ended(store, "r2", 5)
    return store


def call(*arguments: str) -> int:
    return main(list(arguments))


def lines(output: Output) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.readouterr().out.splitlines()]


def runs() -> dict[str, dict[str, Any]]:
    return {row["run_id"]: row for row in lakeboard.open().runs(P).iter_rows(named=True)}


def test_decisions_from_the_command_line(lake: LocalStore, capsys: Output) -> None:
    assert call("rename", "name of r1", "better") == 0
    assert call("tag", "paper", "better", "r2") == 0
    assert call("note", "better", "lr was *too high*") == 0
    assert (runs()["r1"]["name"], runs()["r1"]["notes"]) == ("better", "lr was *too high*")
    assert runs()["r2"]["tags"] == ["paper"]
    assert call("tag", "paper", "r2", "--remove", "--project", P) == 0
    assert runs()["r2"]["tags"] == []
    assert call("delete", "r2") == 0
    assert list(runs()) == ["r1"]
    assert call("restore", "r2") == 0
    assert len(runs()) == 2
    history = lakeboard.open().history(P)
    assert history["op"].to_list() == ["rename", "tag", "tag", "note", "untag", "delete", "restore"]
    assert history["editor"].null_count() == 0
    out = capsys.readouterr().out
    assert call("history") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "p:"
    assert [line.split("  ")[-1] for line in told[2:5]] == ["renamed 'better'", "tagged 'paper'", "tagged 'paper'"]
    assert len(told) == 9
    assert call("history", "nobody") == 1
    assert "renamed 1 of p 'better': r1" in out
    assert "tagged 2" in out
    assert "deleted 1" in out


def test_a_name_that_cannot_be_is_refused(lake: LocalStore, capsys: Output) -> None:
    assert call("rename", "r1", "two\nlines") == 1
    assert "line breaks" in capsys.readouterr().err
    assert call("tag", "x", "nobody") == 1
    assert "nobody" in capsys.readouterr().err


def test_tidy_says_what_it_would_do_and_does_it(lake: LocalStore, capsys: Output) -> None:
    w = writer(lake, "dead")
    feed(w, 4)
    w.flush(due_seconds=30)
    before = {i.key for i in lake.list("")}
    assert call("tidy") == 0
    assert "nothing to do" in capsys.readouterr().out
    assert call("tidy", "--dry-run", "--silent-hours", "0", "--min-singles", "1") == 0
    out = capsys.readouterr().out
    assert "would be ended or swept" in out
    assert "would pack 2 objects of run rows" in out
    assert {i.key for i in lake.list("")} == before
    assert call("tidy", "--silent-hours", "0", "--min-singles", "1") == 0
    out = capsys.readouterr().out
    assert "run dead" in out
    assert "4 points (4 sealed now), 2 tails removed" in out
    assert "packed 2 objects of run rows" in out
    assert runs()["dead"]["status"] == "crashed"
    assert not any(i.key.startswith(("_clock", "live")) for i in lake.list(""))


def test_tidy_tells_programs(lake: LocalStore, capsys: Output) -> None:
    assert call("tidy", "--json", "--min-singles", "1", "--project", P) == 0
    (told,) = lines(capsys)
    assert (told["task"], told["project"], told["done"]["rows"]) == ("pack", P, 2)


def test_tidy_names_what_it_left_alone(lake: LocalStore, capsys: Output) -> None:
    key = put_row(lake, "r3")
    lake.put(key.path, b"PAR1 broken")
    assert call("tidy", "--min-singles", "1") == 1
    assert key.path in capsys.readouterr().err


def test_fsck_tells_by_its_exit_code(lake: LocalStore, capsys: Output) -> None:
    assert call("fsck") == 0
    assert "all is well" in capsys.readouterr().out
    lake.put("metrics/notes.txt", b"x")
    assert call("fsck", "--quick") == 1
    told = capsys.readouterr()
    assert "foreign: metrics/notes.txt" in told.err
    assert "1 problem" in told.out
    assert call("fsck", "--json") == 1
    problem, total = lines(capsys)
    assert (problem["kind"], problem["key"], problem["repair"]) == ("foreign", "metrics/notes.txt", None)
    assert (total["problems"], total["objects"]) == (1, 6)


def test_fsck_repairs(lake: LocalStore, capsys: Output) -> None:

    source = PointsKey(P, "r1", FULL.writer, 5, 5)
    extra = cut(lake, 1, 3, source)
    assert call("fsck") == 1
    assert "--repair puts 1 right" in capsys.readouterr().out
    assert call("fsck", "--repair") == 0
    out = capsys.readouterr().out
    assert f"removed {extra.path}" in out
    assert "all is well now" in out


def test_du(lake: LocalStore, capsys: Output) -> None:
    assert call("du") == 0
    assert "a month at $0.023" in capsys.readouterr().out
    assert call("du", "--project", P) == 0
    assert "r1" in capsys.readouterr().out
    assert call("du", "--runs", "--json", "--price", "1") == 0
    told = lines(capsys)
    assert {t["run_id"] for t in told} == {"r1", "r2", None}
    assert all(t["dollars_a_month"] == pytest.approx(t["bytes"] / 2**30) for t in told)
    assert call("du", "--project", "nope") == 1
    assert "'nope'" in capsys.readouterr().err


def test_sync(lake: LocalStore, tmp_path: Path, capsys: Output) -> None:
    there = str(tmp_path / "there")
    assert call("sync", lake.url, there) == 0
    assert "copied 4 objects" in capsys.readouterr().out
    assert call("sync", lake.url, there, "--json") == 0
    assert lines(capsys)[0]["copied"] == 0
    assert len(lakeboard.open(there).runs(P)) == 2
    assert call("sync", str(tmp_path / "nothing"), there) == 1
    assert "there is no lake at" in capsys.readouterr().err


def test_purge_asks_for_the_name(lake: LocalStore, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call("purge", "r1") == 1
    assert "--yes" in capsys.readouterr().err
    assert call("purge", "r1", "--yes", "r2") == 1
    assert "nothing was done" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: "something else")
    assert call("purge", "r1") == 1
    assert len(runs()) == 2
    monkeypatch.setattr("builtins.input", lambda prompt: "name of r1")
    assert call("purge", "r1") == 0
    assert "10 minutes" in capsys.readouterr().out
    assert list(runs()) == ["r2"]
    assert any("r1" in i.key for i in lake.list("metrics/")), "its bytes wait for the grace"
    assert GRACE.total_seconds() == 600


def test_purge_now_tells_the_bytes(lake: LocalStore, capsys: Output) -> None:
    size = sum(i.size for i in lake.list("") if "r1" in i.key)
    assert call("purge", "r1", "--yes", "name of r1", "--now") == 0
    assert f"2 objects, {size / 1000:.1f} kB freed" in capsys.readouterr().out
    assert not any("r1" in i.key for i in lake.list("metrics/") + lake.list("runs/"))
    assert call("fsck") == 0


def test_purge_of_several_asks_for_their_number_or_the_project(
    lake: LocalStore, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("purge", "r1", "r2") == 1
    assert "--yes 2 or p" in capsys.readouterr().err
    assert call("purge", "r1", "r2", "--yes", "name of r1") == 1
    assert "nothing was done" in capsys.readouterr().err
    assert len(runs()) == 2
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: "2")
    assert call("purge", "r1", "name of r2", "--now") == 0
    out = capsys.readouterr().out
    assert "name of r1" in out
    assert "purged 2 runs of p: 4 objects" in out
    assert not lake.list("metrics/")
    assert lakeboard.open().history(P)["op"].to_list() == ["purge", "purge"]


def test_the_whole_trash_is_purged_at_once(lake: LocalStore, capsys: Output) -> None:
    assert call("purge", "--trash", "--project", P) == 0
    assert "the trash of p is empty" in capsys.readouterr().out
    assert call("delete", "r2") == 0
    for wrong in (["--trash"], ["--trash", "r1", "--project", P], []):
        assert call("purge", *wrong) == 1
    assert "needs a run, or --trash" in capsys.readouterr().err
    assert call("purge", "--trash", "--project", P, "--yes", "name of r2", "--now") == 0
    assert list(runs()) == ["r1"]
    assert [i.key for i in lake.list("metrics/") if "r2" in i.key] == []


@pytest.mark.parametrize("command", ["tidy", "fsck", "du"])
def test_a_place_without_a_lake_is_said(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "nowhere"))
    assert call(command) == 1
    assert "there is no lake at" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("command", ["tidy", "fsck", "du", "sync", "purge", "rename", "tag", "note", "history"])
def test_every_command_has_help_with_an_example(command: str, capsys: Output) -> None:
    with pytest.raises(SystemExit, match="0"):
        call(command, "--help")
    assert f"example:  lakeboard {command}" in capsys.readouterr().out


def test_numbers_that_make_no_sense_are_usage_errors(capsys: Output) -> None:
    for arguments in (["tidy", "--silent-hours", "-1"], ["tidy", "--min-singles", "-1"]):
        with pytest.raises(SystemExit, match="2"):
            call(*arguments)
    assert "0 or more" in capsys.readouterr().err
