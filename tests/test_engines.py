"""docs/engines.md: its queries run, and give what lakeboard's reader gives of ended runs."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

import lakeboard
from tests.checkout import ROOT

DOC = (ROOT / "docs/engines.md").read_text()
POINT = ("run_id", "metric", "step", "value", "seq", "writer")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOC, re.DOTALL | re.MULTILINE)


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> lakeboard.Lake:
    """A plain run, one with a NaN, one in the trash, one that came back, one that was resumed at step 3."""
    monkeypatch.chdir(tmp_path)

    def log(run_id: str, values: list[float], **options: Any) -> None:
        with lakeboard.init("digits", id=run_id, lake="lake", quiet=True, **options) as run:
            for step, value in enumerate(values, start=options.get("resume_step", 0)):
                run.log({"acc": value}, step=step)

    log("plain", [0.1, 0.2, 0.3])
    log("diverged", [0.4, math.nan, 0.35])
    log("deleted", [0.9, 0.95])
    log("restored", [0.5, 0.6])
    log("resumed", [0.1, 0.2, 0.3, 0.99, 0.98])
    log("resumed", [0.4, 0.5], resume="must", resume_step=3)
    found = lakeboard.open("lake")
    found.delete("digits", ["deleted", "restored"])
    found.restore("digits", ["restored"])
    return found


def plain(frame: pl.DataFrame) -> list[tuple[str, ...]]:
    return sorted(tuple(map(repr, row)) for row in frame.select(POINT).iter_rows())


def test_both_engines_show_what_the_reader_shows(lake: lakeboard.Lake) -> None:
    wanted = plain(lake.metrics("digits").collect())
    assert len(wanted) == 3 + 3 + 2 + 3 + 2
    views, best, each = blocks("sql")
    connection = duckdb.connect()
    connection.execute(views)
    assert plain(connection.sql("SELECT * FROM shown").pl()) == wanted
    ranked = connection.sql(best).fetchall()
    assert [(row[1], row[3]) for row in ranked] == [
        ("restored", 0.6), ("resumed", 0.5), ("diverged", 0.4), ("plain", 0.3),
    ]  # fmt: skip
    told = {row[1]: row[4:] for row in connection.sql(each).fetchall()}
    runs = lake.runs("digits").select("run_id", "acc", "last_step", "acc.min", "acc.max", "acc.mean")
    assert told == {run_id: pytest.approx(values) for run_id, *values in runs.iter_rows()}
    assert told["resumed"] == pytest.approx((0.5, 4, 0.1, 0.5, 0.3))
    names: dict[str, Any] = {}
    (python,) = blocks("python")
    exec(python, names)
    assert plain(names["shown"].collect()) == wanted


def test_a_plain_glob_shows_more_as_the_page_says(lake: lakeboard.Lake) -> None:
    every = pl.scan_parquet("lake/metrics/**/*.parquet", hive_partitioning=True).collect()
    assert every.height == 3 + 3 + 2 + 2 + 5 + 2
    ((largest,),) = duckdb.connect().execute("SELECT max(v) FROM (VALUES ('NaN'::DOUBLE), (1.0)) t(v)").fetchall()
    assert math.isnan(largest)
    assert pl.Series([math.nan, 1.0]).max() == 1.0
