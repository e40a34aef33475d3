"""Labels from templates: names are looked up, nothing is evaluated, and what makes no sense is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.tables.label_templates import Field, parse_template, render_labels, value_text
from lakeboard.schema.errors import InvalidSetting
from tests.query.runframes import runs_frame

RUNS = runs_frame(
    [
        {".lr": 0.1, ".name": "param", ".model": "vit", "val/acc": 0.91234, "user": "ann"},
        {".lr": None, ".name": "other", ".model": "{x!r}", "val/acc": None, "name": None},
    ]
)


def test_names_are_params_metrics_and_columns() -> None:
    assert render_labels("{name} lr={lr} {val/acc} {user} {params.name}", RUNS) == {
        "r0": "n0 lr=0.1 0.9123 ann param",
        "r1": "r1 lr=\N{EN DASH} \N{EN DASH} \N{EN DASH} other",
    }
    assert render_labels("{id} {val/acc.max}", RUNS)["r0"] == "r0 0.9123"


def test_what_runs_hold_is_not_read_as_a_template() -> None:
    assert render_labels("{model}", RUNS)["r1"] == "{x!r}"


def test_braces_are_written_twice() -> None:
    assert parse_template("{{a}} {b}") == ("{", "a", "}", " ", Field("b", 7))
    assert render_labels("{{{lr}}}", RUNS)["r0"] == "{0.1}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{name", "place 1"), ("a}", "place 2"), ("{ }", "empty"), ("{modle}", "mean {model}"),
        ("{name.__class__}", "no run has"), ("{0}", "no run has"), ("{lr:.2f}", "no run has"), ("x" * 301, "300"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told(text: str, told: str) -> None:
    with pytest.raises(InvalidSetting, match=told.replace("{", r"\{")):
        render_labels(text, RUNS)


@given(st.text())
def test_text_without_braces_stays_as_it_is(text: str) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")[:300]
    if doubled.count("{") % 2 or doubled.count("}") % 2:
        return
    whole = text if len(doubled) == len(text.replace("{", "{{").replace("}", "}}")) else None
    assert whole is None or render_labels(doubled, RUNS)["r0"] == whole


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "\N{EN DASH}"), (True, "true"), (0.00001234, "1.234e-5"), (123456.7, "123457"),
     (3, "3"), (float("nan"), "nan"),
     (["a", "b"], "a, b"), (0.5, "0.5"), (float("inf"), "inf"), (0.0, "0")],
)  # fmt: skip
def test_values(value: object, text: str) -> None:
    assert value_text(value) == text
