"""What single charts have of their own: in writing, over what all share, changed one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.dashboard.state.chart_settings import (
    Override,
    Settings,
    overrides_of,
    own_settings,
    read_override,
    set_own,
    settings_of,
    written,
)
from lakeboard.dashboard.state.views import KINDS, CurvesView, from_params, to_params

NAMES = st.text(min_size=1, max_size=12).filter(lambda text: text.encode("utf-8", "ignore").decode() == text)
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
OVERRIDES = st.builds(
    Override,
    NAMES,
    x=st.none() | NAMES,
    smooth=st.none() | st.floats(0, 0.99),
    kind=st.none() | st.sampled_from(KINDS),
    log_y=st.none() | st.booleans(),
    low=NUMBERS,
    high=NUMBERS,
    also=st.lists(NAMES, unique=True, max_size=3).map(tuple),
)


@given(OVERRIDES)
def test_what_is_written_is_read_again(override: Override) -> None:
    assert read_override(override.written()) == override


@given(st.text())
def test_anything_is_read_somehow(text: str) -> None:
    found = read_override(text)
    assert found is None or read_override(found.written()) == found


def test_an_override_is_short_in_the_address() -> None:
    assert Override("val/acc", smooth=0.5, log_y=True, low=0.0).written() == "val/acc;smooth=0.5;log_y=1;y=0.0:"
    assert read_override("a;smooth=7;log_y=x;kind=odd;y=b:nan;else=1") == Override("a")
    assert read_override(";smooth=0.5") is None


def test_a_view_keeps_overrides() -> None:
    own = {"a;b": Override("a;b", x="time"), "c": Override("c")}
    view = CurvesView(own=written(own))
    assert from_params(CurvesView, to_params(view)) == view
    assert overrides_of(view) == {"a;b": Override("a;b", x="time")}


def test_a_chart_takes_from_all_what_it_has_not_of_its_own() -> None:
    every = Settings(x="step", smooth=0.5, kind="gaussian", log_x=True, log_y=True, outliers=True)
    assert own_settings(every, None, []) == every
    found = own_settings(every, Override("a", x="time", log_y=False, low=0.0, also=("b", "gone")), ["a", "b"])
    assert found == Settings("time", 0.5, "gaussian", False, False, True, 0.0, None, ("b",))
    assert own_settings(every, Override("a", x="gone"), ["a"]).x == "step"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("smooth", "0.25", Override("a", smooth=0.25, low=1.0)), ("smooth", "2", Override("a", low=1.0)),
        ("kind", "running", Override("a", kind="running", low=1.0)), ("kind", "odd", Override("a", low=1.0)),
        ("log_y", "1", Override("a", log_y=True, low=1.0)), ("low", "", Override("a")),
        ("low", "x", Override("a", low=1.0)), ("high", "1e3", Override("a", low=1.0, high=1000.0)),
        ("x", "time", Override("a", x="time", low=1.0)), ("also", "b", Override("a", low=1.0, also=("b",))),
        ("bogus", "1", Override("a", low=1.0)),
    ],
)  # fmt: skip
def test_one_setting_is_changed_at_a_time(name: str, value: str, expected: Override) -> None:
    assert set_own(Override("a", low=1.0), name, value) == expected


def test_a_metric_is_taken_out_again() -> None:
    assert set_own(Override("a", also=("b", "c")), "not", "b") == Override("a", also=("c",))


def test_an_axis_that_there_is_not_is_steps_and_time_has_no_logarithm() -> None:
    assert settings_of(CurvesView(x="gone"), ["a"]).x == "step"
    assert settings_of(CurvesView(x="time", logx=True), []).log_x is False
