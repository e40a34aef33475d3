"""Which name was probably meant."""

from __future__ import annotations

import time

import pytest

from lakeboard.schema.text.nearest import did_you_mean, nearest, no_such


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        ("Depth", ["depth", "width"], ("depth",)),
        ("modle", ["lr", "model"], ("model",)),
        ("acc", ["val/acc", "val/loss"], ("val/acc",)),
        ("zzz", ["lr", "model"], ()),
        ("lr", [], ()),
        ("digit", ["digits", "digit2", "digit3", "digit4"], ("digits", "digit4", "digit3")),
    ],
)
def test_what_is_near(text: str, names: list[str], found: tuple[str, ...]) -> None:
    assert nearest(text, names) == found


def test_the_end_of_a_message() -> None:
    assert did_you_mean(()) == ""
    assert did_you_mean(("a", "b")) == "; did you mean 'a' or 'b'?"
    assert did_you_mean(("a",), show=str) == "; did you mean a?"
    assert no_such("digit", ["digits", "text"]) == "; did you mean 'digits'?"
    assert no_such("zzz", ["digits", "text"]) == "; did you mean 'digits', 'text'?"
    assert no_such("zzz", []) == ", nor any other yet"


def test_long_texts_and_many_names_cost_little() -> None:
    began = time.process_time()
    nearest("x" * 5_000, [f"{n}" + "x" * 5_000 for n in range(100)])
    nearest("param500", [f"param{n}" for n in range(100_000)])
    assert time.process_time() - began < 2
