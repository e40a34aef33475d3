"""`lakeboard tail`, `wait`, `compare` and `export`, as people and programs type them."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import lakeboard
from lakeboard.cli import main
from lakeboard.following import tail, wait
from lakeboard.reading_cli import seconds
from lakeboard.schema.errors import UnknownRun

Output = pytest.CaptureFixture[str]
PATIENCE = 30.0


@pytest.fixture(autouse=True)
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    monkeypatch.chdir(tmp_path)
    for name, lr in (("a", 0.1), ("b", 0.2)):
        with lakeboard.init(project="p", name=name, config={"lr": lr, "same": 1}, dataset="mnist", quiet=True) as run:
            for step in range(3):
                run.log({"val/acc": step * lr, "loss": -step})
            run.log({"loss": 9.0}, step=2, dataset="cifar")
    return str(tmp_path / "lake")


def begin(name: str) -> lakeboard.Run:
    return lakeboard.init(project="p", name=name, quiet=True, flush_seconds=0.1, reinit="create_new")


def arrived(run: lakeboard.Run, step: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        frame = lakeboard.open().runs("p")
        if frame.filter(frame["run_id"] == run.id)["last_step"].to_list() == [step]:
            return
        time.sleep(0.02)
    raise AssertionError(f"step {step} did not arrive")


# -- tail -----------------------------------------------------------------------------------------------------


def test_tail_shows_the_last_steps(capsys: Output) -> None:
    assert main(["tail", "a", "-n", "2"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "       1  loss -1  val/acc 0.1",
        "       2  loss -2  loss [cifar] 9  val/acc 0.2",
    ]
    assert main(["tail", "a", "-n", "1", "--metrics", "val/acc, nothing", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"step": 2, "val/acc": 0.2}
    assert main(["tail", "a", "-n", "0"]) == 0
    assert capsys.readouterr().out == ""


def test_tail_follows_until_the_end(capsys: Output) -> None:
    run = begin("live")
    run.log({"x": 0.0})
    arrived(run, 0)
    looks: list[str] = []

    def sleep(_: float) -> None:
        looks.append(capsys.readouterr().out)
        step = len(looks)
        if step < 3:
            run.log({"x": float(step)})
            arrived(run, step)
        else:
            run.log({"x": float(step)})
            run.finish()

    code = tail(None, "live", project=None, metrics=None, lines=10, follow=True, every=1, as_json=False, sleep=sleep)
    assert code == 0
    assert [*looks, capsys.readouterr().out] == [f"       {step}  x {step}\n" for step in range(4)]


# -- wait -----------------------------------------------------------------------------------------------------


def waiting(run: str, *, until: str | None = None, timeout: float | None = None,
            sleep: Callable[[float], None] = lambda _: None) -> int:  # fmt: skip
    clock = iter(range(1_000))
    return wait(None, run, project=None, until=until, timeout=timeout, every=5, as_json=False,
                now=lambda: float(next(clock)), sleep=sleep)  # fmt: skip


@pytest.mark.parametrize(
    ("until", "code", "said"),
    [
        (None, 0, "a is finished at step 2"),
        ("val/acc >= 0.2", 0, "a is finished at step 2, val/acc >= 0.2"),
        ("val/acc > 1", 2, "a is finished at step 2, and not val/acc > 1"),
    ],
)
def test_a_run_that_has_ended_is_not_waited_for(capsys: Output, until: str | None, code: int, said: str) -> None:
    assert waiting("a", until=until) == code
    assert capsys.readouterr().out.splitlines() == [said]


def test_a_running_one_is_waited_for_until_it_reaches_it(capsys: Output) -> None:
    run = begin("live")
    run.log({"x": 0.0})
    arrived(run, 0)
    looks: list[float] = []

    def sleep(pause: float) -> None:
        looks.append(pause)
        run.log({"x": float(len(looks))})
        arrived(run, len(looks))

    assert waiting("live", until="x >= 2", sleep=sleep) == 0
    assert looks == [5, 5]
    assert "live is running at step 2, x >= 2" in capsys.readouterr().out
    run.finish()


def test_time_is_over(capsys: Output) -> None:
    run = begin("live")
    run.log({"x": 0.0})
    arrived(run, 0)
    pauses: list[float] = []
    assert waiting("live", timeout=3, sleep=pauses.append) == 4
    # Never longer than what is left.
    assert pauses == [1.0]
    assert "live is running at step 0 when the time was over" in capsys.readouterr().out
    run.finish()


def test_a_failed_run_is_told_so(capsys: Output) -> None:
    run = begin("bad")
    run.finish(status="failed", error="no")
    assert main(["wait", "bad", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["name"], told["status"], told["outcome"]) == ("bad", "failed", "not reached")


def test_what_can_not_be_waited_for(capsys: Output) -> None:
    with pytest.raises(UnknownRun, match="no run 'nobody'"):
        waiting("nobody")
    assert main(["wait", "a", "--until", "val/acc >"]) == 1
    assert capsys.readouterr().err.startswith("lakeboard: ")


@pytest.mark.parametrize(("text", "wanted"), [("90", 90), ("1.5m", 90), ("2h", 7200), ("1d", 86400), ("5s", 5)])
def test_times(text: str, wanted: float) -> None:
    assert seconds(text) == wanted


@pytest.mark.parametrize("text", ["", "0", "-5", "2w", "soon", "1h30m", "nan"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no time such as"):
        seconds(text)


# -- compare --------------------------------------------------------------------------------------------------


def test_compare_shows_what_differs(capsys: Output) -> None:
    assert main(["compare", "b", "a"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["b", "a"]
    assert ["params", "lr", "0.2", "0.1"] in lines
    assert ["metrics", "val/acc", "last", "0.4", "0.2"] in lines
    assert not any("same" in line for line in lines)
    assert main(["compare", "a", "b", "--all", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (same,) = [row for row in rows if row["name"] == "same"]
    assert (same["section"], same["differs"], list(same["values"].values())) == ("params", False, ["1", "1"])


def test_compare_of_one_run_says_that_nothing_differs(capsys: Output) -> None:
    assert main(["compare", "a", "a"]) == 0
    assert capsys.readouterr().out == "nothing differs; --all shows what they have\n"


def test_compare_of_two_projects_is_refused(capsys: Output) -> None:
    with lakeboard.init(project="q", name="c", quiet=True):
        pass
    assert main(["compare", "a", "c"]) == 1
    assert "these runs are of several projects: p, q" in capsys.readouterr().err


# -- export ---------------------------------------------------------------------------------------------------


def test_export_of_runs_and_points(tmp_path: Path, capsys: Output) -> None:
    assert main(["export", "p", "runs.csv"]) == 0
    assert capsys.readouterr().out == "2 runs of p in runs.csv\n"
    runs = pl.read_csv("runs.csv")
    assert sorted(runs["name"].to_list()) == ["a", "b"]
    assert runs["tags"].to_list() == ["[]", "[]"]
    assert main(["export", "p", "runs.parquet", "--where", "lr < 0.15"]) == 0
    assert pl.read_parquet("runs.parquet")["name"].to_list() == ["a"]
    assert main(["export", "p", "points.parquet", "--points", "--metrics", "val/acc", "--where", "lr < 0.15"]) == 0
    assert pl.read_parquet("points.parquet")["value"].to_list() == [0.0, 0.1, 0.2]
    assert main(["export", "p", "points.csv", "--points"]) == 0
    assert pl.read_csv("points.csv").height == 14
    assert not list(tmp_path.glob(".*.new"))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [(["p", "x.xlsx"], "neither .csv nor .parquet"), (["nope", "x.csv"], "no project 'nope'"),
     (["p", "x.csv", "--metrics", "a"], "--metrics is for --points"),
     (["p", "x.csv", "--where", "lr <"], "the filter ends here")],
)  # fmt: skip
def test_what_can_not_be_exported(tmp_path: Path, capsys: Output, arguments: list[str], why: str) -> None:
    assert main(["export", *arguments]) == 1
    assert why in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake"]
