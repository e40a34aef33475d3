"""Tables of params in text: read where they are one, else left as text."""

from __future__ import annotations

import pytest

from lakeboard.facades.hparams_table import read_table


def test_a_table_is_read() -> None:
    text = "|param|value|\n|-|-|\n|lr|0.1|\n|name|a | b|\n|empty||"
    assert read_table("hyperparameters", text) == {"lr": 0.1, "name": "a | b", "empty": ""}


@pytest.mark.parametrize(
    ("tag", "text"),
    [("note", "|param|value|\n|-|-|\n|lr|0.1|"), ("hyperparameters", "lr: 0.1"), ("params", "|a|b|\n|-|-|\nplain"),
     ("params", ""), ("params", "|a|b|\n|x|y|\n|c|d|")],
)  # fmt: skip
def test_other_texts_stay_texts(tag: str, text: str) -> None:
    assert read_table(tag, text) is None
