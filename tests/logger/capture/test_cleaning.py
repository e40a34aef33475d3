"""What is kept of lines: no secret, and not too much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.logger.capture.cleaning import LINE_CHARS, Cleaner
from lakeboard.logger.capture.lines import KEPT_CHARS, Line, Lines
from lakeboard.schema.secrets.names import REDACTED

TOKEN = "ghp_" + "a1B2" * 9
KEY = [f"-----{at} RSA PRIVATE {'KEY'}-----" for at in ("BEGIN", "END")]
KEY[1:1] = ["MIIEow" + "A" * 58, "B" * 64]


def cleaned(*lines: str) -> str:
    return "".join(Cleaner().clean(Line(line) for line in lines))


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (f"token {TOKEN} read", f"token {REDACTED} read"),
        ("password=hunter2!", f"password={REDACTED}"),
        ("s3://me:Secr3tPass@bucket/x", f"s3://{REDACTED}@bucket/x"),
        ('{"api_key": "abcd1234efgh"}', f'{{"api_key": "{REDACTED}"}}'),
        ("loss: 0.25 acc=0.5", "loss: 0.25 acc=0.5"),
    ],
)
def test_secrets_are_those_of_the_one_table(line: str, kept: str) -> None:
    assert cleaned(line) == f"{kept}\n"
    assert cleaned("before", line, "after") == f"before\n{kept}\nafter\n"


@given(st.integers(1, len(TOKEN) - 1))
def test_a_secret_in_two_writes_is_one(cut: int) -> None:
    lines = Lines()
    found = [*lines.feed(f"key {TOKEN[:cut]}", 0.0), *lines.feed(f"{TOKEN[cut:]}\n", 0.0)]
    assert "".join(Cleaner().clean(found)) == f"key {REDACTED}\n"


@pytest.mark.parametrize("batches", [1, 2, 5])
def test_a_private_key_of_many_lines_is_one_secret(batches: int) -> None:
    cleaner = Cleaner()
    lines = [Line(line) for line in ["before", *KEY, "after"]]
    size = -(-len(lines) // batches)
    found = "".join("".join(cleaner.clean(lines[at : at + size])) for at in range(0, len(lines), size))
    assert found == f"before\n{REDACTED}\nafter\n"


def test_a_key_that_never_ends_hides_no_more_than_a_key_has() -> None:
    found = cleaned(KEY[0], *("x" for _ in range(1_000))).splitlines()
    assert found == [REDACTED, *["x"] * 600]


def test_a_long_line_is_cut_and_says_so() -> None:
    assert cleaned("x" * LINE_CHARS) == "x" * LINE_CHARS + "\n"
    cut = "x" * LINE_CHARS + " … [lakeboard: 5 more characters of this line are not kept]\n"
    assert cleaned("x" * (LINE_CHARS + 5)) == cut
    assert "".join(Cleaner().clean([Line("y" * KEPT_CHARS, 90)])).endswith(
        " 590 more characters of this line are not kept]\n"
    )


@given(st.integers(LINE_CHARS - 2 * len(TOKEN), LINE_CHARS + len(TOKEN)))
def test_a_secret_where_a_line_is_cut_is_no_half_secret(at: int) -> None:
    found = cleaned("x" * at + " " + TOKEN + " " + "y" * 200)
    assert "ghp_" not in found
    assert found.count("[") == found.count("]")


def test_what_is_not_whole_yet_is_redacted_too() -> None:
    cleaner = Cleaner()
    assert cleaner.peek(f"reading {TOKEN}") == f"reading {REDACTED}"
    assert "".join(cleaner.clean([Line(KEY[0])])) == f"{REDACTED}\n"
    assert cleaner.peek(KEY[1]) == ""
