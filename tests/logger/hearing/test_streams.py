"""Streams are heard as they are, and are afterwards what they were."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from lakeboard.logger.hearing.streams import Streams, unheard
from lakeboard.logger.hearing.transcript import BACKLOG_CHARS, Transcript


class Heard:
    """Streams of this test, and what they heard."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch
        self.transcript = Transcript()
        self.streams = Streams(lambda: self.transcript)
        self.out = io.TextIOWrapper(io.BufferedWriter(io.BytesIO()), encoding="utf-8")
        self.err = io.StringIO()

    def put(self) -> None:
        """Make them the process's. In the test itself: pytest puts its own there before it."""
        self.patch.setattr(sys, "stdout", self.out)
        self.patch.setattr(sys, "stderr", self.err)

    def begin(self) -> None:
        self.put()
        self.streams.begin("run")

    def text(self, stream: int = 0) -> str:
        pieces, _ = self.transcript.take(10**9)
        return "".join(text for number, text in pieces if number == stream)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    made = Heard(monkeypatch)
    yield made
    made.streams.end("run")


def test_what_is_written_passes_and_is_heard(heard: Heard) -> None:
    heard.begin()
    print("hello", 1)
    sys.stdout.writelines(["a\n", "b\n"])
    assert sys.stdout.write("four") == 4
    print("trouble", file=sys.stderr)
    pieces, _ = heard.transcript.take(10**9)
    assert "".join(text for number, text in pieces if number == 0) == "hello 1\na\nb\nfour"
    assert "".join(text for number, text in pieces if number == 1) == "trouble\n"
    sys.stdout.flush()
    assert heard.out.buffer.raw.getvalue() == b"hello 1\na\nb\nfour"
    assert heard.err.getvalue() == "trouble\n"


def test_the_streams_are_the_same_objects_and_nothing_is_left_on_them(heard: Heard) -> None:
    heard.put()
    before = (sys.stdout, sys.stdout.buffer, sys.stderr)
    heard.streams.begin("run")
    assert (sys.stdout, sys.stdout.buffer, sys.stderr) == before
    assert sys.stdout.encoding == "utf-8"
    assert isinstance(sys.stdout, io.TextIOWrapper)
    heard.streams.end("run")
    assert [vars(each) for each in (heard.out, heard.out.buffer, heard.err)] == [{}, {}, {}]
    print("after")
    assert heard.text() == ""


def test_whoever_holds_the_stream_is_heard_however_old(heard: Heard) -> None:
    heard.put()
    handler = logging.StreamHandler()
    assert handler.stream is heard.err
    log = logging.getLogger("lakeboard-test-streams")
    log.addHandler(handler)
    log.propagate = False
    saved = sys.stdout
    heard.streams.begin("run")
    log.warning("from a handler made before the run")
    print("to a stream kept aside", file=saved)
    pieces, _ = heard.transcript.take(10**9)
    assert "".join(text for _, text in pieces) == "from a handler made before the run\nto a stream kept aside\n"


def test_bytes_below_the_text_are_heard_once(heard: Heard) -> None:
    heard.begin()
    print("text")
    sys.stdout.flush()
    sys.stdout.buffer.write("bytes é\n".encode()[:7])
    sys.stdout.buffer.write("bytes é\n".encode()[7:])
    print("more", flush=True)
    assert heard.text() == "text\nbytes é\nmore\n"
    sys.stdout.buffer.flush()
    assert heard.out.buffer.raw.getvalue().decode() == "text\nbytes é\nmore\n"


def test_a_kind_of_text_that_the_program_made_is_heard_without_its_methods(heard: Heard) -> None:
    class Evil(str):
        __slots__ = ()

        def __len__(self) -> int:
            raise SystemExit(9)

        __getitem__ = __str__ = __len__  # type: ignore[assignment]

    heard.put()
    heard.streams.begin("run")
    sys.stderr.write(Evil("text"))
    assert [type(text) for _, text in heard.transcript.take(100)[0]] == [str]


def test_writing_is_bound_to_its_stream_as_before(heard: Heard) -> None:
    heard.begin()
    write: Any = sys.stdout.write
    assert write.__self__ is sys.stdout


def test_of_a_flood_of_bytes_no_more_is_copied_than_may_wait(heard: Heard) -> None:
    heard.begin()
    decoded: list[int] = []
    data = memoryview(bytes(3 * BACKLOG_CHARS))
    heard.streams.heard_bytes(0, data, lambda data: decoded.append(len(data)) or "x" * len(data))  # type: ignore[func-returns-value]
    assert decoded == [BACKLOG_CHARS]
    pieces, dropped = heard.transcript.take(10**9)
    assert (sum(len(text) for _, text in pieces), dropped) == (BACKLOG_CHARS, 2 * BACKLOG_CHARS)


def test_what_is_redirected_is_not_printed_and_not_heard(heard: Heard) -> None:
    heard.begin()
    with contextlib.redirect_stdout(io.StringIO()) as elsewhere:
        print("elsewhere")
    print("here")
    assert (elsewhere.getvalue(), heard.text()) == ("elsewhere\n", "here\n")


def test_a_tee_of_the_program_is_heard_once(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    class Tee:
        def __init__(self, to: Any) -> None:
            self.to, self.copy = to, io.StringIO()

        def write(self, text: str) -> int:
            self.copy.write(text)
            return int(self.to.write(text))

        def flush(self) -> None:
            self.to.flush()

    heard.put()
    heard.streams.begin("first")
    tee = Tee(sys.stdout)
    monkeypatch.setattr(sys, "stdout", tee)
    heard.streams.begin("run")
    print("once")
    assert (heard.text(), tee.copy.getvalue()) == ("once\n", "once\n")
    heard.streams.end("first")
    heard.streams.end("run")
    assert "write" not in vars(tee)
    assert vars(heard.out) == {}


def test_what_somebody_put_there_later_stays_and_earlier_comes_back(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard.put()
    other = heard.err.write
    monkeypatch.setattr(heard.err, "write", lambda text: other(text.upper()))
    theirs = heard.err.write
    heard.streams.begin("run")
    ours = heard.out.write
    monkeypatch.setattr(heard.out, "write", lambda text: ours(text))
    later = heard.out.write
    print("loud", file=sys.stderr)
    heard.streams.end("run")
    assert heard.err.write is theirs
    assert heard.out.write is later
    assert heard.err.getvalue() == "LOUD\n"
    print("still works")


def test_streams_that_are_missing_closed_or_closed_to_us_cost_nothing(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stubborn:
        __slots__ = ()

        def write(self, text: str) -> int:
            return len(text)

    heard.put()
    heard.err.close()
    monkeypatch.setattr(sys, "stdout", None)
    heard.streams.begin("run")
    with pytest.raises(ValueError, match="closed"):
        sys.stderr.write("x")
    heard.streams.end("run")
    monkeypatch.setattr(sys, "stdout", Stubborn())
    heard.streams.begin("run")
    print("passes")
    assert heard.text() == ""


def test_an_error_of_the_stream_is_the_programs_and_one_of_ours_is_not(heard: Heard) -> None:
    def broken() -> Transcript:
        raise RuntimeError("ours")

    heard.put()
    streams = Streams(broken)
    streams.begin("run")
    print("fine")
    with pytest.raises(TypeError):
        sys.stdout.write(1)  # type: ignore[arg-type]
    streams.end("run")


def test_threads_are_heard_and_what_is_ours_is_not(heard: Heard) -> None:
    heard.begin()
    unheard(lambda: print("ours"))
    unheard(lambda: unheard(lambda: print("ours")))
    thread = threading.Thread(target=lambda: print("from a thread"))
    thread.start()
    thread.join()
    assert heard.text() == "from a thread\n"
