"""Files to take away hold exactly what is shown."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import polars as pl
import pytest

from lakeboard.dashboard.layout.export import csv_of, file_stem, formulas, parquet_of

FRAME = pl.DataFrame(
    {
        "run_id": ["r1", "r2"],
        "tags": [["a", 'b"c'], None],
        "at": [datetime(2026, 11, 5, 12, tzinfo=UTC), None],
        "val/acc": [0.1, None],
        "note": ["two\nlines, and a comma", "ü"],
        "env": [{"a": 1}, {"a": None}],
    }
)


def test_csv_keeps_every_value() -> None:
    found = pl.read_csv(io.BytesIO(csv_of(FRAME)))
    assert found.columns == FRAME.columns
    assert found["tags"].to_list() == ['["a", "b\\"c"]', None]
    assert found["env"].to_list() == ['{"a": 1}', '{"a": null}']
    assert found["note"].to_list() == FRAME["note"].to_list()
    assert found["val/acc"].to_list() == [0.1, None]
    assert found["at"].to_list() == ["2026-11-05T12:00:00.000000+0000", None]


def test_parquet_is_the_frame() -> None:
    assert pl.read_parquet(io.BytesIO(parquet_of(FRAME))).equals(FRAME)


def test_texts_that_a_spreadsheet_would_run_are_counted_and_kept() -> None:
    frame = pl.DataFrame(
        {
            "name": ["=1+1", "+cmd", "-3", "-3e5", "@sum", "a=b", None, "\t=1", "-x"],
            "n": [-1.0] * 9,
            "=x": [["=1"]] * 9,
        }
    )
    assert formulas(frame) == 6
    assert formulas(frame.select("n")) == formulas(frame.clear().select("name")) == 0
    assert pl.read_csv(io.BytesIO(csv_of(frame)))["name"].to_list() == frame["name"].to_list()


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("digits runs", "digits-runs"),
        ("../../etc/passwd", "etc-passwd"),
        ("", "lakeboard"),
        ("...", "lakeboard"),
        ("val/acc [cifar10]", "val-acc-cifar10"),
        ("x" * 300, "x" * 80),
    ],
)
def test_names_of_files_are_safe(name: str, stem: str) -> None:
    assert file_stem(name) == stem
