"""Boards in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings

from lakeboard.query.boards.definition import Combine, Definition, Measure, Missing
from lakeboard.query.boards.describe import COMBINED, MISSING, describe, differences, what_changed
from lakeboard.query.boards.versions import BoardVersion
from tests.query.boards.test_definition import _definitions

FULL = Definition(
    (
        Measure("test/acc", "iris", counts="at_best", select_on="val/acc"),
        Measure("test/acc", "wine", counts="at_best", select_on="val/acc"),
        Measure("loss", counts="best"),
    ),
    title="T",
    projects=("a", "b"),
    entry="config",
    where="lr < 1",
    baselines=("resnet",),
    missing="baseline",
    closes_at=datetime(2026, 12, 1, 18, tzinfo=UTC),
    precision=3,
)


def test_a_board_is_described() -> None:
    assert describe(FULL) == [
        "test/acc at the best val/acc on iris and wine and best loss",
        "a row is a config, seeds pooled; the mean of its runs counts",
        "ranked by mean rank",
        "a missing value counts as the column's weakest baseline",
        "where lr < 1",
        "against resnet",
        "equal to 3 decimals is a tie",
        "closes 2026-12-01 18:00 UTC",
        "projects a and b",
    ]
    assert describe(Definition((Measure("acc"),))) == ["last acc", "a row is a run"]
    assert describe(Definition((Measure("acc", "iris"), Measure("acc"))))[0] == "last acc on iris, and on none"
    assert describe(Definition(tuple(Measure("acc", f"d{n}") for n in range(9)), entry="user"))[:2] == [
        "last acc on 9 datasets", "a row is a user; its best run counts",
    ]  # fmt: skip


def test_every_choice_has_words() -> None:
    assert set(COMBINED) == set(Combine.__args__)  # type: ignore[attr-defined]
    assert set(MISSING) == set(Missing.__args__)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": "U"}, ["title: T → U"]),
        ({"where": ""}, ["filter: lr < 1 → none"]),
        ({"closes_at": None}, ["closes: 2026-12-01 18:00 UTC → none"]),
        ({"baselines": ("a", "b")}, ["baselines: resnet → a, b"]),
        ({"measures": FULL.measures[:2]}, ["columns \N{MINUS SIGN} loss"]),
        ({"measures": FULL.measures[::-1]}, ["columns in another order"]),
        ({"measures": (*FULL.measures[:2], Measure("loss"), Measure("f1"))}, ["columns + f1", "columns changed loss"]),
        ({}, ["nothing"]),
    ],
)
def test_what_a_version_changed(change: dict[str, Any], said: list[str]) -> None:
    assert differences(FULL, replace(FULL, **change)) == said


def test_deletions_and_restorations() -> None:
    first = BoardVersion("t", f"{1:020d}-0000000a", FULL)
    gone = replace(first, deleted=True)
    assert what_changed(first, None) == ["first version"]
    assert what_changed(gone, first) == ["deleted"]
    assert what_changed(first, gone) == ["restored"]
    assert what_changed(replace(first, content=replace(FULL, title="U")), gone) == ["restored", "title: T → U"]


@given(_definitions, _definitions)
@settings(deadline=None, max_examples=50)
def test_any_change_is_said(old: Definition, new: Definition) -> None:
    assert (differences(old, new) == ["nothing"]) == (old == new)
    assert all(describe(old))
