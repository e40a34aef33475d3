"""Views and addresses: inverse to each other, and forgiving."""

from __future__ import annotations

import inspect
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.dashboard.state.address import change
from lakeboard.dashboard.state.views import (
    COMBINES,
    ENDED,
    ENTRIES,
    TOOLS,
    WITHIN,
    BoardView,
    CompareView,
    CurvesView,
    HomeView,
    RunPageView,
    RunsView,
    TrashView,
    View,
    from_params,
    to_params,
)

texts = st.text(max_size=20)
names = st.lists(st.text(min_size=1, max_size=8), max_size=4, unique=True).map(tuple)
pages = st.integers(1, 1_000_000)
views = st.one_of(
    st.builds(
        BoardView,
        metric=texts,
        by=st.sampled_from(["", *ENTRIES]),
        combine=st.sampled_from(COMBINES),
        where=texts,
        board=texts,
        version=texts,
        at=texts,
        tool=st.sampled_from(["", *TOOLS]),
        page=pages,
        part=pages,
    ),
    st.builds(
        HomeView,
        find=texts,
        within=st.sampled_from(WITHIN),
        ended=st.sampled_from(["", *ENDED]),
        page=pages,
    ),
    st.builds(
        RunsView,
        filter=texts,
        where=texts,
        sort=texts,
        columns=names,
        pins=names,
        group=names,
        open=names,
        projects=names,
        view=texts,
        page=pages,
        panel=st.booleans(),
    ),
    st.builds(
        CurvesView,
        runs=names,
        metrics=names,
        x=texts,
        smooth=st.floats(0, 0.99),
        logx=st.booleans(),
        logy=st.booleans(),
        page=pages,
    ),
    st.builds(RunPageView, run=texts, find=texts),
    st.builds(TrashView, page=pages),
)


@given(views)
def test_a_view_comes_back_from_its_address(view: View) -> None:
    assert from_params(type(view), to_params(view)) == view


@pytest.mark.parametrize("view", [BoardView(), RunsView(), CurvesView(), RunPageView(), TrashView()])
def test_what_is_usual_stays_out_of_the_address(view: View) -> None:
    assert to_params(view) == {}


def test_what_makes_no_sense_is_left_as_usual() -> None:
    odd = {"page": ["-1"], "panel": ["maybe"], "sort": ["x"], "columns": ["a", "a", "b"], "other": ["1"]}
    assert from_params(RunsView, odd) == RunsView(sort="x", columns=("a", "b"))
    assert from_params(RunsView, {"page": ["9" * 5000]}) == RunsView()
    assert from_params(CurvesView, {"smooth": ["nan"], "page": ["1e3"]}) == CurvesView()
    assert from_params(CurvesView, {"smooth": ["2"]}) == CurvesView()
    assert from_params(BoardView, {"by": ["planet"], "combine": ["luck"], "tool": ["axe"]}) == BoardView()


def test_an_address_reads_as_people_expect() -> None:
    view = CurvesView(runs=("r1", "r2"), smooth=0.6, logy=True)
    assert to_params(view) == {"runs": ["r1", "r2"], "smooth": ["0.6"], "logy": ["1"]}


def test_every_field_can_be_changed_by_its_name() -> None:
    for kind in (BoardView, CompareView, CurvesView, HomeView, RunsView, RunPageView, TrashView):
        for field in fields(kind):
            inspect.signature(change).bind(kind, **{field.name: field.default})
