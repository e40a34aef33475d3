"""What text means: typed values write themselves back, names become what the lake takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.importers.texts import id_of, metric_name, milliseconds, one_line, project_name, sensible, typed
from lakeboard.schema.names import check_metric, check_project, check_run_id


@given(st.one_of(st.text(max_size=30), st.integers().map(str), st.floats().map(str)))
def test_a_typed_value_writes_the_text_that_it_was(text: str) -> None:
    assert str(typed(text)) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("4", 4), ("0.001", 0.001), ("True", True), ("None", None), ("001", "001"), ("7e10", "7e10"), ("0.10", "0.10"),
     ("nan", "nan"), ("1_000", "1_000"), (" 4", " 4"), ("true", "true")],
)  # fmt: skip
def test_what_may_be_a_name_stays_text(text: str, value: object) -> None:
    found = typed(text)
    assert (type(found), str(found)) == (float if text == "nan" else type(value), str(value))


@given(st.text(max_size=700))
def test_names_become_what_the_lake_takes(name: str) -> None:
    check_project(project_name(name, otherwise="mlflow"))
    check_run_id(id_of("mlflow", name))
    assert "\n" not in one_line(name)
    if name.strip() and metric_name.__doc__ and one_line(name[:500]):
        check_metric(metric_name(name[:500] if name[:500].strip() else "x"))


def test_times() -> None:
    assert milliseconds("2023-11-14T22:13:20") == milliseconds("2023-11-14T22:13:20Z") == 1_700_000_000_000
    assert milliseconds("2023-11-14T23:13:20.5+01:00") == 1_700_000_000_500
    assert [milliseconds(text) for text in ("yesterday", None, 5)] == [None, None, None]
    assert [sensible(ms) for ms in (None, float("nan"), 1e30, -1e30, 5.4)] == [None, None, None, None, 5]
