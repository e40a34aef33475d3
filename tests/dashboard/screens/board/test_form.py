"""From a definition to what the editor holds, and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given, settings

from lakeboard.dashboard.screens.board.form import (
    ENTRY_KINDS,
    Draft,
    Group,
    definition_of,
    draft_of,
    groups_of,
    measures_of,
    warnings_of,
)
from lakeboard.dashboard.screens.board.shown import time_of, time_text
from lakeboard.query.boards.definition import Definition, Measure
from tests.query.boards.test_definition import _definitions

SCHEMA = pl.Schema({"params.lr": pl.Float64(), "status": pl.String()})
DRAFT = Draft(title="T", groups=(Group("acc", ("iris", "wine")),))


@given(_definitions)
@settings(deadline=None)
def test_a_definition_survives_the_editor(definition: Definition) -> None:
    # A data set without a name is written by nobody.
    assume(all(each.dataset != "" for each in definition.measures))
    definition = replace(definition, title=f"t{definition.title}".strip(), where="")
    assume(definition.missing != "baseline" or definition.baselines)
    draft = draft_of(definition)
    assert [each for group in draft.groups for each in measures_of(group)] == list(definition.measures)
    again, wrong = definition_of(draft, SCHEMA)
    assert (again, wrong) == (definition, {})


def test_columns_that_differ_in_their_dataset_alone_are_one_group() -> None:
    measures = [Measure("acc", "a"), Measure("acc"), Measure("loss"), Measure("acc", "b")]
    assert [(group.metric, group.datasets) for group in groups_of(measures)] == [
        ("acc", ("a", "")), ("loss", ("",)), ("acc", ("b",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"title": " "}, "title", "title"),
        ({"slug": ".."}, "slug", "folder"),
        ({"slug": "taken"}, "slug", "choose another"),
        ({"groups": ()}, "groups", "at least one"),
        ({"groups": (Group(),)}, "0.metric", "Choose a metric"),
        ({"groups": (Group("acc", ()),)}, "0.datasets", "at least one"),
        ({"groups": (Group("acc"), Group("acc"))}, "1.datasets", "acc is a column already"),
        ({"groups": (Group("acc", counts="at_best"),)}, "0.select_on", "best step"),
        ({"entry": "param"}, "param", "Choose the param"),
        ({"where": "lr <"}, "where", ""),
        ({"where": "rl < 1"}, "where", "is called 'rl'"),
        ({"missing": "baseline"}, "missing", "Name a baseline"),
        ({"opens": datetime(2026, 2, 1), "closes": datetime(2026, 1, 1)}, "closes", "before it opens"),  # noqa: DTZ001
    ],
)
def test_what_is_wrong_is_said_at_its_field(change: dict[str, Any], field: str, said: str) -> None:
    found, wrong = definition_of(replace(DRAFT, **change), SCHEMA, taken={"taken"})
    assert found is None
    assert list(wrong) == [field]
    assert said in wrong[field]


def test_all_that_is_wrong_is_said_at_once() -> None:
    _, wrong = definition_of(Draft(where="x <"), SCHEMA)
    assert set(wrong) == {"title", "0.metric", "where"}


def test_a_time_without_a_zone_is_utc() -> None:
    found, _ = definition_of(replace(DRAFT, closes=datetime(2026, 1, 2, 3, 4)), SCHEMA)  # noqa: DTZ001
    assert found is not None
    assert found.to_plain()["closes_at"] == "2026-01-02T03:04:00+00:00"


def test_looking_often_is_warned_of() -> None:
    assert list(warnings_of(replace(DRAFT, groups=(Group("a", counts="at_best", select_on="a"),)))) == ["0.select_on"]
    assert warnings_of(replace(DRAFT, groups=(Group("a", counts="at_best", select_on="b"),))) == {}


def test_every_entry_can_be_chosen() -> None:
    for entry in ENTRY_KINDS:
        found, wrong = definition_of(replace(DRAFT, entry=entry, param="lr"), SCHEMA)
        assert wrong == {}
        assert found is not None
        assert draft_of(found).entry == entry


@pytest.mark.parametrize("text", ["2026-11-01T12:00", "2026-11-01T12:00:07", ""])
def test_times_in_addresses(text: str) -> None:
    assert time_text(time_of(text)) == text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-01", "2026-11-01T00:00"),
        ("2026-11-01T12:00+02:00", "2026-11-01T10:00"),
        ("soon", ""),
        ("0001-01-01T00:00+10:00", ""),
    ],
)
def test_times_that_people_type(text: str, read: str) -> None:
    assert time_text(time_of(text)) == read
