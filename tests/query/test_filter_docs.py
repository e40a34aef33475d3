"""What the documentation says of filters is tried; what the language has is documented."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lakeboard.query.filters import compile_filter, parse_filter, to_sentence, to_text
from lakeboard.query.operators import OPERATORS

DOCS = Path(__file__).parents[2] / "docs"
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


def test_the_leaderboard_example_runs() -> None:
    page = (DOCS / "leaderboards.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)\n```", page, re.DOTALL)
    assert code is not None
    from .runframes import points_frame, runs_frame

    class Lake:
        def runs(self, project: str) -> pl.DataFrame:
            ours: dict[str, Any] = {".lr": 1, ".seed": 1, "project": project}
            return runs_frame([ours, {".lr": 2, "project": project, "name": "resnet18"}])

        def metrics(self, project: str) -> pl.LazyFrame:
            points = [
                (run, metric, dataset, step, value + step / 10, 0.0)
                for run, value in (("r0", 0.5), ("r1", 0.3))
                for dataset in ("cifar10", "svhn")
                for metric in ("val/acc", "test/acc")
                for step in (0, 1)
            ]
            return points_frame(points, project=project)

    names: dict[str, Any] = {"lake": Lake()}
    exec(code[1], names)
    found = names["made"].frame.select("rank", "entry", "value:test/acc [svhn]").rows()
    assert found == [(1, "lr=1", 0.6), (None, "resnet18", 0.4)]
