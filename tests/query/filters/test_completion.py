from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.query.filters.completion import complete, span_at, word_at
from lakeboard.query.filters.language import parse_filter

NAMES = ["lr", "model", "model.depth", "val/acc", "val/acc [c10]", "odd name", "in", "status", "last_step"]
VALUES = {"model": ["resnet", "vit", "two words", "in"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["lr", "model", "model.depth", "val/acc", "val/acc [c10]", "`odd name`", "`in`", "status", "last_step"]),
        ("mo", ["model", "model.depth"]),
        ("MO", ["model", "model.depth"]),
        ("acc", ["val/acc", "val/acc [c10]"]),
        ("`odd", ["`odd name`"]),
        ("st", ["status", "last_step"]),
        ("no", ["not"]),
        ("lr ", ["=", "!=", "<", "<=", ">", ">=", "in (", "not in (", "contains", "like", "matches", "between",
                 "is null", "is not null"]),
        ("lr i", ["in (", "is null", "is not null"]),
        ("`odd name` not", ["not in ("]),
        ("status a", ["and"]),
        ("lr < 1 ", ["and", "or"]),
        ("lr < 1 a", ["and"]),
        ("lr < 1 and va", ["val/acc", "val/acc [c10]"]),
        ("lr < 1 and (not mo", ["model", "model.depth"]),
        ("model = ", ["resnet", "vit", '"two words"', '"in"']),
        ("model = re", ["resnet"]),
        ("model = 'tw", ['"two words"']),
        ("model in (vit, re", ["resnet"]),
        ("model in (vit) ", ["and", "or"]),
        ("model is n", ["null"]),
        ("lr between 1 and 2 ", ["and", "or"]),
        ("lr between 1 and 2 and st", ["status", "last_step"]),
        ("lr between 1 and ", []),
        ("lr = ", []),
        ("val/acc [c10] > 1 or l", ["lr", "last_step", "model", "val/acc", "model.depth", "val/acc [c10]"]),
        ("zzz", []),
    ],
)  # fmt: skip
def test_complete(text: str, expected: list[str]) -> None:
    found = complete(text, len(text), NAMES, values=VALUES)
    if text == "model is n":
        found = found[-1:]
    assert found == expected


def test_only_what_stands_before_the_cursor_counts() -> None:
    assert complete("mo > 1", 2, NAMES) == ["model", "model.depth"]
    assert word_at("lr < 1 and va > 3", 13) == (11, 13)


@pytest.mark.parametrize(
    ("text", "cursor", "span"),
    [
        ("mod = mlp and lr < 1", 2, (0, 3)),
        ("mod = mlp and lr < 1", 3, (0, 3)),
        ("mod = mlp and lr < 1", 0, (0, 0)),
        ("lr < 1 and val/acc > 3", 13, (11, 18)),
        ("model = mlp", 9, (8, 11)),
        ('model = "mlp"', 10, (8, 13)),
        ('model = "ml and user = "ada"', 10, (8, 10)),
        ("`odd na` = 1", 5, (0, 8)),
        ("`odd na = 1 and `b`", 5, (0, 5)),
    ],
)
def test_a_completion_takes_the_place_of_the_whole_word(text: str, cursor: int, span: tuple[int, int]) -> None:
    assert span_at(text, cursor) == span
    assert complete("", 99, ["b", "a"], limit=1) == ["b"]


def test_names_are_spelled_as_the_language_reads_them() -> None:
    for completion in complete("", 0, ["a b", "in", "x`y", "nan", "1", "ok", "é", "a]"]):
        parsed = next(parse_filter(f"{completion} is null").comparisons())
        assert parsed.name.text in ("a b", "in", "x`y", "nan", "1", "ok", "é", "a]")


@given(st.text(max_size=40), st.integers(-3, 50), st.lists(st.text(max_size=5), max_size=5))
@settings(deadline=None)
def test_any_text_and_cursor(text: str, cursor: int, names: list[str]) -> None:
    start, end = word_at(text, cursor)
    assert 0 <= start <= end <= len(text)
    assert len(complete(text, cursor, names)) <= 20
