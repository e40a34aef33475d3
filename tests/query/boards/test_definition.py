from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.schema.errors import InvalidSetting

ACC = Measure("val/acc")


def test_json_keeps_what_differs_from_the_defaults() -> None:
    definition = Definition(
        (Measure("acc", "cifar", "maximize", "at_best", "val/acc"), Measure("loss")),
        title="Vision “2026”",
        entry="param:model.name",
        baselines=("r1",),
        opens_at=datetime(2026, 11, 1, 2, tzinfo=timezone(timedelta(hours=2))),
        precision=0,
    )
    text = definition.to_json()
    assert json.loads(text) == {
        "baselines": ["r1"],
        "entry": "param:model.name",
        "measures": [
            {"counts": "at_best", "dataset": "cifar", "goal": "maximize", "metric": "acc", "select_on": "val/acc"},
            {"metric": "loss"},
        ],
        "opens_at": "2026-11-01T00:00:00+00:00",
        "precision": 0,
        "title": "Vision “2026”",
    }
    assert Definition.from_json(text) == definition


def test_fields_of_newer_versions_survive_a_change() -> None:
    text = '{"measures": [{"colour": [3, null], "metric": "val/acc"}], "shape": {"x": 1}, "unknown": "ü"}'
    found = Definition.from_json(text)
    assert found.measures[0].metric == "val/acc"
    changed = replace(found, title="t", measures=(replace(found.measures[0], goal="minimize"),))
    assert json.loads(changed.to_json()) == {
        "measures": [{"colour": [3, None], "goal": "minimize", "metric": "val/acc"}],
        "shape": {"x": 1}, "title": "t", "unknown": "ü",
    }  # fmt: skip
    assert Definition.from_json(changed.to_json()) == changed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "no list of measures"),
        ('{"measures": []}', "at least one measure"),
        ('{"measures": [{}]}', "no metric"),
        ('{"measures": ["acc"]}', "expected an object with a metric"),
        ('{"measures": [{"metric": "a"}], "precision": true}', "precision is True"),
        ('{"measures": [{"metric": "a"}], "x": NaN}', "NaN is not JSON"),
        ('{"measures": [{"metric": "\\ud800"}]}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"measures": [{"metric": "a"}], "opens_at": "0001-01-01T00:00:00+10:00"}', "does not read"),
        ('{"measures": [{"metric": 3}]}', "metric is 3"),
        ('{"measures": [{"metric": "a", "goal": "up"}]}', "goal is 'up'"),
        ('{"measures": [{"metric": "a"}], "entry": "team"}', "entry is 'team'"),
        ('{"measures": [{"metric": "a"}], "precision": "2"}', "precision is '2'"),
        ('{"measures": [{"metric": "a"}], "baselines": [1]}', "list of text"),
        ('{"measures": [{"metric": "a"}], "where": null}', "where is None"),
        ('{"measures": [{"metric": "a"}], "opens_at": "soon"}', "does not read"),
        ('{"measures": [{"metric": "a"}], "opens_at": "2026-01-01T00:00:00"}', "without a time zone"),
    ],
)
def test_what_does_not_read_says_why(text: str, message: str) -> None:
    with pytest.raises(InvalidSetting, match=message):
        Definition.from_json(text)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"measures": (ACC, ACC)}, "twice"),
        ({"entry": "param:"}, "entry is 'param:'"),
        ({"combine": "median"}, "combine is 'median'"),
        ({"missing": "zero"}, "missing is 'zero'"),
        ({"pool": "max"}, "pool is 'max'"),
        ({"precision": 16}, "precision is 16"),
        ({"closes_at": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidSetting, match=message):
        Definition(**({"measures": (ACC,)} | fields))
    with pytest.raises(InvalidSetting, match="select_on"):
        Measure("acc", counts="at_best")
    with pytest.raises(InvalidSetting, match="no metric"):
        Measure("")


_text = st.text(max_size=8)
_measures = st.lists(
    st.builds(
        Measure,
        st.text(min_size=1, max_size=6),
        st.none() | _text,
        st.sampled_from([None, "minimize", "maximize"]),
        st.sampled_from(["last", "best", "at_best"]),
        st.text(min_size=1, max_size=5),
    ),
    min_size=1, max_size=4, unique_by=lambda measure: measure.label,
)  # fmt: skip
_definitions = st.builds(
    Definition,
    _measures.map(tuple),
    title=_text,
    projects=st.lists(_text, max_size=2).map(tuple),
    entry=st.sampled_from(["run", "user", "group", "config", "param:x"]),
    pool=st.sampled_from([None, "mean", "best"]),
    where=_text,
    baselines=st.lists(_text, max_size=2).map(tuple),
    combine=st.sampled_from(["mean_rank", "mean_normalised", "mean"]),
    missing=st.sampled_from(["exclude", "worst", "baseline", "show"]),
    opens_at=st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    precision=st.none() | st.integers(0, 15),
    ignore=st.lists(_text, max_size=2).map(tuple),
    unknown=st.dictionaries(
        st.sampled_from(["later", "Ü", "unknown"]),
        st.recursive(st.none() | _text, lambda each: st.lists(each, max_size=2)),
    ).map(lambda found: tuple(sorted((name, json.dumps(value, ensure_ascii=False)) for name, value in found.items()))),
)


@given(_definitions)
@settings(deadline=None)
def test_any_definition_survives_its_json(definition: Definition) -> None:
    assert Definition.from_json(definition.to_json()) == definition


@given(st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False) | _text,
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["measures", "metric", "entry", "precision", "opens_at", "baselines"]), inner),
                    max_leaves=12))  # fmt: skip
@settings(deadline=None)
def test_any_json_reads_or_says_why(value: Any) -> None:
    try:
        assert Definition.from_json(json.dumps(value)).measures
    except InvalidSetting as error:
        assert str(error)  # noqa: PT017
