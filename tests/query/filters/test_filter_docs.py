"""What the documentation says of filters is tried; what the language has is documented."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from lakeboard.query.filters.language import compile_filter, parse_filter, to_sentence, to_text
from lakeboard.query.filters.operators import OPERATORS

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "filters.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```filter\n(.*?)\n```", TEXT, re.DOTALL)
_METRICS = {
    f"{metric}{part}": pl.Float64()
    for metric in ("val/acc", "val/loss", "train/loss")
    for part in ("", ".min", ".max", ".mean")
}
SCHEMA = pl.Schema(
    {
        "status": pl.String(), "user": pl.String(), "host": pl.String(), "tags": pl.List(pl.String()),
        "created_at": pl.Datetime("ms", "UTC"), "params.lr": pl.Float64(), "params.model": pl.String(), **_METRICS,
    }
)  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_run(example: str) -> None:
    frame = pl.DataFrame(schema=SCHEMA)
    assert frame.filter(compile_filter(example, SCHEMA)).height == 0


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize("key", [key for key in OPERATORS if key != "true"])
def test_every_operator_is_documented(key: str) -> None:
    assert re.search(rf"`{re.escape(key)}(`| [\[(a])", TEXT)
    assert [spelling for spelling in OPERATORS[key].also if f"`{spelling}`" not in TEXT] == []


def test_what_python_gives() -> None:
    asked = parse_filter("lr<1e-3 AND model==resnet")
    assert f"# {to_text(asked)!r}" in TEXT
    assert f"# {to_sentence(asked)!r}" in TEXT
