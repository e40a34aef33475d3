"""A stream's text as lines: bars folded, escapes removed, whatever the pieces."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.logger.capture.lines import KEPT_CHARS, SHOWN_AGAIN_SECONDS, Line, Lines


def lines_of(*pieces: str, now: float = 0.0) -> list[str]:
    lines = Lines()
    return [line.text for piece in pieces for line in lines.feed(piece, now)] + [line.text for line in lines.finish()]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("a\nb\n", ["a", "b"]),
        ("no end", ["no end"]),
        ("\n\n", ["", ""]),
        ("windows\r\nlines\r\n", ["windows", "lines"]),
        ("10%\r20%\r30%\n", ["30%"]),
        ("\r10%\r20%\n", ["20%"]),
        ("10%\r100%\r\n", ["100%"]),
        ("bar\r   \rdone\n", ["done"]),
        ("bar\r\x1b[Kdone\n", ["done"]),
        ("bar\x1b[2K\rdone\n", ["done"]),
        ("\x1b[1;31mred\x1b[0m text\x1b[K\n", ["red text"]),
        ("\x1b]0;title\x07text\n", ["text"]),
        pytest.param(f"up \x1b[{'9' * 5000}A text\n", [f"up [{'9' * 5000}A text"], id="longer than any escape"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n", ["link"]),
        ("1/3\b\b\b2/3\n", ["2/3"]),
        ("a\x00b\x07c\td\n", ["abc\td"]),
        ("spaces stay  \n", ["spaces stay  "]),
        ("bar   \rbar 2   \n", ["bar 2"]),
        ("one\ntwo\n\x1b[1A\x1b[2Kover\n", ["one", "two", "over"]),
        ("é\u2028x\x0cy\n", ["é\u2028xy"]),
    ],
)
def test_what_stands_in_the_end(written: str, kept: list[str]) -> None:
    assert lines_of(written) == kept
    assert lines_of(*written) == kept, "one letter at a time"


@given(st.lists(st.text(alphabet="ab\n\r\b \x1b[1;mKA", max_size=12), max_size=8))
def test_it_does_not_matter_where_writes_are_cut(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert lines_of(*pieces) == lines_of(text) == lines_of(*text)


@given(st.lists(st.text(alphabet=st.characters(blacklist_categories=("Cc", "Cs")), max_size=20), max_size=8))
def test_plain_lines_stay_what_they_are(lines: list[str]) -> None:
    assert lines_of("".join(f"{line}\n" for line in lines)) == lines


def test_a_long_bar_is_one_line() -> None:
    tqdm = pytest.importorskip("tqdm").tqdm
    out = io.StringIO()
    for _ in tqdm(range(2_000), file=out, mininterval=0, desc="train"):
        pass
    (line,) = lines_of(out.getvalue())
    assert line.startswith("train: 100%|")
    assert "2000/2000" in line


def test_bars_above_one_another_are_a_line_each() -> None:
    tqdm = pytest.importorskip("tqdm").tqdm
    out = io.StringIO()
    for _ in tqdm(range(3), file=out, mininterval=0, desc="outer", position=0):
        for _ in tqdm(range(50), file=out, mininterval=0, desc="inner", position=1, leave=False):
            pass
    found = lines_of(out.getvalue())
    assert len(found) <= 3, found
    assert any(line.startswith("outer: 100%") for line in found)


def test_a_bar_that_goes_on_is_shown_now_and_then() -> None:
    lines = Lines()
    shown = []
    for second in range(150):
        assert lines.feed(f"\r{second} of 150", float(second)) == []
        shown += [line.text for line in lines.tick(float(second))]
    assert shown == [f"{at} of 150" for at in (int(SHOWN_AGAIN_SECONDS), 2 * int(SHOWN_AGAIN_SECONDS))]
    assert [line.text for line in lines.finish()] == ["149 of 150"]


def test_a_line_in_the_making_waits_for_its_end() -> None:
    lines = Lines()
    assert lines.feed("loading", 0.0) == []
    assert lines.tick(1_000.0) == []
    assert lines.unfinished == "loading"
    assert lines.feed(" done\n", 1_001.0) == [Line("loading done")]
    assert lines.unfinished == ""


def test_a_line_without_end_takes_little_memory_and_says_what_is_missing() -> None:
    lines = Lines()
    for _ in range(1_000):
        lines.feed("x" * 1_000, 0.0)
    (line,) = lines.finish()
    assert line == Line("x" * KEPT_CHARS, 1_000_000 - KEPT_CHARS)
