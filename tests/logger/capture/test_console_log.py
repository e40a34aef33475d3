"""From the transcript into the lake: parts by number, each byte once, points first."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.logger.capture.console_log import PART_BYTES, ConsoleLog
from lakeboard.logger.capture.pace import Pace
from lakeboard.logger.capture.writer import LoggingWriter
from lakeboard.logger.console import Console
from lakeboard.logger.hearing.transcript import Transcript
from lakeboard.logger.steps import drive
from lakeboard.logger.writer import Writer
from lakeboard.schema.errors import AccessDenied, StoreUnreachable
from lakeboard.schema.logs.keys import LogKey, parse_log
from lakeboard.store.memory import MemoryStore
from lakeboard.upkeep.logs import OPEN_NAME, log_files, send_log

WRITER = "w001-00000001"


class Refusing(MemoryStore):
    """A store that answers with an error where one is set."""

    error: Exception | None = None

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        if self.error is not None:
            raise self.error
        super().put(key, data, durable=durable)


class Bench:
    """A console log with a clock of its own."""

    def __init__(self, folder: Path | None, *, room: int = 100_000_000, run_bytes: int = 100_000_000) -> None:
        self.now = 0.0
        self.store = Refusing()
        self.transcript = Transcript()
        self.log = ConsoleLog(
            self.transcript,
            store=self.store,
            project="p",
            run_id="r",
            writer=WRITER,
            folder=folder,
            console=Console(quiet=True),
            room_bytes=room,
            pace=Pace(60.0, 0.0),
            now=lambda: self.now,
            run_bytes=run_bytes,
        )

    def write(self, text: str, stream: int = 0) -> None:
        self.transcript.take_in(stream, text)
        self.log.take()

    def flush(self, seconds: float = 100.0) -> None:
        self.now += seconds
        drive(self.log.sending())

    def finish(self) -> str:
        drive(self.log.finishing())
        self.log.close(complete=True)
        return self.text()

    def parts(self) -> list[LogKey]:
        return [key for info in self.store.list("logs/") if (key := parse_log(info.key))]

    def text(self) -> str:
        return b"".join(self.store.get(key.path) for key in self.parts()).decode()


@pytest.fixture(params=["spool", "memory"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return Bench(tmp_path if request.param == "spool" else None)


def test_after_a_defect_of_ours_points_go_on_and_what_was_kept_is_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    monkeypatch.setattr(Writer, "take", lambda self, groups, hi: taken.append(hi))
    writer = LoggingWriter.__new__(LoggingWriter)
    writer._log = bench.log
    bench.write("before\n")
    monkeypatch.setattr(bench.log, "take", _defect)
    for hi in (1, 2):
        writer.take([], hi)
    monkeypatch.undo()
    bench.write("after\n")
    assert taken == [1, 2]
    assert bench.finish() == "before\n"


def _defect(*, last: bool = False) -> None:
    raise ValueError("planned")


def test_parts_are_numbered_by_their_bytes_and_are_all_there_is(bench: Bench, tmp_path: Path) -> None:
    bench.write("one\n")
    bench.flush()
    bench.write("two\nthr")
    bench.write("err\n", stream=1)
    bench.write("ee\n")
    bench.flush()
    bench.write("end")
    assert bench.finish() == "one\ntwo\nerr\nthree\nend\n"
    assert [(key.lo, key.hi) for key in bench.parts()] == [(0, 4), (4, 18), (18, 22)]
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_prints_nothing_costs_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.log.take()
    bench.flush()
    assert bench.finish() == ""
    assert bench.parts() == []
    assert list(tmp_path.iterdir()) == []


def test_parts_come_soon_at_first_and_then_at_a_pace_that_costs_little(bench: Bench) -> None:
    sent = []
    for second in range(600):
        bench.write(f"{second}\n")
        known = len(bench.parts())
        bench.flush(1.0)
        if len(bench.parts()) > known:
            sent.append(second + 1)
    assert sent[:4] == [5, 13, 25, 42]
    assert [after - before for before, after in zip(sent[-4:], sent[-3:], strict=False)] == [60, 60, 60]


def test_much_goes_at_once_in_parts_of_a_megabyte(bench: Bench) -> None:
    bench.write(("x" * 999 + "\n") * 1_500)
    bench.flush(0.0)
    assert [key.length for key in bench.parts()] == [PART_BYTES, 500_000]


def test_a_part_that_fails_is_repeated_as_the_same(bench: Bench) -> None:
    bench.write("one\n")
    bench.store.error = StoreUnreachable("away")
    bench.flush()
    assert bench.log.waiting_bytes == 4
    bench.write("two\n")
    assert not bench.log.is_due, "the next attempt waits"
    bench.store.error = None
    bench.flush()
    assert [(key.lo, key.hi) for key in bench.parts()] == [(0, 4), (4, 8)]


def test_the_end_says_what_failed_and_can_be_repeated(bench: Bench) -> None:
    bench.write("one\n")
    bench.store.error = StoreUnreachable("away")
    with pytest.raises(StoreUnreachable):
        drive(bench.log.finishing())
    bench.store.error = None
    assert bench.finish() == "one\n"


def test_where_logs_are_forbidden_the_run_goes_on_without(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.write("one\n")
    bench.store.error = AccessDenied("no writing to logs/")
    bench.flush()
    bench.write("two\n")
    bench.flush()
    drive(bench.log.finishing())
    assert capsys.readouterr().err.count("init(console=False)") == 1
    assert list(tmp_path.iterdir()) == []


def test_what_the_run_may_keep_ends_at_the_end_of_a_line_and_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Bench(tmp_path, run_bytes=1_000)
    for _ in range(50):
        bench.write("x" * 99 + "\n")
    said = "[lakeboard: the console of this run has passed 0 MB; nothing more of it is kept]\n"
    assert bench.finish() == ("x" * 99 + "\n") * 10 + said
    assert capsys.readouterr().err.count("nothing more of it is kept") == 1


def test_what_waits_takes_no_more_than_its_room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench(tmp_path, room=1_000)
    bench.store.error = StoreUnreachable("away")
    for number in range(30):
        bench.write(f"{number:02}" + "x" * 97 + "\n")
        bench.flush()
    assert sum(path.stat().st_size for _, path in log_files(tmp_path)) == 1_000
    assert capsys.readouterr().err.count("points are") == 1
    bench.store.error = None
    bench.flush()
    bench.write("again\n")
    kept = "".join(f"{number:02}" + "x" * 97 + "\n" for number in range(10))
    missing = "[lakeboard: 2,000 bytes are missing here: the lake did not answer and the spool was full]\n"
    assert bench.finish() == f"{kept}{missing}again\n"


def test_a_burst_that_is_too_fast_says_what_is_missing(bench: Bench) -> None:
    for number in range(30):
        bench.transcript.take_in(0, f"{number}" + "x" * 99_990 + "\n")
    for _ in range(5):
        bench.log.take()
    text = bench.finish()
    assert "characters were printed faster than they could be kept" in text
    assert len(text) < 300_000


@pytest.mark.parametrize("unfinished", ["", "loading the da"])
def test_what_a_killed_job_printed_is_sent_from_its_spool(tmp_path: Path, unfinished: str) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.flush()
    bench.write("two\n")
    bench.store.error = StoreUnreachable("away")
    bench.flush()
    bench.write("three\n" + unfinished)
    bench.store.error = None
    sent = f"two\nthree\n{unfinished}" + ("\n" if unfinished else "")
    assert (tmp_path / OPEN_NAME).exists() == bool(unfinished)
    assert send_log(bench.store, tmp_path, "p", "r", WRITER)
    assert bench.text() == "one\n" + sent
    assert list(tmp_path.iterdir()) == []
    assert send_log(bench.store, tmp_path, "p", "r", WRITER)


def test_a_recovery_sends_nothing_twice(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    drive(bench.log.finishing())
    # Killed between the lake's answer and the removal of the file.
    (tmp_path / "console-000000000000.log").write_bytes(b"one\n")
    before = bench.store.list("")
    assert send_log(bench.store, tmp_path, "p", "r", WRITER)
    assert bench.store.list("") == before
    assert list(tmp_path.iterdir()) == []


def test_a_recovery_that_is_stopped_leaves_the_rest(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    assert not send_log(bench.store, tmp_path, "p", "r", WRITER, stop=lambda: True)
    assert bench.parts() == []
    assert send_log(bench.store, tmp_path, "p", "r", WRITER)
    assert bench.text() == "one\n"


def test_a_disk_that_fails_loses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    (_, path), *_ = log_files(tmp_path)
    from lakeboard.logger.spooling import descriptors

    descriptors.close(path)
    path.chmod(0o400)
    path.rename(tmp_path / "gone")
    path.mkdir()
    bench.write("two\n")
    path.rmdir()
    text = bench.finish()
    assert text.endswith("two\n")
    assert "can't keep console output on this machine" in capsys.readouterr().err
