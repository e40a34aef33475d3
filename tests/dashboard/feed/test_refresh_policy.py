"""When to look again: from one state to another, with a clock that is passed in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.dashboard.feed.refresh_policy import LastLook, Phase, RefreshPolicy, Step

POLICY = RefreshPolicy(live_seconds=2.0, idle_seconds=30.0)
IDLE = LastLook(asked=1000.0, whole=1000.0)
LIVE = replace(IDLE, live=True)


@pytest.mark.parametrize(
    ("last", "after", "phase", "every"),
    [
        (LIVE, 1.0, "live", 2.0),
        (LIVE, 119.0, "live", 2.0),
        (LIVE, 121.0, "hidden", 2.0),
        (IDLE, 30.0, "idle", 30.0),
        (IDLE, 121.0, "hidden", 30.0),
        (replace(LIVE, pending=True), 1.0, "pending", 1.0),
        (replace(LIVE, pending=True, failures=1), 1.0, "unreachable", 10.0),
    ],
)
def test_where_things_stand(last: LastLook, after: float, phase: Phase, every: float) -> None:
    assert POLICY.phase(last, now=last.asked + after) == phase
    assert POLICY.every(last) == every


@pytest.mark.parametrize(
    ("last", "after", "step"),
    [
        (IDLE, 29.9, "keep"),
        (IDLE, 30.0, "glance"),
        (replace(IDLE, whole=900.0), 20.0, "keep"),
        (replace(IDLE, whole=900.0), 30.0, "look"),
        (IDLE, 121.0, "look"),
        (LIVE, 1.9, "keep"),
        (LIVE, 2.0, "look"),
        (replace(IDLE, pending=True), 1.0, "look"),
        (replace(IDLE, failures=1), 9.9, "keep"),
        (replace(IDLE, failures=1), 10.0, "look"),
    ],
)
def test_what_is_done_when_somebody_asks(last: LastLook, after: float, step: Step) -> None:
    assert POLICY.step(last, now=last.asked + after) == step


def test_the_first_look_and_one_after_a_change_are_whole() -> None:
    assert POLICY.step(None, now=0.0) == "look"
    assert POLICY.step(IDLE, now=1000.0, changed=True) == "look"
    assert POLICY.step(IDLE, now=1020.0, due=True) == "glance", "what a viewer's clock asks for may be quiet"


def test_a_lake_that_does_not_answer_is_asked_ever_less_often_and_then_as_before() -> None:
    waits = [POLICY.every(replace(LIVE, failures=n)) for n in range(1, 6)]
    assert waits == [10.0, 20.0, 40.0, 60.0, 60.0]
    assert POLICY.every(replace(LIVE, failures=10_000)) == 60.0
    assert POLICY.every(LIVE) == 2.0


def test_a_look_that_takes_long_is_taken_seldom() -> None:
    lazy = replace(POLICY, laziness=10.0)
    assert [lazy.every(replace(LIVE, took=took)) for took in (0.1, 1.0, 20.0)] == [2.0, 10.0, 200.0]
    assert lazy.phase(replace(LIVE, took=20.0), now=LIVE.asked + 300) == "live", "and is not taken for a hidden page"


def test_of_many_viewers_whose_clocks_tick_together_one_is_heard() -> None:
    assert not POLICY.is_due(None, now=5.0)
    assert not POLICY.is_due(LIVE, now=LIVE.asked + 0.9)
    assert POLICY.is_due(LIVE, now=LIVE.asked + 1.0)


def test_a_day_of_an_idle_lake_a_run_an_outage_and_a_hidden_page() -> None:
    """One viewer's clock ticks every 30 s; what each look finds is told by hand."""
    last, steps, now = IDLE, [], IDLE.asked
    for found in ("idle",) * 5 + ("live", "live", "down", "down", "live", "idle", "idle"):
        now += 30.0
        step = POLICY.step(last, now=now)
        steps.append(step)
        if found == "down":
            last = replace(last, asked=now, failures=last.failures + 1)
            continue
        begun = step == "glance" and found == "live"
        whole = now if step == "look" or begun else last.whole
        last = LastLook(asked=now, whole=whole, live=found == "live")
    assert steps == ["glance"] * 4 + ["look", "glance", "look", "look", "look", "look", "look", "glance"]
    assert POLICY.step(last, now=now + 3600) == "look"


LOOKS = st.builds(
    LastLook,
    asked=st.floats(0, 1e6),
    whole=st.floats(0, 1e6),
    live=st.booleans(),
    pending=st.booleans(),
    failures=st.integers(0, 50),
    took=st.floats(0, 1e3),
)


@given(LOOKS, st.floats(0, 1e4), st.booleans())
def test_nothing_is_asked_before_its_time_nor_glanced_at_while_something_runs(
    last: LastLook, after: float, due: bool
) -> None:
    policy = replace(POLICY, laziness=10.0)
    now = last.asked + after
    step = policy.step(last, now=now, due=due)
    assert (step == "keep") == (not due and now - last.asked < policy.every(last))
    if step == "glance":
        assert (last.live, last.pending, last.failures) == (False, False, 0)
        assert now - last.whole <= policy.whole_seconds
