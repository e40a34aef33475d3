"""What a program prints, from its `print` into the lake and back: whole jobs, as a user would write them."""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

import lakeboard
from lakeboard.schema.logs.keys import parse_log
from lakeboard.store.opening import open_store
from lakeboard.upkeep.recover import recover_host
from tests.logger.test_process import play, start

TOKEN = "ghp_" + "a1B2" * 9


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    return tmp_path / "lake"


def printed(lake: Path, run_id: str) -> str:
    return lakeboard.open(str(lake)).console("p", run_id).text()


def test_what_a_run_prints_is_in_the_lake_when_it_has_ended(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print("before")
    with lakeboard.init("p", id="a"):
        print("to out")
        print("to err", file=sys.stderr)
        sys.stdout.write(f"token {TOKEN[:9]}")
        sys.stdout.write(f"{TOKEN[9:]}\n")
    print("after")
    assert printed(lake, "a") == "to out\nto err\ntoken [redacted]\n"
    said = capsys.readouterr()
    assert said.out == f"before\nto out\ntoken {TOKEN}\nafter\n"
    assert "write" not in vars(sys.stdout)


def test_a_run_that_prints_nothing_has_no_console(lake: Path) -> None:
    lakeboard.init("p", id="a").finish()
    found = lakeboard.open(str(lake)).console("p", "a")
    assert (found.writers, found.text(), found.tail().text, found.size) == ((), "", "", 0)
    assert not (lake / "logs").exists()


@pytest.mark.parametrize(
    ("console", "said", "kept"), [(False, None, ""), (None, "0", ""), (True, "0", "x\n"), (None, "on", "x\n")]
)
def test_it_can_be_turned_off(
    lake: Path, monkeypatch: pytest.MonkeyPatch, console: bool | None, said: str | None, kept: str
) -> None:
    if said is not None:
        monkeypatch.setenv("LAKEBOARD_CONSOLE", said)
    with lakeboard.init("p", id="a", console=console):
        print("x")
    assert printed(lake, "a") == kept


def test_notebooks_keep_what_they_print_themselves(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "ps1", "In [1]: ", raising=False)
    run = lakeboard.init("p", id="a")
    print("x")
    run.finish()
    assert printed(lake, "a") == ""


def test_settings_that_make_no_sense_are_named(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(lakeboard.InvalidSetting, match=r"console='yes' \(str\) must be True, False"):
        lakeboard.init("p", console="yes")  # type: ignore[arg-type]
    monkeypatch.setenv("LAKEBOARD_CONSOLE", "perhaps")
    with pytest.raises(lakeboard.InvalidSetting, match="LAKEBOARD_CONSOLE='perhaps'"):
        lakeboard.init("p")


def test_of_several_runs_each_gets_what_is_printed_where_log_would_mean_it(lake: Path) -> None:
    with lakeboard.init("p", id="outer"):
        print("outer")
        with lakeboard.init("p", id="inner", reinit="create_new"):
            print("inner")
        print("outer again")
        with lakeboard.init("p", id="deaf", reinit="create_new", console=False):
            print("nowhere")

        def work() -> None:
            with lakeboard.init("p", id="thread"):
                print("in a thread")

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        silent = threading.Thread(target=lambda: print("a thread without a run of its own"))
        silent.start()
        silent.join()
    assert printed(lake, "outer") == "outer\nouter again\na thread without a run of its own\n"
    assert [printed(lake, each) for each in ("inner", "thread", "deaf")] == ["inner\n", "in a thread\n", ""]


def test_tasks_that_take_turns_are_kept_apart(lake: Path) -> None:
    async def work(name: str) -> None:
        with lakeboard.init("p", id=name, reinit="create_new"):
            for n in range(3):
                print(f"{name}{n}")
                await asyncio.sleep(0)

    async def both() -> None:
        await asyncio.gather(work("a"), work("b"))

    asyncio.run(both())
    assert printed(lake, "a") == "a0\na1\na2\n"
    assert printed(lake, "b") == "b0\nb1\nb2\n"


def test_a_run_after_another_hears_the_streams_anew(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lakeboard.init("p", id="a")
    print("one")
    own = io.StringIO()
    monkeypatch.setattr(sys, "stdout", own)
    print("to a stream of its own, not printed")
    first.finish()
    with lakeboard.init("p", id="b"):
        print("two")
    assert (printed(lake, "a"), printed(lake, "b")) == ("one\n", "two\n")
    assert own.getvalue().endswith("two\n")
    assert vars(own) == {}


def test_warnings_of_ours_are_kept_and_greetings_are_not(lake: Path) -> None:
    with lakeboard.init("p", id="a") as run:
        run.log({"x": "no number"})
    (line,) = printed(lake, "a").splitlines()
    assert line.startswith("lakeboard: ")
    assert "'no number'" in line


def test_ranks_have_consoles_of_their_own(lake: Path) -> None:
    script = "import lakeboard, sys; run = lakeboard.init('p', id='a'); print('rank', sys.argv[1]); run.finish()"
    for rank in range(2):
        code, errors = play(lake, f"import sys; sys.argv = ['x', '{rank}']; {script}")
        assert code == 0, errors
    found = lakeboard.open(str(lake)).console("p", "a")
    assert [found.text(each.writer) for each in found.writers] == ["rank 0\n", "rank 1\n"]
    assert found.text() == "".join(f"==> {each.writer} <==\nrank {n}\n\n" for n, each in enumerate(found.writers))[:-1]


@pytest.mark.process
def test_an_error_that_ends_a_script_is_in_its_console(lake: Path) -> None:
    code, _ = play(lake, "import lakeboard; lakeboard.init('p', id='a'); print('so far'); raise ValueError('boom')")
    assert code == 1
    text = printed(lake, "a")
    assert text.startswith("so far\nTraceback (most recent call last):\n")
    assert text.endswith("ValueError: boom\n")


@pytest.mark.process
def test_a_forked_child_that_logs_has_a_console_of_its_own(lake: Path) -> None:
    script = """
        import lakeboard, os
        run = lakeboard.init('p', id='a')
        print('parent', flush=True)
        if os.fork() == 0:
            print('child, before it logs', flush=True)
            run.log({'x': 1})
            print('child', flush=True)
            run.finish()
            os._exit(0)
        os.wait()
        print('parent again', flush=True)
        if os.fork() == 0:
            print('a child that logs nothing', flush=True)
            os._exit(0)
        os.wait()
    """
    code, errors = play(lake, script)
    assert code == 0, errors
    found = lakeboard.open(str(lake)).console("p", "a")
    texts = sorted(found.text(each.writer) for each in found.writers)
    assert texts == ["child, before it logs\nchild\n", "parent\nparent again\n"]


@pytest.mark.process
def test_a_killed_job_loses_less_than_a_second_of_what_it_printed(lake: Path, clean_environment: Path) -> None:
    job = start(
        lake,
        """
        import lakeboard, sys, time
        run = lakeboard.init('p', id='a', mode='offline', quiet=True)
        print('one')
        print('reading the da', end='', flush=True)
        time.sleep(1.5)
        print('now', file=sys.stderr, flush=True)
        time.sleep(60)
        """,
    )
    assert job.stderr is not None
    assert job.stderr.readline() == "now\n"
    job.send_signal(signal.SIGKILL)
    job.communicate(timeout=30)
    (done,) = recover_host([Path(os.environ["LAKEBOARD_SPOOL"])])
    assert done.error is None
    text = printed(lake, "a")
    assert text in ("one\nreading the da\n", "one\nnow\nreading the da\n")
    assert not any(Path(os.environ["LAKEBOARD_SPOOL"]).iterdir())


@pytest.mark.process
def test_a_job_offline_sends_its_console_with_its_points(lake: Path) -> None:
    code, errors = play(
        lake,
        "import lakeboard; r = lakeboard.init('p', id='a', mode='offline'); print('x'); r.log({'a': 1}); r.finish()",
    )
    assert code == 0, errors
    (done,) = recover_host([Path(os.environ["LAKEBOARD_SPOOL"])])
    assert (done.error, done.rows) == (None, 1)
    assert printed(lake, "a") == "x\n"


def test_a_purge_takes_the_console_with_it(lake: Path) -> None:
    from lakeboard.upkeep.purge import purge_now

    for name in ("a", "b"):
        with lakeboard.init("p", id=name):
            print("x")
    opened = lakeboard.open(str(lake))
    opened.edit("p", ["a"], "purge")
    with pytest.raises(lakeboard.UnknownRun):
        opened.console("p", "a")
    store = open_store(str(lake))
    erased = purge_now(store, "p", "a")
    assert erased.objects == 2
    assert {key.run_id for info in store.list("logs/") if (key := parse_log(info.key))} == {"b"}


@pytest.mark.s3
@pytest.mark.process
def test_a_console_on_a_bucket(s3_lake: str) -> None:
    script = "import lakeboard; r = lakeboard.init('p', id='a'); print('é' * 40_000); print('end'); r.log({'x': 1})"
    code, errors = play(s3_lake, script)
    assert code == 0, errors
    found = lakeboard.open(s3_lake, cache=False).console("p", "a")
    assert found.tail(size=20).text == "end\n"
    assert found.text().splitlines()[0].startswith("é" * 10_000 + " … [lakeboard: ")


@pytest.mark.slow
def test_a_running_run_shows_what_it_printed_after_some_seconds(lake: Path) -> None:
    run = lakeboard.init("p", id="a", quiet=True)
    try:
        print("so far")
        end = time.monotonic() + 60
        while so_far(lake) == "":
            assert time.monotonic() < end
            time.sleep(0.1)
        assert so_far(lake) == "so far\n"
        assert lakeboard.open(str(lake)).run("p", "a").row.status == "running"
    finally:
        run.finish()
    assert printed(lake, "a") == "so far\n"


def so_far(lake: Path) -> str:
    try:
        return printed(lake, "a")
    except lakeboard.LakeboardError:
        # The lake has not heard of the run yet.
        return ""


@pytest.mark.process
def test_a_run_that_travels_has_a_console_where_it_is_written_to(lake: Path, tmp_path: Path) -> None:
    ref = tmp_path / "ref"
    with lakeboard.init("p", id="a") as run:
        print("here")
        ref.write_bytes(pickle.dumps(run.ref()))
        code, errors = play(
            lake,
            f"import pickle; run = pickle.load(open({str(ref)!r}, 'rb')).run(); print('there'); run.log({{'x': 1}})",
        )
        assert code == 0, errors
        code, errors = play(lake, f"import pickle; pickle.load(open({str(ref)!r}, 'rb')).run(); print('only prints')")
        assert code == 0, errors
    found = lakeboard.open(str(lake)).console("p", "a")
    assert sorted(found.text(each.writer) for each in found.writers) == ["here\n", "there\n"]
